# The noisy-label set of FG2020: gray faces of 64 pixels, straight from its lists; images lie beside the lists, as they are
# or cropped by tools/data/prepare_face_images.py. Splits: 'train' and 'test' with OpenFace's 18 units, 'fold1_train' to
# 'fold3_test' with DISFA's 12.
ann_file = 'data/fg2020'
size = 64

_prepare = [
    dict(type='LoadFaceImage', color='gray'),
    # The images are faces already: it says how to cut one out of a frame, when the network is used.
    dict(type='CropToBox', margin=0.1),
    dict(type='PadToSquare'),
    dict(type='ResizeImage', size=size)
]
train_pipeline = _prepare + [
    dict(type='MirrorFace', prob=0.5),
    # About as far as the authors go.
    dict(type='RandomImageAffine', rotate=15.0, scale=(0.95, 1.08), aspect=0.05, shear=3.0, shift=0.06),
    dict(type='RandomBrightness', brightness=0.15, contrast=0.25),
    dict(type='PackFaceInputs')
]
test_pipeline = _prepare + [dict(type='PackFaceInputs')]

_loader = dict(
    batch_size=128, num_workers=4, persistent_workers=True, pin_memory=True, collate_fn=dict(type='face_collate'))
_dataset = dict(type='FaceImageDataset', ann_file=ann_file, form='fg2020')
_in_order = dict(type='DefaultSampler', shuffle=False)
_evaluated = dict(
    sampler=_in_order, dataset=dict(**_dataset, test_mode=True, pipeline=test_pipeline), **_loader)
train_dataloader = dict(
    drop_last=True,
    sampler=dict(type='ClipSampler', shuffle=True),
    dataset=dict(**_dataset, pipeline=train_pipeline),
    **_loader)
val_dataloader = _evaluated
test_dataloader = _evaluated
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
