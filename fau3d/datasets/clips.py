"""Which frames a clip holds: the plans that training draws from and testing runs through."""

import itertools
from dataclasses import dataclass

import numpy as np

from fau3d.datasets.corpus import Corpus
from fau3d.datasets.label_runs import RunSampler
from fau3d.functional.windows import window_starts

MODES = ("window", "uniform", "repeat")
SAMPLINGS = ("uniform", "annotated", "balanced")
PERSONS = ("most-present", "all")


@dataclass(frozen=True)
class ClipConfig:
    """How clips are cut.

    Attributes:
        length: Frames of a clip.
        interval: Rows of the time axis from one frame of the clip to the next (`window` only).
        mode: `window`: consecutive frames; `uniform`: frames spread over the whole video; `repeat`: one frame
            `length` times.
        sampling: Where training clips lie. `uniform`: anywhere; `annotated`: around a labelled frame;
            `balanced`: with probability `balance` around a frame on which a drawn unit is present, else as
            `annotated`.
        balance: Share of `balanced` clips that a unit chooses, 0 to 1.
        balance_power: 1: each unit is drawn equally often; 0: as often as it occurs.
        stride: Frames from one test window to the next, at most `length`; half a window by default. In
            `repeat` mode every `stride`-th frame is asked, 1 by default.
        person: `most-present` or `all`.
    """

    length: int = 48
    interval: int = 1
    mode: str = "window"
    sampling: str = "annotated"
    balance: float = 0.5
    balance_power: float = 1.0
    stride: int | None = None
    person: str = "most-present"

    def __post_init__(self) -> None:
        for name, known in (("mode", MODES), ("sampling", SAMPLINGS), ("person", PERSONS)):
            if getattr(self, name) not in known:
                raise ValueError(f"clip.{name} is {getattr(self, name)!r}; known: {list(known)}")
        if self.length < 1 or self.interval < 1:
            raise ValueError(f"clip has length {self.length}, interval {self.interval}; wanted at least 1")
        if not 0 <= self.balance <= 1:
            raise ValueError(f"clip.balance is {self.balance}; wanted 0 to 1")

    @property
    def span(self) -> int:
        """Rows of the time axis from the first frame to the last, both counted."""
        return (self.length - 1) * self.interval + 1


@dataclass(frozen=True)
class Clip:
    """One clip: whose frames, and which.

    Attributes:
        video: Number in the corpus.
        person: Row of M.
        frame_inds: Shape (length,), int64; -1 = padding.
    """

    video: int
    person: int
    frame_inds: np.ndarray


def spread(start: int, stop: int, length: int, rng: np.random.Generator | None = None) -> np.ndarray:
    """Spread frames evenly over a stretch: one from each of `length` equal parts.

    Args:
        start: First frame.
        stop: One past the last.
        length: Frames wanted; with fewer in the stretch, some are taken more than once.
        rng: Draws the place within each part; the middle without it.

    Returns:
        Shape (length,), int64, not falling.
    """
    edges = np.linspace(start, stop, length + 1)
    place = 0.5 if rng is None else rng.random(length)
    return np.minimum((edges[:-1] + place * np.diff(edges)).astype(np.int64), stop - 1)


