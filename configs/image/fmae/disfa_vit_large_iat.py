# FMAE-IAT on DISFA: the adversary weighs less than on BP4D.
_base_ = 'disfa_vit_large.py'
work_dir = 'work_dirs/image/fmae/disfa_vit_large_iat'
_subjects = [f'SN{i:03d}' for i in range(1, 33) if i not in (14, 15, 19, 20, 22)]
model = dict(head=dict(adversary=dict(type='SubjectAdversary', subjects=_subjects, strength=0.5)))
_pack = dict(
    type='PackFaceInputs',
    inputs=['image'],
    meta_keys=('frame_dir', 'frame_inds', 'total_frames', 'person', 'corpus', 'subject'))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_dataloader.dataset.pipeline[:-1] + [_pack]))
