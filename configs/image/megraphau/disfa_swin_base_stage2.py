# ME-GraphAU on DISFA with a Swin-B, stage 2; the pairs count less than on BP4D and the rate is a tenth.
_base_ = 'disfa_swin_base_stage1.py'
work_dir = 'work_dirs/image/megraphau/disfa_swin_base_stage2'
load_from = 'work_dirs/image/megraphau/disfa_swin_base_stage1/epoch_20.pth'
model = dict(head=dict(stage=2, rectify='sum', loss_relation=dict(type='UnitPairLoss', weight=0.01)))
optim_wrapper = dict(optimizer=dict(lr=0.000001))
