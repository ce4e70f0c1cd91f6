# 48 consecutive frames, each with its own label. Training reads 64 and plays them at 0.8 to 1.33 times the speed.
_base_ = 'affwild2.py'

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

_evaluated = dict(dataset=dict(clip=dict(length=48, stride=24), pipeline=test_pipeline))
train_dataloader = dict(dataset=dict(clip=dict(length=64, sampling='balanced'), pipeline=train_pipeline))
val_dataloader = _evaluated
test_dataloader = _evaluated
