"""Several models as one: on the same windows, their units joined, averaged where they overlap."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.apis.face_windows import Window
from fau3d.apis.recognizer import LoadedRecognizer, load_recognizer
from fau3d.apis.table_fusion import Weights, weighted_mean, weights_by_unit
from fau3d.apis.window_recognizer import WindowContext, WindowRecognizer
from fau3d.facs import get_au_set, map_columns


class RecognizerUnion(WindowRecognizer):
    """Answer windows with the units of several models.

    A unit that one model has is its own. One that several have gets the weighted means of their
    probabilities, of their intensities, and of their thresholds. A unit of which no model knows intensities
    has NaN there, where another unit has some.

    All members see the same windows, so they need windows of one length and one frame rate, points of one
    kind, and, those that read pictures, one way to cut faces out. Windows overlap as the member with the
    shortest stride wants.

    Args:
        members: The models.
        weights: What each counts, see `weights_by_unit`; all alike by default.
        units: The units wanted, in order: a named set or a list; by default all, as they appear.

    Attributes:
        members: The models.

    Raises:
        ValueError: If members do not fit together, weights do not fit, or no member knows a wanted unit.
    """

    def __init__(
        self,
        members: Sequence[LoadedRecognizer],
        weights: Weights | None = None,
        units: str | Sequence[str] | None = None,
    ) -> None:
        _check_alike(members)
        self.members = tuple(members)
        self.name = " + ".join(member.name for member in members)
        self.device = members[0].device
        known = tuple(dict.fromkeys(name for member in members for name in member.au_names))
        self.au_names = known if units is None else get_au_set(units)
        if lacking := [name for name in self.au_names if name not in known]:
            raise ValueError(
                f"{self.name}: cannot answer {' '.join(lacking)}; known: {' '.join(known)}. Leave these out, "
                "or add a model that knows them"
            )
        self._weights = weights_by_unit(self.au_names, weights, len(members))
        self.window_length = members[0].window_length
        self.stride = min((member.stride for member in members if member.stride), default=None)
        self._leader = next((member for member in members if not _takes_any_rate(member)), members[0])
        self.fps = self._leader.fps
        self.cropper = next((member.cropper for member in members if member.cropper is not None), None)
        self.has_intensity = any(
            name in self.au_names for member in members if member.has_intensity for name in member.au_names
        )
        self.thresholds = self._mean([member.thresholds for member in members])

    def check_topology(self, topology: str, extractor: str) -> None:
        """Make sure that an extractor's points are those that all members read.

        Raises:
            ValueError: If they are not; the message names the member and the way out.
        """
        for member in self.members:
            member.check_topology(topology, extractor)

    def interval(self, fps: float) -> int:
        """Give the source frames for one frame of a window: 2 for a 60 Hz video and 30 Hz models."""
        return self._leader.interval(fps)

    def fill(self, fps: float) -> int:
        """Give the frames of a window for one source frame: 2 for a 12 Hz video and 25 Hz models."""
        return self._leader.fill(fps)

    def predict(self, windows: Sequence[Window], context: WindowContext) -> np.ndarray:
        """Answer a batch of windows; see `WindowRecognizer.predict`."""
        answers = [member.predict(windows, context) for member in self.members]
        parts = [
            np.split(answer, [len(member.au_names)], axis=-1) for answer, member in zip(answers, self.members)
        ]
        means = [self._mean([probability for probability, _ in parts])]
        if self.has_intensity:
            means.append(
                self._mean([strength if strength.size else np.full_like(p, np.nan) for p, strength in parts])
            )
        return np.concatenate(means, axis=-1)

    def _mean(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """Give the weighted mean (…, A) of what each member says of its own units (…, its A)."""
        placed = [
            map_columns(own, member.au_names, self.au_names, missing=np.nan)
            for own, member in zip(values, self.members)
        ]
        stacked = np.stack(placed)
        between = (1,) * (stacked.ndim - 2)
        return weighted_mean(stacked, self._weights.reshape(len(stacked), *between, -1))


def load_recognizers(
    model: str | Path | Sequence[str | Path] | None = None,
    weights: Weights | None = None,
    units: str | Sequence[str] | None = None,
    **how: Any,
) -> WindowRecognizer:
    """Load a recogniser, or several as one.

    Args:
        model: As `load_recognizer` takes it, or several.
        weights: What each of several counts; see `RecognizerUnion`.
        units: The units wanted; all by default.
        **how: Further arguments of `load_recognizer`; they hold for each model.

    Returns:
        The recogniser, in evaluation mode on its device.

    Raises:
        FileNotFoundError: If there is no such checkpoint or config.
        CheckpointError: If a checkpoint is none that fau3d wrote, or would execute code.
        ValueError: If models do not fit together, or weights or units do not fit them.
    """
    models = [model] if model is None or isinstance(model, str | Path) else list(model)
    if not models:
        raise ValueError("found no model in the list; wanted one or more, or None for the default weights")
    if len(models) == 1 and weights is not None:
        raise ValueError(f"found weights {weights} for one model; wanted two models or more, or no weights")
    loaded = [load_recognizer(one, **how) for one in models]
    if len(loaded) == 1 and units is None:
        return loaded[0]
    return RecognizerUnion(loaded, weights, units)


def _takes_any_rate(member: LoadedRecognizer) -> bool:
    return member.fps is None and member.clip_interval == 1


def _rate(member: LoadedRecognizer) -> str:
    return f"every frame of {member.clip_interval}" if member.fps is None else f"{member.fps:g} frames/s"


def _points(member: LoadedRecognizer) -> tuple[str, ...]:
    return member.accepted_topologies


def _check_alike(members: Sequence[LoadedRecognizer]) -> None:
    """Make sure that all members can answer the same windows."""
    timed = [member for member in members if not _takes_any_rate(member)]
    of_points = [member for member in members if member.topology is not None]
    of_pictures = [member for member in members if member.cropper is not None]
    _check("length", members, lambda m: f"windows of {m.window_length} frames", _equal)
    _check("frame rate", timed, _rate, _equal)
    _check("points", of_points, _points, lambda a, b: bool(set(a) & set(b)))
    _check("pictures", of_pictures, lambda m: f"faces cut out by {m.cropper}", _equal)


def _check(
    what: str,
    members: Sequence[LoadedRecognizer],
    wanted: Callable[[LoadedRecognizer], Any],
    fit: Callable[[Any, Any], bool],
) -> None:
    for other in members[1:]:
        first = members[0]
        if not fit(wanted(first), wanted(other)):
            raise ValueError(
                f"{first.name} wants {_told(wanted(first))}, and {other.name} {_told(wanted(other))}; models "
                f"that answer together want the same {what}. Analyse with each alone, then join the tables: "
                "fau3d fuse A.csv B.csv -o fused.csv"
            )


def _equal(first: Any, second: Any) -> bool:
    return bool(first == second)


def _told(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else " or ".join(map(repr, wanted)) + " points"
