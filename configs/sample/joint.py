# A run of seconds on the sample file: shows that everything works, and no more.
_base_ = '../posec3d/dense48_small_mediapipe91/joint.py'
work_dir = 'work_dirs/sample/joint'
ann_file = 'data/sample/sample_mediapipe478.pkl'
_loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=4, dataset=dict(ann_file=ann_file, split='train', clips_per_epoch=16), **_loader)
val_dataloader = dict(batch_size=4, dataset=dict(ann_file=ann_file, split='val'), **_loader)
test_dataloader = dict(batch_size=4, dataset=dict(ann_file=ann_file, split='test'), **_loader)

train_cfg = dict(max_epochs=2, val_interval=1)
param_scheduler = [dict(type='CosineAnnealingLR', eta_min=0, T_max=2, by_epoch=True, convert_to_iter_based=True)]
default_hooks = dict(logger=dict(interval=2))
