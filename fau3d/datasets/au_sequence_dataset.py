"""Windows over sequences of action units and features, with how raters judged them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from fau3d.facs import get_au_set
from fau3d.functional.windows import window_starts
from fau3d.io.annotation import AnnotationFile, load_annotations
from fau3d.registry import DATASETS
from fau3d.structures import AUDataSample

CODED = "coded"


@DATASETS.register_module()
class AUSequenceDataset(Dataset):
    """Windows of the runs in a sequence file (`tools/data/prepare_ratings.py`), each with one rating.

    A window never leaves its run. A run shorter than a window is padded, not left out; a window without a
    single rated frame is. The rating of a window is the mean over its rated frames of the mean over the
    raters, a float; beside it stands how far the raters are apart.

    Items: `inputs` with `values` (T, F) float32, 0 where unknown, `known` (T, F) float32, 1 where known, and
    `frames` (T,) float32, 0 where the window is padding; `data_samples`, an `AUDataSample` with `gt_rating`
    and `rater_variance`, shape (1,) float32: the variance of the raters' mean.

    Args:
        ann_file: The sequence file.
        split: Split or splits, such as `fold1_train`; all runs by default.
        inputs: What the model sees, in this order: `coded` (the units that people coded) and kinds of
            features of the file: `openface`, `insightface`, `predicted`.
        au_set: Units of `coded`: a set's name or units; the file's own by default.
        window: Frames.
        stride: Frames from one window to the next.
        lazy_init: Leave the file closed until it is needed.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no sequence file, lacks a split, a unit or a kind of features, or no frame of the
            split is rated.
    """

    def __init__(
        self,
        ann_file: str,
        split: str | Sequence[str] | None = None,
        inputs: Sequence[str] = (CODED,),
        au_set: str | Sequence[str] | None = None,
        window: int = 15,
        stride: int = 1,
        lazy_init: bool = False,
    ) -> None:
        if not inputs:
            raise ValueError(f"inputs is empty; wanted {CODED!r} or kinds of features")
        if window < 1 or not 1 <= stride <= window:
            raise ValueError(f"window {window}, stride {stride}; wanted 1 <= stride <= window")
        self.ann_file, self.split = str(ann_file), split
        self.inputs, self.au_set = tuple(inputs), au_set
        self.window, self.stride = window, stride
        self._windows: list[tuple[int, int]] | None = None
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Read the file and lay out the windows; does nothing the second time."""
        if self._windows is not None:
            return
        file = load_annotations(self.ann_file)
        known = file.metainfo.get("feature_names")
        if known is None or any("raters" not in a for a in file.annotations):
            raise ValueError(
                f"{self.ann_file}: holds no ratings; wanted a file that tools/data/prepare_ratings.py made"
            )
        self._choose_columns(file, known)
        self._runs = [self._run(annotation) for annotation in self._chosen(file)]
        windows = [
            (number, int(start))
            for number, run in enumerate(self._runs)
            for start in window_starts(run["total"], self.window, self.stride)
            if np.isfinite(run["rating"][start : start + self.window]).any()
        ]
        if not windows:
            raise ValueError(f"{self.ann_file}: split {self.split!r} holds no rated frames")
        self._windows = windows

    def _chosen(self, file: AnnotationFile) -> list[dict[str, Any]]:
        if self.split is None:
            return file.annotations
        names = [self.split] if isinstance(self.split, str) else self.split
        return [annotation for name in names for annotation in file.of_split(name)]

    def _choose_columns(self, file: AnnotationFile, features: dict[str, list[str]]) -> None:
        """Find the columns of `coded`, and name all inputs."""
        self.au_names = file.au_names if self.au_set is None else get_au_set(self.au_set)
        missing = [name for name in self.au_names if name not in file.au_names]
        if missing:
            raise ValueError(
                f"{self.ann_file}: holds no {', '.join(missing)}; it has {', '.join(file.au_names)}: prepare "
                "it again with an --au-set that has them"
            )
        self._columns = [file.au_names.index(name) for name in self.au_names]
        unknown = [kind for kind in self.inputs if kind != CODED and kind not in features]
        if unknown:
            raise ValueError(
                f"{self.ann_file}: holds no features {', '.join(unknown)}; it has "
                f"{', '.join([CODED, *features])}: prepare it again with --features {' '.join(unknown)}"
            )
        self.input_names = [
            name if kind == CODED else f"{kind}:{name}"
            for kind in self.inputs
            for name in (self.au_names if kind == CODED else features[kind])
        ]

    def _run(self, annotation: dict[str, Any]) -> dict[str, Any]:
        coded = annotation["au_occurrence"][:, self._columns].astype(np.float32)
        parts = {CODED: np.where(coded < 0, np.nan, coded), **annotation["features"]}
        raters = np.asarray(annotation["raters"], np.float64)
        count = (~np.isnan(raters)).sum(1)
        sums = np.nansum(raters, axis=1)
        mean = np.divide(sums, count, out=np.full(len(raters), np.nan), where=count > 0)
        squares = np.nansum((raters - mean[:, None]) ** 2, axis=1)
        # One rater says nothing of how far raters are apart.
        variance = np.divide(squares, (count - 1) * count, out=np.full(len(raters), np.nan), where=count > 1)
        return {
            "name": annotation["frame_dir"],
            "subject": annotation["subject"],
            "group": annotation["group"],
            "total": int(annotation["total_frames"]),
            "coded": parts[CODED],
            "values": np.concatenate([parts[kind] for kind in self.inputs], axis=1, dtype=np.float32),
            "rating": mean,
            "variance": variance,
            "segment_rating": float(np.nanmean(mean)),
        }

    @property
    def metainfo(self) -> dict[str, Any]:
        """`au_names` of the coded units and `input_names`, as plain values, which checkpoints keep."""
        self.full_init()
        return {"au_names": list(self.au_names), "input_names": list(self.input_names)}

    def au_statistics(self) -> dict[str, Any]:
        """Count the coded units of the split: `positives` and `annotated`, shape (A,) int64."""
        self.full_init()
        coded = np.concatenate([run["coded"] for run in self._runs])
        return {
            "au_names": list(self.au_names),
            "positives": (coded == 1).sum(0),
            "annotated": np.isfinite(coded).sum(0),
        }

    def __len__(self) -> int:
        self.full_init()
        assert self._windows is not None
        return len(self._windows)

    def __getitem__(self, idx: int) -> dict[str, Any]:
        """Give one window."""
        self.full_init()
        assert self._windows is not None
        number, start = self._windows[idx]
        run = self._runs[number]
        stop = min(start + self.window, run["total"])
        values = np.full((self.window, run["values"].shape[1]), np.nan, np.float32)
        values[: stop - start] = run["values"][start:stop]
        frames = np.zeros(self.window, np.float32)
        frames[: stop - start] = 1
        known = np.isfinite(values)
        inputs = {
            "values": torch.from_numpy(np.where(known, values, np.float32(0))),
            "known": torch.from_numpy(known.astype(np.float32)),
            "frames": torch.from_numpy(frames),
        }
        return {"inputs": inputs, "data_samples": self._sample(run, start, stop)}

    @staticmethod
    def _sample(run: dict[str, Any], start: int, stop: int) -> AUDataSample:
        sample = AUDataSample()
        # Where one rater stands alone nothing is known of how far they are apart; that costs no weight.
        for key, name, otherwise in (("gt_rating", "rating", np.nan), ("rater_variance", "variance", 0.0)):
            known = run[name][start:stop]
            known = known[~np.isnan(known)]
            value = known.mean() if len(known) else otherwise
            sample.set_field(torch.tensor([value], dtype=torch.float32), key)
        of_run = {
            "frame_dir": run["name"],
            "subject": run["subject"],
            "group": run["group"],
            "start": start,
            "segment_rating": run["segment_rating"],
        }
        for key, value in of_run.items():
            sample.set_field(value, key, field_type="metainfo")
        return sample
