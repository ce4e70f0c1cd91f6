# Units weighed by their rates, negatives by how wrong they are (Luo et al., IJCAI 2022).
_base_ = './plain.py'
work_dir = 'work_dirs/balance/weighted_asymmetric'
model = dict(head=dict(loss_occurrence=dict(_delete_=True, type='WeightedAsymmetricLoss', class_weight='inverse_rate')))
