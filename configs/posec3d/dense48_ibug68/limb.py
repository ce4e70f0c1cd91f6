# Our recipe on the contour edges of the 68 points.
_base_ = 'joint.py'
work_dir = 'work_dirs/posec3d/dense48_ibug68/limb'
model = dict(
    data_preprocessor=dict(with_joint=False, with_limb=True, edges='ibug68'),
    backbone=dict(in_channels=64))
