# HRM's coded units beside MediaPipe's points, for who has the images. Faces are aligned by the eyes in every frame;
# segments are about three seconds, so clips are short. fold1_fit and fold1_val are the children of fold1_train.
ann_file = 'data/hrm/hrm_mediapipe478.pkl'
au_set = 'hrm22'

_select = dict(type='SelectPoints', topology='mediapipe91')
_align = dict(type='AlignEyes', box=(1.6, 2.4), eye_height=0.3)
_pack = [dict(type='FillMissing'), dict(type='PackFaceInputs')]
train_pipeline = [
    dict(type='TemporalSpeed', length=24, speed=(0.8, 1.33)),
    _select,
    _align,
    dict(type='JitterKeypoints', noise=0.003, drift=0.003, bias=0.01),
    dict(type='MirrorFace', prob=0.5),
    dict(type='DropPoints', prob=0.1),
    dict(type='TemporalDrop', prob=0.1),
] + _pack
test_pipeline = [_select, _align] + _pack

_loader = dict(num_workers=2, persistent_workers=True, pin_memory=False, collate_fn=dict(type='face_collate'))
_dataset = dict(type='FaceKeypointDataset', ann_file=ann_file, au_set=au_set, topology='mediapipe478')
_evaluated = dict(**_dataset, test_mode=True, clip=dict(length=48, stride=24), pipeline=test_pipeline)
_in_order = dict(type='DefaultSampler', shuffle=False)
train_dataloader = dict(
    batch_size=64,
    drop_last=True,
    sampler=dict(type='ClipSampler', shuffle=True),
    dataset=dict(
        **_dataset, split='fold1_fit', clip=dict(length=32, sampling='balanced'), pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(batch_size=16, sampler=_in_order, dataset=dict(**_evaluated, split='fold1_val'), **_loader)
test_dataloader = dict(batch_size=16, sampler=_in_order, dataset=dict(**_evaluated, split='fold1_test'), **_loader)
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
