# The transformer that learns from faces as they are seen, each with its own rest: two such teach distilled.py, too.
_base_ = 'joint.py'
work_dir = 'work_dirs/keypoint/transformer_mediapipe91/as_seen'
_seen = [step for step in _base_.train_dataloader.dataset.pipeline if step['type'] != 'SubtractNeutral']
train_dataloader = dict(dataset=dict(pipeline=_seen))
