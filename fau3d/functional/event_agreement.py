"""How far two raters agree on when a facial action is there: frame by frame, and event by event.

A rater is a human coder or a model. What neither rated is left out everywhere, so the figures are of the time
that both looked at.
"""

from dataclasses import dataclass

import numpy as np

from fau3d.functional.assignment import best_pairs, box_overlap
from fau3d.functional.detection import accuracy, detection_counts, f1_score
from fau3d.functional.intervals import inside, join_intervals

_EDGE = 1.5e-3  # seconds: files of coders count in milliseconds


@dataclass(frozen=True)
class Rating:
    """What one rater says of one action.

    Attributes:
        events: Shape (N, 2): start and end in seconds of the stretches with the action, in time order, apart.
        spans: Shape (M, 2): start and end of the stretches that were rated, in time order, apart.
    """

    events: np.ndarray
    spans: np.ndarray


def frame_labels(rating: Rating, instants: np.ndarray) -> np.ndarray:
    """Sample a rating.

    Args:
        rating: Of one action.
        instants: Shape (T,), seconds; the middles of frames, so that rounded edges move no frame.

    Returns:
        Shape (T,), int8: 1 there, 0 not there, -1 not rated.
    """
    labels = inside(rating.events, instants).astype(np.int8)
    return np.where(inside(rating.spans, instants), labels, np.int8(-1))


def cohen_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Compute Cohen's kappa of two raters: their agreement beyond that of chance.

    Args:
        first: Shape (N,): a category for each item, whole numbers.
        second: Shape (N,).

    Returns:
        A value in [-1, 1]; NaN where there is no item, or where both always chose the same one category, so
        that chance alone agrees fully.

    Raises:
        ValueError: If the shapes differ.

    Source:
        Cohen, Educational and Psychological Measurement 20(1), 1960.
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"ratings have shapes {first.shape} and {second.shape}; wanted one shape (N,)")
    if not len(first):
        return float("nan")
    categories, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    if len(categories) < 2:
        return float("nan")
    # Whole numbers up to the last division, so that full agreement is exactly 1.
    joint = np.zeros((len(categories), len(categories)), np.int64)
    np.add.at(joint, (codes[: len(first)], codes[len(first) :]), 1)
    by_chance = int(joint.sum(0) @ joint.sum(1))
    return (len(first) * int(np.trace(joint)) - by_chance) / (len(first) ** 2 - by_chance)


@dataclass(frozen=True)
class FrameAgreement:
    """Agreement over frames that both rated.

    Attributes:
        frames: Frames that both rated.
        coded_share: Share of them in which the coder saw the action; NaN without frames, as what follows.
        found_share: Share of them in which the other rater did.
        agreement: Share of them in which both say the same.
        kappa: Cohen's kappa; NaN where both always say the same one thing.
        f1: With the coder as the truth; NaN where the coder never saw the action.
    """

    frames: int
    coded_share: float
    found_share: float
    agreement: float
    kappa: float
    f1: float


def frame_agreement(coded: np.ndarray, found: np.ndarray) -> FrameAgreement:
    """Compare two raters frame by frame.

    Args:
        coded: Shape (T,): the coder's 1, 0, or -1 = not rated.
        found: Shape (T,): the other rater's.

    Returns:
        The figures over frames without -1 on either side.

    Raises:
        ValueError: If the shapes differ, or a value is another.
    """
    coded, found = np.asarray(coded), np.asarray(found)
    if coded.shape != found.shape or coded.ndim != 1:
        raise ValueError(f"labels have shapes {coded.shape} and {found.shape}; wanted one shape (T,)")
    if not (np.isin(coded, (-1, 0, 1)).all() and np.isin(found, (-1, 0, 1)).all()):
        raise ValueError("labels hold other values than 1, 0 and -1 (not rated)")
    both = (coded != -1) & (found != -1)
    coded, found = coded[both], found[both]
    counts = detection_counts(coded[:, None], found[:, None])
    count = len(coded)
    return FrameAgreement(
        frames=count,
        coded_share=float(coded.mean()) if count else float("nan"),
        found_share=float(found.mean()) if count else float("nan"),
        agreement=float(accuracy(counts)[0]),
        kappa=cohen_kappa(coded, found),
        f1=float(f1_score(counts)[0]),
    )


