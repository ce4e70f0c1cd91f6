# The shipped transformer goes on among the same people, taught by the STGCN++ that went on, the SlowOnly on limbs and itself
# as it was; tools/rebuild_weights.sh makes all three.
_base_ = 'more_people.py'
work_dir = 'work_dirs/keypoint/transformer_mediapipe91/once_more'
load_from = 'work_dirs/transformer_synthetic41_mediapipe91/epoch_15.pth'
_teachers = [f'work_dirs/{name}_synthetic41_mediapipe91.pth' for name in ('stgcnpp', 'transformer')]
_teachers += ['work_dirs/teachers_mediapipe91/limb.pth']
custom_hooks = _base_.custom_hooks[:-1] + [dict(type='TeacherHook', checkpoints=_teachers)]
