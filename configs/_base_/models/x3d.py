# X3D-S-like widths (Feichtenhofer, CVPR 2020) on heatmap volumes. Its stem always halves the maps.
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='HeatmapPreprocessor', size=(56, 56), sigma=0.6),
    backbone=dict(
        type='mmaction.X3D',
        in_channels=68,
        gamma_w=1,
        gamma_b=2.25,
        gamma_d=2.2,
        num_stages=3,
        spatial_strides=(1, 2, 2)),
    head=dict(
        type='DenseAUHead',
        in_channels=216,
        au_set='affwild2',
        intensity=False,
        dropout=0.5,
        loss_occurrence=dict(type='MaskedBCELoss', class_weight='inverse_rate')))
