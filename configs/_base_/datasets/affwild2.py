# Where Aff-Wild2 is and how it is read; clips and pipelines are in the files that build on this one. Files in another
# point set are brought to the 68 points on reading.
ann_file = 'data/affwild2/affwild2_wholebody133.pkl'

_loader = dict(num_workers=4, persistent_workers=True, pin_memory=True, collate_fn=dict(type='face_collate'))
_dataset = dict(type='FaceKeypointDataset', ann_file=ann_file, au_set='affwild2', topology='ibug68')
_in_order = dict(type='DefaultSampler', shuffle=False)
train_dataloader = dict(
    batch_size=32,
    drop_last=True,
    sampler=dict(type='ClipSampler', shuffle=True),
    dataset=dict(**_dataset, split='train'),
    **_loader)
val_dataloader = dict(
    batch_size=32, sampler=_in_order, dataset=dict(**_dataset, split='val', test_mode=True), **_loader)
test_dataloader = dict(
    batch_size=32, sampler=_in_order, dataset=dict(**_dataset, split='test', test_mode=True), **_loader)
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
