# HRM's 22 units from the network that looks where its landmarks are. The part that finds them has no weights here and
# learns with the rest; with weights that can, model.backbone.frozen=True.
_base_ = 'resnet50_hrm22.py'
work_dir = 'work_dirs/image/hrm/emofan_hrm22'
model = dict(backbone=dict(_delete_=True, type='EmoFANFeatures', channels=256), head=dict(in_channels=256))
