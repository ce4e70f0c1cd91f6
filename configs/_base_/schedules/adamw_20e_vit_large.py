# How FMAE is fine-tuned: AdamW whose rate falls by 0.65 from each of the 24 layers to the one below, two epochs of
# warm-up, cosine over 20. Published: 0.0002 for 256 images.
_layers = {f'backbone.network.layers.{i}.': dict(lr_mult=0.65**(24 - i)) for i in range(24)}
optim_wrapper = dict(
    type='AmpOptimWrapper',
    dtype='bfloat16',
    optimizer=dict(type='AdamW', lr=0.0002, weight_decay=0.05),
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        bias_decay_mult=0.0,
        custom_keys={'backbone.network.embeddings.': dict(lr_mult=0.65**25, decay_mult=0.0), **_layers}))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=True, begin=0, end=2, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.005, by_epoch=True, begin=2, end=20, convert_to_iter_based=True)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=20, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=True, base_batch_size=256)
