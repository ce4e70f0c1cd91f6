# STGCN++ as a student of the shipped transformer; more_people.py goes on from one that the first transformer taught.
_base_ = 'joint.py'
work_dir = 'work_dirs/keypoint/stgcnpp_mediapipe91/distilled'
_teachers = ['fau3d/weights/transformer_synthetic41_mediapipe91.pth']
model = dict(head=dict(loss_teacher=dict(type='TeacherLoss', weight=0.5, intensity_weight=0.5, temperature=1.0)))
custom_hooks = _base_.custom_hooks + [dict(type='TeacherHook', checkpoints=_teachers)]
