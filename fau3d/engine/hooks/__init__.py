"""Hooks of training and testing."""

from fau3d.engine.hooks.buffers import BroadcastBuffersHook
from fau3d.engine.hooks.checkpoint_hook import SafeCheckpointHook
from fau3d.engine.hooks.class_weights import SetClassWeightsHook
from fau3d.engine.hooks.reports import CsvLogHook, EnvironmentHook, ScoreTableHook
from fau3d.engine.hooks.splice import SpliceFacesHook
from fau3d.engine.hooks.teachers import TeacherHook
from fau3d.engine.hooks.thresholds import ThresholdHook

__all__ = [
    "BroadcastBuffersHook",
    "CsvLogHook",
    "EnvironmentHook",
    "SafeCheckpointHook",
    "ScoreTableHook",
    "SetClassWeightsHook",
    "SpliceFacesHook",
    "TeacherHook",
    "ThresholdHook",
]
