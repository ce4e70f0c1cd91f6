"""Which of two sets of predictions is better, and whether other videos or people would say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fau3d.evaluation.fold_scores import with_mean
from fau3d.evaluation.matching import match_faces
from fau3d.functional import bootstrap, detection

FIGURES = {"f1": "F1", "auc": "ROC AUC"}


@dataclass
class Difference:
    """One figure of both sides. All shapes (A + 1,): the units, and last their mean.

    Attributes:
        first, second: The figure itself.
        low, high: 95% interval of second minus first.
        p: Two-sided.
    """

    first: np.ndarray
    second: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """Second minus first."""
        return self.second - self.first


@dataclass
class Comparison:
    """What `compare_results` found.

    Attributes:
        au_names: A units.
        figures: Keys of `FIGURES` to both sides.
        groups: Videos or people that were resampled.
        frames: Frames compared.
        samples: Resamples.
    """

    au_names: tuple[str, ...]
    figures: dict[str, Difference]
    groups: int
    frames: int
    samples: int

    def markdown(self, names: tuple[str, str], by: str) -> str:
        """Give a table for each figure.

        Args:
            names: What the two sides are called.
            by: What was resampled, in the plural.
        """
        parts = [f"{self.frames} frames of {self.groups} {by}, resampled {self.samples} times."]
        for key, title in FIGURES.items():
            side = self.figures[key]
            lines = [
                f"| {title} | {names[0]} | {names[1]} | difference | 95% interval | p |",
                "|---" * 6 + "|",
            ]
            columns = (side.first, side.second, side.difference, side.low, side.high, side.p)
            order = [len(self.au_names), *range(len(self.au_names))]
            for row in order:
                name = "mean" if row == len(self.au_names) else self.au_names[row]
                a, b, d, low, high, p = (float(column[row]) for column in columns)
                lines.append(
                    f"| {name} | {_cell(a)} | {_cell(b)} | {_cell(d, '+')} | "
                    f"{_cell(low, '+')} to {_cell(high, '+')} | {_cell(p)} |"
                )
            parts.append("\n".join(lines))
        return "\n\n".join(parts) + "\n"


def compare_results(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    names: tuple[str, str] = ("file 1", "file 2"),
    subjects: Mapping[str, str] | None = None,
    threshold: float = 0.5,
    samples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Compare two result files over the same frames by a paired bootstrap.

    Both sides are scored on the same resamples, so that what makes a video hard for both does not count.

    Args:
        first: As the test tool writes it: `au_names` (A), `results`.
        second: The same of another model.
        names: What messages call them.
        subjects: Video to subject: whole people are resampled; None = videos.
        threshold: Present means probability >= threshold, on both sides.
        samples: Resamples.
        seed: Of the resampling.

    Returns:
        F1 and ROC AUC of each unit and their means, with the differences.

    Raises:
        ValueError: If units, videos, frames or labels differ, or a video's subject is not known.
    """
    matched = match_faces([dict(first), dict(second)], names)
    for one, other in matched:
        if not np.array_equal(one["gt_occurrence"], other["gt_occurrence"]):
            raise ValueError(
                f"{one['frame_dir']}, person {one['person']}: {names[0]} and {names[1]} were scored against "
                "different labels; wanted results of one annotation file"
            )
    if not matched:
        raise ValueError(f"{names[0]} holds no predictions; there is nothing to compare")
    group, groups = _groups([one for one, _ in matched], subjects)
    draws = bootstrap.draw_groups(groups, samples, seed)
    target = np.concatenate([one["gt_occurrence"] for one, _ in matched])
    sides = [
        np.concatenate([pair[side]["pred_occurrence"] for pair in matched]).astype(np.float64)
        for side in (0, 1)
    ]
    return Comparison(
        au_names=tuple(first["au_names"]),
        figures={
            "f1": _differ(*(_f1(target, score >= threshold, group, draws) for score in sides)),
            "auc": _differ(*(_auc(target, score, group, draws) for score in sides)),
        },
        groups=groups,
        frames=len(target),
        samples=samples,
    )


def _groups(faces: Sequence[dict], subjects: Mapping[str, str] | None) -> tuple[np.ndarray, int]:
    """Give the number of each frame's group, shape (N,), and how many groups there are."""
    videos = [str(face["frame_dir"]) for face in faces]
    if subjects is not None:
        unknown = [video for video in videos if not subjects.get(video)]
        if unknown:
            raise ValueError(
                f"{unknown[0]}: its subject is not known ({len(unknown)} such videos); give the annotation "
                "file that the results are of, or compare by video"
            )
        videos = [subjects[video] for video in videos]
    numbers = {name: number for number, name in enumerate(sorted(set(videos)))}
    rows = [np.full(len(face["gt_occurrence"]), numbers[name]) for face, name in zip(faces, videos)]
    return np.concatenate(rows), len(numbers)


def _f1(
    target: np.ndarray, said: np.ndarray, group: np.ndarray, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    whole = detection.f1_score(detection.detection_counts(target, said))
    counts = bootstrap.counts_by_group(target, said, group)
    return with_mean(whole), with_mean(detection.f1_score(bootstrap.resample_counts(counts, draws)))


def _auc(
    target: np.ndarray, score: np.ndarray, group: np.ndarray, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    units = range(target.shape[1])
    whole = np.array([detection.roc_auc(target[:, au], score[:, au]) for au in units])
    drawn = [bootstrap.resample_auc(target[:, au], score[:, au], group, draws) for au in units]
    return with_mean(whole), with_mean(np.stack(drawn, 1))


def _differ(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> Difference:
    moves = second[1] - first[1]
    low, high = bootstrap.percentile_interval(moves)
    return Difference(first[0], second[0], low, high, bootstrap.two_sided_p(moves))


def _cell(value: float, sign: str = "") -> str:
    return "–" if np.isnan(value) else f"{value:{sign}.3f}"
