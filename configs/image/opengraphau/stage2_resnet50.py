# OpenGraphAU's network, stage 2: edges get features of their own, without the question for pairs.
_base_ = 'stage1_resnet50.py'
work_dir = 'work_dirs/image/opengraphau/stage2_resnet50'
load_from = 'work_dirs/image/opengraphau/stage1_resnet50/epoch_20.pth'
model = dict(head=dict(stage=2))
