"""Corpora: failures, resuming, shards, workers."""

import csv
import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fau3d.apis.extraction import ExtractorError, extract_corpus, list_sources, parse_shard, ray_executor
from fau3d.apis.extraction.parts import PartStore
from fau3d.apis.extraction.workers import WorkerDied, run_tasks
from fau3d.extractors import LandmarkExtractor
from fau3d.io.annotation import load_annotations, merge_annotations
from fau3d.io.video import Frame, VideoReader, VideoWarning, VideoWriter
from fau3d.registry import EXTRACTORS
from fau3d.structures import FaceLandmarks


@EXTRACTORS.register_module()
class CornerExtractor(LandmarkExtractor):
    """Finds a face in every image: points on a line from the corner, as bright as the image is."""

    topology = "ibug68"
    name = "corner 1"
    seen: list[tuple[int, int]]
    stop_at: int | None = None

    def __init__(self, bright: float = 1.0) -> None:
        if bright < 0:
            raise ValueError(f"bright is {bright}; wanted 0 or more")
        self.bright = bright

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        if CornerExtractor.stop_at is not None:
            CornerExtractor.stop_at -= len(images)
            if CornerExtractor.stop_at < 0:
                raise KeyboardInterrupt
        points = [
            np.outer(np.linspace(0, image.mean(), 68), [1, self.bright]).astype(np.float32)
            for image in images
        ]
        box = np.array([0, 0, 1, 1], np.float32)
        return [[FaceLandmarks(p, np.ones(68, np.float32), box, 1.0, self.topology)] for p in points]


@EXTRACTORS.register_module()
class BlinkingExtractor(CornerExtractor):
    """Sees the face of CornerExtractor on five frames, then nobody on one, then the face again."""

    count = 0

    def reset(self) -> None:
        self.count = 0

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        faces = super().extract(images)
        self.count += len(images)
        return [[]] if self.count == 6 else faces


