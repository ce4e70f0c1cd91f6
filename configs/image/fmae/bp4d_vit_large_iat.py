# FMAE-IAT on BP4D: beside the units, an adversary keeps the features from telling the subjects apart.
_base_ = 'bp4d_vit_large.py'
work_dir = 'work_dirs/image/fmae/bp4d_vit_large_iat'
_subjects = [f'F{i:03d}' for i in range(1, 24)] + [f'M{i:03d}' for i in range(1, 19)]
model = dict(head=dict(adversary=dict(type='SubjectAdversary', subjects=_subjects, strength=2.0)))
_pack = dict(
    type='PackFaceInputs',
    inputs=['image'],
    meta_keys=('frame_dir', 'frame_inds', 'total_frames', 'person', 'corpus', 'subject'))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline[:-1] + [_pack]))

optim_wrapper = dict(optimizer=dict(lr=0.0005))
train_cfg = dict(max_epochs=30)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=True, begin=0, end=3, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.002, by_epoch=True, begin=3, end=30, convert_to_iter_based=True)
]
