# The reference recipe, limbs: one map for each contour edge of the 68 points.
_base_ = 'joint.py'
work_dir = 'work_dirs/posec3d/slowonly_r50_affwild_xsub/limb'
model = dict(
    data_preprocessor=dict(with_joint=False, with_limb=True, edges='ibug68'),
    backbone=dict(in_channels=64))
