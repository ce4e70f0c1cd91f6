# SlowOnly R50 as in PoseConv3D (Duan et al., CVPR 2022): three stages on 56 x 56 maps; but no stride in time, which the
# last stage has there: every frame is to get an answer.
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='HeatmapPreprocessor', size=(56, 56), sigma=0.6),
    backbone=dict(
        type='mmaction.ResNet3dSlowOnly',
        depth=50,
        pretrained=None,
        in_channels=68,
        base_channels=32,
        num_stages=3,
        out_indices=(2, ),
        stage_blocks=(4, 6, 3),
        conv1_stride_s=1,
        pool1_stride_s=1,
        inflate=(0, 1, 1),
        spatial_strides=(2, 2, 2),
        temporal_strides=(1, 1, 1),
        dilations=(1, 1, 1)),
    head=dict(
        type='DenseAUHead',
        in_channels=512,
        au_set='affwild2',
        intensity=False,
        dropout=0.5,
        loss_occurrence=dict(type='MaskedBCELoss', class_weight='inverse_rate')))
