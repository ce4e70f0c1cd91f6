"""What the web app allows, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass

from fau3d.apis.table_fusion import Weights

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Addresses that only this machine reaches."""


@dataclass(frozen=True)
class ServeSettings:
    """What the web app allows.

    Attributes:
        host: Address to listen on.
        port: 0 for any that is free.
        names: Further names under which a browser may ask for the app, when it listens to a network.
        checkpoint: A checkpoint file to offer beside the shipped weights, first in the list; or several that
            answer together.
        weights: What each of these counts where they overlap.
        units: The units that they answer; all by default.
        extractor: Landmark extractor of all analyses.
        device: Where models run: `auto`, `cpu`, `cuda`.
        max_bytes: Of one upload.
        max_seconds: Length of a video, in seconds.
        max_frames: Of a video; a short one of a very high rate is long work too.
        max_pixels: Of one image or frame.
        max_waiting: Uploads that may be on their way or wait for their turn.
        keep_seconds: How long results stay when nobody looks at them.
        stall_seconds: How long an upload may send nothing before it is dropped.

    Raises:
        ValueError: If a limit is not above 0 or there is no such port.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    checkpoint: str | Sequence[str] | None = None
    weights: Weights | None = None
    units: str | Sequence[str] | None = None
    extractor: str = "mediapipe"
    device: str = "auto"
    max_bytes: int = 500_000_000
    max_seconds: float = 600.0
    max_frames: int = 40_000
    max_pixels: int = 40_000_000
    max_waiting: int = 4
    keep_seconds: float = 1800.0
    stall_seconds: float = 30.0

    def __post_init__(self) -> None:
        for name in (
            "max_bytes", "max_seconds", "max_frames", "max_pixels", "max_waiting", "keep_seconds",
            "stall_seconds",
        ):  # fmt: skip
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}; wanted more than 0")
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port is {self.port}; wanted 1 to 65535, or 0 for any that is free")

    @property
    def local(self) -> bool:
        """Whether only this machine reaches the app."""
        return self.host in LOOPBACK
