# The small network on limbs: one map for each of the 81 contour edges in place of one for each point.
_base_ = 'distilled.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/limb'
model = dict(
    data_preprocessor=dict(with_joint=False, with_limb=True, edges='mediapipe91'), backbone=dict(in_channels=81))
