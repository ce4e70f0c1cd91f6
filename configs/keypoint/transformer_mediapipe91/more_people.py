# The shipped transformer: distilled.py's goes on with a thousand people more, taught by STGCN++, the SlowOnly on limbs and
# itself as it was. tools/rebuild_weights.sh makes what it starts from.
_base_ = 'distilled.py'
work_dir = 'work_dirs/keypoint/transformer_mediapipe91/more_people'
_made = 'work_dirs/teachers_mediapipe91/'
load_from = _made + 'transformer/epoch_15.pth'
_teachers = [_made + name for name in ('stgcnpp.pth', 'transformer.pth', 'limb.pth')]
train_dataloader = dict(dataset=dict(ann_file='data/rendered/mediapipe91_more/train.pkl', clips_per_epoch=6400))
optim_wrapper = dict(optimizer=dict(lr=0.00125))
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
