# Our recipe on the contour edges of the 91 points.
_base_ = 'joint.py'
work_dir = 'work_dirs/posec3d/dense48_mediapipe91/limb'
model = dict(
    data_preprocessor=dict(with_joint=False, with_limb=True, edges='mediapipe91'),
    backbone=dict(in_channels=81))
