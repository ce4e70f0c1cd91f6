# STGCN++ on the contours of the 91 points; data, schedule and head are the small SlowOnly's, and so is about its cost: it
# is narrower and shorter than published (64 channels, ten stages doubling at the 5th and 8th), and keeps every frame.
_base_ = '../../posec3d/dense48_small_mediapipe91/joint.py'
work_dir = 'work_dirs/keypoint/stgcnpp_mediapipe91/joint'
model = dict(
    _delete_=True,
    type='AURecognizer',
    data_preprocessor=dict(type='KeypointPreprocessor'),
    backbone=dict(
        type='FaceSTGCN',
        topology='mediapipe91',
        base_channels=24,
        num_stages=5,
        inflate_stages=(2, 4),
        down_stages=(),
        adaptive='init',
        residual=True,
        temporal='mstcn',
        by_region=True),
    # One row for each of the ten regions.
    head=dict(_base_.model.head, in_channels=96, grid=(10, 1)))
