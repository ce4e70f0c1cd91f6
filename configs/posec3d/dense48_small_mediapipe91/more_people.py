# The shipped SlowOnly goes on with a thousand people more, taught by the STGCN++ and the transformer that went on before it;
# tools/rebuild_weights.sh makes all three.
_base_ = 'distilled.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/more_people'
load_from = 'work_dirs/slowonly_synthetic41_mediapipe91/epoch_15.pth'
_teachers = [f'work_dirs/{name}_synthetic41_mediapipe91.pth' for name in ('stgcnpp', 'transformer')]
train_dataloader = dict(dataset=dict(ann_file='data/rendered/mediapipe91_more/train.pkl', clips_per_epoch=6400))
optim_wrapper = dict(optimizer=dict(lr=0.00125))
model = dict(head=dict(loss_teacher=dict(weight=1.0, intensity_weight=1.0)))
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
