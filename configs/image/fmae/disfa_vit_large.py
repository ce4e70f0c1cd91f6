# FMAE on DISFA's 8 units. A unit is present from intensity 2 on: prepare the corpus so.
_base_ = 'bp4d_vit_large.py'
work_dir = 'work_dirs/image/fmae/disfa_vit_large'
_data = 'data/disfa/'
ann_file = _data + 'disfa_mediapipe478.pkl'
model = dict(head=dict(au_set='disfa8'))
_load = dict(type='LoadFaceCrops', folder=_data + 'crops')
_own = dict(ann_file=ann_file, au_set='disfa8')
_evaluated = dict(**_own, pipeline=[_load] + _base_.test_pipeline[1:])
train_dataloader = dict(dataset=dict(**_own, pipeline=[_load] + _base_.train_pipeline[1:]))
val_dataloader = dict(dataset=_evaluated)
test_dataloader = dict(dataset=_evaluated)
optim_wrapper = dict(optimizer=dict(lr=0.0005))
