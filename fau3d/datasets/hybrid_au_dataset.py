"""Several corpora as one data set: each read by its own rules, all labelled in one set of units."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from torch.utils.data import Dataset

from fau3d.datasets.corpus import names_of_several
from fau3d.datasets.face_keypoint_dataset import FaceKeypointDataset
from fau3d.datasets.samplers import place_and_epoch
from fau3d.facs import get_au_set
from fau3d.registry import DATASETS, TRANSFORMS

# What a corpus may say for itself, beside its name and weight.
_OWN = ("ann_file", "split", "split_file", "clip", "occurrence_from_intensity", "mask_unseen")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")


@DATASETS.register_module()
class HybridAUDataset(Dataset):
    """Clips from several corpora, labelled in one set of units.

    Each corpus is a `FaceKeypointDataset` of its own. What it does not label is masked, unit by unit: a frame
    on which one unit could not be coded keeps its others, and a corpus that codes no sides says nothing of
    `AU12_L`. An epoch holds a fixed share of clips from each corpus. With `ClipSampler`, what is drawn is a
    function of the seed, the epoch and the index, as there.

    The pipeline gets what that of `FaceKeypointDataset` gets, and `corpus`: the name. Videos of one name in
    two corpora have the corpus in front (`DISFA/SN001`).
    """

    def __init__(
        self,
        corpora: Sequence[Mapping[str, Any]],
        au_set: str | Sequence[str],
        pipeline: Sequence[dict | Callable] = (),
        clip: Mapping[str, Any] | None = None,
        topology: str | None = None,
        test_mode: bool = False,
        clips_per_epoch: int | None = None,
        seed: int = 0,
        cache_dir: str | None = None,
        lazy_init: bool = False,
    ) -> None:
        """Name the corpora; their files are opened by `full_init`.

        Args:
            corpora: One dict each: `name`, `ann_file`, and where wanted `weight` (clips of an epoch in
                proportion to the others' weights; all corpora have one or none, and without weights each
                gives as many clips as show each of its frames once), `split`, `split_file`,
                `occurrence_from_intensity`, `mask_unseen`, and `clip`: fields that differ from those below.
            au_set: Target units: a set's name or unit names.
            pipeline: Transforms, as configs or callables; the same for all.
            clip: Fields of `ClipConfig`.
            topology: Point set of the clips; corpora in another one are converted. Theirs by default.
            test_mode: Cover every frame of every corpus instead of drawing.
            clips_per_epoch: Training clips of an epoch; by default as many as show each frame once.
            seed: Mixed into what is drawn, beside the seed of a `ClipSampler`.
            cache_dir: See `KeypointStore`.
            lazy_init: Leave the files closed until they are needed.

        Raises:
            ValueError: If a corpus has no name, that of another or an unknown key, or weights do not fit.
            FileNotFoundError: If a file does not exist.
        """
        self.names, self.weights = _check_corpora(corpora)
        self.au_names = tuple(get_au_set(au_set))
        self.test_mode, self.clips_per_epoch, self.seed = test_mode, clips_per_epoch, seed
        # Built once: the corpora share them, here and on the way to a worker.
        steps = Compose([TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline]).transforms
        self.datasets: list[FaceKeypointDataset] = []
        for number, corpus in enumerate(corpora):
            own = {key: corpus[key] for key in _OWN if key in corpus}
            own["clip"] = {**(clip or {}), **(own.get("clip") or {})}
            try:
                self.datasets.append(
                    FaceKeypointDataset(
                        **own,
                        pipeline=steps,
                        au_set=list(self.au_names),
                        topology=topology,
                        test_mode=test_mode,
                        # The same place in two corpora must not draw the same numbers.
                        seed=seed + 1_000_003 * number,
                        cache_dir=cache_dir,
                        lazy_init=True,
                    )
                )
            except ValueError as error:
                raise ValueError(f"corpus {self.names[number]!r}: {error}") from error
        self._ends: np.ndarray | None = None
        self._shared_names: frozenset[str] = frozenset()
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Open the files and share out the epoch; does nothing the second time.

        Raises:
            ValueError: If a corpus cannot be read or labels none of the units, or point sets differ.
            FileNotFoundError: If a file does not exist.
        """
        if self._ends is not None:
            return
        for name, dataset in zip(self.names, self.datasets):
            try:
                dataset.full_init()
            except ValueError as error:
                raise ValueError(f"corpus {name!r}: {error}") from error
            if not any((columns >= 0).any() for columns in dataset.corpus.columns):
                found = list(dataset.corpus.stores[0].au_names)
                raise ValueError(
                    f"corpus {name!r}: its files label {found}, none of which "
                    f"is wanted ({', '.join(self.au_names)}); choose another au_set, or leave the corpus out"
                )
        self._check_points()
        counts = np.array([len(dataset) for dataset in self.datasets])
        if not self.test_mode:
            counts = self._shares(counts)
            for dataset, count in zip(self.datasets, counts.tolist()):
                dataset.set_clips_per_epoch(count)
        self._shared_names = names_of_several([dataset.corpus.names() for dataset in self.datasets])
        self._ends = np.cumsum(counts)

    def _check_points(self) -> None:
        points = {n: d.metainfo["topology"] for n, d in zip(self.names, self.datasets)}
        if len(set(points.values())) > 1:
            raise ValueError(
                f"corpora hold different point sets: {points}; set topology='ibug68' to have them converted"
            )

    def _shares(self, counts: np.ndarray) -> np.ndarray:
        """Share out the clips of an epoch: whole numbers, as near to the weights as they can be."""
        weights = counts if self.weights is None else np.array(self.weights)
        total = int(counts.sum()) if self.clips_per_epoch is None else self.clips_per_epoch
        wanted = total * weights / weights.sum()
        shares = np.floor(wanted).astype(np.int64)
        rest = np.argsort(shares - wanted, kind="stable")[: total - shares.sum()]
        shares[rest] += 1
        if (shares == 0).any():
            name = self.names[int(shares.argmin())]
            raise ValueError(
                f"corpus {name!r}: none of the {total} clips of an epoch is its; raise its weight or "
                "clips_per_epoch, or leave it out"
            )
        return shares

    @property
    def sampler_seed(self) -> int:
        """Seed of the `ClipSampler`, which sets it here."""
        return self.datasets[0].sampler_seed

    @sampler_seed.setter
    def sampler_seed(self, seed: int) -> None:
        for dataset in self.datasets:
            dataset.sampler_seed = seed

    @property
    def epoch_in_index(self) -> bool:
        """Whether an index may carry the epoch: clips are drawn in training only."""
        return not self.test_mode

    @property
    def metainfo(self) -> dict[str, Any]:
        """`au_names`, `topology`, `label_type`, and `corpora`: name to the units that it labels."""
        self.full_init()
        kinds = {dataset.metainfo["label_type"] for dataset in self.datasets}
        return {
            "au_names": list(self.au_names),
            "topology": self.datasets[0].metainfo["topology"],
            "label_type": kinds.pop() if len(kinds) == 1 else "occurrence",
            "corpora": {n: self._labelled(d) for n, d in zip(self.names, self.datasets)},
        }

    def _labelled(self, dataset: FaceKeypointDataset) -> list[str]:
        known = np.any([columns >= 0 for columns in dataset.corpus.columns], axis=0)
        return [self.au_names[i] for i in np.flatnonzero(known)]

    def au_statistics(self) -> dict[str, Any]:
        """Count the labels of all corpora, from the labels themselves and not from clips.

        Returns:
            `au_names` (A,), and `positives` and `annotated`, shape (A,) int64: frames. A frame counts for the
            units that its corpus annotates on it.
        """
        self.full_init()
        counts = [dataset.au_statistics() for dataset in self.datasets]
        sums = {key: np.sum([c[key] for c in counts], axis=0) for key in ("positives", "annotated")}
        return {"au_names": list(self.au_names), **sums}

    def clips_of(self) -> dict[str, int]:
        """Give how many clips of an epoch each corpus has; in testing, how many it takes to show it."""
        self.full_init()
        assert self._ends is not None
        return dict(zip(self.names, np.diff(self._ends, prepend=0).tolist()))

    def __len__(self) -> int:
        self.full_init()
        assert self._ends is not None
        return int(self._ends[-1])

    def _locate(self, idx: int) -> tuple[int, int]:
        """Give the corpus of an index, and the index in it."""
        self.full_init()
        assert self._ends is not None
        number = int(np.searchsorted(self._ends, idx, side="right"))
        return number, idx - (int(self._ends[number - 1]) if number else 0)

    def get_data_info(self, idx: int, draw: int | None = None) -> dict[str, Any]:
        """Read one clip, before the pipeline; see `FaceKeypointDataset.get_data_info`."""
        number, place = self._locate(idx)
        results = self.datasets[number].get_data_info(place, draw)
        results["corpus"] = self.names[number]
        if results["frame_dir"] in self._shared_names:
            results["frame_dir"] = f"{results['corpus']}/{results['frame_dir']}"
        return results

    def prepare_data(self, idx: int, draw: int | None = None) -> Any:
        """Read one clip and run the pipeline on it.

        Raises:
            RuntimeError: If a transform fails; the message names the sample.
        """
        return self.datasets[0].apply_pipeline(self.get_data_info(idx, draw))

    def __getitem__(self, idx: int) -> Any:
        """Give one item; in training an index beyond the epoch names the epoch too (see `ClipSampler`)."""
        return self.prepare_data(*place_and_epoch(idx, self))


