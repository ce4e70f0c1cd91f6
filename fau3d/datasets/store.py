"""Where clips are read from: the arrays of one annotation file, memory-mapped and shared by all workers."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.datasets.store_arrays import FRAME_ARRAYS, OPTIONAL_ARRAYS, PERSON_ARRAYS, ROW_ARRAYS
from fau3d.datasets.store_build import locate_store


class KeypointStore:
    """The contiguous arrays of one annotation file.

    Videos lie one behind the other on one frame axis. Frame `t` of video `i` is frame `frame_offset[i] + t`;
    its person `m` is row `row_offset[i] + t * persons[i] + m`, and number `person_offset[i] + m` of all
    people. A clip is therefore one stretch of the file, and reading it touches nothing else. Pickling a store
    passes its path, never its arrays.

    Attributes:
        path: Folder that holds the arrays.
        source: Annotation file that they were made from.
    """

    def __init__(self, ann_file: str | Path, cache_dir: str | Path | None = None) -> None:
        """Open the store of an annotation file; build it first where it does not exist.

        Args:
            ann_file: Annotation file.
            cache_dir: Folder for the arrays; `<file>.fau3d-cache` beside the file by default, or the user's
                cache folder where that cannot be written.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If an annotation contradicts the format; the message names the sample.
        """
        self.source = Path(ann_file)
        self.path = locate_store(self.source, None if cache_dir is None else Path(cache_dir))

    def __getstate__(self) -> dict:
        return {"source": self.source, "path": self.path}

    @cached_property
    def meta(self) -> dict[str, Any]:
        """`split`, `metainfo`, `au_names`, `topology`."""
        return json.loads((self.path / "meta.json").read_text(encoding="utf-8"))

    @cached_property
    def index(self) -> dict[str, np.ndarray]:
        """The small arrays: one entry a video, segment, or run of labels."""
        with np.load(self.path / "index.npz") as archive:
            return {name: archive[name] for name in archive.files}

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The large arrays, mapped read-only.

        `keypoint` (rows, V, C) float32, `keypoint_score` (rows, V) float32, `au_occurrence` (frames, A) int8,
        `au_intensity` (frames, A) float32, `frame_index` (frames,) int64, `seen` (rows,) bool; `neutral`
        (people, kinds, V, 2) float32, how each person rests, in eye distances (see `NEUTRALS`); and where
        the file holds them `heatmap` (frames, V or E, H, W) uint8 and `label_weight` (frames,) float32.
        """
        mapped = {}
        for name in (*ROW_ARRAYS, *FRAME_ARRAYS, *PERSON_ARRAYS, *OPTIONAL_ARRAYS):
            if name in OPTIONAL_ARRAYS and not (self.path / f"{name}.npy").exists():
                continue
            # A plain view: np.memmap's own bookkeeping would cost more than the slice.
            mapped[name] = np.load(self.path / f"{name}.npy", mmap_mode="r").view(np.ndarray)
        return mapped

    @property
    def au_names(self) -> tuple[str, ...]:
        """Action units in column order."""
        return tuple(self.meta["au_names"])

    @property
    def topology(self) -> str:
        """Name of the point set."""
        return self.meta["topology"]

    @property
    def num_videos(self) -> int:
        """Videos in the file."""
        return len(self.index["persons"])
