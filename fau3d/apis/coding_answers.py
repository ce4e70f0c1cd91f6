"""What a rater says of each unit, as stretches of time and by frame: a table's answers, or a coder's."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.apis.human_coding import GRADES, FrameClock, UnitCoding
from fau3d.functional.event_agreement import Rating, frame_labels
from fau3d.functional.events import EventRules, find_events
from fau3d.functional.timeline import frame_seconds, median_step, unbroken_runs
from fau3d.io.elan import write_eaf
from fau3d.io.textgrid import write_textgrid
from fau3d.io.tiers import TierFileError, TierRow
from fau3d.structures import AUTable

_PRESENT_FROM = {"occurrence": 0.5, "probability": 0.5, "intensity": 1.0}


@dataclass(frozen=True)
class Answers:
    """What one rater says of one unit, as stretches and by frame.

    Attributes:
        rating: Events, and what was rated.
        labels: Shape (T,): 1, 0, -1 = not rated.
        intensity: Shape (T,): 0 to 5; NaN where there is no grade.
    """

    rating: Rating
    labels: np.ndarray
    intensity: np.ndarray


@dataclass(frozen=True)
class Recording:
    """A table's frames and the answers for one face.

    Attributes:
        clock: When the frames are.
        instants: Shape (T,): the middles of the frames, seconds.
        end: Seconds at which the last frame ends.
        units: Answers by unit.
    """

    clock: FrameClock
    instants: np.ndarray
    end: float
    units: dict[str, Answers]


def most_present_face(table: AUTable) -> AUTable:
    """Give the rows of the face that is seen in most frames.

    Raises:
        ValueError: If there is no face in any frame.
    """
    seen = table.data[table.data["success"] == 1]
    if seen.empty:
        raise ValueError("the AU table has no frame with a face; nothing to score")
    return table.face(int(seen["face_id"].value_counts().index[0]))


def table_answers(
    table: AUTable, face_id: int | None = None, min_duration: float = 0.0, merge_within: float = 0.0
) -> Recording:
    """Take the answers of a table: `_c`; in tables without it a probability of 0.5 or an intensity of 1.

    Events are runs of frames with the unit; a gap without answers of up to 0.2 s does not end one.

    Args:
        table: Of one recording.
        face_id: The face; the one in most frames by default.
        min_duration: Seconds; shorter events are dropped. Frames stay as they are.
        merge_within: Seconds; events so close are one.

    Raises:
        ValueError: If the table is of several recordings, has no such face, or its time stamps do not rise.
    """
    sources = table.data["source"].unique()
    if len(sources) > 1:
        raise ValueError(
            f"the table is of {len(sources)} sources, such as {sources[0]!r} and {sources[1]!r}; wanted one "
            "recording: coders' times need one clock"
        )
    face = most_present_face(table) if face_id is None else table.face(face_id)
    if face.data.empty:
        known = ", ".join(map(str, sorted(table.data["face_id"].unique())))
        raise ValueError(f"the table has no face {face_id}; its faces are {known}")
    frames = table.data.drop_duplicates("frame").sort_values("frame")
    times = frames["timestamp"].to_numpy(np.float64)
    clock = FrameClock(frames["frame"].to_numpy(np.int64), times, median_step(times))
    rows = face.data.drop_duplicates("frame").set_index("frame")
    # Copied, since pandas warns where a column is added to a table that was put together by columns.
    placed = AUTable(rows.reindex(pd.Index(clock.frames, name="frame")).copy().reset_index())
    rules = EventRules(on=0.5, off=0.5, rest=0.5, min_duration=min_duration, merge_within=merge_within)
    seconds = frame_seconds(times)
    units = {unit: _unit_answers(placed, unit, times, seconds, rules) for unit in table.au_names}
    return Recording(clock, times + seconds / 2, float(times[-1] + seconds[-1]), units)


def _unit_answers(
    face: AUTable, unit: str, times: np.ndarray, seconds: np.ndarray, rules: EventRules
) -> Answers:
    there = np.full(len(times), np.nan)
    for kind, level in _PRESENT_FROM.items():
        values = face.values(kind, [unit])[:, 0]
        there = np.where(np.isnan(there) & np.isfinite(values), values >= level, there)
    found = find_events(there, times, rules)
    first, stop = unbroken_runs(np.isfinite(there), times)
    return Answers(
        rating=Rating(
            events=np.stack([found.onset, found.onset + found.duration], axis=1),
            spans=np.stack([times[first], times[stop - 1] + seconds[stop - 1]], axis=1),
        ),
        labels=np.where(np.isnan(there), -1, there).astype(np.int8),
        intensity=face.values("intensity", [unit])[:, 0],
    )


def coder_answers(coding: UnitCoding, instants: np.ndarray) -> Answers:
    """Sample a coder's unit at instants (T,)."""
    labels = frame_labels(coding.rating, instants)
    intensity = np.where(labels == 0, 0.0, np.nan)
    places = np.searchsorted(instants, coding.graded[:, :2])
    for (first, stop), grade in zip(places, coding.graded[:, 2]):
        intensity[first:stop] = grade
    return Answers(coding.rating, labels, np.where(labels == -1, np.nan, intensity))


