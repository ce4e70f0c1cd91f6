# The small network as a student of the transformer, which reads the same clips; what ships learned from the first one
# (tools/rebuild_weights.sh). Other teachers are self-contained checkpoints too (tools/convert/export_checkpoint.py):
# --cfg-options "custom_hooks.3.checkpoints=[a.pth,b.pth]".
_base_ = 'joint.py'
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/distilled'
_teachers = ['fau3d/weights/transformer_synthetic41_mediapipe91.pth']
model = dict(head=dict(loss_teacher=dict(type='TeacherLoss', weight=0.5, intensity_weight=0.5, temperature=1.0)))
custom_hooks = _base_.custom_hooks + [dict(type='TeacherHook', checkpoints=_teachers)]