def write_video(path: Path, gray: int, frames: int = 3) -> None:
    with VideoWriter(path, fps=10) as writer:
        for _ in range(frames):
            writer.write(np.full((32, 48, 3), gray, np.uint8))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Four good videos and a broken one."""
    folder = tmp_path / "corpus"
    for number, name in enumerate(["a.mp4", "b.mp4", "deep/er/a.mp4", "größe und ä.mp4"]):
        write_video(folder / name, 40 * number + 40)
    (folder / "broken.mp4").write_bytes(b"no video at all")
    (folder / "notes.txt").write_text("not a video")
    return folder


def extract(source: Path, output: Path, **options: object):
    return extract_corpus(source, output, "CornerExtractor", **{"workers": 0, "progress": False, **options})


def failures(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_failed_video_is_reported_and_costs_no_other(tree: Path, tmp_path: Path) -> None:
    report = extract(tree, tmp_path / "out.pkl")
    names = ["a", "b", "deep/er/a", "größe und ä"]
    assert sorted(report.done) == names
    assert list(report.failed) == ["broken"]
    assert "1 failed" in str(report)
    (row,) = failures(tmp_path / "failures.csv")
    assert row["video"] == "broken"
    assert "broken.mp4" in row["reason"]
    content = load_annotations(tmp_path / "out.pkl")
    assert sorted(content.split["all"]) == names
    assert [a["frame_dir"] for a in content.annotations] == content.split["all"]
    assert content.metainfo["topology"] == "ibug68"
    assert content.metainfo["extractor"] == "corner 1"
    assert all(a["keypoint"].shape == (1, 3, 68, 2) for a in content.annotations)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["corpus", "failures.csv", "out.pkl"]


def test_nothing_is_overwritten_unasked(tree: Path, tmp_path: Path) -> None:
    extract(tree, tmp_path / "out.pkl")
    with pytest.raises(FileExistsError, match="--resume"):
        extract(tree, tmp_path / "out.pkl")
    report = extract(tree, tmp_path / "out.pkl", overwrite=True)
    assert len(report.done) == 4


def test_an_interrupted_run_goes_on_where_it_was(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CornerExtractor, "stop_at", 7)
    with pytest.raises(KeyboardInterrupt):
        extract(tree, tmp_path / "out.pkl")
    assert not (tmp_path / "out.pkl").exists()
    monkeypatch.setattr(CornerExtractor, "stop_at", None)
    with pytest.raises(FileExistsError, match=r"out\.pkl\.parts"):
        extract(tree, tmp_path / "out.pkl")
    report = extract(tree, tmp_path / "out.pkl", resume=True)
    assert (len(report.skipped), len(report.done), len(report.failed)) == (2, 2, 1)
    extract(tree, tmp_path / "whole.pkl")
    for one, other in zip(
        load_annotations(tmp_path / "out.pkl").annotations,
        load_annotations(tmp_path / "whole.pkl").annotations,
    ):
        assert one["frame_dir"] == other["frame_dir"]
        assert (one["keypoint"] == other["keypoint"]).all()


def test_damage_that_a_killed_run_saw_is_reported_by_the_one_that_resumes(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = VideoReader.frames

    def damaged(reader: VideoReader, *args: int) -> Iterator[Frame]:
        yield from frames(reader, *args)
        if reader.path.name == "a.mp4":
            warnings.warn("a.mp4: cut short", VideoWarning, stacklevel=2)

    monkeypatch.setattr(VideoReader, "frames", damaged)
    monkeypatch.setattr(CornerExtractor, "stop_at", 4)
    with pytest.raises(KeyboardInterrupt):
        extract(tree, tmp_path / "out.pkl")
    monkeypatch.setattr(CornerExtractor, "stop_at", None)
    report = extract(tree, tmp_path / "out.pkl", resume=True)
    assert "a" in report.skipped and report.damaged["a"] == ("a.mp4: cut short", 3)
    assert ("a", "3") in [(row["video"], row["frames_kept"]) for row in failures(tmp_path / "failures.csv")]


def test_frames_of_persons_who_were_not_kept_are_counted(tmp_path: Path) -> None:
    """Who is away for longer than the gap comes back as another person; that must not go unsaid."""
    write_video(tmp_path / "a.mp4", 100, frames=9)
    report = extract_corpus(
        tmp_path / "a.mp4", tmp_path / "out.pkl", "BlinkingExtractor", workers=0, progress=False, max_gap=0
    )
    assert report.left_out == {"a": 3}
    assert "a: 3 frames show only persons who were not kept; --max-faces" in str(report)


def test_resuming_a_finished_run_tries_the_failed_and_new_ones(tree: Path, tmp_path: Path) -> None:
    extract(tree, tmp_path / "out.pkl")
    write_video(tree / "broken.mp4", 90)
    write_video(tree / "late.mp4", 90)
    (tree / "a.mp4").unlink()
    report = extract(tree, tmp_path / "out.pkl", resume=True)
    assert sorted(report.done) == ["broken", "late"]
    assert len(report.skipped) == 3
    assert not (tmp_path / "failures.csv").exists()
    assert len(load_annotations(tmp_path / "out.pkl").annotations) == 6


def test_a_run_is_not_resumed_with_other_options(tree: Path, tmp_path: Path) -> None:
    extract(tree, tmp_path / "out.pkl")
    with pytest.raises(ValueError, match=r"fps None, now 5"):
        extract(tree, tmp_path / "out.pkl", resume=True, fps=5.0)
    with pytest.raises(ValueError, match="wanted one of them"):
        extract(tree, tmp_path / "out.pkl", resume=True, overwrite=True)


@pytest.mark.parametrize(
    "options", [{"max_faces": 0}, {"single_face": "best"}, {"max_gap": -1.0}, {"fps": 0.0}], ids=str
)
def test_options_out_of_range_stop_at_once(tree: Path, tmp_path: Path, options: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        extract(tree, tmp_path / "out.pkl", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_shards_share_nothing_and_make_the_whole(tree: Path, tmp_path: Path) -> None:
    for i in range(2):
        extract(tree, tmp_path / "out.pkl", shard=(i, 2))
    shards = sorted(tmp_path.glob("out.*-of-2.pkl"))
    assert len(shards) == 2
    merged = merge_annotations(shards)
    assert sorted(a["frame_dir"] for a in merged.annotations) == ["a", "b", "deep/er/a", "größe und ä"]
    assert len(list(tmp_path.glob("failures.*-of-2.csv"))) == 1


def test_outputs_in_one_folder_share_their_report(tree: Path, tmp_path: Path) -> None:
    for name in ("one.pkl", "two.pkl"):
        extract(tree, tmp_path / name)
    assert [row["output"] for row in failures(tmp_path / "failures.csv")] == ["one.pkl", "two.pkl"]
    extract(tree, tmp_path / "one.pkl", resume=True)
    assert [row["output"] for row in failures(tmp_path / "failures.csv")] == ["two.pkl", "one.pkl"]


def test_an_extractor_that_cannot_be_built_stops_at_once(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(ExtractorError, match="bright is -1"):
        extract_corpus(
            tree, tmp_path / "out.pkl", {"type": "CornerExtractor", "bright": -1}, workers=0, progress=False
        )
    assert not (tmp_path / "out.pkl.parts").exists()


def test_leftovers_of_a_killed_writer_are_removed(tree: Path, tmp_path: Path) -> None:
    other = [tmp_path / ".outer.0123abcd.part.pkl", tmp_path / ".out.notes.pkl", tmp_path / ".out.pkl"]
    for path in [tmp_path / ".out.0123abcd.part.pkl", *other]:
        path.write_bytes(b"half")
    extract(tree, tmp_path / "out.pkl")
    assert sorted(tmp_path.glob(".*")) == sorted(other)


def test_no_output_where_nothing_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.mp4").write_bytes(b"")
    report = extract(tmp_path / "corpus", tmp_path / "out.pkl")
    assert "nothing written" in str(report)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["corpus", "failures.csv"]


def test_processes_give_what_one_gives(repo_root: Path, tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    report = extract_corpus(tree, tmp_path / "two.pkl", workers=2, progress=False)
    assert (len(report.done), len(report.failed)) == (4, 1)
    first = load_annotations(tmp_path / "two.pkl").annotations[0]
    assert first["keypoint"].shape == (1, 3, 478, 3)
    assert np.isnan(first["keypoint"]).all()
    assert (first["keypoint_score"] == 0).all()


def test_a_process_that_dies_costs_one_task() -> None:
    tasks = ["1 + 1", "__import__('os')._exit(9)", "2 + 2", "1 / 0", "3 + 3"]
    ended = {task: (result, error) for task, result, error in run_tasks(eval, tasks, workers=2)}
    assert len(ended) == 5
    assert [ended[task][0] for task in tasks] == [2, None, 4, None, 6]
    assert isinstance(ended[tasks[1]][1], WorkerDied)
    assert isinstance(ended[tasks[3]][1], ZeroDivisionError)


def test_tasks_run_in_this_process() -> None:
    results = list(run_tasks(math.sqrt, [4.0, -1.0], workers=0))
    assert results[0] == (4.0, 2.0, None)
    assert isinstance(results[1][2], ValueError)
    with pytest.raises(ValueError, match="workers is -1"):
        run_tasks(math.sqrt, [], workers=-1)


def test_a_cluster_does_the_work_through_the_same_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for Ray: `remote(f).remote(x).future()` runs at once."""

    class Reference(Future):
        def future(self) -> Future:
            return self

    class Remote:
        def __init__(self, function) -> None:
            self.function = function

        def remote(self, *args: object) -> Reference:
            reference = Reference()
            try:
                reference.set_result(self.function(*args))
            except Exception as error:
                reference.set_exception(error)
            return reference

    ray = ModuleType("ray")
    ray.started = []
    ray.is_initialized = lambda: bool(ray.started)
    ray.init = lambda address: ray.started.append(address)
    ray.remote = Remote
    monkeypatch.setitem(sys.modules, "ray", ray)
    make = ray_executor("auto")
    ended = {task: result for task, result, _ in run_tasks(math.sqrt, [4.0, 9.0, -1.0], 2, make)}
    assert ended == {4.0: 2.0, 9.0: 3.0, -1.0: None}
    assert ray.started == ["auto"]


