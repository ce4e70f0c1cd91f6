"""Every registry of fau3d: children of mmengine's, so that a config can mix entries of both.

A registry imports the packages in its `locations` the first time it is searched; importing this module imports none.
"""

from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import FUNCTIONS as MMENGINE_FUNCTIONS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import LOOPS as MMENGINE_LOOPS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import Registry

DATASETS = Registry("dataset", parent=MMENGINE_DATASETS, scope="fau3d", locations=["fau3d.datasets"])
DATA_SAMPLERS = Registry(
    "data sampler", parent=MMENGINE_DATA_SAMPLERS, scope="fau3d", locations=["fau3d.datasets"]
)
FUNCTIONS = Registry(
    "function", parent=MMENGINE_FUNCTIONS, scope="fau3d", locations=["fau3d.datasets"]
)
TRANSFORMS = Registry(
    "transform", parent=MMENGINE_TRANSFORMS, scope="fau3d", locations=["fau3d.datasets.transforms"]
)
MODELS = Registry("model", parent=MMENGINE_MODELS, scope="fau3d", locations=["fau3d.models"])
METRICS = Registry(
    "metric", parent=MMENGINE_METRICS, scope="fau3d", locations=["fau3d.evaluation"]
)
HOOKS = Registry("hook", parent=MMENGINE_HOOKS, scope="fau3d", locations=["fau3d.engine"])
LOOPS = Registry("loop", parent=MMENGINE_LOOPS, scope="fau3d", locations=["fau3d.engine"])
EXTRACTORS = Registry("extractor", scope="fau3d", locations=["fau3d.extractors"])
