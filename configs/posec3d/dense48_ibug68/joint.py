# Our recipe: 68 points, 48 frames, an answer for every frame.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/slowonly_r50.py',
    '../../_base_/datasets/affwild2_dense48.py', '../../_base_/schedules/adamw_30e_ema.py'
]
work_dir = 'work_dirs/posec3d/dense48_ibug68/joint'
model = dict(
    channels_last_3d=True,
    data_preprocessor=dict(channels_last_3d=True),
    head=dict(hidden_channels=256, temporal_kernel=5))
