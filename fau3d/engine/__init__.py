"""Training and testing over mmengine: runner, hooks, launch, checkpoints, config checks."""

from fau3d.engine.checkpoint import (
    CheckpointError,
    export_checkpoint,
    load_exported,
    read_checkpoint,
    write_checkpoint,
)
from fau3d.engine.config_check import ConfigError, check_config
from fau3d.engine.hooks import (
    BroadcastBuffersHook,
    CsvLogHook,
    EnvironmentHook,
    SafeCheckpointHook,
    ScoreTableHook,
    SetClassWeightsHook,
    ThresholdHook,
)
from fau3d.engine.runner import FaceRunner
from fau3d.engine.seeding import StepSeedHook

__all__ = [
    "BroadcastBuffersHook",
    "CheckpointError",
    "ConfigError",
    "CsvLogHook",
    "EnvironmentHook",
    "FaceRunner",
    "SafeCheckpointHook",
    "ScoreTableHook",
    "SetClassWeightsHook",
    "StepSeedHook",
    "ThresholdHook",
    "check_config",
    "export_checkpoint",
    "load_exported",
    "read_checkpoint",
    "write_checkpoint",
]
