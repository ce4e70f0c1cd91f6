# The shipped checkpoint's recipe: a SlowOnly for the CPU, 91 points, 24 action units with their intensities,
# trained on synthetic faces.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/slowonly_small.py',
    '../../_base_/datasets/affwild2_dense48.py', '../../_base_/schedules/adamw_30e_ema.py'
]
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/joint'
au_set = 'synthetic24'
_select = [dict(type='SelectPoints', topology='mediapipe91')]
train_pipeline = _select + _base_.train_pipeline
test_pipeline = _select + _base_.test_pipeline

_loader = dict(num_workers=1, pin_memory=False)
_dataset = dict(au_set=au_set, topology='mediapipe91', split=None)
_evaluated = dict(**_dataset, ann_file='data/synthetic/val.pkl', pipeline=test_pipeline)
train_dataloader = dict(
    batch_size=16,
    dataset=dict(**_dataset, ann_file='data/synthetic/train.pkl', clips_per_epoch=3200, pipeline=train_pipeline),
    **_loader)
val_dataloader = dict(batch_size=16, dataset=_evaluated, **_loader)
test_dataloader = dict(batch_size=16, dataset=_evaluated, **_loader)

# The rate is for 16 clips a step. Mixed precision is for GPUs: the tools leave it out elsewhere.
optim_wrapper = dict(optimizer=dict(lr=0.002))
auto_scale_lr = dict(base_batch_size=16)
