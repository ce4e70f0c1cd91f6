# The transformer over the 68 points of face-alignment: half of its faces have MediaPipe's idea of them, half the rig's own.
_base_ = '../transformer_mediapipe91/joint.py'
work_dir = 'work_dirs/keypoint/transformer_ibug68/joint'
data_root = 'data/rendered/ibug68/'
_points = dict(topology='ibug68')
_align = dict(type='AlignEyes', box=(1.6, 2.4), eye_height=0.3)
test_pipeline = [_align, dict(type='FillMissing'), dict(type='PackFaceInputs')]
custom_hooks = [_base_.custom_hooks[0], dict(_base_.custom_hooks[1], **_points), _base_.custom_hooks[2]]
model = dict(backbone=dict(num_points=68))
train_dataloader = dict(dataset=dict(**_points, ann_file=data_root + 'train.pkl'))
_evaluated = dict(**_points, pipeline=test_pipeline)
val_dataloader = dict(dataset=dict(**_evaluated, ann_file=data_root + 'val.pkl'))
test_dataloader = dict(dataset=dict(**_evaluated, ann_file=data_root + 'test.pkl'))
