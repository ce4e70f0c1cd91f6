# Our recipe from volumes kept on disk, for parity with tools that draw them beforehand. They are made by
# tools/data/build_heatmaps.py; geometry cannot be augmented any more, so train from keypoints where you can.
_base_ = 'joint.py'
work_dir = 'work_dirs/posec3d/dense48_ibug68/joint_volumes'
ann_file = 'data/affwild2/affwild2_ibug68_volumes.pkl'
_pack = dict(type='PackFaceInputs')
train_pipeline = [
    dict(type='TemporalSpeed', length=48, speed=(0.8, 1.33)),
    dict(type='MirrorFace', prob=0.5),
    _pack,
]
test_pipeline = [_pack]

# The points are those that the volumes were drawn with.
_dataset = dict(ann_file=ann_file, topology=None, with_heatmap=True)
train_dataloader = dict(dataset=dict(**_dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**_dataset, pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(**_dataset, pipeline=test_pipeline))
