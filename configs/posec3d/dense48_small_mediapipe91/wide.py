# The small network at twice its width.
_base_ = 'distilled.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/wide'
model = dict(backbone=dict(base_channels=48), head=dict(in_channels=192))
