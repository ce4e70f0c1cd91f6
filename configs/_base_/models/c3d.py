# The convolutions of C3D (Tran et al., ICCV 2015) on heatmap volumes, with batch normalisation, every frame kept.
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='HeatmapPreprocessor', size=(56, 56), sigma=0.6),
    backbone=dict(type='C3DFeatures', in_channels=68, num_stages=4, temporal_pool=False),
    head=dict(
        type='DenseAUHead',
        in_channels=512,
        au_set='affwild2',
        intensity=False,
        dropout=0.5,
        loss_occurrence=dict(type='MaskedBCELoss', class_weight='inverse_rate')))
