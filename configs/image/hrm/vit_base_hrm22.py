# HRM's 22 units from a ViT-B that learned to paint faces (FMAE or MAE-Face, converted by tools/convert/mae_vit.py, or
# configs/image/mae): give its weights with --load-from.
_base_ = 'resnet50_hrm22.py'
work_dir = 'work_dirs/image/hrm/vit_base_hrm22'
model = dict(
    backbone=dict(_delete_=True, type='ViTFeatures', size='base', pool='mean', drop_path=0.1),
    head=dict(in_channels=768, dropout=0.0))
