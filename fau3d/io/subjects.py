"""Who is seen in which video: from an annotation file, or from a table."""

import os
from pathlib import Path

import pandas as pd

from fau3d.io.annotation import load_annotations


def read_subjects(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read the subject of each video.

    Args:
        path: An annotation file (.pkl), or a table (.csv) with the columns `frame_dir` and `subject`.

    Returns:
        Video to subject; empty where an annotation has none.

    Raises:
        ValueError: If a table lacks a column.
        AnnotationError: If the file is no annotation file.
        FileNotFoundError: If there is no such file.
    """
    if Path(path).suffix.lower() == ".csv":
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if not {"frame_dir", "subject"} <= set(table.columns):
            raise ValueError(
                f"{path}: has the columns {', '.join(table.columns)}; wanted frame_dir and subject"
            )
        return dict(zip(table["frame_dir"], table["subject"]))
    return {a["frame_dir"]: str(a.get("subject") or "") for a in load_annotations(path).annotations}
