# Two streams on the 91 points.
_base_ = 'joint.py'
work_dir = 'work_dirs/posec3d/dense48_mediapipe91/joint_limb'
model = dict(
    _delete_=True,
    type='DualStreamRecognizer',
    channels_last_3d=True,
    data_preprocessor=dict(
        type='HeatmapPreprocessor',
        size=(56, 56),
        sigma=0.6,
        channels_last_3d=True,
        with_limb=True,
        edges='mediapipe91',
        separate=True),
    joint_backbone=_base_.model.backbone,
    limb_backbone=dict(_base_.model.backbone, in_channels=81),
    head=dict(_base_.model.head, in_channels=1024))
