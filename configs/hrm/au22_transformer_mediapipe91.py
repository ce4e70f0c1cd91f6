# HRM's 22 units from keypoints: the transformer over 91 points, on clips of the children's segments.
_base_ = [
    '../_base_/default_runtime.py', '../_base_/datasets/hrm_units.py', '../_base_/schedules/adamw_30e_ema.py'
]
work_dir = 'work_dirs/hrm/au22_transformer_mediapipe91'
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='KeypointPreprocessor'),
    backbone=dict(
        type='KeypointTransformer', num_points=91, channels=192, depth=3, heads=6, dropout=0.1, whitening_floor=3e-3),
    head=dict(
        type='DenseAUHead',
        in_channels=192,
        au_set='hrm22',
        hidden_channels=128,
        temporal_kernel=5,
        clip_reference=True,
        dropout=0.2,
        # Nothing is graded.
        intensity=False,
        loss_occurrence=dict(type='MaskedBCELoss', positive_weight='sqrt')))
