# The same with an LSTM.
_base_ = 'atypicality_gru.py'
work_dir = 'work_dirs/hrm/atypicality_lstm'
model = dict(backbone=dict(cell='lstm'))