def _check_corpora(corpora: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[float] | None]:
    """Give the names and weights of corpora, or say which one contradicts itself."""
    names: list[str] = []
    if isinstance(corpora, Mapping) or not corpora:
        raise ValueError(f"corpora is {corpora!r}; wanted a list of dicts with 'name' and 'ann_file'")
    for number, corpus in enumerate(corpora):
        name = str(corpus.get("name", ""))
        if not _NAME.fullmatch(name) or name in names:
            raise ValueError(
                f"corpus {number} has the name {name!r}; wanted one of its own, after which files of "
                "scores are called: letters, digits, '+', '-', '.', '_'"
            )
        known = ("name", "weight", *_OWN)
        unknown = [key for key in corpus if key not in known]
        if unknown or "ann_file" not in corpus:
            fault = f"has the key {unknown[0]!r}" if unknown else "has no 'ann_file'"
            raise ValueError(f"corpus {name!r} {fault}; known keys: {', '.join(known)}")
        names.append(name)
    weights = [corpus.get("weight") for corpus in corpora]
    if all(weight is None for weight in weights):
        return names, None
    if not all(isinstance(weight, (int, float)) and 0 < weight < np.inf for weight in weights):
        raise ValueError(
            f"weights of {names} are {weights}; wanted a number above 0 for each corpus, or none at all"
        )
    return names, [float(weight) for weight in weights if weight is not None]
