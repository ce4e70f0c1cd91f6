# AdamW for rendered faces, with a running average of the weights. The rate is for 96 clips a step.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=0.0025, betas=(0.9, 0.98), weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
    clip_grad=dict(max_norm=5, norm_type=2))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=True, begin=0, end=1, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, by_epoch=True, begin=1, end=15, convert_to_iter_based=True)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=15, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=True, base_batch_size=96)
custom_hooks = [
    dict(type='EMAHook', ema_type='ExponentialMovingAverage', momentum=0.01, update_buffers=True),
    # What a mouth does is to tell nothing about brows.
    dict(type='SpliceFacesHook', topology='mediapipe91', au_set='synthetic41', prob=0.7),
    # Probabilities become frequencies of rendered people; what is called present is to be believed, so precision
    # counts twice as much as recall, and what is likelier absent by three to one is not called so.
    dict(type='ThresholdHook', tune=True, beta=0.5, least=0.15, calibrate=True)
]
