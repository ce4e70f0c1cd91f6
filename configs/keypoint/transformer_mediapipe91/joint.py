# A transformer over time whose tokens are the frames' 91 points; people, schedule and head are the small SlowOnly's.
# depth=0 leaves a network that reads each frame by itself, but for the head's layer over time.
_base_ = '../../posec3d/dense48_small_mediapipe91/joint.py'
work_dir = 'work_dirs/keypoint/transformer_mediapipe91/joint'
model = dict(
    _delete_=True,
    type='AURecognizer',
    data_preprocessor=dict(type='KeypointPreprocessor'),
    backbone=dict(
        type='KeypointTransformer', num_points=91, channels=192, depth=3, heads=6, dropout=0.1, whitening_floor=3e-3),
    head=dict(_base_.model.head, in_channels=192, grid=(1, 1)))
# Few frames from far apart: they show more of what a face does, and so where it rests.
train_dataloader = dict(
    dataset=dict(
        clip=dict(length=48),
        pipeline=[dict(type='TemporalSpeed', length=12, speed=(0.8, 4.2))] + _base_.train_pipeline[1:]))
# Windows that overlap by five sixths are steadier, and cost a tenth of what finding the points does.
val_dataloader = dict(dataset=dict(clip=dict(stride=8)))
test_dataloader = dict(dataset=dict(clip=dict(stride=8)))
