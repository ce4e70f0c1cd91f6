# The small network at half of its width.
_base_ = 'distilled.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/narrow'
model = dict(backbone=dict(base_channels=12), head=dict(in_channels=48))
