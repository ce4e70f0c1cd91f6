# HRM's 22 units from the AU relation graph, stage 1.
_base_ = 'resnet50_hrm22.py'
work_dir = 'work_dirs/image/hrm/megraph_hrm22'
model = dict(
    head=dict(
        _delete_=True,
        type='GraphAUHead',
        in_channels=2048,
        channels=512,
        au_set='hrm22',
        intensity=False,
        loss_occurrence=dict(type='WeightedAsymmetricLoss', detach_focus=True)))
