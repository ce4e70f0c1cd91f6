# A ViT-L/16 whose patches are averaged, as masked autoencoders are fine-tuned, and one linear layer.
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='ImagePreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type='ViTFeatures', size='large', pool='mean', drop_path=0.1),
    head=dict(
        type='ImageAUHead', in_channels=1024, au_set='bp4d', intensity=False, loss_occurrence=dict(type='MaskedBCELoss')))
