"""Labelled face images, each a clip of one frame."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from fau3d.datasets.images.lists import ImageList, read_image_list
from fau3d.datasets.item_draws import item_generator
from fau3d.datasets.samplers import place_and_epoch
from fau3d.facs import get_au_set, map_columns
from fau3d.registry import DATASETS, TRANSFORMS


@DATASETS.register_module()
class FaceImageDataset(Dataset):
    """Images and labels straight from the lists that a project publishes.

    The pipeline gets a dict: `image_path`, `box` (4,) float32 where asked for, `au_occurrence` (1, A)
    int8, `au_intensity` (1, A) float32, `label_weight` (1,) float32 where images count differently,
    `frame_inds` (1,) int64 = 0, `total_frames` = 1, `frame_dir`, `subject`, `au_names`, `person` = 0 and
    `rng`. `LoadFaceImage` reads the file. What comes out is what `FaceKeypointDataset` gives, with an `image`
    in place of keypoints: heads, losses and metrics are the same.

    Args:
        ann_file: Folder or file of the list, as its form has it.
        split: Split or splits of it.
        form: Whose form the list has, see `fau3d.datasets.images.IMAGE_LISTS`.
        pipeline: Transforms, as configs or callables.
        au_set: Target units: a set's name or unit names; the list's own by default. What a list does not
            label is not annotated.
        test_mode: Whether every epoch is the same.
        on_missing: What to do about listed images that are not there: `error`, or `skip` and say how many.
        with_boxes: Give the pipeline the list's boxes, for pictures that are to be cropped by them; images
            that show nothing but the face need none.
        seed: Mixed into `rng`, beside the seed of a `ClipSampler`.
        lazy_init: Leave the lists closed until they are needed.

    Raises:
        ValueError: If a list is not as its project publishes it, a split or unit is unknown, or images are
            missing.
        FileNotFoundError: If there is no such list.
    """

    def __init__(
        self,
        ann_file: str,
        split: str | Sequence[str],
        form: str = "fg2020",
        pipeline: Sequence[dict | Callable] = (),
        au_set: str | Sequence[str] | None = None,
        test_mode: bool = False,
        on_missing: str = "error",
        with_boxes: bool = False,
        seed: int = 0,
        lazy_init: bool = False,
    ) -> None:
        if on_missing not in ("error", "skip"):
            raise ValueError(f"on_missing is {on_missing!r}; known: 'error', 'skip'")
        self.ann_file, self.split, self.form = str(ann_file), split, form
        self.au_set, self.test_mode, self.on_missing = au_set, test_mode, on_missing
        self.with_boxes = with_boxes
        self.seed, self.sampler_seed = seed, 0
        self.pipeline = Compose([TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline])
        self._lists: list[ImageList] | None = None
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Read the lists; does nothing the second time."""
        if self._lists is not None:
            return
        splits = [self.split] if isinstance(self.split, str) else list(self.split)
        lists = [self._present(read_image_list(self.form, self.ann_file, split), split) for split in splits]
        self.au_names = get_au_set(self.au_set) if self.au_set is not None else lists[0].au_names
        others = [read.au_names for read in lists if read.au_names != lists[0].au_names]
        if self.au_set is None and others:
            raise ValueError(
                f"{self.ann_file}: splits {splits} label different units, {', '.join(lists[0].au_names)} and "
                f"{', '.join(others[0])}; set au_set to those wanted"
            )
        # Small beside the images, and looked up for every item.
        self._occurrence = np.concatenate(
            [map_columns(read.occurrence, read.au_names, self.au_names) for read in lists]
        )
        self._intensity = np.concatenate([self._graded(read) for read in lists])
        self._starts = np.cumsum([0, *(len(read.paths) for read in lists)])
        self._lists = lists

    def _present(self, read: ImageList, split: str) -> ImageList:
        """Give the part of a list whose images are there; folders are listed, and not each file asked for."""
        folders = {path.parent for path in read.paths}
        here = {folder / entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir()}
        rows = np.array([path in here for path in read.paths], bool)
        lacking = int((~rows).sum())
        if not rows.any() or (lacking and self.on_missing == "error"):
            first = read.paths[int(np.argmin(rows))] if lacking else self.ann_file
            raise ValueError(
                f"{self.ann_file}, split {split!r}: {lacking} of {len(rows)} images are missing, such as "
                f"{first}; put them there, or set on_missing='skip' to go without"
            )
        if lacking:
            print_log(
                f"{self.ann_file}, split {split!r}: {lacking} of {len(rows)} images are missing and left out",
                logger="current",
                level=30,
            )
        return read.chosen(np.flatnonzero(rows)) if lacking else read

    def _graded(self, read: ImageList) -> np.ndarray:
        if read.intensity is None:
            return np.full((len(read.paths), len(self.au_names)), np.nan, np.float32)
        return map_columns(read.intensity, read.au_names, self.au_names, np.nan)

    @property
    def metainfo(self) -> dict[str, Any]:
        """`au_names` and `label_type` as plain values, which checkpoints keep."""
        self.full_init()
        graded = bool(np.isfinite(self._intensity).any())
        return {"au_names": list(self.au_names), "label_type": "intensity" if graded else "occurrence"}

    def au_statistics(self) -> dict[str, Any]:
        """Count labels: `au_names` (A,), and `positives` and `annotated`, shape (A,) int64: images."""
        self.full_init()
        return {
            "au_names": list(self.au_names),
            "positives": (self._occurrence == 1).sum(0),
            "annotated": (self._occurrence >= 0).sum(0),
        }

    def __len__(self) -> int:
        self.full_init()
        return int(self._starts[-1])

    @property
    def epoch_in_index(self) -> bool:
        """Whether an index may carry the epoch: augmentation is drawn in training only."""
        return not self.test_mode

    def get_data_info(self, idx: int, draw: int | None = None) -> dict[str, Any]:
        """Describe one image, before the pipeline.

        Args:
            idx: Index in the epoch.
            draw: Epoch number for reproducible drawing; torch's generator decides without it.

        Returns:
            The dict that the pipeline gets.
        """
        self.full_init()
        assert self._lists is not None
        number = int(np.searchsorted(self._starts, idx, side="right")) - 1
        read, row = self._lists[number], idx - int(self._starts[number])
        optional = {}
        if self.with_boxes and read.boxes is not None:
            optional["box"] = read.boxes[row]
        if read.weight is not None:
            optional["label_weight"] = np.array([read.weight[row]], np.float32)
        return {
            **optional,
            "image_path": str(read.paths[row]),
            "frame_dir": read.names[row],
            "subject": read.subjects[row],
            "au_occurrence": self._occurrence[idx][None],
            "au_intensity": self._intensity[idx][None],
            "au_names": self.au_names,
            "frame_inds": np.zeros(1, np.int64),
            "total_frames": 1,
            "person": 0,
            "rng": item_generator(self.seed, self.sampler_seed, idx, draw, fixed=self.test_mode),
        }

    def prepare_data(self, idx: int, draw: int | None = None) -> Any:
        """Describe one image and run the pipeline on it.

        Raises:
            RuntimeError: If a transform fails; the message names the image.
        """
        results = self.get_data_info(idx, draw)
        where = Path(results["image_path"])
        try:
            return self.pipeline(results)
        except Exception as error:
            raise RuntimeError(f"{where}: the pipeline failed: {error}") from error

    def __getitem__(self, idx: int) -> Any:
        """Give one item; in training an index beyond the epoch names the epoch too (see `ClipSampler`)."""
        return self.prepare_data(*place_and_epoch(idx, self))
