"""A FACS face rig: action unit intensities in, keypoints with exact labels out.

`rig` holds the face, `actions` the units on its shapes, `dynamics` and `performance` what it does over time,
`labels` what a coder would write down of that,
`observation` how that is seen, `corpus` many of them; `head`, `appearance`, `rendering` and
`rig_building` make a rig in a landmark extractor's own topology.

The rendered part films whole heads: `looks` says how people look, `scene` what surrounds them, `filming`
makes the frames, `rendered` shows them to an extractor, `seen_people` keeps its answers on disk, and
`rendered_corpus` makes annotations of them, with `resting` faces moved. The measured part learns from those
answers what an extractor gets wrong: `residuals` takes the errors, `detector_fit` and `detector_drift` fit
them, `detector` draws new ones, `comparison` compares corpora.

Both need more than a rig (a head model, a measured file), so they are imported from their own modules.
"""

from fau3d.synthetic.actions import SYNTHETIC_AUS, ActionMap, action_map
from fau3d.synthetic.corpus import CorpusConfig, corpus_metainfo, make_corpus, set_stage
from fau3d.synthetic.labels import LABELLED_AUS, labels_of
from fau3d.synthetic.performance import Performance, perform
from fau3d.synthetic.rig import FaceRig, load_rig

__all__ = [
    "LABELLED_AUS",
    "SYNTHETIC_AUS",
    "ActionMap",
    "CorpusConfig",
    "FaceRig",
    "Performance",
    "action_map",
    "corpus_metainfo",
    "labels_of",
    "load_rig",
    "make_corpus",
    "perform",
    "set_stage",
]
