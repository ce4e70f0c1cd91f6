# Within each unit, positives count more than negatives: by the square root of how many more negatives there are.
_base_ = './plain.py'
work_dir = 'work_dirs/balance/positive_weight'
model = dict(head=dict(loss_occurrence=dict(positive_weight='sqrt', max_weight=10.0)))
