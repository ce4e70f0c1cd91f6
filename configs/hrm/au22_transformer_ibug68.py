# The same on 68 points, for who has no images but the points in OpenFace's CSV files.
_base_ = 'au22_transformer_mediapipe91.py'
work_dir = 'work_dirs/hrm/au22_transformer_ibug68'
_file = dict(ann_file='data/hrm/hrm_ibug68.pkl', topology='ibug68')
_evaluated = dict(dataset=dict(**_file, pipeline=_base_.test_pipeline[1:]))
train_dataloader = dict(
    dataset=dict(**_file, pipeline=_base_.train_pipeline[:1] + _base_.train_pipeline[2:]))
val_dataloader = _evaluated
test_dataloader = _evaluated
model = dict(backbone=dict(num_points=68))
