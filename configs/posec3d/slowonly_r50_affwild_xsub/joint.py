# The reference recipe, joints: PoseConv3D on one frame repeated 12 times. It keeps the seed's numbers; multi-label
# loss, mirroring with sided units swapped, and a test split apart from the validation split are corrections.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/slowonly_r50.py',
    '../../_base_/datasets/affwild2_repeat12.py', '../../_base_/schedules/sgd_24e.py'
]
work_dir = 'work_dirs/posec3d/slowonly_r50_affwild_xsub/joint'
model = dict(
    backbone=dict(temporal_strides=(1, 1, 2)),
    head=dict(
        _delete_=True,
        type='ClipAUHead',
        in_channels=512,
        au_set='affwild2',
        intensity=False,
        dropout=0.5,
        loss_occurrence=dict(type='MaskedBCELoss')))
