# OpenGraphAU's network on a Swin-T, stage 1.
_base_ = 'stage1_resnet50.py'
work_dir = 'work_dirs/image/opengraphau/stage1_swin_tiny'
model = dict(
    backbone=dict(_delete_=True, type='SwinFeatures', size='tiny', pretrained=None),
    head=dict(in_channels=768, channels=384))
