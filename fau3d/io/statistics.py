"""What an annotation file holds, in numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fau3d.io.annotation import AnnotationFile


@dataclass(frozen=True)
class AnnotationStatistics:
    """Numbers that describe an annotation file.

    Attributes:
        num_videos: Annotations.
        num_frames: Frames of all of them.
        num_subjects: Different subjects named.
        missing_face_share: Share of frames in which no person shows a point, in [0, 1]; NaN without frames.
        units: One row a unit, columns `AU`, `annotated` (frames), `unannotated_share`, `present` (frames),
            `base_rate` (present / annotated; NaN where none is), `mean_intensity` (NaN where there is none).
        lengths: One row a bin, columns `from`, `to` (frames, inclusive), `videos`.
        splits: One row a split, columns `split`, `videos`, `frames`, `subjects`.
    """

    num_videos: int
    num_frames: int
    num_subjects: int
    missing_face_share: float
    units: pd.DataFrame
    lengths: pd.DataFrame
    splits: pd.DataFrame


def annotation_statistics(file: AnnotationFile) -> AnnotationStatistics:
    """Count what is in a file without faults (see `fau3d.io.validation`)."""
    frames = {a["frame_dir"]: int(a["total_frames"]) for a in file.annotations}
    subjects = {a["frame_dir"]: str(a.get("subject") or "") for a in file.annotations}
    total = sum(frames.values())
    missing = sum(int((a["keypoint_score"] <= 0).all(axis=(0, 2)).sum()) for a in file.annotations)
    splits = [
        {
            "split": name,
            "videos": len(videos),
            "frames": sum(frames.get(v, 0) for v in videos),
            "subjects": len({subjects.get(v, "") for v in videos} - {""}),
        }
        for name, videos in file.split.items()
    ]
    return AnnotationStatistics(
        num_videos=len(file.annotations),
        num_frames=total,
        num_subjects=len(set(subjects.values()) - {""}),
        missing_face_share=missing / total if total else float("nan"),
        units=_unit_table(file, total),
        lengths=_length_histogram([int(a["total_frames"]) for a in file.annotations]),
        splits=pd.DataFrame(splits, columns=["split", "videos", "frames", "subjects"]),
    )


def _unit_table(file: AnnotationFile, total: int) -> pd.DataFrame:
    size = len(file.au_names)
    present, annotated, graded = (np.zeros(size, np.int64) for _ in range(3))
    intensity = np.zeros(size)
    for annotation in file.annotations:
        occurrence = annotation.get("au_occurrence")
        if occurrence is not None:
            present += (occurrence == 1).sum(axis=0)
            annotated += (occurrence >= 0).sum(axis=0)
        if annotation.get("au_intensity") is not None:
            values = np.asarray(annotation["au_intensity"], np.float64)
            graded += np.isfinite(values).sum(axis=0)
            intensity += np.nansum(values, axis=0)
    occurrence_given = any("au_occurrence" in a for a in file.annotations)
    labelled = annotated if occurrence_given else graded
    nothing = np.full(size, np.nan)
    return pd.DataFrame(
        {
            "AU": file.au_names,
            "annotated": labelled,
            "unannotated_share": 1 - labelled / total if total else nothing,
            "present": present,
            "base_rate": np.divide(present, annotated, out=nothing.copy(), where=annotated > 0),
            "mean_intensity": np.divide(intensity, graded, out=nothing.copy(), where=graded > 0),
        }
    )


def _length_histogram(lengths: list[int], max_bins: int = 8) -> pd.DataFrame:
    columns = ["from", "to", "videos"]
    if not lengths:
        return pd.DataFrame([], columns=columns)
    low, high = min(lengths), max(lengths)
    step = max(1, -(-(high - low + 1) // max_bins))
    values = np.asarray(lengths)
    starts = range(low, high + 1, step)
    rows = [(s, min(s + step - 1, high), int(((values >= s) & (values < s + step)).sum())) for s in starts]
    return pd.DataFrame(rows, columns=columns)


def format_statistics(statistics: AnnotationStatistics) -> str:
    """Lay the numbers out as text for a terminal."""
    lines = [
        f"{statistics.num_videos} videos, {statistics.num_frames} frames, "
        f"{statistics.num_subjects} subjects; no face in {statistics.missing_face_share:.1%} of the frames"
    ]
    if len(statistics.splits):
        lines += ["", "Splits", statistics.splits.to_string(index=False)]
    if len(statistics.units):
        units = statistics.units.copy()
        for name, form in (
            ("unannotated_share", "{:.1%}"),
            ("base_rate", "{:.1%}"),
            ("mean_intensity", "{:.2f}"),
        ):
            units[name] = ["-" if np.isnan(v) else form.format(v) for v in units[name]]
        lines += ["", "Action units (frames)", units.to_string(index=False)]
    else:
        lines += ["", "No action unit labels"]
    if len(statistics.lengths):
        most = statistics.lengths["videos"].max()
        lines += ["", "Length in frames"]
        for first, last, count in statistics.lengths.itertuples(index=False):
            lines.append(f"{first:>8} to {last:<8} {count:>7}  {'#' * round(40 * count / most)}".rstrip())
    return "\n".join(lines)
