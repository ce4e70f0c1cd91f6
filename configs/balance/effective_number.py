# Each unit's loss counts by the inverse of its positives' effective number (Cui et al., CVPR 2019).
_base_ = './plain.py'
work_dir = 'work_dirs/balance/effective_number'
model = dict(head=dict(loss_occurrence=dict(class_weight='effective_number', beta=0.9999, max_weight=10.0)))