def intensity_letter(intensity: float) -> str:
    """Give the letter of FACS for an intensity: A to E for what rounds to 1 to 5, and A below."""
    return GRADES[int(np.clip(np.floor(intensity + 0.5), 1, 5)) - 1]


def event_rows(tier: str, answers: Answers, instants: np.ndarray) -> list[TierRow]:
    """Give the events of one unit as annotations: the letter of their highest intensity, `1` without any.

    Args:
        tier: Name of the tier.
        answers: Of the unit.
        instants: Shape (T,): the middles of the frames, seconds.
    """
    rows = []
    places = np.searchsorted(instants, answers.rating.events)
    for (start, end), (first, stop) in zip(answers.rating.events, places):
        own = answers.intensity[first:stop]
        graded = own[np.isfinite(own)]
        text = intensity_letter(float(graded.max())) if len(graded) else "1"
        rows.append(TierRow(tier, float(start), float(end), text))
    return rows


def write_events(
    recording: Recording,
    path: str | os.PathLike[str],
    units: Sequence[str] | None = None,
    media: str | os.PathLike[str] | None = None,
) -> int:
    """Write the events of a table for ELAN or Praat, one tier a unit.

    Args:
        recording: See `table_answers`.
        path: Ends in `.eaf` or `.TextGrid`.
        units: Units wanted, all by default; their tiers are there also without events.
        media: The recording's file, for ELAN.

    Returns:
        How many events were written.

    Raises:
        ValueError: If a unit is not in the table, or the path ends otherwise.
    """
    chosen = list(recording.units) if units is None else list(units)
    unknown = [unit for unit in chosen if unit not in recording.units]
    if unknown:
        raise ValueError(f"the table has no {', '.join(unknown)}; it has {', '.join(recording.units)}")
    rows = [row for unit in chosen for row in event_rows(unit, recording.units[unit], recording.instants)]
    write_tiers(path, rows, chosen, recording.end, media)
    return len(rows)


def write_tiers(
    path: str | os.PathLike[str],
    rows: Sequence[TierRow],
    tiers: Sequence[str],
    end: float,
    media: str | os.PathLike[str] | None = None,
) -> None:
    """Write annotations as an ELAN file or a TextGrid, as the suffix of the path says.

    Args:
        path: Ends in `.eaf` or `.TextGrid`.
        rows: Annotations.
        tiers: Tiers that shall be there, also without annotations.
        end: Seconds at which the recording ends.
        media: The recording, for ELAN.

    Raises:
        TierFileError: If the suffix is another, or the rows cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".eaf":
        write_eaf(path, rows, tiers, media, annotator="fau3d")
    elif suffix == ".textgrid":
        write_textgrid(path, rows, end, tiers)
    else:
        raise TierFileError(f"{path}: ends in {suffix!r}; wanted '.eaf' (ELAN) or '.TextGrid' (Praat)")
