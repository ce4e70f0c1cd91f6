# One frame, twelve times: the reference way to feed a clip network with stills. Files in another point set are
# brought to the 68 points on reading.
ann_file = 'data/affwild2/affwild2_wholebody133.pkl'
dataset_type = 'FaceKeypointDataset'
clip = dict(length=12, mode='repeat', sampling='annotated')

train_pipeline = [
    dict(type='FaceCrop', margin=0.1, mode='clip'),
    dict(type='RandomAffine', rotate=0.0, scale=(0.75, 1.25), shift=0.05),
    dict(type='MirrorFace', prob=0.5),
    dict(type='FillMissing'),
    dict(type='PackFaceInputs')
]
test_pipeline = [dict(type='FaceCrop', margin=0.1, mode='clip'), dict(type='FillMissing'), dict(type='PackFaceInputs')]

_loader = dict(num_workers=4, persistent_workers=True, pin_memory=True, collate_fn=dict(type='face_collate'))
train_dataloader = dict(
    batch_size=32,
    drop_last=True,
    sampler=dict(type='ClipSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        ann_file=ann_file,
        split='train',
        au_set='affwild2',
        topology='ibug68',
        clip=clip,
        repeat=10,
        pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(
    batch_size=64,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        ann_file=ann_file,
        split='val',
        au_set='affwild2',
        topology='ibug68',
        clip=clip,
        test_mode=True,
        pipeline=test_pipeline),
    **_loader)
test_dataloader = dict(
    batch_size=64,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        ann_file=ann_file,
        split='test',
        au_set='affwild2',
        topology='ibug68',
        clip=clip,
        test_mode=True,
        pipeline=test_pipeline),
    **_loader)
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
