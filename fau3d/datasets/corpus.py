"""The videos of one or several annotation files under one AU set: what a dataset reads its clips from."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from fau3d.datasets.label_runs import summarise_labels
from fau3d.datasets.store import KeypointStore
from fau3d.datasets.transforms.neutral import NEUTRALS
from fau3d.facs import au_columns, get_au_set
from fau3d.io.splits import read_splits


class Corpus:
    """Videos selected from annotation files, numbered from 0, with labels in the target set's columns.

    Attributes:
        stores: One for each annotation file.
        au_names: Target action units in column order.
        videos: Shape (N, 2): store and number within it of each video.
    """

    def __init__(
        self,
        ann_files: Sequence[str | Path],
        split: str | Sequence[str] | None = None,
        au_set: str | Sequence[str] | None = None,
        cache_dir: str | None = None,
        occurrence_from_intensity: float | None = None,
        split_file: str | Sequence[str] | None = None,
    ) -> None:
        """Open the files.

        Args:
            ann_files: Annotation files.
            split: Name of a split, or names whose videos are joined; all videos by default.
            au_set: Name of an AU set or unit names; by default the files' own, which must agree.
            cache_dir: See `KeypointStore`.
            occurrence_from_intensity: Where occurrence is not annotated but intensity is, a unit counts as
                present from this intensity on; none by default. DISFA's protocol uses 2.
            split_file: Splits that stand in place of the files' own of the same names (see `read_splits`):
                one JSON file, or one for each annotation file.

        Raises:
            FileNotFoundError: If a file does not exist.
            ValueError: If files disagree on units or points, or a split is unknown or names an unknown video.
        """
        self.stores = [KeypointStore(path, cache_dir) for path in ann_files]
        self.threshold = occurrence_from_intensity
        self.au_names = self._target_set(au_set)
        self.columns = [au_columns(store.au_names, self.au_names) for store in self.stores]
        self.splits = self._read_splits(split_file)
        self.videos = self._select(split)
        self._ambiguous = names_of_several([self._names_in(number) for number in range(len(self.stores))])
        self._same = [
            np.array_equal(c, np.arange(len(s.au_names))) for c, s in zip(self.columns, self.stores)
        ]
        self._summaries: dict[int, dict[str, np.ndarray]] = {}

    def _target_set(self, au_set: str | Sequence[str] | None) -> tuple[str, ...]:
        if au_set is not None:
            return tuple(get_au_set(au_set))
        names = {store.au_names for store in self.stores}
        if len(names) > 1:
            found = {str(store.source): list(store.au_names) for store in self.stores}
            raise ValueError(f"annotation files label different units: {found}; set au_set to the one wanted")
        return names.pop()

    def _read_splits(self, split_file: str | Sequence[str] | None) -> list[dict[str, list[str]]]:
        files = [split_file] if isinstance(split_file, str) else list(split_file or ())
        if files and len(files) != len(self.stores):
            raise ValueError(
                f"found {len(files)} split files for {len(self.stores)} annotation files; wanted one for each"
            )
        beside = [read_splits(path) for path in files] or [{}] * len(self.stores)
        return [{**store.meta["split"], **extra} for store, extra in zip(self.stores, beside)]

    def _names_in(self, number: int) -> set[str]:
        """Give the names that selected videos of a store have in its file."""
        rows = self.videos[self.videos[:, 0] == number, 1]
        return set(self.stores[number].index["frame_dir"][rows].tolist())

    def _select(self, split: str | Sequence[str] | None) -> np.ndarray:
        wanted = None if split is None else [split] if isinstance(split, str) else list(split)
        rows: list[np.ndarray] = []
        found: set[str] = set()
        for number, store in enumerate(self.stores):
            if wanted is None:
                chosen = np.arange(store.num_videos)
            else:
                splits = self.splits[number]
                found.update(name for name in wanted if name in splits)
                place = {name: i for i, name in enumerate(store.index["frame_dir"].tolist())}
                names = dict.fromkeys(n for name in wanted if name in splits for n in splits[name])
                unknown = [n for n in names if n not in place]
                if unknown:
                    raise ValueError(
                        f"{store.source}: split {split!r} names the video {unknown[0]!r}, which has no "
                        f"annotation ({len(unknown)} such names); extract it, or take it out of the split"
                    )
                chosen = np.array([place[n] for n in names], np.int64)
            rows.append(np.stack([np.full(len(chosen), number), chosen], 1))
        missing = [name for name in wanted or [] if name not in found]
        if missing:
            known = sorted({name for splits in self.splits for name in splits})
            raise ValueError(f"no annotation file has the split {missing[0]!r}; known: {known}")
        return np.concatenate(rows).astype(np.int64)

    def __len__(self) -> int:
        return len(self.videos)

    def summary(self, number: int) -> dict[str, np.ndarray]:
        """Counts and runs of one store's labels, in its own columns; see `summarise_labels`."""
        if number not in self._summaries:
            index, arrays = self.stores[number].index, self.stores[number].arrays
            if self.threshold is None:
                self._summaries[number] = index
            else:
                occurrence = _occurrence(arrays["au_occurrence"], arrays["au_intensity"], self.threshold)
                self._summaries[number] = summarise_labels(
                    occurrence, arrays["au_intensity"], index["frame_offset"]
                )
        return self._summaries[number]

    def statistics(self) -> dict[str, np.ndarray]:
        """Count labels of the selected videos.

        Returns:
            `positives` and `annotated`, shape (A,) int64: frames of occurrence for each target unit.
        """
        total = {"positives": np.zeros(len(self.au_names), np.int64)}
        total["annotated"] = total["positives"].copy()
        for number, columns in enumerate(self.columns):
            chosen = self.videos[self.videos[:, 0] == number, 1]
            here = columns >= 0
            for name, counts in total.items():
                counts[here] += self.summary(number)[name][chosen].sum(0)[columns[here]]
        return total

    def tracks(self, person: str) -> np.ndarray:
        """Give what clips are cut from: one person on one unbroken stretch of frames.

        Args:
            person: `most-present`: the person seen on most frames; `all`: everyone who is ever seen.

        Returns:
            Shape (S, 4): video, person, first frame, one past the last.
        """
        tracks = []
        for number, store in enumerate(self.stores):
            index = store.index
            first_person = index["person_offset"]
            segments = index["segments"]
            first = np.searchsorted(segments[:, 0], np.arange(store.num_videos + 1))
            for video in np.flatnonzero(self.videos[:, 0] == number):
                i = self.videos[video, 1]
                seen = index["seen"][first_person[i] : first_person[i + 1]]
                # A video without a face still gets its answers: person 0, everywhere missing.
                who = np.flatnonzero(seen) if person == "all" and seen.any() else seen.argmax(keepdims=True)
                parts = segments[first[i] : first[i + 1], 1:]
                tracks += [(video, m, a, b) for m in who.tolist() for a, b in parts.tolist()]
        return np.array(tracks, np.int64).reshape(-1, 4)

    def video_numbers(self, number: int) -> np.ndarray:
        """Give the number in the corpus of each of a store's videos, shape (N,); -1 = not selected."""
        place = np.full(self.stores[number].num_videos, -1, np.int64)
        rows = np.flatnonzero(self.videos[:, 0] == number)
        place[self.videos[rows, 1]] = rows
        return place

    def runs(self, unit: int | None = None) -> np.ndarray:
        """Give the runs of selected videos on which labels are.

        Args:
            unit: Column of the target set: frames on which it is present; None: frames with any label.

        Returns:
            Shape (R, 3): video, first frame, one past the last.
        """
        found = [np.zeros((0, 3), np.int64)]
        for number, store in enumerate(self.stores):
            summary, offset = self.summary(number), store.index["frame_offset"]
            if unit is None:
                runs = summary["annotated_runs"]
            else:
                column = self.columns[number][unit]
                runs = summary["positive_runs"]
                runs = runs[runs[:, 0] == column, 1:] if column >= 0 else runs[:0, 1:]
            local = np.searchsorted(offset, runs[:, 0], side="right") - 1
            video = self.video_numbers(number)[local] if len(local) else local
            rows = np.concatenate([video[:, None], runs - offset[local][:, None]], 1)
            found.append(rows[video >= 0])
        return np.concatenate(found)

    def names(self) -> set[str]:
        """Give the names of all selected videos, as samples have them."""
        return {self.name_of(video) for video in range(len(self))}

    def name_of(self, video: int) -> str:
        """Give the name of a video; its file's in front where several files have such a video."""
        s, i = self.videos[video].tolist()
        name = str(self.stores[s].index["frame_dir"][i])
        # Windows are put together by name, so that of another file's video must not be the same.
        return f"{self.stores[s].source.stem}/{name}" if name in self._ambiguous else name

    def store_of(self, video: int) -> KeypointStore:
        """Give the store that holds a video."""
        return self.stores[int(self.videos[video, 0])]

    def info(self, video: int) -> dict:
        """Give what is known of a video apart from its frames."""
        s, i = self.videos[video].tolist()
        store = self.stores[s]
        index = store.index
        return {
            "frame_dir": self.name_of(video),
            "total_frames": int(index["frame_offset"][i + 1] - index["frame_offset"][i]),
            "img_shape": tuple(index["img_shape"][i].tolist()),
            "fps": float(index["fps"][i]),
            "topology": store.topology,
            "au_names": self.au_names,
            "subject": str(index["subject"][i]),
        }

    def require_neutral(self, kind: str, always: bool) -> None:
        """Make sure that how people rest is given with the videos, where that is what is wanted.

        Args:
            kind: One of `NEUTRALS`.
            always: Whether no clip may go without; else videos that lack it are told of, and their clips stay
                as they are.

        Raises:
            ValueError: If a selected video lacks what no clip may go without.
        """
        if kind != "given":
            return
        for number, store in enumerate(self.stores):
            chosen = self.videos[self.videos[:, 0] == number, 1]
            lacking = chosen[~store.index["neutral_given"][chosen]]
            if not len(lacking):
                continue
            told = (
                f"{store.index['frame_dir'][lacking[0]]}: SubtractNeutral(neutral='given') wants the key "
                f"'neutral_keypoint', which {len(lacking)} of {len(chosen)} annotations of {store.source} "
                "lack; "
            )
            if always:
                raise ValueError(f"{told}add it, or use neutral='least-expressive'")
            print_log(f"{told}their clips stay as they are", logger="current", level=logging.WARNING)

    def neutral(self, video: int, person: int, kind: str) -> dict:
        """Give how a person rests: `neutral` (V, 2) in eye distances, perhaps NaN, and `neutral_topology`."""
        s, i = self.videos[video].tolist()
        store = self.stores[s]
        number = int(store.index["person_offset"][i]) + person
        neutral = store.arrays["neutral"][number, NEUTRALS.index(kind)]
        return {"neutral": neutral, "neutral_topology": store.topology}

    def read(
        self, video: int, person: int, frame_inds: np.ndarray, with_heatmap: bool = False
    ) -> dict[str, np.ndarray]:
        """Read frames of one person.

        Args:
            video: Number of the video.
            person: Row of M.
            frame_inds: Shape (T,) int64; -1 = padding, which repeats the nearest frame before it, without
                labels.
            with_heatmap: Read the volume too.

        Returns:
            `keypoint` (1, T, V, C), `keypoint_score` (1, T, V), `seen` (T,) bool, perhaps views of the file;
            `au_occurrence` (T, A) int8, `au_intensity` (T, A) float32, `frame_index` (T,) int64: copies; and
            where asked for `heatmap` (V or E, T, H, W) uint8, perhaps a view; where the file holds it
            `label_weight` (T,) float32, a copy.
        """
        s, i = self.videos[video].tolist()
        store, columns = self.stores[s], None if self._same[s] else self.columns[s]
        index, arrays = store.index, store.arrays
        persons, start = int(index["persons"][i]), int(index["frame_offset"][i])
        row = int(index["row_offset"][i]) + person
        padding = frame_inds < 0 if (frame_inds < 0).any() else None
        if padding is not None:
            frame_inds = np.maximum(np.maximum.accumulate(frame_inds), 0)
        first, last = int(frame_inds[0]), int(frame_inds[-1])
        frames: slice | np.ndarray
        if last - first + 1 == len(frame_inds) and (np.diff(frame_inds) == 1).all():
            rows: slice | np.ndarray = slice(row + first * persons, row + last * persons + 1, persons)
            frames = slice(start + first, start + last + 1)
        else:
            rows, frames = row + frame_inds * persons, start + frame_inds
        occurrence, intensity = arrays["au_occurrence"][frames], arrays["au_intensity"][frames]
        if self.threshold is not None:
            occurrence = _occurrence(occurrence, intensity, self.threshold)
        optional = {"heatmap": arrays["heatmap"][frames].swapaxes(0, 1)} if with_heatmap else {}
        if "label_weight" in arrays:
            optional["label_weight"] = arrays["label_weight"][frames].copy()
        return {
            **optional,
            "keypoint": arrays["keypoint"][rows][None],
            "keypoint_score": arrays["keypoint_score"][rows][None],
            "seen": arrays["seen"][rows],
            "au_occurrence": _map_columns(occurrence, columns, padding, -1),
            "au_intensity": _map_columns(intensity, columns, padding, np.nan),
            "frame_index": arrays["frame_index"][frames].copy(),
        }


def names_of_several(groups: Sequence[set[str]]) -> frozenset[str]:
    """Give the names that are in more than one of the sets."""
    seen: set[str] = set()
    several: set[str] = set()
    for names in groups:
        several |= names & seen
        seen |= names
    return frozenset(several)


def _map_columns(
    values: np.ndarray, columns: np.ndarray | None, padding: np.ndarray | None, missing: float
) -> np.ndarray:
    """Give a copy of labels in the target's columns: missing where the source has none, and on padding."""
    if columns is None:
        mapped = values.copy()
    elif values.shape[1] == 0:
        mapped = np.full((len(values), len(columns)), missing, values.dtype)
    else:
        mapped = values[:, columns]
        mapped[:, columns < 0] = missing
    if padding is not None:
        mapped[padding] = missing
    return mapped


def _occurrence(occurrence: np.ndarray, intensity: np.ndarray, threshold: float) -> np.ndarray:
    """Fill occurrence from intensity where only the latter is annotated."""
    from_intensity = np.where(np.isnan(intensity), -1, intensity >= threshold).astype(np.int8)
    return np.where(occurrence >= 0, occurrence, from_intensity)
