# Each unit's loss counts by the inverse of its base rate.
_base_ = './plain.py'
work_dir = 'work_dirs/balance/inverse_rate'
model = dict(head=dict(loss_occurrence=dict(class_weight='inverse_rate', max_weight=10.0)))
