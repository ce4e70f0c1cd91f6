# Faces of a corpus as images: an annotation file (tools/data/prepare_corpus.py) says what is on them, and its crops of
# 256 pixels lie in a folder (tools/data/crop_faces.py). fold1_fit and fold1_val share the people of fold1_train.
_data = 'data/bp4d/'
ann_file = _data + 'bp4d_mediapipe478.pkl'
au_set = 'bp4d'

_load = dict(type='LoadFaceCrops', folder=_data + 'crops')
_pack = dict(type='PackFaceInputs', inputs=['image'])
train_pipeline = [
    _load,
    dict(type='CropMiddle', size=224, random=True),
    dict(type='MirrorFace', prob=0.5),
    dict(type='RandomBrightness', brightness=0.2, contrast=0.4),
    dict(type='RandomColour', saturation=0.4, hue=0.0),
    _pack
]
# CropFace is what whole frames are analysed with; here crops come as they are.
test_pipeline = [_load, dict(type='CropFace', size=256), dict(type='CropMiddle', size=224), _pack]

_loader = dict(
    batch_size=64, num_workers=8, persistent_workers=True, pin_memory=True, collate_fn=dict(type='face_collate'))
_dataset = dict(type='FaceKeypointDataset', ann_file=ann_file, au_set=au_set)
_evaluated = dict(**_dataset, test_mode=True, clip=dict(length=1, stride=1), pipeline=test_pipeline)
_in_order = dict(type='DefaultSampler', shuffle=False)
train_dataloader = dict(
    drop_last=True,
    sampler=dict(type='ClipSampler', shuffle=True),
    dataset=dict(
        **_dataset, split='fold1_fit', clip=dict(length=1, sampling='annotated'), pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(sampler=_in_order, dataset=dict(**_evaluated, split='fold1_val'), **_loader)
test_dataloader = dict(sampler=_in_order, dataset=dict(**_evaluated, split='fold1_test'), **_loader)
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
