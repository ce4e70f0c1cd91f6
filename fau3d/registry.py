"""Every registry of fau3d: children of mmengine's, so that a config can mix entries of both.

A registry imports the packages in its `locations` the first time it is searched; importing this module
imports none.
"""

from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import EVALUATOR as MMENGINE_EVALUATOR
from mmengine.registry import FUNCTIONS as MMENGINE_FUNCTIONS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import LOG_PROCESSORS as MMENGINE_LOG_PROCESSORS
from mmengine.registry import LOOPS as MMENGINE_LOOPS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODEL_WRAPPERS as MMENGINE_MODEL_WRAPPERS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS as MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import OPTIMIZERS as MMENGINE_OPTIMIZERS
from mmengine.registry import PARAM_SCHEDULERS as MMENGINE_PARAM_SCHEDULERS
from mmengine.registry import RUNNERS as MMENGINE_RUNNERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import VISBACKENDS as MMENGINE_VISBACKENDS
from mmengine.registry import VISUALIZERS as MMENGINE_VISUALIZERS
from mmengine.registry import WEIGHT_INITIALIZERS as MMENGINE_WEIGHT_INITIALIZERS
from mmengine.registry import Registry

DATASETS = Registry("dataset", parent=MMENGINE_DATASETS, scope="fau3d", locations=["fau3d.datasets"])
DATA_SAMPLERS = Registry(
    "data sampler", parent=MMENGINE_DATA_SAMPLERS, scope="fau3d", locations=["fau3d.datasets"]
)
FUNCTIONS = Registry("function", parent=MMENGINE_FUNCTIONS, scope="fau3d", locations=["fau3d.datasets"])
TRANSFORMS = Registry(
    "transform", parent=MMENGINE_TRANSFORMS, scope="fau3d", locations=["fau3d.datasets.transforms"]
)
MODELS = Registry("model", parent=MMENGINE_MODELS, scope="fau3d", locations=["fau3d.models"])
METRICS = Registry("metric", parent=MMENGINE_METRICS, scope="fau3d", locations=["fau3d.evaluation"])
HOOKS = Registry("hook", parent=MMENGINE_HOOKS, scope="fau3d", locations=["fau3d.engine"])
LOOPS = Registry("loop", parent=MMENGINE_LOOPS, scope="fau3d", locations=["fau3d.engine"])
EXTRACTORS = Registry("extractor", scope="fau3d", locations=["fau3d.extractors"])

# Where fau3d adds nothing of its own; without them mmengine warns that the scope is not known there.
EVALUATOR = Registry("evaluator", parent=MMENGINE_EVALUATOR, scope="fau3d")
LOG_PROCESSORS = Registry("log_processor", parent=MMENGINE_LOG_PROCESSORS, scope="fau3d")
MODEL_WRAPPERS = Registry("model_wrapper", parent=MMENGINE_MODEL_WRAPPERS, scope="fau3d")
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    "optimizer wrapper constructor", parent=MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS, scope="fau3d"
)
OPTIM_WRAPPERS = Registry("optim_wrapper", parent=MMENGINE_OPTIM_WRAPPERS, scope="fau3d")
OPTIMIZERS = Registry("optimizer", parent=MMENGINE_OPTIMIZERS, scope="fau3d")
PARAM_SCHEDULERS = Registry("parameter scheduler", parent=MMENGINE_PARAM_SCHEDULERS, scope="fau3d")
RUNNERS = Registry("runner", parent=MMENGINE_RUNNERS, scope="fau3d")
VISBACKENDS = Registry("vis_backend", parent=MMENGINE_VISBACKENDS, scope="fau3d")
VISUALIZERS = Registry("visualizer", parent=MMENGINE_VISUALIZERS, scope="fau3d")
WEIGHT_INITIALIZERS = Registry("weight initializer", parent=MMENGINE_WEIGHT_INITIALIZERS, scope="fau3d")
