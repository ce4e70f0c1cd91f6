# Six corpora in OpenGraphAU's 41 units, on 91 of mediapipe's points. No fold tests whom it trains on.
_base_ = '../../posec3d/dense48_mediapipe91/joint.py'
work_dir = 'work_dirs/hybrid/dense48_mediapipe91/joint'
au_set = 'opengraphau41'

# Units that a corpus does not code are masked in it. Where only intensity is coded, a unit is there from 2 on.
_bp4d = dict(name='BP4D', ann_file='data/bp4d/bp4d_mediapipe478.pkl')
_bp4dplus = dict(name='BP4D+', ann_file='data/bp4dplus/bp4dplus_mediapipe478.pkl')
_disfa = dict(name='DISFA', ann_file='data/disfa/disfa_mediapipe478.pkl', occurrence_from_intensity=2)
_affwild2 = dict(name='Aff-Wild2', ann_file='data/affwild2/affwild2_mediapipe478.pkl')
# Sequences of which the last frame is coded, and photographs; the latter say on which side a unit is.
_ckplus = dict(name='CK+', ann_file='data/ckplus/ckplus_mediapipe478.pkl')
_rafau = dict(name='RAF-AU', ann_file='data/rafau/rafau_mediapipe478.pkl')

_dataset = dict(
    _delete_=True, type='HybridAUDataset', au_set=au_set, topology='mediapipe478')
train_dataloader = dict(
    dataset=dict(
        **_dataset,
        # Aff-Wild2 has more frames than all the others, but fewer units and people who sit still.
        corpora=[
            dict(**_bp4d, split='fold1_fit', weight=2),
            dict(**_bp4dplus, split='fold1_fit', weight=2),
            dict(**_disfa, split='fold1_fit', weight=2),
            dict(**_affwild2, split='train', weight=3),
            dict(**_ckplus, split='fold1_fit', weight=0.5),
            dict(**_rafau, split='fold1_fit', weight=0.5),
        ],
        clip=dict(length=64, sampling='balanced'),
        clips_per_epoch=32000,
        pipeline=_base_.train_pipeline))
_parts = [_bp4d, _bp4dplus, _disfa, _affwild2, _ckplus, _rafau]
_evaluated = dict(**_dataset, test_mode=True, clip=dict(length=48, stride=24), pipeline=_base_.test_pipeline)
val_dataloader = dict(
    dataset=dict(
        **_evaluated,
        corpora=[dict(**part, split='val' if part['name'] == 'Aff-Wild2' else 'fold1_val') for part in _parts]))
test_dataloader = dict(
    dataset=dict(
        **_evaluated,
        corpora=[dict(**part, split='test' if part['name'] == 'Aff-Wild2' else 'fold1_test') for part in _parts]))
model = dict(head=dict(au_set=au_set))
