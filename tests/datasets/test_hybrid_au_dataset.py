"""Several corpora at once: each by its own rules, masked where it says nothing, in the shares asked for."""

import pickle
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from fau3d.datasets import ClipSampler, HybridAUDataset, face_collate
from fau3d.facs import get_au_set

PACK = [{"type": "FaceCrop"}, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]
AUGMENT = [{"type": "FaceCrop"}, {"type": "JitterKeypoints"}, {"type": "MirrorFace"}, *PACK[1:]]
UNITS = ["AU01", "AU04", "AU12", "AU12_L", "AU12_R", "AU25"]


@pytest.fixture
def corpora(write_file: Callable, make_annotation: Callable) -> list[dict]:
    """One that codes occurrence on 68 points, and one that codes intensity on 478; both have a video `b`."""
    first = [make_annotation("a", 60), make_annotation("b", 40, seed=1), make_annotation("c", 30, seed=2)]
    for video in first:
        del video["au_intensity"]
    first[0]["au_occurrence"][10:20, 1] = -1  # one unit could not be coded, the others could
    second = []
    for name, total in (("b", 50), ("d", 30)):
        grades = np.tile(np.array([0, 1, 2, 3, np.nan], np.float32), total // 5)[:, None].repeat(2, 1)
        video = make_annotation(name, total, points=478, au_occurrence=None, au_intensity=grades)
        second.append(video)
    split = {"fold1_train": ["a", "b"], "fold1_test": ["c"]}
    occurrence = write_file(first, "first.pkl", split, au_names=("AU01", "AU04", "AU12"))
    intensity = write_file(
        second,
        "second.pkl",
        {"train": ["b"], "test": ["d"]},
        topology="mediapipe478",
        au_names=("AU12", "AU25"),
        label_type="intensity",
    )
    return [
        {"name": "First", "ann_file": occurrence, "split": "fold1_train"},
        {"name": "Second", "ann_file": intensity, "split": "train", "occurrence_from_intensity": 2},
    ]


def build(corpora: list[dict], **changes) -> HybridAUDataset:
    settings = {"au_set": UNITS, "topology": "ibug68", "clip": {"length": 10, "sampling": "balanced"}}
    return HybridAUDataset(**{"corpora": corpora, **settings, **changes})


def with_(corpora: list[dict], *changes: dict) -> list[dict]:
    return [{**corpus, **change} for corpus, change in zip(corpora, changes)]


def test_each_corpus_is_read_by_its_own_rules_into_one_set(corpora: list[dict]) -> None:
    dataset = build(corpora, clip={"length": 60}, test_mode=True)
    items = {(item["corpus"], item["frame_dir"]): item for item in (dataset[i] for i in range(len(dataset)))}
    # The video that both have gets its corpus's name, so that its windows are not put together.
    assert set(items) == {("First", "a"), ("First", "First/b"), ("Second", "Second/b")}
    assert {item["keypoint"].shape[2] for item in items.values()} == {68}
    assert {item["au_names"] for item in items.values()} == {tuple(UNITS)}
    first, second = items["First", "a"]["au_occurrence"], items["Second", "Second/b"]["au_occurrence"]
    # A unit that could not be coded on a frame takes no other from it.
    assert (first[10:20, 1] == -1).all()
    assert (first[:, [0, 2]] >= 0).all() and (first[20:, 1] >= 0).all()
    # Sides and units that a corpus does not code are not annotated there.
    assert (first[:, 3:] == -1).all()
    assert (second[:, [0, 1, 3, 4]] == -1).all()
    assert second[:5, 2].tolist() == second[:5, 5].tolist() == [0, 0, 1, 1, -1]


def test_statistics_count_what_each_corpus_annotates(corpora: list[dict]) -> None:
    dataset = build(corpora)
    counts = dataset.au_statistics()
    assert counts["annotated"].tolist() == [100, 90, 100 + 40, 0, 0, 40]
    assert counts["positives"][2] == 0 + 20 and counts["positives"][5] == 20
    assert dataset.metainfo == {
        "au_names": UNITS,
        "topology": "ibug68",
        "label_type": "occurrence",
        "corpora": {"First": ["AU01", "AU04", "AU12"], "Second": ["AU12", "AU25"]},
    }


def test_shares_of_an_epoch_are_those_of_the_weights(corpora: list[dict]) -> None:
    assert build(corpora).clips_of() == {"First": 10, "Second": 5}
    weighted = build(with_(corpora, {"weight": 1}, {"weight": 2}), clips_per_epoch=40)
    assert weighted.clips_of() == {"First": 13, "Second": 27}
    found = Counter(weighted[i]["corpus"] for i in range(len(weighted)))
    assert found == {"First": 13, "Second": 27}


def _epochs(corpora: list[dict], first: int = 0, seed: int = 5) -> list[list[torch.Tensor]]:
    dataset = build(with_(corpora, {"weight": 3}, {"weight": 1}), pipeline=AUGMENT, clips_per_epoch=16)
    sampler = ClipSampler(dataset, seed=seed)
    loader = DataLoader(dataset, 4, sampler=sampler, collate_fn=face_collate)
    epochs = []
    for epoch in range(first, 2):
        sampler.set_epoch(epoch)
        epochs.append([batch["inputs"]["keypoint"] for batch in loader])
    return epochs


def test_drawing_depends_on_seed_epoch_and_index_alone(corpora: list[dict]) -> None:
    alone, again, resumed = _epochs(corpora), _epochs(corpora), _epochs(corpora, first=1)
    other = _epochs(corpora, first=1, seed=6)
    for epoch in range(2):
        assert all(torch.equal(a, b) for a, b in zip(alone[epoch], again[epoch], strict=True))
    assert all(torch.equal(a, b) for a, b in zip(alone[1], resumed[0], strict=True))
    assert not torch.equal(alone[0][0], alone[1][0])
    assert not torch.equal(resumed[0][0], other[0][0])


def test_a_worker_gets_the_configuration_only(corpora: list[dict]) -> None:
    dataset = build(corpora, pipeline=AUGMENT)
    dataset.sampler_seed = 11
    sent = pickle.dumps(dataset)
    assert len(sent) < 8000
    there = pickle.loads(sent)
    for index in (0, len(dataset) - 1):
        a, b = dataset.prepare_data(index, 3), there.prepare_data(index, 3)
        assert torch.equal(a["inputs"]["keypoint"], b["inputs"]["keypoint"])
        assert a["data_samples"].corpus == b["data_samples"].corpus


def test_places_in_two_corpora_draw_different_numbers(corpora: list[dict]) -> None:
    dataset = build(corpora)
    draws = {float(dataset.get_data_info(i, 0)["rng"].random()) for i in range(len(dataset))}
    assert len(draws) == len(dataset)


def test_neutral_faces_are_each_corpuss_own(corpora: list[dict]) -> None:
    steps = [{"type": "AlignEyes"}, {"type": "SubtractNeutral"}, {"type": "FillMissing"}, PACK[-1]]
    dataset = build(corpora, pipeline=steps, test_mode=True)
    points = torch.cat([dataset[i]["inputs"]["keypoint"] for i in range(len(dataset))])
    # Faces of random points, which are far apart but for their rests.
    assert (points.median(1).values - points[:1].median(1).values).abs().max() < 0.1


def test_opengraphau_has_a_place_for_all(corpora: list[dict]) -> None:
    dataset = build(corpora, au_set="opengraphau41", test_mode=True)
    names = get_au_set("opengraphau41")
    sided = [i for i, name in enumerate(names) if "_" in name]
    counts = dataset.au_statistics()
    assert counts["annotated"].shape == (41,) and not counts["annotated"][sided].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: {"corpora": []}, "wanted a list of dicts"),
        (lambda c: {"corpora": with_(c, {}, {"name": "First"})}, "corpus 1 has the name 'First'"),
        (lambda c: {"corpora": with_(c, {"name": "a/b"}, {})}, "corpus 0 has the name 'a/b'"),
        (lambda c: {"corpora": with_(c, {"splitt": 1}, {})}, "'First' has the key 'splitt'; known keys"),
        (lambda c: {"corpora": [{"name": "First"}]}, "'First' has no 'ann_file'"),
        (lambda c: {"corpora": with_(c, {"weight": 1}, {})}, "a number above 0 for each corpus, or none"),
        (lambda c: {"corpora": with_(c, {"weight": 0}, {"weight": 1})}, "above 0"),
        (lambda c: {"corpora": with_(c, {"split": "val"}, {})}, "corpus 'First': no annotation file has"),
        (lambda c: {"corpora": with_(c, {"clip": {"size": 3}}, {})}, "corpus 'First': clip = .*known fields"),
        (
            lambda c: {"au_set": ["AU01"]},
            r"corpus 'Second': its files label \['AU12', 'AU25'\], none of which",
        ),
        (lambda c: {"topology": None}, "corpora hold different point sets: {'First': 'ibug68'"),
        (lambda c: {"topology": "mediapipe91"}, "corpus 'First': there is no conversion from 'ibug68'"),
        (lambda c: {"clips_per_epoch": 1}, "corpus 'Second': none of the 1 clips of an epoch"),
    ],
)
def test_what_does_not_fit_is_named(corpora: list[dict], change: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**{"corpora": corpora, **change(corpora)})


def test_items_beyond_the_end(corpora: list[dict]) -> None:
    dataset = build(corpora, test_mode=True)
    with pytest.raises(IndexError, match=f"item {len(dataset)} of {len(dataset)}"):
        dataset[len(dataset)]
