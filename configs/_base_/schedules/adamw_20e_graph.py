# ME-GraphAU's schedule: AdamW, cosine over 20 epochs without a warm-up.
optim_wrapper = dict(type='AmpOptimWrapper', dtype='bfloat16', optimizer=dict(type='AdamW', lr=0.0001, weight_decay=0.0005))
param_scheduler = [dict(type='CosineAnnealingLR', eta_min=0, T_max=20, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=20, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=True, base_batch_size=64)
