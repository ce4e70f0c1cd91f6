# 48 consecutive frames, each with its own label. Training reads 64 and plays them at 0.8 to 1.33 times the speed.
ann_file = 'data/affwild2/affwild2_wholebody133.pkl'
dataset_type = 'FaceKeypointDataset'
clip = dict(length=48, stride=24)

train_pipeline = [
    dict(type='TemporalSpeed', length=48, speed=(0.8, 1.33)),
    dict(type='FaceCrop', margin=0.1, mode='clip', level_eyes=True),
    dict(type='JitterKeypoints', noise=0.002, drift=0.003, bias=0.01),
    dict(type='RandomAffine', rotate=10.0, scale=(0.85, 1.15), aspect=0.05, shift=0.04),
    dict(type='MirrorFace', prob=0.5),
    dict(type='DropPoints', prob=0.2),
    dict(type='TemporalDrop', prob=0.1),
    dict(type='FillMissing'),
    dict(type='PackFaceInputs')
]
test_pipeline = [
    dict(type='FaceCrop', margin=0.1, mode='clip', level_eyes=True),
    dict(type='FillMissing'),
    dict(type='PackFaceInputs')
]

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
        clip=dict(length=64, sampling='balanced'),
        pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(
    batch_size=32,
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
    batch_size=32,
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
