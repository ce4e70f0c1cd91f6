"""The dataset: what it yields, that testing covers everything, and that drawing is reproducible."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from fau3d.datasets import ClipSampler, FaceKeypointDataset, face_collate
from fau3d.functional.windows import average_frames

PACK = [{"type": "FaceCrop"}, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]
AUGMENT = [
    {"type": "TemporalSpeed", "length": 24},
    {"type": "FaceCrop"},
    {"type": "RandomAffine"},
    {"type": "MirrorFace"},
    {"type": "JitterKeypoints"},
    {"type": "DropPoints", "prob": 1.0},
    {"type": "TemporalDrop", "prob": 1.0},
    {"type": "FillMissing"},
    {"type": "PackFaceInputs"},
]


def test_what_the_pipeline_gets(ann_file: str, videos: list[dict]) -> None:
    dataset = FaceKeypointDataset(ann_file, split="test", clip={"length": 48}, test_mode=True)
    info = dataset.get_data_info(0)
    assert info["keypoint"].shape == (1, 48, 68, 2)
    assert info["keypoint"].dtype == info["keypoint_score"].dtype == info["au_intensity"].dtype == np.float32
    assert info["au_occurrence"].dtype == np.int8
    np.testing.assert_array_equal(info["keypoint"][0], videos[2]["keypoint"][0, :48])
    np.testing.assert_array_equal(info["au_occurrence"], videos[2]["au_occurrence"][:48])
    assert (info["frame_dir"], info["total_frames"], info["img_shape"], info["fps"]) == (
        "c",
        75,
        (480, 640),
        30,
    )
    assert (info["topology"], info["au_names"], info["person"]) == ("ibug68", ("AU01", "AU12_L", "AU12_R"), 0)


@pytest.mark.parametrize("mode", ["window", "uniform", "repeat"])
@pytest.mark.parametrize("interval", [1, 3])
@pytest.mark.parametrize("length", [16, 200])
def test_testing_covers_every_frame_of_everybody(
    write_file: Callable, make_annotation: Callable, mode: str, interval: int, length: int
) -> None:
    path = write_file([make_annotation("a", 61, persons=2), make_annotation("b", 5), make_annotation("c", 1)])
    clip = {"length": length, "interval": interval, "mode": mode, "person": "all"}
    dataset = FaceKeypointDataset(path, clip=clip, test_mode=True)
    answers: dict[tuple, list] = {}
    for item in (dataset[i] for i in range(len(dataset))):
        assert item["frame_inds"].shape == (length,)
        answers.setdefault((item["frame_dir"], item["person"], item["total_frames"]), []).append(
            item["frame_inds"]
        )
    assert sorted(answers) == [("a", 0, 61), ("a", 1, 61), ("b", 0, 5), ("c", 0, 1)]
    for (_, _, total), frames in answers.items():
        inds = np.concatenate(frames)
        averaged = average_frames(inds[:, None], inds, total)
        np.testing.assert_allclose(averaged[:, 0], np.arange(total))


def test_padding_repeats_the_face_without_labels(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 5)
    info = FaceKeypointDataset(write_file([video]), clip={"length": 8}, test_mode=True).get_data_info(0)
    assert info["frame_inds"].tolist() == [0, 1, 2, 3, 4, -1, -1, -1]
    np.testing.assert_array_equal(info["keypoint"][0, 5:], np.repeat(video["keypoint"][0, 4:], 3, 0))
    assert (info["au_occurrence"][5:] == -1).all()
    assert np.isnan(info["au_intensity"][5:]).all()


def test_clips_do_not_cross_dropped_frames(write_file: Callable, make_annotation: Callable) -> None:
    index = np.concatenate([np.arange(0, 40, 2), np.arange(100, 160, 2)])
    path = write_file([make_annotation("a", 50, frame_index=index)])
    for test_mode in (True, False):
        dataset = FaceKeypointDataset(path, clip={"length": 16}, test_mode=test_mode)
        for i in range(len(dataset)):
            info = dataset.get_data_info(i)
            steps = np.diff(info["frame_index"][info["frame_inds"] >= 0])
            assert (steps == 2).all()


@pytest.mark.parametrize("sampling", ["uniform", "annotated", "balanced"])
@pytest.mark.parametrize("mode", ["window", "uniform", "repeat"])
def test_training_clips_lie_within_the_video(ann_file: str, sampling: str, mode: str) -> None:
    clip = {"length": 24, "mode": mode, "sampling": sampling}
    dataset = FaceKeypointDataset(ann_file, split="train", clip=clip, clips_per_epoch=40)
    assert len(dataset) == 40
    for i in range(40):
        info = dataset.get_data_info(i)
        assert info["frame_inds"].shape == (24,)
        assert info["frame_inds"].max() < info["total_frames"]
        assert info["frame_dir"] in "ab"


def test_an_epoch_shows_each_frame_about_once(ann_file: str) -> None:
    dataset = FaceKeypointDataset(
        ann_file, split="train", clip={"length": 25, "sampling": "uniform"}, repeat=3
    )
    assert len(dataset) == 3 * (100 // 25 + 2)


def test_clips_lie_around_annotated_frames(write_file: Callable, make_annotation: Callable) -> None:
    occurrence = np.full((500, 3), -1, np.int8)
    occurrence[400] = 0
    labelled = make_annotation("a", 500, au_occurrence=occurrence, au_intensity=np.full((500, 3), np.nan))
    nothing = make_annotation("b", 300, au_occurrence=occurrence[:300], au_intensity=None)
    dataset = FaceKeypointDataset(write_file([labelled, nothing]), clip={"length": 20})
    for i in range(len(dataset)):
        assert 400 in dataset.get_data_info(i)["frame_inds"]
    with pytest.raises(ValueError, match="no frame of 1 videos is annotated"):
        FaceKeypointDataset(write_file([nothing], "b.pkl"), clip={"length": 20})


def test_balanced_clips_show_rare_units_more_often(write_file: Callable, make_annotation: Callable) -> None:
    occurrence = np.zeros((2000, 3), np.int8)
    occurrence[:1000, 0] = 1
    occurrence[1500:1503, 2] = 1
    path = write_file([make_annotation("a", 2000, au_occurrence=occurrence)])
    share = {}
    for sampling in ("uniform", "balanced"):
        clip = {"length": 20, "sampling": sampling, "balance": 1.0}
        dataset = FaceKeypointDataset(path, clip=clip, clips_per_epoch=200)
        share[sampling] = np.mean([dataset[i]["au_occurrence"][:, 2].any() for i in range(200)])
    assert share["uniform"] < 0.1
    assert 0.35 < share["balanced"] < 0.65


def test_labels_of_unseen_frames_do_not_train(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 20)
    video["keypoint"][0, 5:9] = np.nan
    path = write_file([video])
    train = FaceKeypointDataset(path, clip={"length": 20}).get_data_info(0)
    assert (train["au_occurrence"][5:9] == -1).all()
    assert (train["au_occurrence"][:5] >= 0).all()
    test = FaceKeypointDataset(path, clip={"length": 20}, test_mode=True).get_data_info(0)
    assert (test["au_occurrence"] >= 0).all()


def test_files_are_mapped_to_the_target_units(write_file: Callable, make_annotation: Callable) -> None:
    first = write_file([make_annotation("a", 30)], "a.pkl")
    second = write_file([make_annotation("b", 40)], "b.pkl", au_names=("AU04", "AU01", "AU02"))
    with pytest.raises(ValueError, match="set au_set"):
        FaceKeypointDataset([first, second])
    dataset = FaceKeypointDataset(
        [first, second], au_set=["AU01", "AU04"], clip={"length": 40}, test_mode=True
    )
    assert dataset.metainfo == {
        "au_names": ["AU01", "AU04"],
        "topology": "ibug68",
        "label_type": "occurrence",
    }
    a, b = dataset[0], dataset[1]
    assert (a["au_occurrence"][:30, 1] == -1).all()
    assert np.isnan(a["au_intensity"][:30, 1]).all()
    assert a["au_occurrence"][:30, 0].sum() == 6
    assert b["au_occurrence"][:, 1].sum() == 8
    assert b["au_occurrence"][:, 0].sum() == 20
    counts = dataset.au_statistics()
    assert counts["positives"].tolist() == [6 + 20, 8]
    assert counts["annotated"].tolist() == [70, 40]


def test_occurrence_can_come_from_intensity(write_file: Callable, make_annotation: Callable) -> None:
    intensity = np.tile(np.array([0, 1, 2, 5, np.nan], np.float32), 4)[:, None].repeat(3, 1)
    path = write_file([make_annotation("a", 20, au_occurrence=None, au_intensity=intensity)])
    plain = FaceKeypointDataset(path, clip={"length": 20}, test_mode=True)
    assert (plain[0]["au_occurrence"] == -1).all()
    dataset = FaceKeypointDataset(path, clip={"length": 20}, test_mode=True, occurrence_from_intensity=2)
    assert dataset[0]["au_occurrence"][:5, 0].tolist() == [0, 0, 1, 1, -1]
    counts = dataset.au_statistics()
    assert (counts["positives"].tolist(), counts["annotated"].tolist()) == ([8] * 3, [16] * 3)


def test_most_present_and_all_persons(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 20, persons=3)
    video["keypoint"][0, :15] = np.nan
    video["keypoint"][2] = np.nan
    path = write_file([video])
    persons = {}
    for who in ("most-present", "all"):
        dataset = FaceKeypointDataset(path, clip={"length": 20, "person": who}, test_mode=True)
        persons[who] = [dataset[i]["person"] for i in range(len(dataset))]
    assert persons == {"most-present": [1], "all": [0, 1]}


def test_other_point_sets_are_converted_or_refused(write_file: Callable, make_annotation: Callable) -> None:
    first = write_file([make_annotation("a", 30)], "a.pkl")
    second = write_file([make_annotation("b", 40, points=478)], "b.pkl", topology="mediapipe478")
    with pytest.raises(ValueError, match=r"different point sets.*set topology='ibug68'"):
        FaceKeypointDataset([first, second])
    clip = {"length": 40}
    dataset = FaceKeypointDataset([first, second], topology="ibug68", clip=clip, test_mode=True)
    assert [dataset[i]["keypoint"].shape for i in (0, 1)] == [(1, 40, 68, 2)] * 2
    with pytest.raises(ValueError, match="no conversion from 'ibug68' to 'mediapipe478'"):
        FaceKeypointDataset([first, second], topology="mediapipe478")


def test_a_worker_gets_the_configuration_only(ann_file: str) -> None:
    dataset = FaceKeypointDataset(ann_file, PACK, split="test", clip={"length": 16}, test_mode=True)
    sent = pickle.dumps(dataset)
    assert len(sent) < 3000
    there = pickle.loads(sent)
    assert torch.equal(there[1]["inputs"]["keypoint"], dataset[1]["inputs"]["keypoint"])


def _epochs(
    path: str, workers: int, first: int = 0, persistent: bool = False, seed: int = 5
) -> list[list[torch.Tensor]]:
    dataset = FaceKeypointDataset(path, AUGMENT, split="train", clip={"length": 32}, repeat=2)
    sampler = ClipSampler(dataset, seed=seed, shuffle=seed < 10)
    loader = DataLoader(
        dataset,
        4,
        sampler=sampler,
        num_workers=workers,
        collate_fn=face_collate,
        persistent_workers=persistent,
    )
    epochs = []
    for epoch in range(first, 2):
        sampler.set_epoch(epoch)
        epochs.append([batch["inputs"]["keypoint"] for batch in loader])
    return epochs


def test_drawing_depends_on_seed_epoch_and_index_alone(ann_file: str) -> None:
    torch.manual_seed(1)
    alone = _epochs(ann_file, 0)
    torch.manual_seed(2)
    workers = _epochs(ann_file, 2, persistent=True)
    resumed = _epochs(ann_file, 0, first=1)
    for epoch in range(2):
        assert all(torch.equal(a, b) for a, b in zip(alone[epoch], workers[epoch], strict=True))
    assert all(torch.equal(a, b) for a, b in zip(alone[1], resumed[0], strict=True))
    assert not torch.equal(alone[0][0], alone[1][0])
    assert not torch.isnan(torch.cat(alone[0])).any()


def test_the_runners_seed_decides_what_is_drawn(ann_file: str) -> None:
    first, again, other = (_epochs(ann_file, 0, first=1, seed=seed)[0][0] for seed in (10, 10, 11))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_other_samplers_draw_anew_each_time(ann_file: str) -> None:
    dataset = FaceKeypointDataset(ann_file, AUGMENT, split="train", clip={"length": 32})
    torch.manual_seed(3)
    first, second = dataset[0]["inputs"]["keypoint"], dataset[0]["inputs"]["keypoint"]
    assert not torch.equal(first, second)
    torch.manual_seed(3)
    assert torch.equal(dataset[0]["inputs"]["keypoint"], first)


@pytest.mark.parametrize("sampler", ["DefaultSampler", "fau3d.ClipSampler"])
@pytest.mark.parametrize("workers", [0, 1])
def test_mmengine_builds_the_loader(ann_file: str, sampler: str, workers: int) -> None:
    import fau3d.datasets  # noqa: F401

    loader = Runner.build_dataloader(
        {
            "batch_size": 3,
            "num_workers": workers,
            "sampler": {"type": sampler, "shuffle": True},
            "collate_fn": {"type": "fau3d.face_collate"},
            "dataset": {
                "type": "fau3d.FaceKeypointDataset",
                "ann_file": ann_file,
                "split": "train",
                "pipeline": AUGMENT,
                "clip": {"length": 32},
            },
        },
        seed=1,
    )
    batch = next(iter(loader))
    assert batch["inputs"]["keypoint"].shape == (3, 1, 24, 68, 2)
    assert batch["data_samples"][0].gt_occurrence.shape == (24, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "nothing"}, r"no annotation file has the split 'nothing'; known: \['test', 'train'\]"),
        ({"clip": {"lenght": 3}}, "lenght.*known fields"),
        ({"clip": {"mode": "dense"}}, "clip.mode is 'dense'; known"),
        ({"clip": {"length": 0}}, "wanted at least 1"),
        ({"clip": {"balance": 2}}, "wanted 0 to 1"),
        ({"repeat": 0}, "repeat is 0"),
        ({"au_set": ["AU99"]}, "AU99"),
        ({"ann_file": []}, "ann_file is empty"),
    ],
)
def test_bad_arguments_are_named(ann_file: str, arguments: dict, message: str) -> None:
    with pytest.raises((ValueError, KeyError), match=message):
        FaceKeypointDataset(**{"ann_file": ann_file, **arguments})


def test_a_split_with_an_unknown_video_is_named(write_file: Callable, make_annotation: Callable) -> None:
    path = write_file([make_annotation("a", 5)], split={"train": ["a", "ghost"]})
    with pytest.raises(ValueError, match="split 'train' names the video 'ghost'"):
        FaceKeypointDataset(path, split="train")


def test_a_failing_transform_names_the_sample(ann_file: str) -> None:
    dataset = FaceKeypointDataset(ann_file, [{"type": "PackFaceInputs"}], clip={"length": 8}, split="test")
    with pytest.raises(
        RuntimeError, match=r"c, frames \d+ to \d+: the pipeline failed: c: keypoints are in pixels"
    ):
        dataset[0]


def test_items_beyond_the_end(ann_file: str) -> None:
    dataset = FaceKeypointDataset(ann_file, split="test", clip={"length": 75}, test_mode=True)
    assert len(dataset) == 1
    with pytest.raises(IndexError, match="item 1 of 1"):
        dataset[1]


def test_clips_of_different_length_do_not_collate(ann_file: str) -> None:
    items = [
        FaceKeypointDataset(ann_file, PACK, split="test", clip={"length": n}, test_mode=True)[0]
        for n in (4, 5)
    ]
    with pytest.raises(ValueError, match="keypoint differs in shape within one batch"):
        face_collate(items)
