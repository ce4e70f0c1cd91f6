# A tenth of doubt in every label, for coders or detectors who err.
_base_ = './plain.py'
work_dir = 'work_dirs/balance/label_smoothing'
model = dict(head=dict(loss_occurrence=dict(label_smoothing=0.1)))
