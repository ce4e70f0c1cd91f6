"""Clips of face keypoints with frame-level action unit labels."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from torch.utils.data import Dataset

from fau3d.datasets.clips import Clip, ClipConfig, TestClips, TrainClips
from fau3d.datasets.corpus import Corpus
from fau3d.datasets.item_draws import item_generator
from fau3d.datasets.samplers import place_and_epoch
from fau3d.datasets.transforms.neutral import SubtractNeutral, wanted_neutral
from fau3d.registry import DATASETS, TRANSFORMS


@DATASETS.register_module()
class FaceKeypointDataset(Dataset):
    """Clips from one or several annotation files.

    The files are turned into memory-mapped arrays once (see `KeypointStore`); after that a start reads only
    their index, and a clip costs what the clip costs. In training every item is drawn at random; in testing
    the items cover every frame of every video.

    The pipeline gets a dict: `keypoint` (1, T, V, C) float32 pixels, NaN = missing, `keypoint_score` (1, T,
    V), `au_occurrence` (T, A) int8, `au_intensity` (T, A) float32, `frame_inds` (T,) int64 (-1 = padding: the
    frame before it once more, without labels), `frame_index` (T,) position in the source, `frame_dir`,
    `total_frames`, `img_shape`, `fps`, `topology`, `au_names`, `person`, `space` ('pixel'), and `rng`; where
    the file holds it, `label_weight` (T,) float32; where the pipeline has `SubtractNeutral`, also `neutral`
    (V, 2) and `neutral_topology`. The arrays may be read-only views of the files: a transform makes new ones.

    Randomness comes from `rng` alone. With `ClipSampler` it is a function of the seed, the epoch and the
    index, so a resumed run draws what the uninterrupted one would have drawn, whatever the number of workers;
    with other samplers it follows torch's generator.
    """

    def __init__(
        self,
        ann_file: str | Sequence[str],
        pipeline: Sequence[dict | Callable] = (),
        split: str | Sequence[str] | None = None,
        au_set: str | Sequence[str] | None = None,
        clip: dict | None = None,
        topology: str | None = None,
        test_mode: bool = False,
        clips_per_epoch: int | None = None,
        repeat: int = 1,
        mask_unseen: bool = True,
        occurrence_from_intensity: float | None = None,
        with_heatmap: bool = False,
        seed: int = 0,
        cache_dir: str | None = None,
        lazy_init: bool = False,
        split_file: str | Sequence[str] | None = None,
    ) -> None:
        """Name the files; they are opened by `full_init`.

        Args:
            ann_file: Annotation file or files.
            pipeline: Transforms, as configs or callables.
            split: Split or splits of the files; all videos by default.
            au_set: Target units: a set's name or unit names; the files' own by default.
            clip: Fields of `ClipConfig`.
            topology: Point set of the clips; files in another one are converted. The files' own by default.
            test_mode: Cover every frame instead of drawing.
            clips_per_epoch: Training clips of an epoch; by default as many as show each frame once.
            repeat: How often an epoch goes through them.
            mask_unseen: In training, take labels away from frames on which the face is not seen.
            occurrence_from_intensity: See `Corpus`.
            with_heatmap: Read the volumes of a file made by `tools/data/build_heatmaps.py`: the pipeline gets
                `heatmap` (V or E, T, H, W) uint8, and packs it instead of keypoints.
            seed: Mixed into `rng`, beside the seed of a `ClipSampler`.
            cache_dir: See `KeypointStore`.
            lazy_init: Leave the files closed until they are needed.
            split_file: JSON of splits that lie beside the annotation file, or one for each; see `Corpus`.

        Raises:
            ValueError: If a field of `clip` is unknown or out of range, or files disagree.
            FileNotFoundError: If a file does not exist.
        """
        self.ann_files = (
            [str(ann_file)]
            if isinstance(ann_file, str) or not hasattr(ann_file, "__iter__")
            else [str(path) for path in ann_file]
        )
        if not self.ann_files:
            raise ValueError("ann_file is empty; name at least one annotation file")
        try:
            self.clip_config = ClipConfig(**(clip or {}))
        except TypeError as error:
            known = sorted(ClipConfig.__dataclass_fields__)
            raise ValueError(f"clip = {clip}: {error}; known fields: {known}") from error
        if repeat < 1:
            raise ValueError(f"repeat is {repeat}; wanted at least 1")
        self.split, self.au_set, self.topology = split, au_set, topology
        self.split_file = split_file
        self.test_mode, self.clips_per_epoch, self.repeat = test_mode, clips_per_epoch, repeat
        self.mask_unseen, self.occurrence_from_intensity = mask_unseen, occurrence_from_intensity
        self.with_heatmap, self.seed, self.cache_dir = with_heatmap, seed, cache_dir
        self.sampler_seed = 0
        self.pipeline = Compose([TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline])
        self._neutral = wanted_neutral(self.pipeline.transforms)
        self._corpus: Corpus | None = None
        if not lazy_init:
            self.full_init()

    def __getstate__(self) -> dict:
        # Each worker maps the files itself: what travels to it is the configuration.
        state = self.__dict__.copy()
        state["_corpus"] = None
        state.pop("_clips", None)
        return state

    def full_init(self) -> None:
        """Open the files and lay out the clips; does nothing the second time.

        Raises:
            ValueError: If files disagree on units or points, a split is unknown, or there is nothing to draw.
            FileNotFoundError: If a file does not exist.
        """
        if self._corpus is not None:
            return
        corpus = Corpus(
            self.ann_files,
            self.split,
            self.au_set,
            self.cache_dir,
            self.occurrence_from_intensity,
            self.split_file,
        )
        sets = {store.topology: str(store.source) for store in corpus.stores}
        if self.topology is None and len(sets) > 1:
            raise ValueError(
                f"annotation files hold different point sets: {sets}; "
                "set topology='ibug68' to have them converted, or train on one of them"
            )
        if len(corpus) == 0:
            raise ValueError(f"{self.ann_files}: split {self.split!r} holds no videos")
        if self.with_heatmap:
            self._check_volumes(corpus)
        if self._neutral:
            steps = [step for step in self.pipeline.transforms if isinstance(step, SubtractNeutral)]
            corpus.require_neutral(self._neutral, always=any(step.prob == 1 for step in steps))
        self._clips: TestClips | TrainClips
        if self.test_mode:
            self._clips = TestClips(corpus, self.clip_config)
        else:
            self._clips = TrainClips(corpus, self.clip_config, self.clips_per_epoch)
        self._to_target = self._converter(sets)
        self._corpus = corpus

    def _check_volumes(self, corpus: Corpus) -> None:
        without = [str(store.source) for store in corpus.stores if "heatmap" not in store.arrays]
        if without:
            raise ValueError(
                f"with_heatmap is set, but {without[0]} holds no volumes; make them with "
                "tools/data/build_heatmaps.py, or leave with_heatmap out: the model draws from keypoints"
            )
        if self.clip_config.person != "most-present" or self.topology is not None:
            raise ValueError(
                "volumes show the most present person in the points they were drawn with; "
                "leave clip.person and topology out"
            )

    def _converter(self, sets: dict[str, str]) -> Callable[[dict], Any] | None:
        if self.topology is None or set(sets) == {self.topology}:
            return None
        converter = TRANSFORMS.build({"type": "ConvertTopology", "topology": self.topology})
        for name in sets:
            converter.points_from(name)  # an impossible conversion fails here, not in a worker
        return converter

    @property
    def corpus(self) -> Corpus:
        """The opened files."""
        if self._corpus is None:
            self.full_init()
        assert self._corpus is not None
        return self._corpus

    @property
    def metainfo(self) -> dict[str, Any]:
        """`au_names`, `topology`, `label_type` as plain values, which checkpoints keep."""
        kinds = {store.meta["metainfo"].get("label_type") or "occurrence" for store in self.corpus.stores}
        return {
            "au_names": list(self.corpus.au_names),
            "topology": self.topology or self.corpus.stores[0].topology,
            "label_type": kinds.pop() if len(kinds) == 1 else "occurrence",
        }

    def au_statistics(self) -> dict[str, Any]:
        """Count the labels of the split, from the labels themselves and not from clips.

        Returns:
            `au_names` (A,), and `positives` and `annotated`, shape (A,) int64: frames.
        """
        return {"au_names": list(self.corpus.au_names), **self.corpus.statistics()}

    def __len__(self) -> int:
        self.full_init()
        return len(self._clips) * (1 if self.test_mode else self.repeat)

    def set_clips_per_epoch(self, count: int) -> None:
        """Change the length of an epoch, in training."""
        self.clips_per_epoch = count
        if self._corpus is not None and isinstance(self._clips, TrainClips):
            self._clips.size = count

    @property
    def epoch_in_index(self) -> bool:
        """Whether an index may carry the epoch: clips are drawn in training only."""
        return not self.test_mode

    def get_data_info(self, idx: int, draw: int | None = None) -> dict[str, Any]:
        """Read one clip, before the pipeline.

        Args:
            idx: Index in the epoch.
            draw: Epoch number for reproducible drawing; torch's generator decides without it.

        Returns:
            The dict that the pipeline gets.
        """
        self.full_init()
        rng = item_generator(self.seed, self.sampler_seed, idx, draw, fixed=self.test_mode)
        if isinstance(self._clips, TestClips):
            clip = self._clips.clip(idx)
        else:
            clip = self._clips.clip(idx % len(self._clips), rng)
        results = self.read_clip(clip)
        results["rng"] = rng
        if self.mask_unseen and not self.test_mode and not results["seen"].all():
            results["au_occurrence"][~results["seen"]] = -1
            results["au_intensity"][~results["seen"]] = np.nan
        if self._to_target is not None:
            results = self._to_target(results)
        return results

    def read_clip(self, clip: Clip) -> dict[str, Any]:
        """Read the frames and labels of a clip."""
        volume = {}
        if self.with_heatmap:
            volume = {"heatmap_info": self.corpus.store_of(clip.video).meta["metainfo"].get("heatmap", {})}
        rest = self.corpus.neutral(clip.video, clip.person, self._neutral) if self._neutral else {}
        return {
            **volume,
            **rest,
            **self.corpus.info(clip.video),
            **self.corpus.read(clip.video, clip.person, clip.frame_inds, self.with_heatmap),
            "frame_inds": clip.frame_inds,
            "person": clip.person,
            "space": "pixel",
        }

    def prepare_data(self, idx: int, draw: int | None = None) -> Any:
        """Read one clip and run the pipeline on it.

        Raises:
            RuntimeError: If a transform fails; the message names the sample.
        """
        return self.apply_pipeline(self.get_data_info(idx, draw))

    def apply_pipeline(self, results: dict[str, Any]) -> Any:
        """Run the pipeline on one clip.

        Raises:
            RuntimeError: If a transform fails; the message names the sample.
        """
        name, frames = results["frame_dir"], results["frame_inds"][results["frame_inds"] >= 0]
        try:
            return self.pipeline(results)
        except Exception as error:
            where = f"{name}, frames {frames[0]} to {frames[-1]}" if len(frames) else name
            raise RuntimeError(f"{where}: the pipeline failed: {error}") from error

    def __getitem__(self, idx: int) -> Any:
        """Give one item; in training an index beyond the epoch names the epoch too (see `ClipSampler`)."""
        return self.prepare_data(*place_and_epoch(idx, self))
