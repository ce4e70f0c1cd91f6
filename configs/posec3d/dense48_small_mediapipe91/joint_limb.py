# Two small networks side by side, one on points and one on limbs, with one head.
_base_ = 'distilled.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/joint_limb'
_joint = _base_.model
model = dict(
    _delete_=True,
    type='DualStreamRecognizer',
    channels_last_3d=True,
    data_preprocessor=dict(_joint.data_preprocessor, with_limb=True, edges='mediapipe91', separate=True),
    joint_backbone=_joint.backbone,
    limb_backbone=dict(_joint.backbone, in_channels=81),
    head=dict(_joint.head, in_channels=192))
