# The same for the 17 units that are left without 18, 19, 28, 32 and 43, which few frames show.
_base_ = 'au22_transformer_mediapipe91.py'
work_dir = 'work_dirs/hrm/au17_transformer_mediapipe91'
_units = dict(dataset=dict(au_set='hrm17'))
train_dataloader = _units
val_dataloader = _units
test_dataloader = _units
model = dict(head=dict(au_set='hrm17'))
