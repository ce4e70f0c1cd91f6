# Second step on keypoints: DISFA's coding of the 8 units of its protocol, fold 1. The rows of the head that both sets
# share are carried over. What validation sees are people of the training, so that nothing is chosen on those tested.
_base_ = 'pretrain.py'
work_dir = 'work_dirs/noisy/slowonly_ibug68/finetune'
load_from = 'work_dirs/noisy/slowonly_ibug68/pretrain/epoch_30.pth'
ann_file = 'data/disfa/disfa_ibug68.pkl'
model = dict(head=dict(au_set='disfa8', loss_occurrence=dict(label_smoothing=0.0)))
train_dataloader = dict(dataset=dict(ann_file=ann_file, split='fold1_train', au_set='disfa8'))
val_dataloader = dict(dataset=dict(au_set='disfa8'))
test_dataloader = dict(dataset=dict(au_set='disfa8'))

max_epochs = 10
train_cfg = dict(max_epochs=max_epochs, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=0.0003))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=True, begin=0, end=1, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, by_epoch=True, begin=1, end=10, convert_to_iter_based=True)
]
