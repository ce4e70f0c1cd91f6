# ME-GraphAU on BP4D, stage 2: edges get features of their own. Starts from stage 1's last weights.
_base_ = 'bp4d_resnet50_stage1.py'
work_dir = 'work_dirs/image/megraphau/bp4d_resnet50_stage2'
load_from = 'work_dirs/image/megraphau/bp4d_resnet50_stage1/epoch_20.pth'
model = dict(head=dict(stage=2, rectify='sum', loss_relation=dict(type='UnitPairLoss', weight=0.05)))
optim_wrapper = dict(optimizer=dict(lr=0.00001))
