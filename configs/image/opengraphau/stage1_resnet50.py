# OpenGraphAU's network, 27 units and 14 one-sided ones, stage 1. What a corpus does not label is masked; L12 and R12 use
# the node of AU12 here, while the released weights use that of AU11. Several corpora: configs/hybrid.
_base_ = '../megraphau/bp4d_resnet50_stage1.py'
work_dir = 'work_dirs/image/opengraphau/stage1_resnet50'
model = dict(head=dict(au_set='opengraphau41'))
_own = dict(dataset=dict(au_set='opengraphau41'))
train_dataloader = _own
val_dataloader = _own
test_dataloader = _own
# Published: 0.00002 for 512 images.
optim_wrapper = dict(optimizer=dict(lr=0.00002))
auto_scale_lr = dict(base_batch_size=512)
