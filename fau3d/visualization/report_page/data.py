"""What a report page is made of: plain values and arrays, checked when they are put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

import numpy as np

EVENT_KINDS = ("unit", "expression", "blink", "closure")


@dataclass(frozen=True)
class ReportEvent:
    """Something that began, was at its height, and ended.

    Attributes:
        kind: One of `EVENT_KINDS`.
        name: Of the unit or expression; `blink` or whatever the page shall call it otherwise.
        onset: Seconds, as `apex` and `offset`; onset <= apex <= offset.
        apex: Of the highest value.
        offset: Of the last frame.
        peak: Highest value; NaN where there is none.

    Raises:
        ValueError: If the kind is unknown or the times are not in order.
    """

    kind: str
    name: str
    onset: float
    apex: float
    offset: float
    peak: float = float("nan")

    def __post_init__(self) -> None:
        if self.kind not in EVENT_KINDS:
            raise ValueError(f"{self.name}: the event's kind is {self.kind!r}; wanted one of {EVENT_KINDS}")
        if not self.onset <= self.apex <= self.offset:
            raise ValueError(
                f"{self.name}: the event's onset, apex and offset are {self.onset}, {self.apex}, "
                f"{self.offset}; wanted rising seconds"
            )


@dataclass(frozen=True)
class Statistic:
    """One line of the summary.

    Attributes:
        label: What it is, such as `Blinks per minute`.
        value: As it shall be read, with its unit.
        explanation: How it was found and what it means, in a sentence.
    """

    label: str
    value: str
    explanation: str = ""


@dataclass(frozen=True)
class CoOccurrenceTable:
    """How much units go together.

    Attributes:
        names: A units.
        values: Shape (A, A), in [-1, 1]; NaN where it is not defined. Row i, column j may differ from row j,
            column i.
        measure: What the numbers are, in a sentence.

    Raises:
        ValueError: If the shape or a value does not fit.
    """

    names: Sequence[str]
    values: np.ndarray
    measure: str = "Phi coefficient: 1 where two units are always shown together, −1 where never both."

    def __post_init__(self) -> None:
        values = np.asarray(self.values, np.float64)
        size = len(self.names)
        if values.shape != (size, size) or (np.abs(values) > 1 + 1e-9).any():
            raise ValueError(
                f"co-occurrence of shape {values.shape} for {size} units, values up to "
                f"{np.nanmax(np.abs(values), initial=0):g}; wanted ({size}, {size}) in [-1, 1]"
            )


@dataclass(frozen=True)
class FaceReport:
    """One face through the video.

    Attributes:
        face_id: Its number.
        time: Shape (T,), seconds since the video's first frame, rising. A step of more than one and a half
            usual ones is a gap: nothing is drawn there.
        valid: Shape (T,), bool: whether the frame's values mean something. No value of another frame is on
            the page.
        units: A names of FACS units, such as `AU12` or `AU12_L`.
        probability: Shape (T, A), in [0, 1]; NaN = missing.
        occurrence: Shape (T, A): 1 present, 0 not, -1 or NaN missing.
        intensity: Shape (T, A), 0 to 5; NaN = missing. None where the model gives none.
        expression_names: E names; empty where there are no expressions.
        expression_scores: Shape (T, E), at most 1; NaN = missing.
        winning: T labels: an expression, `neutral`, `mixed`, `unnamed`, or an empty string.
        valence: Shape (T,), in [-1, 1]; NaN = missing.
        arousal: Shape (T,), in [0, 1]; NaN = missing.
        openness: Shape (T,), of the eyes: 0 closed, 1 open; NaN = missing.
        closed: Shape (T,): 1 closed, 0 open, -1 or NaN not seen.
        events: In any order.
        statistics: Lines of the summary.
        co_occurrence: Which units go together.
        box: Shape (T, 4): left, top, width, height in pixels of the images; NaN = missing. Drawn on the video
            where there are several faces.

    Raises:
        ValueError: If a shape does not fit or the time does not rise.
    """

    face_id: int
    time: np.ndarray
    valid: np.ndarray
    units: Sequence[str]
    probability: np.ndarray
    occurrence: np.ndarray
    intensity: np.ndarray | None = None
    expression_names: Sequence[str] = ()
    expression_scores: np.ndarray | None = None
    winning: Sequence[str] | None = None
    valence: np.ndarray | None = None
    arousal: np.ndarray | None = None
    openness: np.ndarray | None = None
    closed: np.ndarray | None = None
    events: Sequence[ReportEvent] = ()
    statistics: Sequence[Statistic] = ()
    co_occurrence: CoOccurrenceTable | None = None
    box: np.ndarray | None = None

    def __post_init__(self) -> None:
        time = np.asarray(self.time, np.float64)
        frames, units, names = len(time), len(self.units), len(self.expression_names)
        wanted = {
            "valid": (frames,),
            "probability": (frames, units),
            "occurrence": (frames, units),
            "intensity": (frames, units),
            "expression_scores": (frames, names),
            "winning": (frames,),
            "valence": (frames,),
            "arousal": (frames,),
            "openness": (frames,),
            "closed": (frames,),
            "box": (frames, 4),
        }
        for field, shape in wanted.items():
            found = getattr(self, field)
            if found is not None and np.shape(found) != shape:
                raise ValueError(
                    f"face {self.face_id}: {field} has shape {np.shape(found)}; wanted {shape}, from "
                    f"{frames} time stamps, {units} units and {names} expressions"
                )
        if not frames or not np.isfinite(time).all() or (np.diff(time) <= 0).any():
            raise ValueError(
                f"face {self.face_id}: {frames} time stamps; wanted one or more, finite and rising: leave a "
                "face without frames out"
            )


@dataclass(frozen=True)
class ReportData:
    """A whole page.

    Attributes:
        source: Name of what was analysed, for people.
        video: The video's file name relative to the page, with forward slashes; None to show no video.
        fps: Frames per second, of the source.
        img_shape: (height, width) of its images in pixels.
        model: Which model gave the values, for people.
        notes: Sentences for the page's last tab: settings, warnings.
        faces: One or more, with different ids.

    Raises:
        ValueError: If there is no face, two share an id, or the video is no relative path.
    """

    source: str
    video: str | None
    fps: float
    img_shape: tuple[int, int]
    model: str
    notes: Sequence[str]
    faces: Sequence[FaceReport]

    def __post_init__(self) -> None:
        ids = [face.face_id for face in self.faces]
        if not ids or len(set(ids)) < len(ids):
            raise ValueError(
                f"{self.source}: faces have the ids {ids}; wanted one face or more, each id once"
            )
        if not self.fps > 0 or min(self.img_shape) <= 0:
            raise ValueError(
                f"{self.source}: {self.fps} frames per second of {self.img_shape} pixels; wanted more than 0"
            )
        path = self.video
        if path is not None and (
            not path or PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive or path[0] == "\\"
        ):
            raise ValueError(
                f"{self.source}: the video is {path!r}; wanted a path relative to the page, such as "
                "'clip.mp4'"
            )
