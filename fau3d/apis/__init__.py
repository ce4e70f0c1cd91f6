"""Inference and analysis for users.

Names are imported when they are asked for, so that `import fau3d.apis` costs nothing.
"""

from typing import Any

_HOME = {
    "AUInferencer": "fau3d.apis.inferencer",
    "AnalysisOptions": "fau3d.apis.analysis",
    "AnalysisReport": "fau3d.apis.analysis",
    "FaceResult": "fau3d.apis.results",
    "FrameResult": "fau3d.apis.results",
    "analyze": "fau3d.apis.analysis",
    "load_recognizer": "fau3d.apis.recognizer",
    "shipped_weights": "fau3d.apis.weights",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'fau3d.apis' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
