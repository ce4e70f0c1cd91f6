# The AU relation graph (Luo et al., IJCAI 2022) on a ResNet-50, stage 1: each unit's node sees the four most like it.
# Published runs start from ImageNet: model.backbone.pretrained=microsoft/resnet-50, which downloads.
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='ImagePreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(type='ResNetFeatures', depth=50, pretrained=None),
    head=dict(
        type='GraphAUHead',
        in_channels=2048,
        channels=512,
        au_set='bp4d',
        stage=1,
        neighbours=4,
        intensity=False,
        loss_occurrence=dict(type='WeightedAsymmetricLoss', detach_focus=True)))
