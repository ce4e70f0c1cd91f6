"""The memory-mapped store: faithful, built once, cheap to send, and clear about bad input."""

import multiprocessing
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fau3d.datasets import store_build
from fau3d.datasets.store import KeypointStore


def _open(path: str) -> str:
    return str(KeypointStore(path).path)


def test_arrays_hold_what_the_file_holds(write_file: Callable, make_annotation: Callable) -> None:
    videos = [make_annotation("a", 10), make_annotation("b", 7, persons=2, seed=3)]
    store = KeypointStore(write_file(videos))
    rows = store.arrays["keypoint"]
    assert rows.shape == (10 + 14, 68, 2)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:10], videos[0]["keypoint"][0])
    for person in range(2):
        np.testing.assert_array_equal(rows[10 + person :: 2], videos[1]["keypoint"][person])
    np.testing.assert_array_equal(store.arrays["au_occurrence"][10:], videos[1]["au_occurrence"])
    np.testing.assert_array_equal(store.index["seen"], [10, 7, 7])
    assert (store.topology, store.num_videos) == ("ibug68", 2)


def test_missing_has_one_form(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 6)
    video["keypoint"][0, 0, 0] = np.inf
    video["keypoint"][0, 1, 1] = np.nan
    video["keypoint_score"][0, 2, 2] = 0
    video["keypoint_score"][0, 3, 3] = np.nan
    store = KeypointStore(write_file([video]))
    keypoint, score = store.arrays["keypoint"], store.arrays["keypoint_score"]
    for i in range(4):
        assert np.isnan(keypoint[i, i]).all()
        assert score[i, i] == 0
    assert np.isnan(keypoint).sum() == 8


def test_a_video_without_anybody_is_kept(write_file: Callable, make_annotation: Callable) -> None:
    store = KeypointStore(write_file([make_annotation("nobody", 5, persons=0), make_annotation("b", 5)]))
    assert np.isnan(store.arrays["keypoint"][:5]).all()
    assert store.index["seen"].tolist() == [0, 5]


def test_the_file_is_read_only_once(ann_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = KeypointStore(ann_file).path
    assert first.parent == Path(ann_file + ".fau3d-cache")

    def refuse(*_: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(store_build, "write_arrays", refuse)
    assert KeypointStore(ann_file).path == first
    os.utime(ann_file, ns=(1, 1))  # the time changes, the content does not
    assert KeypointStore(ann_file).path == first


def test_arrays_of_another_version_are_made_anew(ann_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store_build, "FORMAT", store_build.FORMAT - 1)
        before = KeypointStore(ann_file).path
    # The stamp still fits the file, which has not changed since.
    assert KeypointStore(ann_file).path != before
    assert KeypointStore(ann_file).path.name.startswith(f"v{store_build.FORMAT}-")


def test_new_content_gets_new_arrays(ann_file: str, write_file: Callable, make_annotation: Callable) -> None:
    first = KeypointStore(ann_file)
    assert write_file([make_annotation("z", 12)]) == ann_file
    second = KeypointStore(ann_file)
    assert second.path != first.path
    assert second.index["frame_dir"].tolist() == ["z"]
    assert first.index["frame_dir"].tolist() == ["a", "b", "c"]


def test_many_processes_may_ask_at_once(ann_file: str) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        paths = set(pool.map(_open, [ann_file] * 4))
    assert len(paths) == 1
    leftovers = [p.name for p in Path(ann_file + ".fau3d-cache").iterdir() if ".part-" in p.name]
    assert leftovers == []


def test_a_read_only_folder_falls_back_to_the_users_cache(
    ann_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = Path(ann_file + ".fau3d-cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    is_writable = store_build._is_writable
    monkeypatch.setattr(store_build, "_is_writable", lambda root: root != beside and is_writable(root))
    store = KeypointStore(ann_file)
    assert tmp_path / "home" in store.path.parents
    assert not beside.exists()
    assert KeypointStore(ann_file).path == store.path


def test_where_nothing_can_be_written_the_way_out_is_named(
    ann_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_build, "_is_writable", lambda root: False)
    with pytest.raises(OSError, match=r"corpus.pkl: none of .* can be written; set cache_dir"):
        KeypointStore(ann_file)


def test_no_other_folder_is_made(ann_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    KeypointStore(ann_file)
    assert not (tmp_path / "home").exists()


def test_a_cache_folder_can_be_named(ann_file: str, tmp_path: Path) -> None:
    assert tmp_path / "fast" in KeypointStore(ann_file, tmp_path / "fast").path.parents


def test_pickling_sends_no_arrays(ann_file: str) -> None:
    store = KeypointStore(ann_file)
    rows = store.arrays["keypoint"]
    sent = pickle.dumps(store)
    assert len(sent) < 1000
    np.testing.assert_array_equal(pickle.loads(sent).arrays["keypoint"], rows)


def test_a_failed_build_leaves_nothing(write_file: Callable, make_annotation: Callable) -> None:
    path = write_file([make_annotation("a", 5), make_annotation("a", 5)])
    with pytest.raises(ValueError, match="a: frame_dir occurs twice"):
        KeypointStore(path)
    assert [p.name for p in Path(path + ".fau3d-cache").iterdir() if p.is_dir()] == []


def test_units_without_labels(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 5)
    for key in ("au_occurrence", "au_intensity"):
        del video[key]
    store = KeypointStore(write_file([video], au_names=()))
    assert store.arrays["au_occurrence"].shape == (5, 0)


def test_a_label_of_the_clip_holds_for_its_frames(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 5, label=np.array([1, 0, 1]))
    for key in ("au_occurrence", "au_intensity"):
        del video[key]
    store = KeypointStore(write_file([video]))
    np.testing.assert_array_equal(store.arrays["au_occurrence"], [[1, 0, 1]] * 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"keypoint": np.zeros((1, 5, 133, 2))},
            "bad: keypoint has 133 points, but topology 'ibug68' has 68; name",
        ),
        ({"keypoint": np.zeros((5, 68, 2))}, r"bad: keypoint has shape \(5, 68, 2\); wanted"),
        (
            {"au_occurrence": np.zeros((4, 3), np.int8)},
            r"bad: au_occurrence has shape \(4, 3\); wanted \(5, 3\)",
        ),
        ({"au_intensity": np.zeros((5, 2))}, r"bad: au_intensity has shape \(5, 2\); wanted \(5, 3\)"),
        ({"au_occurrence": np.full((5, 3), 9)}, r"bad: au_occurrence holds \[9\]; wanted 1, 0, or -1"),
        ({"frame_index": np.arange(6)}, r"bad: frame_index has shape \(6,\); wanted \(5,\)"),
    ],
)
def test_bad_input_is_named(
    write_file: Callable, make_annotation: Callable, change: dict, message: str
) -> None:
    path = write_file([make_annotation("good", 5), make_annotation("bad", 5, **change)])
    with pytest.raises(ValueError, match=message):
        KeypointStore(path)


def test_files_that_are_none_are_refused(
    write_file: Callable, make_annotation: Callable, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError, match="--ann-file FILE"):
        KeypointStore(tmp_path / "nothing.pkl")
    with pytest.raises(ValueError, match="holds no annotations"):
        KeypointStore(write_file([], "empty.pkl"))
    with pytest.raises(ValueError, match="names no topology"):
        KeypointStore(write_file([make_annotation("a", 5)], "bare.pkl", topology=""))
