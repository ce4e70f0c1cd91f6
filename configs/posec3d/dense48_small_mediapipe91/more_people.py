# The SlowOnly of distilled.py goes on with a thousand people more, taught by the STGCN++ and the transformer that went on
# before it. tools/rebuild_weights.sh makes what it starts from.
_base_ = 'distilled.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/more_people'
_made = 'work_dirs/teachers_mediapipe91/'
load_from = 'work_dirs/slowonly_synthetic41_mediapipe91/epoch_15.pth'
_teachers = [_made + name for name in ('stgcnpp_more.pth', 'transformer_more.pth')]
train_dataloader = dict(dataset=dict(ann_file='data/rendered/mediapipe91_more/train.pkl', clips_per_epoch=6400))
optim_wrapper = dict(optimizer=dict(lr=0.00125))
model = dict(head=dict(loss_teacher=dict(weight=1.0, intensity_weight=1.0)))
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
