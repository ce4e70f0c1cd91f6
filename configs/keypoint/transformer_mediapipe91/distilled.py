# The first transformer: it learns from the labels, and from four of its kind (joint.py and as_seen.py, seeds 0 and 1
# each), whose mean is steadier than any of them. tools/rebuild_weights.sh trains them first.
_base_ = 'joint.py'
work_dir = 'work_dirs/keypoint/transformer_mediapipe91/distilled'
_kinds = 'work_dirs/teachers_mediapipe91/'
_teachers = [_kinds + name for name in ('joint_0.pth', 'joint_1.pth', 'as_seen_0.pth', 'as_seen_1.pth')]
model = dict(head=dict(loss_teacher=dict(type='TeacherLoss', weight=1.0, intensity_weight=1.0)))
custom_hooks = _base_.custom_hooks + [dict(type='TeacherHook', checkpoints=_teachers)]
