# First step on images: OpenFace's answers for 18 units on faces of celebrities. Validation and test are OpenFace's
# answers too: how well the network says what OpenFace says, and no more.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/compact_face_cnn.py',
    '../../_base_/datasets/fg2020.py', '../../_base_/schedules/adamw_30e_ema.py'
]
work_dir = 'work_dirs/noisy/gray_fg2020/pretrain'
model = dict(head=dict(loss_occurrence=dict(label_smoothing=0.1)))
train_dataloader = dict(dataset=dict(split='train', au_set='openface18'))
val_dataloader = dict(dataset=dict(split='test', au_set='openface18'))
test_dataloader = dict(dataset=dict(split='test', au_set='openface18'))

max_epochs = 20
train_cfg = dict(max_epochs=max_epochs)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=True, begin=0, end=1, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, by_epoch=True, begin=1, end=20, convert_to_iter_based=True)
]
auto_scale_lr = dict(base_batch_size=128)
