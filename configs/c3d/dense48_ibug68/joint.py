# C3D on the joints of 68 points, 48 frames, an answer for every frame.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/c3d.py', '../../_base_/datasets/affwild2_dense48.py',
    '../../_base_/schedules/adamw_30e_ema.py'
]
work_dir = 'work_dirs/c3d/dense48_ibug68/joint'
