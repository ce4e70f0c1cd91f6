# RGBPoseConv3D's idea, dense in time: a SlowOnly on crops of the face and one on the maps of its points, which look at
# each other. Crops come from tools/data/crop_faces.py; data and schedule are those of posec3d/dense48_mediapipe91.
_base_ = '../../posec3d/dense48_mediapipe91/joint.py'
work_dir = 'work_dirs/rgbpose/dense16_mediapipe91/joint'
crops = 'data/affwild2/crops'

_load = [dict(type='LoadFaceCrops', folder=crops), dict(type='CropFace', size=256)]
_pack = [dict(type='FillMissing'), dict(type='PackFaceInputs', inputs=('keypoint', 'image'))]
train_pipeline = _load + [
    dict(type='CropMiddle', size=224, random=True),
    dict(type='RandomColour', saturation=0.3),
    dict(type='RandomBrightness')
] + [step for step in _base_.train_pipeline if step['type'] != 'TemporalSpeed'][:-2] + _pack
test_pipeline = _load + [dict(type='CropMiddle', size=224)] + _base_.test_pipeline[:-2] + _pack

_pathway = dict(conv1_kernel=(1, 7, 7), with_pool2=False, lateral=True, fusion_kernel=7)
model = dict(
    _delete_=True,
    type='ImageHeatmapRecognizer',
    data_preprocessor=dict(
        type='ImageHeatmapPreprocessor',
        image=dict(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375)),
        heatmap=dict(size=(56, 56), sigma=0.6)),
    backbone=dict(
        type='mmaction.RGBPoseConv3D',
        speed_ratio=1,
        channel_ratio=4,
        rgb_pathway=dict(
            num_stages=4, base_channels=32, lateral_infl=1, lateral_activate=(0, 0, 1, 1), inflate=(0, 0, 1, 1),
            **_pathway),
        pose_pathway=dict(
            num_stages=3, stage_blocks=(4, 6, 3), base_channels=16, in_channels=91, out_indices=(2, ),
            lateral_inv=True, lateral_infl=16, lateral_activate=(0, 1, 1), conv1_stride_s=1, conv1_stride_t=1,
            pool1_stride_s=1, pool1_stride_t=1, inflate=(0, 1, 1), spatial_strides=(2, 2, 2),
            temporal_strides=(1, 1, 1), dilations=(1, 1, 1), **_pathway)),
    head=dict(_base_.model.head, in_channels=1280))
_clip = dict(length=16, stride=8)
train_dataloader = dict(batch_size=8, dataset=dict(clip=dict(length=16), pipeline=train_pipeline))
val_dataloader = dict(batch_size=8, dataset=dict(clip=_clip, pipeline=test_pipeline))
test_dataloader = dict(batch_size=8, dataset=dict(clip=_clip, pipeline=test_pipeline))
