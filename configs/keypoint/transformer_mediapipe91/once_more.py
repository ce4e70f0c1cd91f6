# The shipped transformer: more_people.py's goes on among the same people, taught by the STGCN++ that went on, the SlowOnly on
# limbs and itself as it was. tools/rebuild_weights.sh makes what it starts from.
_base_ = 'more_people.py'
work_dir = 'work_dirs/keypoint/transformer_mediapipe91/once_more'
_made = 'work_dirs/teachers_mediapipe91/'
load_from = _made + 'transformer_more/epoch_15.pth'
_teachers = [_made + name for name in ('stgcnpp_more.pth', 'transformer_more.pth', 'limb.pth')]
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
