# The same for HRM's set of 17 units.
_base_ = 'resnet50_hrm22.py'
work_dir = 'work_dirs/image/hrm/resnet50_hrm17'
model = dict(head=dict(au_set='hrm17'))
train_dataloader = dict(dataset=dict(au_set='hrm17'))
val_dataloader = dict(dataset=dict(au_set='hrm17'))
test_dataloader = dict(dataset=dict(au_set='hrm17'))
