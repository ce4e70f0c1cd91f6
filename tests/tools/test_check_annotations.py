"""The command line that checks an annotation file."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np

from fau3d.io.annotation import save_annotations


def run(root: Path, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, str(root / "tools/data/check_annotations.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=None, check=False)


def write(path: Path, points: int = 68) -> Path:
    annotation = {
        "frame_dir": "v1",
        "total_frames": 5,
        "img_shape": (9, 9),
        "keypoint": np.ones((1, 5, points, 2), np.float32),
        "keypoint_score": np.ones((1, 5, points), np.float32),
        "au_occurrence": np.array([[1], [1], [0], [0], [-1]], np.int8),
    }
    metainfo = {"topology": "ibug68", "au_names": ["AU12"], "label_type": "occurrence"}
    save_annotations(path, {"all": ["v1"]}, [annotation], metainfo)
    return path


def test_a_good_file(repo_root: Path, tmp_path: Path) -> None:
    done = run(repo_root, write(tmp_path / "a.pkl"))
    assert done.returncode == 0, done.stderr
    for part in (
        "no faults",
        "AU12",
        "50.0%",
        "20.0%",
        "1 videos, 5 frames",
        "no face in 0.0%",
        "Length in frames",
    ):
        assert part in done.stdout


def test_faults_are_named(repo_root: Path, tmp_path: Path) -> None:
    done = run(repo_root, write(tmp_path / "a.pkl", points=133))
    assert done.returncode == 1
    assert "v1: keypoint: found 133 points; wanted 68" in done.stderr and "1 faults" in done.stderr


def test_files_that_cannot_be_read(repo_root: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.pkl"
    evil.write_bytes(b"cposix\nsystem\n(S'touch " + str(tmp_path / "owned").encode() + b"'\ntR.")
    (tmp_path / "other.pkl").write_bytes(pickle.dumps([1]))
    for path, text in (
        (evil, "asks for posix.system"),
        (tmp_path / "other.pkl", "a int"),
        (tmp_path / "no", "No such"),
    ):
        done = run(repo_root, path)
        assert done.returncode == 2 and text in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "owned").exists()
