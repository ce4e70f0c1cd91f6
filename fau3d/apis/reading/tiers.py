"""Readings as annotations for ELAN and Praat."""

from collections.abc import Sequence
from pathlib import Path

from fau3d.apis.coding_answers import write_tiers
from fau3d.apis.outputs import OutputFolder
from fau3d.apis.reading.face import FaceReading
from fau3d.apis.reading.files import event_rows
from fau3d.io.tiers import TierRow

ELAN, PRAAT = "events.eaf", "events.TextGrid"
_OTHERS = ("expression", "blink", "closure")


def write_event_tiers(
    readings: Sequence[FaceReading], folder: Path | OutputFolder, media: Path | None
) -> list[Path]:
    """Write the events of all faces for ELAN and Praat: a tier a unit, and tiers of expressions and eyes.

    Args:
        readings: One a face; with several a tier's name says whose it is.
        folder: Where the files go.
        media: The recording, for ELAN to open; None where there is no file.

    Returns:
        The files.
    """
    rows, tiers, end = [], [], 0.0
    for reading in readings:
        whose = f"face {reading.curves.face_id} " if len(readings) > 1 else ""
        tiers += [f"{whose}{name}" for name in (*reading.au_names, *_OTHERS)]
        for event in event_rows(reading):
            unit = event["kind"] == "unit"
            tier = event["name"] if unit else event["kind"]
            text = event["name"] if event["kind"] == "expression" else f"{event['peak']:.2f}"
            until = event["onset"] + event["duration"]
            rows.append(TierRow(f"{whose}{tier}", event["onset"], until, text))
            end = max(end, until)
        end = max(end, float(reading.curves.time[-1]))
    written = [folder / ELAN, folder / PRAAT]
    for path in written:
        write_tiers(path, rows, tiers, end, media)
    return written
