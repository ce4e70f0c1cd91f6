# Rates are taken out of the logits: the network answers as if each unit were there half of the time.
_base_ = './plain.py'
work_dir = 'work_dirs/balance/logit_adjustment'
model = dict(head=dict(loss_occurrence=dict(logit_adjustment=1.0)))
