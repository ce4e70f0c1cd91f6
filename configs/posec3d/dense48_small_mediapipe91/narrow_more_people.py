# narrow.py's network goes on with a thousand people more, taught by the STGCN++ and the transformer that went on before it;
# what it starts from and the teachers are made by `python tools/train.py` with narrow.py and by tools/rebuild_weights.sh.
_base_ = 'narrow.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/narrow_more_people'
load_from = 'work_dirs/posec3d/dense48_small_mediapipe91/narrow/epoch_15.pth'
_teachers = [f'work_dirs/{name}_synthetic41_mediapipe91.pth' for name in ('stgcnpp', 'transformer')]
train_dataloader = dict(dataset=dict(ann_file='data/rendered/mediapipe91_more/train.pkl', clips_per_epoch=3200))
optim_wrapper = dict(optimizer=dict(lr=0.00125))
model = dict(head=dict(loss_teacher=dict(weight=1.0, intensity_weight=1.0)))
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
