# First step on keypoints: what OpenFace says of 18 units, frames weighted by its confidence. The annotation file is that
# of tools/data/import_landmarks.py openface; any with OpenFace's units will do. Validation and test are coders' labels of
# the 12 units that DISFA has.
_base_ = '../../posec3d/dense48_ibug68/joint.py'
work_dir = 'work_dirs/noisy/slowonly_ibug68/pretrain'
ann_file = 'data/openface/openface_ibug68.pkl'
_coded = 'data/disfa/disfa_ibug68.pkl'
model = dict(
    head=dict(au_set='openface18', intensity=True, frame_weights=True, loss_occurrence=dict(label_smoothing=0.1)))
train_dataloader = dict(dataset=dict(ann_file=ann_file, split='all', au_set='openface18'))
val_dataloader = dict(dataset=dict(ann_file=_coded, split='fold1_train', au_set='openface18'))
test_dataloader = dict(dataset=dict(ann_file=_coded, split='fold1_test', au_set='openface18'))
