"""Where labels are: runs of annotated frames and of frames on which a unit is present, and their counts."""

import numpy as np


def runs_of(mask: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the stretches of True on a frame axis; none crosses from one video into the next.

    Args:
        mask: Shape (F,), bool.
        offsets: Shape (N + 1,): where each video starts, and the end.

    Returns:
        First frames and one past the last frames, shape (R,) each, int64, rising.
    """
    if len(mask) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begins = mask.copy()
    begins[1:] &= ~mask[:-1]
    heads = offsets[:-1][offsets[:-1] < len(mask)]
    begins[heads] = mask[heads]
    ends = mask.copy()
    ends[:-1] &= ~mask[1:]
    tails = offsets[1:][offsets[1:] > 0] - 1
    ends[tails] = mask[tails]
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def summarise_labels(
    occurrence: np.ndarray, intensity: np.ndarray, frame_offset: np.ndarray
) -> dict[str, np.ndarray]:
    """Count labels a video and find their runs, so that no later start reads them all again.

    Args:
        occurrence: Shape (F, A): 1, 0, -1 = not annotated.
        intensity: Shape (F, A): 0 to 5, NaN = not annotated.
        frame_offset: Shape (N + 1,): where each video starts, and the end.

    Returns:
        `positives` and `annotated` (N, A) int64, counted on occurrence; `annotated_runs` (R, 2): stretches
        with any label of either kind; `positive_runs` (R, 3): unit, first frame, one past the last.
    """
    positive = np.asarray(occurrence) == 1
    known = np.asarray(occurrence) >= 0
    any_label = known.any(1) | (~np.isnan(np.asarray(intensity))).any(1)
    runs = [np.zeros((0, 3), np.int64)]
    for unit in range(positive.shape[1]):
        first, stop = runs_of(positive[:, unit], frame_offset)
        runs.append(np.stack([np.full(len(first), unit), first, stop], 1))
    return {
        "positives": _count(positive, frame_offset),
        "annotated": _count(known, frame_offset),
        "annotated_runs": np.stack(runs_of(any_label, frame_offset), 1),
        "positive_runs": np.concatenate(runs),
    }


def _count(mask: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    counts = np.zeros((len(mask) + 1, mask.shape[1]), np.int64)
    np.cumsum(mask, axis=0, out=counts[1:])
    return np.diff(counts[offsets], axis=0)


class RunSampler:
    """Draws a frame uniformly from a set of runs, in the time of one binary search."""

    def __init__(self, first: np.ndarray, stop: np.ndarray) -> None:
        self.first = first
        self.total = np.cumsum(stop - first)

    def __len__(self) -> int:
        return int(self.total[-1]) if len(self.total) else 0

    def draw(self, rng: np.random.Generator) -> int:
        """Draw one frame."""
        return self.frame(int(rng.integers(len(self))))

    def frame(self, number: int) -> int:
        """Give the frame that stands at a place of the runs laid end to end."""
        run = int(np.searchsorted(self.total, number, side="right"))
        before = int(self.total[run - 1]) if run else 0
        return int(self.first[run]) + number - before
