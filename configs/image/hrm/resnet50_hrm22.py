# HRM's 22 units from images: a ResNet-50 and one linear layer. au_set='hrm17' for the set of 17.
_base_ = '../megraphau/bp4d_resnet50_stage1.py'
work_dir = 'work_dirs/image/hrm/resnet50_hrm22'
_data = 'data/hrm/'
ann_file = _data + 'hrm_mediapipe478.pkl'
model = dict(
    head=dict(
        _delete_=True,
        type='ImageAUHead',
        in_channels=2048,
        au_set='hrm22',
        intensity=False,
        dropout=0.5,
        loss_occurrence=dict(type='MaskedBCELoss', class_weight='inverse_rate')))
_load = dict(type='LoadFaceCrops', folder=_data + 'crops')
_own = dict(ann_file=ann_file, au_set='hrm22')
_evaluated = dict(**_own, pipeline=[_load] + _base_.test_pipeline[1:])
train_dataloader = dict(dataset=dict(**_own, pipeline=[_load] + _base_.train_pipeline[1:]))
val_dataloader = dict(dataset=_evaluated)
test_dataloader = dict(dataset=_evaluated)
