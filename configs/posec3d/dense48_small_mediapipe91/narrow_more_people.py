# The shipped SlowOnly: narrow.py's goes on with a thousand people more, taught by STGCN++, the transformer and the SlowOnly
# on limbs. tools/rebuild_weights.sh makes what it starts from.
_base_ = 'narrow.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/narrow_more_people'
_made = 'work_dirs/teachers_mediapipe91/'
load_from = _made + 'narrow/epoch_15.pth'
_teachers = [_made + name for name in ('stgcnpp.pth', 'transformer.pth', 'limb.pth')]
train_dataloader = dict(dataset=dict(ann_file='data/rendered/mediapipe91_more/train.pkl', clips_per_epoch=4800))
optim_wrapper = dict(optimizer=dict(lr=0.00125))
model = dict(head=dict(loss_teacher=dict(weight=1.0, intensity_weight=1.0)))
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
