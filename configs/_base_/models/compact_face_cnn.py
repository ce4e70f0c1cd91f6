# A compact network for gray faces of 64 pixels: 1.3 million weights, a map of 4 x 4 whose places the head keeps apart.
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='ImagePreprocessor', mean=127.5, std=127.5),
    backbone=dict(type='CompactFaceCNN', in_channels=1, channels=(32, 64, 128, 192), blocks=(1, 2, 2, 1)),
    head=dict(
        type='DenseAUHead',
        in_channels=192,
        au_set='openface18',
        grid=(4, 4),
        hidden_channels=128,
        temporal_kernel=1,
        dropout=0.3,
        intensity=False,
        loss_occurrence=dict(type='MaskedBCELoss', positive_weight='sqrt')))
