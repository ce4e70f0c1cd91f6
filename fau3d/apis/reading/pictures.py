"""Pictures of readings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fau3d.apis.outputs import OutputFolder
from fau3d.apis.reading.face import FaceReading
from fau3d.io.atomic import atomic_path

COOCCURRENCE, EXPRESSION_MAP = "cooccurrence", "expression_map"


def write_pictures(readings: Sequence[FaceReading], folder: Path | OutputFolder, name: str) -> list[Path]:
    """Write which units go together, and the expressions over time, of each face.

    Args:
        readings: One a face; with several the files end in the face's number: `cooccurrence_face1.png`.
        folder: Where the files go.
        name: Of the recording, for people.

    Returns:
        The files. Units that are never or always shown go together with nothing, and are left out; with
        fewer than two others there is no picture of them, as there is none of expressions that nobody knows.
    """
    from fau3d.visualization import ExpressionTrack, cooccurrence_diagram, expression_map

    written = []
    for reading in readings:
        face_id, expressions = reading.curves.face_id, reading.expressions
        ending = f"_face{face_id}.png" if len(readings) > 1 else ".png"
        title = f"{name}, face {face_id}" if len(readings) > 1 else name
        values = reading.together.phi
        moving = [
            column
            for column, unit in enumerate(reading.au_names)
            if np.isfinite(values[column]).any() and not unit.endswith(("_L", "_R"))
        ]
        if len(moving) > 1:
            written.append(folder / f"{COOCCURRENCE}{ending}")
            names = [reading.au_names[column] for column in moving]
            with atomic_path(written[-1]) as temporary:
                cooccurrence_diagram(values[np.ix_(moving, moving)], names, temporary, title=title)
        labels = expressions.labels().tolist()
        if not any(labels):
            continue
        written.append(folder / f"{EXPRESSION_MAP}{ending}")
        track = ExpressionTrack(
            times=reading.curves.time,
            names=labels,
            scores=expressions.scores,
            score_names=expressions.names,
            valence=expressions.valence,
            arousal=expressions.arousal,
        )
        with atomic_path(written[-1]) as temporary:
            expression_map(track, temporary, title)
    return written