def test_a_missing_cluster_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"fau3d\[ray\]"):
        ray_executor("auto")


def test_sources_of_a_tree_have_unique_names(tmp_path: Path) -> None:
    for name in [
        "x/one.mp4",
        "x/one.avi",
        "two.MOV",
        "x/shots/1.png",
        "x/shots/2.png",
        "x/look.png",
        ".hidden/three.mp4",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {name: path.relative_to(tmp_path).as_posix() for name, path in list_sources(tmp_path).items()}
    assert found == {
        "two": "two.MOV",
        "x/one.avi": "x/one.avi",
        "x/one.mp4": "x/one.mp4",
        "x/shots": "x/shots",
    }
    assert list_sources(tmp_path / "two.MOV") == {"two": tmp_path / "two.MOV"}


def test_sources_of_a_list_count_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# a comment\n\nsub/a b.mp4\nc.avi\n", encoding="utf-8")
    assert list_sources(tmp_path / "list.txt") == {
        "sub/a b": tmp_path / "sub" / "a b.mp4",
        "c": tmp_path / "c.avi",
    }
    (tmp_path / "far.txt").write_text(f"{tmp_path.parent}/x/a.mp4\nb.mp4\n", encoding="utf-8")
    assert list(list_sources(tmp_path / "far.txt")) == ["x/a", f"{tmp_path.name}/b"]


@pytest.mark.parametrize(
    ("text", "message"), [("", "names no video"), ("a.mp4\na.mp4\n", "names a.mp4 2 times")]
)
def test_bad_lists_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(ValueError, match=message):
        list_sources(tmp_path / "list.txt")


def test_empty_and_missing_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no video"):
        list_sources(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such video"):
        list_sources(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "1", "4/4", "-1/4", "a/b", "0/0"])
def test_bad_shards_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted i/n"):
        parse_shard(text)


def test_any_name_makes_a_part_file(tmp_path: Path) -> None:
    store = PartStore(tmp_path / "out.pkl")
    names = ["a", "a/b", "a%2Fb", "..", ".", "ä" * 200, "x" * 300, "x" * 301, "a b\n?*"]
    paths = [store.path(name) for name in names]
    assert len(set(paths)) == len(names)
    assert all(path.parent == store.folder and len(path.name) < 255 for path in paths)
    store.start({})
    for name in names:
        store.save(name, {"frame_dir": name}, {})
        assert store.load(name).annotations[0]["frame_dir"] == name
