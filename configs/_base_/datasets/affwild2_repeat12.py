# One frame, twelve times: the reference way to feed a clip network with stills.
_base_ = 'affwild2.py'
clip = dict(length=12, mode='repeat', sampling='annotated')

train_pipeline = [
    dict(type='FaceCrop', margin=0.1, mode='clip'),
    dict(type='RandomAffine', rotate=0.0, scale=(0.75, 1.25), shift=0.05),
    dict(type='MirrorFace', prob=0.5),
    dict(type='FillMissing'),
    dict(type='PackFaceInputs')
]
test_pipeline = [dict(type='FaceCrop', margin=0.1, mode='clip'), dict(type='FillMissing'), dict(type='PackFaceInputs')]

_evaluated = dict(batch_size=64, dataset=dict(clip=clip, pipeline=test_pipeline))
train_dataloader = dict(dataset=dict(clip=clip, repeat=10, pipeline=train_pipeline))
val_dataloader = _evaluated
test_dataloader = _evaluated
