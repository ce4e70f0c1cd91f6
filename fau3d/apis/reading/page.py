"""Readings as a report page."""

from collections.abc import Sequence

import numpy as np

from fau3d.apis.reading.face import FaceReading
from fau3d.apis.reading.files import event_rows, summary
from fau3d.visualization.report_page import (
    CoOccurrenceTable,
    FaceReport,
    ReportData,
    ReportEvent,
    Statistic,
)

_MOST_SHARES = 5  # expressions named in the summary


def report_data(
    readings: Sequence[FaceReading],
    source: str,
    video: str | None,
    fps: float,
    img_shape: tuple[int, int],
    model: str,
    notes: Sequence[str],
) -> ReportData:
    """Put together what a report page shows.

    Args:
        readings: One a face, one or more.
        source: Name of the recording, for people.
        video: File that the page plays, relative to it; None for none.
        fps: Frames per second.
        img_shape: (height, width) of that video, in pixels.
        model: Which model gave the values.
        notes: Sentences on how the analysis was made.
    """
    return ReportData(
        source, video, fps, img_shape, model, notes, [_face_report(reading) for reading in readings]
    )


def _face_report(reading: FaceReading) -> FaceReport:
    curves, expressions, eyes = reading.curves, reading.expressions, reading.eyes
    events = [
        ReportEvent(row["kind"], row["name"], row["onset"], row["apex"], row["offset"], min(row["peak"], 1.0))
        for row in event_rows(reading)
    ]
    return FaceReport(
        face_id=curves.face_id,
        time=curves.time,
        valid=curves.invalid == 0,
        units=reading.au_names,
        probability=curves.probability,
        occurrence=curves.occurrence,
        intensity=curves.intensity,
        expression_names=expressions.names,
        expression_scores=expressions.scores,
        winning=expressions.labels().tolist(),
        valence=expressions.valence,
        arousal=expressions.arousal,
        openness=None if eyes is None else eyes.openness,
        closed=None if eyes is None else eyes.closures.closed,
        events=events,
        statistics=_statistics(reading),
        co_occurrence=CoOccurrenceTable(reading.au_names, np.clip(reading.together.phi, -1.0, 1.0)),
    )


def _statistics(reading: FaceReading) -> list[Statistic]:
    content = summary(reading)
    reasons = ", ".join(f"{count} {why}" for why, count in content["invalid_frames"].items() if count)
    lines = [
        Statistic("Length", f"{content['seconds']:.1f} s", f"{content['frames']} frames"),
        Statistic("Face usable", _percent(content["valid_share"]), f"Left out: {reasons or 'nothing'}."),
    ]
    if (eyes := content["eyes"]) is not None:
        rate = "" if eyes["blinks_per_minute"] is None else f" ({eyes['blinks_per_minute']:.1f} per minute)"
        lines += [
            Statistic("Blinks", f"{eyes['blinks']}{rate}", "Closures of less than half a second."),
            Statistic("Longer closures", str(eyes["longer_closures"]), "Half a second or more."),
            Statistic(
                "PERCLOS", _percent(eyes["perclos"]), "Share of the time with eyes at least 80 % closed."
            ),
        ]
    first, *others = [
        f"{name} {_percent(share)}"
        for name, share in list(content["expressions"]["time_share"].items())[:_MOST_SHARES]
    ] or ["none"]
    then = f"Then {', '.join(others)}. " if others else ""
    said = "Named from action units: inference from movements, no statement about feelings."
    lines.append(Statistic("Expression shown longest", first, then + said))
    for label, key, what in (
        ("Mean valence", "mean_valence", "How pleasant the face looks, -1 to 1; an estimate from movements."),
        ("Mean arousal", "mean_arousal", "How much the face moves, 0 to 1; an estimate from movements."),
    ):
        if content["expressions"][key] is not None:
            lines.append(Statistic(label, f"{content['expressions'][key]:.2f}", what))
    return lines


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"
