# Windows of 15 frames over HRM's coded units, with the mean of five raters; tools/data/prepare_ratings.py makes the
# file. Validation is cut out of the children who train: fold1_fit and fold1_val are fold1_train.
ann_file = 'data/hrm/ratings.pkl'
au_set = 'hrm22'

_loader = dict(num_workers=0, collate_fn=dict(type='face_collate'))
_dataset = dict(type='AUSequenceDataset', ann_file=ann_file, inputs=['coded'], au_set=au_set, window=15, stride=1)
_in_order = dict(type='DefaultSampler', shuffle=False)
train_dataloader = dict(
    batch_size=64,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(**_dataset, split='fold1_fit'),
    **_loader)
val_dataloader = dict(batch_size=256, sampler=_in_order, dataset=dict(**_dataset, split='fold1_val'), **_loader)
test_dataloader = dict(batch_size=256, sampler=_in_order, dataset=dict(**_dataset, split='fold1_test'), **_loader)
val_evaluator = dict(type='RatingMetric')
test_evaluator = dict(type='RatingMetric')
