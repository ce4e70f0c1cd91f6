# The shipped checkpoint's recipe: a SlowOnly for the CPU, 91 points, 24 action units with their intensities,
# trained on synthetic faces. Faces are aligned by the eyes in every frame: 20 pixels lie between the outer corners.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/slowonly_small.py',
    '../../_base_/datasets/affwild2_dense48.py', '../../_base_/schedules/adamw_30e_ema.py'
]
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/joint'
au_set = 'synthetic24'
_align = dict(type='AlignEyes', box=(1.6, 2.4), eye_height=0.3)
_pack = [dict(type='FillMissing'), dict(type='PackFaceInputs')]
train_pipeline = [
    dict(type='TemporalSpeed', length=32, speed=(0.8, 1.33)),
    _align,
    dict(type='JitterKeypoints', noise=0.003, drift=0.005, bias=0.015),
    dict(type='RandomAffine', rotate=4.0, scale=(0.93, 1.07), aspect=0.05, shift=0.015),
    dict(type='MirrorFace', prob=0.5),
    dict(type='DropPoints', prob=0.15),
    dict(type='TemporalDrop', prob=0.1),
] + _pack
test_pipeline = [dict(type='SelectPoints', topology='mediapipe91'), _align] + _pack

_loader = dict(num_workers=1, pin_memory=False)
_dataset = dict(au_set=au_set, topology='mediapipe91', split=None)
_evaluated = dict(**_dataset, pipeline=test_pipeline)
train_dataloader = dict(
    batch_size=24,
    dataset=dict(
        **_dataset,
        ann_file='data/synthetic/train.pkl',
        # Neighbouring frames teach the same: shorter clips buy more faces for the same time.
        clip=dict(length=44, sampling='balanced'),
        clips_per_epoch=1200,
        pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(
    batch_size=16, dataset=dict(**_evaluated, ann_file='data/synthetic/val.pkl'), **_loader)
test_dataloader = dict(
    batch_size=16, dataset=dict(**_evaluated, ann_file='data/synthetic/test.pkl'), **_loader)

# The rate is for 24 clips a step. Mixed precision is for GPUs: the tools leave it out elsewhere.
optim_wrapper = dict(optimizer=dict(lr=0.002))
auto_scale_lr = dict(base_batch_size=24)
train_cfg = dict(max_epochs=60, val_interval=10)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=True, begin=0, end=2, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, by_epoch=True, begin=2, end=60, convert_to_iter_based=True)
]
custom_hooks = [
    dict(type='EMAHook', ema_type='ExponentialMovingAverage', momentum=0.005, update_buffers=True),
    dict(type='ThresholdHook', tune=True)
]
