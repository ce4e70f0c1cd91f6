# Frames that are answered well count less (Lin et al., ICCV 2017).
_base_ = './plain.py'
work_dir = 'work_dirs/balance/focal'
model = dict(head=dict(loss_occurrence=dict(_delete_=True, type='MaskedFocalLoss', gamma=2.0)))
