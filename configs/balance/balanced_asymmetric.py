# Balanced sampling and the asymmetric loss: the best row of docs/balance.md.
_base_ = './asymmetric.py'
work_dir = 'work_dirs/balance/balanced_asymmetric'
train_dataloader = dict(dataset=dict(clip=dict(sampling='balanced', balance=0.5, balance_power=1.0)))
