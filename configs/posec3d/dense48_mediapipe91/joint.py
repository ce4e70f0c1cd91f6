# Our recipe on the 91 of mediapipe's 478 points that carry expression.
_base_ = '../dense48_ibug68/joint.py'
work_dir = 'work_dirs/posec3d/dense48_mediapipe91/joint'
ann_file = 'data/affwild2/affwild2_mediapipe478.pkl'
_select = [dict(type='SelectPoints', topology='mediapipe91')]
train_pipeline = _select + _base_.train_pipeline
test_pipeline = _select + _base_.test_pipeline

model = dict(backbone=dict(in_channels=91))
train_dataloader = dict(dataset=dict(ann_file=ann_file, topology='mediapipe478', pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(ann_file=ann_file, topology='mediapipe478', pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(ann_file=ann_file, topology='mediapipe478', pipeline=test_pipeline))
