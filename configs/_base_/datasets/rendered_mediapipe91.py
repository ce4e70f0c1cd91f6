# Rendered people seen through MediaPipe, 91 of its points; tools/rebuild_weights.sh makes the files. Faces are aligned
# by the eyes in every frame: with maps of 48 x 32 pixels, 20 of them lie between the outer corners.
au_set = 'synthetic41'
data_root = 'data/rendered/mediapipe91/'

_align = dict(type='AlignEyes', box=(1.6, 2.4), eye_height=0.3)
_pack = [dict(type='FillMissing'), dict(type='PackFaceInputs')]
train_pipeline = [
    # Neighbouring frames teach the same, and a rare unit is on one clip in twenty: many short clips, some of them
    # played fast.
    dict(type='TemporalSpeed', length=8, speed=(0.8, 3.0)),
    # Photographs are to get answers too.
    dict(type='HoldFrame', prob=0.25),
    _align,
    # Half of the clips show the common face in place of the person's own, and what they do with theirs: who learned
    # from both reads real faces better, as they are.
    dict(type='SubtractNeutral', neutral='given', prob=0.5),
    # Not much, since the extractor's own errors are in the points already, and 0.02 of the box is a raised brow; less
    # of it does better on rendered people and worse on real ones.
    dict(type='JitterKeypoints', noise=0.003, drift=0.003, bias=0.01),
    dict(type='MirrorFace', prob=0.5),
    dict(type='DropPoints', prob=0.1),
    dict(type='TemporalDrop', prob=0.1),
] + _pack
test_pipeline = [dict(type='SelectPoints', topology='mediapipe91'), _align] + _pack

_loader = dict(num_workers=1, persistent_workers=True, pin_memory=False, collate_fn=dict(type='face_collate'))
_dataset = dict(type='FaceKeypointDataset', au_set=au_set, topology='mediapipe91')
_evaluated = dict(
    **_dataset, test_mode=True, clip=dict(length=48, stride=24), pipeline=test_pipeline)
_in_order = dict(type='DefaultSampler', shuffle=False)
train_dataloader = dict(
    batch_size=96,
    drop_last=True,
    sampler=dict(type='ClipSampler', shuffle=True),
    dataset=dict(
        **_dataset,
        ann_file=data_root + 'train.pkl',
        clip=dict(length=24, sampling='balanced'),
        clips_per_epoch=9600,
        pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(
    batch_size=16, sampler=_in_order, dataset=dict(**_evaluated, ann_file=data_root + 'val.pkl'), **_loader)
test_dataloader = dict(
    batch_size=16, sampler=_in_order, dataset=dict(**_evaluated, ann_file=data_root + 'test.pkl'), **_loader)
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
