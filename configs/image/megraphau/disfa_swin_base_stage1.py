# ME-GraphAU on DISFA's 8 units with a Swin-B, stage 1. A unit is present from intensity 2 on: prepare the corpus so.
_base_ = 'bp4d_resnet50_stage1.py'
work_dir = 'work_dirs/image/megraphau/disfa_swin_base_stage1'
_data = 'data/disfa/'
ann_file = _data + 'disfa_mediapipe478.pkl'
model = dict(
    backbone=dict(_delete_=True, type='SwinFeatures', size='base', pretrained=None),
    head=dict(in_channels=1024, channels=512, au_set='disfa8'))
_load = dict(type='LoadFaceCrops', folder=_data + 'crops')
_own = dict(ann_file=ann_file, au_set='disfa8')
_evaluated = dict(**_own, pipeline=[_load] + _base_.test_pipeline[1:])
train_dataloader = dict(dataset=dict(**_own, pipeline=[_load] + _base_.train_pipeline[1:]))
val_dataloader = dict(dataset=_evaluated)
test_dataloader = dict(dataset=_evaluated)
