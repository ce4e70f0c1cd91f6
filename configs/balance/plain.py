# The point of comparison of this folder: clips around any labelled frame, plain cross-entropy.
_base_ = '../keypoint/transformer_mediapipe91/joint.py'
work_dir = 'work_dirs/balance/plain'
model = dict(head=dict(loss_occurrence=dict(_delete_=True, type='MaskedBCELoss')))
train_dataloader = dict(dataset=dict(clip=dict(sampling='annotated')))