class TestClips:
    """Clips that together show every frame of every track.

    `window` covers each track with overlapping windows (one lane for each phase of `interval`), `uniform`
    with as many interleaved clips as it takes, `repeat` with a clip for every `stride`-th frame. Answers for
    one frame are averaged by whoever reads them, so that each frame counts once.
    """

    __test__ = False  # not a test case, whatever pytest thinks of its name

    def __init__(self, corpus: Corpus, config: ClipConfig) -> None:
        self.config = config
        self.tracks = corpus.tracks(config.person)
        counts, starts = [], []
        for _, _, first, stop in self.tracks.tolist():
            here = self._starts(stop - first)
            counts.append(len(here))
            starts.append(here + first)
        self.track = np.repeat(np.arange(len(counts)), counts)
        self.start = np.concatenate([np.zeros(0, np.int64), *starts])

    def _starts(self, total: int) -> np.ndarray:
        config = self.config
        if config.mode == "repeat":
            return np.arange(0, total, config.stride or 1)
        if config.mode == "uniform":
            return np.arange(-(-total // config.length))
        lanes = []
        for phase in range(min(config.interval, total)):
            lane = -(-(total - phase) // config.interval)
            lanes.append(phase + config.interval * window_starts(lane, config.length, config.stride))
        return np.concatenate(lanes) if lanes else np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.start)

    def clip(self, index: int) -> Clip:
        """Give one clip."""
        config = self.config
        video, person, first, stop = self.tracks[self.track[index]].tolist()
        start = int(self.start[index])
        if config.mode == "repeat":
            inds = np.full(config.length, start)
        elif config.mode == "uniform":
            step = -(-(stop - first) // config.length)
            inds = start + step * np.arange(config.length)
        else:
            inds = start + config.interval * np.arange(config.length)
        return Clip(video, person, np.where(inds < stop, inds, -1))


class TrainClips:
    """Clips drawn at random: an epoch holds as many as it takes to show each frame once, or as told.

    Args:
        corpus: Where the frames are.
        config: How clips are cut.
        clips_per_epoch: Clips of an epoch; by default one for each `length` frames of each track.
    """

    def __init__(self, corpus: Corpus, config: ClipConfig, clips_per_epoch: int | None = None) -> None:
        self.config = config
        tracks = corpus.tracks(config.person)
        self.by_track = config.sampling != "uniform"
        runs = corpus.runs() if self.by_track else np.zeros((0, 3), np.int64)
        if self.by_track and len(runs) == 0:
            raise ValueError(
                f"clip.sampling is {config.sampling!r}, but no frame of {len(corpus)} videos is annotated; "
                "add labels, or use sampling='uniform'"
            )
        if self.by_track:
            tracks, self.annotated = _runs_of_tracks(tracks, runs)
        self.tracks = tracks
        lengths = tracks[:, 3] - tracks[:, 2]
        counts = (
            np.ones_like(lengths)
            if config.mode == "uniform"
            else -(-lengths // (config.length * config.interval))
        )
        self.total = np.cumsum(counts)
        self.size = (
            int(self.total[-1]) if clips_per_epoch is None and len(counts) else int(clips_per_epoch or 0)
        )
        self.units: list[tuple[np.ndarray, RunSampler]] = []
        self.chance = np.zeros(0)
        if config.sampling == "balanced":
            self._prepare_units(corpus)

    def _prepare_units(self, corpus: Corpus) -> None:
        positives = []
        for unit in range(len(corpus.au_names)):
            runs = _intersect(self.tracks, corpus.runs(unit))
            if len(runs):
                sampler = RunSampler(runs[:, 1], runs[:, 2])
                self.units.append((runs[:, 0], sampler))
                positives.append(len(sampler))
        weight = np.array(positives, np.float64) ** (1 - self.config.balance_power)
        self.chance = np.cumsum(weight / weight.sum()) if positives else weight

    def __len__(self) -> int:
        return self.size

    def clip(self, index: int, rng: np.random.Generator) -> Clip:
        """Draw one clip.

        Args:
            index: Of the epoch; decides the track, unless a unit does.
            rng: Draws all the rest.

        Returns:
            The clip.
        """
        config = self.config
        frame: int | None = None
        if len(self.units) and rng.random() < config.balance:
            unit = min(int(np.searchsorted(self.chance, rng.random(), side="right")), len(self.units) - 1)
            tracks, sampler = self.units[unit]
            number = int(rng.integers(len(sampler)))
            track = int(tracks[np.searchsorted(sampler.total, number, side="right")])
            frame = sampler.frame(number)
        else:
            place = index if self.size == self.total[-1] else int(rng.integers(self.total[-1]))
            track = int(np.searchsorted(self.total, place, side="right"))
            if self.by_track:
                frame = self.annotated[track].draw(rng)
        video, person, first, stop = self.tracks[track].tolist()
        if config.mode == "uniform":
            return Clip(video, person, spread(first, stop, config.length, rng))
        if config.mode == "repeat":
            frame = int(rng.integers(first, stop)) if frame is None else frame
            return Clip(video, person, np.full(config.length, frame))
        start = _place(first, stop, config.span, frame, rng)
        inds = start + config.interval * np.arange(config.length)
        return Clip(video, person, np.where(inds < stop, inds, -1))


def _place(first: int, stop: int, span: int, frame: int | None, rng: np.random.Generator) -> int:
    """Draw a window's start; with a frame given, the frame lies in the window's middle half where it can."""
    last = max(first, stop - span)
    if frame is None:
        return int(rng.integers(first, last + 1))
    offset = span // 4 + int(rng.integers(max(1, span // 2)))
    return min(max(frame - offset, first), last)


def _intersect(tracks: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Cut runs (video, first, stop) at the bounds of tracks.

    Returns:
        Shape (R, 3): track, first frame, one past the last; rising by track.
    """
    runs = runs[np.lexsort((runs[:, 1], runs[:, 0]))]
    low = np.searchsorted(runs[:, 0], tracks[:, 0], side="left")
    high = np.searchsorted(runs[:, 0], tracks[:, 0], side="right")
    count = high - low
    track = np.repeat(np.arange(len(tracks)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    chosen = runs[np.repeat(low, count) + within]
    first = np.maximum(chosen[:, 1], tracks[track, 2])
    stop = np.minimum(chosen[:, 2], tracks[track, 3])
    keep = first < stop
    return np.stack([track, first, stop], 1)[keep]


def _runs_of_tracks(tracks: np.ndarray, runs: np.ndarray) -> tuple[np.ndarray, list[RunSampler]]:
    """Keep the tracks with a labelled frame, each with its own sampler."""
    cut = _intersect(tracks, runs)
    kept, first = np.unique(cut[:, 0], return_index=True)
    bounds = np.append(first, len(cut))
    samplers = [RunSampler(cut[a:b, 1], cut[a:b, 2]) for a, b in itertools.pairwise(bounds)]
    return tracks[kept], samplers
