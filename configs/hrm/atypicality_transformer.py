# The same with a small transformer.
_base_ = 'atypicality_gru.py'
work_dir = 'work_dirs/hrm/atypicality_transformer'
model = dict(backbone=dict(type='SequenceTransformer', depth=2, heads=4))
