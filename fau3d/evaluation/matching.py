"""Several result files, face by face: the same units, faces and frames, or what differs."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def match_faces(files: Sequence[dict[str, Any]], names: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Bring the faces of several result files together, by video and person.

    Args:
        files: As the test tool writes them: `au_names` and `results`, one dict a face.
        names: What messages call them.

    Returns:
        For each face of the first file, in its order, that face in each file.

    Raises:
        ValueError: If the files do not speak of the same units, faces and frames.
    """
    units = list(files[0]["au_names"])
    tables = [{(face["frame_dir"], face["person"]): face for face in file["results"]} for file in files]
    for name, file, table in zip(names[1:], files[1:], tables[1:]):
        if list(file["au_names"]) != units:
            raise ValueError(
                f"{name} answers {', '.join(file['au_names'])}; {names[0]} {', '.join(units)}; "
                "wanted results of models of one AU set"
            )
        differing = sorted(set(table) ^ set(tables[0]))
        if differing:
            raise ValueError(
                f"{differing[0][0]}, person {differing[0][1]}: in only one of {names[0]} and {name} "
                f"({len(differing)} such faces); wanted results of one split"
            )
    matched = [[table[key] for table in tables] for key in tables[0]]
    for first, *others in matched:
        for name, face in zip(names[1:], others):
            if not np.array_equal(face["frame_index"], first["frame_index"]):
                raise ValueError(
                    f"{first['frame_dir']}, person {first['person']}: {names[0]} has "
                    f"{len(first['frame_index'])} frames, {name} {len(face['frame_index'])} or other ones; "
                    "wanted results of one annotation file"
                )
    return matched
