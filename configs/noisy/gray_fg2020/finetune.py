# Second step on images: DISFA's coding of 12 units, fold 1 of the authors' three. The rows of the head that both sets
# share are carried over. What validation sees are people of the training, so that nothing is chosen on those tested.
_base_ = 'pretrain.py'
work_dir = 'work_dirs/noisy/gray_fg2020/finetune'
load_from = 'work_dirs/noisy/gray_fg2020/pretrain/epoch_20.pth'
model = dict(head=dict(au_set='disfa12', dropout=0.5, loss_occurrence=dict(label_smoothing=0.0)))
train_dataloader = dict(dataset=dict(split='fold1_train', au_set='disfa12'))
val_dataloader = dict(dataset=dict(split='fold1_train', au_set='disfa12'))
test_dataloader = dict(dataset=dict(split='fold1_test', au_set='disfa12'))

max_epochs = 5
train_cfg = dict(max_epochs=max_epochs, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=0.0003))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=True, begin=0, end=1, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, by_epoch=True, begin=1, end=5, convert_to_iter_based=True)
]
