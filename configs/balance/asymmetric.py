# Easy negatives fade fast, the easiest count nothing; positives stay as they are (Ridnik et al., ICCV 2021).
_base_ = './plain.py'
work_dir = 'work_dirs/balance/asymmetric'
model = dict(
    head=dict(
        loss_occurrence=dict(
            _delete_=True, type='MaskedAsymmetricLoss', gamma_pos=0.0, gamma_neg=4.0, clip=0.05)))
