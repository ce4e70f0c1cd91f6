# STGCN++ of distilled.py goes on with a thousand people more, taught by itself as it was, by the transformer
# and by the SlowOnly on limbs, whose mean is better than any of them. tools/rebuild_weights.sh makes what it starts from.
_base_ = 'distilled.py'
work_dir = 'work_dirs/keypoint/stgcnpp_mediapipe91/more_people'
_made = 'work_dirs/teachers_mediapipe91/'
load_from = _made + 'stgcnpp/epoch_15.pth'
_teachers = [_made + name for name in ('stgcnpp.pth', 'transformer.pth', 'limb.pth')]
train_dataloader = dict(dataset=dict(ann_file='data/rendered/mediapipe91_more/train.pkl', clips_per_epoch=4800))
optim_wrapper = dict(optimizer=dict(lr=0.00125))
model = dict(head=dict(loss_teacher=dict(weight=1.0, intensity_weight=1.0)))
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