def match_events(coded: np.ndarray, found: np.ndarray, min_overlap: float = 0.0) -> np.ndarray:
    """Pair the events of two raters one to one: as many pairs as can be, of these ways the best overlaps.

    Args:
        coded: Shape (N, 2): start and end in seconds, in order, apart.
        found: Shape (K, 2).
        min_overlap: Common over joint time from which two events may be one, in [0, 1]; events without
            common time never are.

    Returns:
        Shape (P, 2), int64: rows of `coded` and of `found`, in time order.
    """
    # Events of both raters that hang together are paired among themselves: recordings may be hours long.
    places = np.concatenate([coded, found]).reshape(-1, 2)
    clusters = join_intervals(places)
    cluster = np.searchsorted(clusters[:, 0], places[:, 0], side="right") - 1
    starts = [np.searchsorted(part, np.arange(len(clusters) + 1)) for part in np.split(cluster, [len(coded)])]
    boxes = _as_boxes(coded), _as_boxes(found)
    pairs: list[tuple[int, int]] = []
    for a, a_end, b, b_end in zip(starts[0], starts[0][1:], starts[1], starts[1][1:]):
        if a < a_end and b < b_end:
            overlap = box_overlap(boxes[0][a:a_end], boxes[1][b:b_end])
            allowed = (overlap > 0) & (overlap >= min_overlap)
            pairs += [(a + row, b + column) for row, column in best_pairs(1 - overlap, allowed)]
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _as_boxes(events: np.ndarray) -> np.ndarray:
    """Give events a height of 1, so that the overlap of boxes is that of times."""
    return np.insert(events, [1, 2], [0.0, 1.0], axis=1)


@dataclass(frozen=True)
class Differences:
    """Found minus coded, in seconds, over `count` pairs; positive means late or long. NaN without pairs.

    Attributes:
        count: Pairs in which both edges were seen.
        mean: Their mean.
        median: Their median.
        sd: Standard deviation with N - 1; NaN below two pairs.
    """

    count: int
    mean: float
    median: float
    sd: float

    @classmethod
    def of(cls, values: np.ndarray) -> "Differences":
        """Summarise differences of shape (N,)."""
        if not len(values):
            return cls(0, float("nan"), float("nan"), float("nan"))
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
        return cls(len(values), float(np.mean(values)), float(np.median(values)), sd)


@dataclass(frozen=True)
class EventAgreement:
    """Agreement on events.

    Attributes:
        coded: Events of the coder, those that the other rater had a chance to find.
        found: Events of the other rater, those that the coder had a chance to see.
        matched: Pairs.
        precision: Matched share of those found; NaN without any.
        recall: Matched share of those coded; NaN without any.
        f1: NaN where neither has events.
        onset: Found minus coded start of matched events.
        offset: The same of their ends.
        duration: The same of their lengths.
    """

    coded: int
    found: int
    matched: int
    precision: float
    recall: float
    f1: float
    onset: Differences
    offset: Differences
    duration: Differences


def event_agreement(coded: Rating, found: Rating, min_overlap: float = 0.0) -> EventAgreement:
    """Compare two raters event by event.

    An event without a partner counts if the other rater rated at least half of it. An onset counts if both
    raters rated the time just before theirs, an offset if both rated the time just after: where a recording
    or the rated time begins within an event, its onset was not seen.

    Args:
        coded: The coder's.
        found: The other rater's.
        min_overlap: See `match_events`.

    Returns:
        The figures.
    """
    pairs = match_events(coded.events, found.events, min_overlap)
    counted = [
        int(_judged(own.events, other.spans, pairs[:, side]).sum())
        for side, (own, other) in enumerate([(coded, found), (found, coded)])
    ]
    a, b = coded.events[pairs[:, 0]], found.events[pairs[:, 1]]
    seen = [_seen_edges(x, r.spans) for x, r in ((a, coded), (b, found))]
    both = seen[0] & seen[1]
    matched = len(pairs)
    return EventAgreement(
        coded=counted[0],
        found=counted[1],
        matched=matched,
        precision=matched / counted[1] if counted[1] else float("nan"),
        recall=matched / counted[0] if counted[0] else float("nan"),
        f1=2 * matched / sum(counted) if sum(counted) else float("nan"),
        onset=Differences.of((b - a)[both[:, 0], 0]),
        offset=Differences.of((b - a)[both[:, 1], 1]),
        duration=Differences.of((np.ptp(b, axis=1) - np.ptp(a, axis=1))[both.all(1)]),
    )


def _judged(events: np.ndarray, spans: np.ndarray, matched: np.ndarray) -> np.ndarray:
    """Tell which events count: those with a partner, and those rated for at least half of their time."""
    # Rated time up to an instant, so that each event costs two look-ups.
    edges, rated = spans.ravel(), np.concatenate([[0], np.cumsum(np.ptp(spans, axis=1))])
    steps = np.repeat(rated, 2)[1:-1]
    shared = np.diff(np.interp(events, edges, steps), axis=1)[:, 0] if len(spans) else np.zeros(len(events))
    counts = shared >= 0.5 * np.ptp(events, axis=1) - 1e-9
    if not len(spans):
        counts[:] = False
    counts[matched] = True
    return counts


def _seen_edges(events: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Tell for each start and end whether the time just outside was rated. Shape (N, 2)."""
    return np.stack([inside(spans, events[:, 0] - _EDGE), inside(spans, events[:, 1] + _EDGE)], axis=1)
