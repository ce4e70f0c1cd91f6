# A SlowOnly for the CPU: 18-layer blocks, narrow, on 48 x 48 maps; time is mixed in the last stage and in the head.
# Most of the work is the first convolution, which reads one map for each point; it strides at once.
model = dict(
    type='AURecognizer',
    channels_last_3d=True,
    data_preprocessor=dict(
        type='HeatmapPreprocessor', size=(48, 32), sigma=0.8, channels_last_3d=True, reuse_memory=True),
    backbone=dict(
        type='mmaction.ResNet3dSlowOnly',
        depth=18,
        pretrained=None,
        in_channels=91,
        base_channels=24,
        num_stages=3,
        out_indices=(2, ),
        stage_blocks=(1, 2, 2),
        conv1_kernel=(1, 3, 3),
        conv1_stride_s=2,
        with_pool1=False,
        inflate=(0, 0, 1),
        spatial_strides=(2, 2, 2),
        temporal_strides=(1, 1, 1),
        dilations=(1, 1, 1)),
    head=dict(
        type='DenseAUHead',
        in_channels=96,
        au_set='synthetic41',
        grid=(3, 3),
        hidden_channels=128,
        temporal_kernel=5,
        clip_reference=True,
        dropout=0.2,
        intensity=True,
        loss_occurrence=dict(type='MaskedBCELoss', positive_weight='sqrt'),
        loss_intensity=dict(type='MaskedSmoothL1Loss', loss_weight=0.5)))
