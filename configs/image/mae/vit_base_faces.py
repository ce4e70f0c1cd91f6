# Pre-training of a ViT-B on faces without labels: three quarters of the patches are hidden and painted. Any annotation
# file with crops will do; more faces are better. Its checkpoints are what --load-from of the ViT configs takes.
_base_ = ['../../_base_/default_runtime.py', '../../_base_/datasets/face_crops224.py']
work_dir = 'work_dirs/image/mae/vit_base_faces'
model = dict(
    type='MaskedFacePainter',
    data_preprocessor=dict(type='ImagePreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    size='base',
    masked=0.75,
    normalise_patches=True,
    painter_width=512,
    painter_depth=8,
    painter_heads=16)
# The clip says which faces are read: all, and not only those that somebody coded.
train_dataloader = dict(
    batch_size=256,
    dataset=dict(
        split='fold1_train',
        clip=dict(sampling='uniform'),
        pipeline=[_base_.train_pipeline[i] for i in (0, 1, 2)] + [_base_.train_pipeline[-1]]))
# There is nothing to evaluate.
val_dataloader = val_cfg = val_evaluator = test_dataloader = test_cfg = test_evaluator = None
default_hooks = dict(checkpoint=dict(save_best=None))

# Published: 0.00015 for 256 images, 50 epochs.
optim_wrapper = dict(
    type='AmpOptimWrapper',
    dtype='bfloat16',
    optimizer=dict(type='AdamW', lr=0.00015, betas=(0.9, 0.95), weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=50)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=True, begin=0, end=2, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True, begin=2, end=50, convert_to_iter_based=True)
]
auto_scale_lr = dict(enable=True, base_batch_size=256)
