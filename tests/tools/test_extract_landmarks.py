"""The tool as a user runs it, and as the machine ends it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import load_annotations
from fau3d.io.video import VideoReader, VideoWriter

pytest.importorskip("mediapipe")


@pytest.fixture(scope="module")
def videos(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six short videos of a face."""
    folder = tmp_path_factory.mktemp("videos")
    with VideoReader(repo_root / "demo" / "face.mp4") as reader:
        for i in range(6):
            with VideoWriter(folder / f"{i}.mp4", fps=25) as writer:
                for frame in reader.frames(start=60 * i, stop=60 * i + 25):
                    writer.write(frame.image)
    return folder


def start(repo_root: Path, *arguments: object, tool: str = "extract_landmarks") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(repo_root / "tools" / "data" / f"{tool}.py"), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(repo_root), "OMP_NUM_THREADS": "1"},
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def is_running(process_id: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to find the worker processes")
def test_killed_at_any_moment_it_goes_on(repo_root: Path, videos: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.pkl"
    for wanted in (1, 3):
        process = start(repo_root, videos, output, "--resume")
        limit = time.monotonic() + 120
        while len(list((tmp_path / "out.pkl.parts").glob("[0-9]*.pkl"))) < wanted and process.poll() is None:
            assert time.monotonic() < limit
            time.sleep(0.005)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not output.exists()
        limit = time.monotonic() + 20
        while any(is_running(int(child)) for child in children):
            assert time.monotonic() < limit, "a worker outlives the tool"
            time.sleep(0.05)
    code, _, err = finish(start(repo_root, videos, output))
    assert code == 2
    assert "--resume" in err
    code, out, err = finish(start(repo_root, videos, output, "--resume"))
    assert code == 0, out + err
    assert " 0 failed" in out
    assert "0 skipped" not in out
    code, out, err = finish(start(repo_root, videos, tmp_path / "whole.pkl", "--workers", 0, "--no-progress"))
    assert "6 done, 0 skipped, 0 failed (150 frames, a face in 100.0%)" in out
    assert err == ""
    resumed, whole = load_annotations(output), load_annotations(tmp_path / "whole.pkl")
    assert resumed.split == whole.split == {"all": ["0", "1", "2", "3", "4", "5"]}
    for one, other in zip(resumed.annotations, whole.annotations, strict=True):
        assert (one["keypoint"] == other["keypoint"]).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.pkl", "whole.pkl"]


def test_shards_are_merged(repo_root: Path, videos: Path, tmp_path: Path) -> None:
    for i in range(2):
        options = ["--shard", f"{i}/2", "--workers", 0, "--fps", 5, "--max-faces", 2, "--max-gap", 0.5]
        code, out, err = finish(start(repo_root, videos, tmp_path / "out.pkl", *options))
        assert code == 0, out + err
        assert "3 done" in out
        assert "6/6" in err or "3/3" in err
    shards = sorted(tmp_path.glob("out.*.pkl"))
    code, out, err = finish(start(repo_root, *shards, tmp_path / "all.pkl", tool="merge_annotations"))
    assert code == 0, out + err
    merged = load_annotations(tmp_path / "all.pkl")
    assert sorted(merged.split["all"]) == ["0", "1", "2", "3", "4", "5"]
    for annotation in merged.annotations:
        assert annotation["keypoint"].shape == (1, 5, 478, 3)
        assert np.isfinite(annotation["keypoint"]).all()
    assert finish(start(repo_root, *shards, tmp_path / "all.pkl", tool="merge_annotations"))[0] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--extractor", "mediapip"], "no landmark extractor"),
        (["--shard", "4/4"], "wanted i/n"),
        (["--fps", "0"], "fps is 0"),
        (["--workers", "0", "--device", "cuda"], "runs on the CPU"),
        (["--extractor-options", "min_presence"], "wanted KEY=VALUE"),
        (["--workers", "0", "--extractor-options", "model_asset_path=no.task"], "no Face Landmarker bundle"),
    ],
)
def test_mistakes_are_one_line(
    repo_root: Path, videos: Path, tmp_path: Path, options: list, message: str
) -> None:
    code, out, err = finish(start(repo_root, videos, tmp_path / "out.pkl", "--no-progress", *options))
    assert code == 2
    assert message in err and out == ""
    assert "Traceback" not in err
    assert not (tmp_path / "out.pkl").exists()


def test_help_teaches(repo_root: Path) -> None:
    code, out, _ = finish(start(repo_root, "--help"))
    assert code == 0
    assert "examples:" in out
    assert "extract_landmarks.py videos/ landmarks.pkl --workers 4" in out
