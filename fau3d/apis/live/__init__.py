"""Action units of a camera as it runs: the newest frame only, answered from what lies before it."""

from fau3d.apis.live.answers import LiveAnswers
from fau3d.apis.live.newest import Captured, NewestFrame
from fau3d.apis.live.recording import LiveRecording, Recorder
from fau3d.apis.live.session import LiveFrame, LiveSession
from fau3d.apis.live.sources import PlayedFile, open_live
from fau3d.apis.live.statistics import LiveStatistics

__all__ = [
    "Captured",
    "LiveAnswers",
    "LiveFrame",
    "LiveRecording",
    "LiveSession",
    "LiveStatistics",
    "NewestFrame",
    "PlayedFile",
    "Recorder",
    "open_live",
]
