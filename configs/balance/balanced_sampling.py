# Half of the clips lie around a frame on which a drawn unit is present; each unit is drawn as often as the others.
_base_ = './plain.py'
work_dir = 'work_dirs/balance/balanced_sampling'
train_dataloader = dict(dataset=dict(clip=dict(sampling='balanced', balance=0.5, balance_power=1.0)))
