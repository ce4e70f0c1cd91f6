"""The command line of the importers."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np

from fau3d.io.annotation import load_annotations


def run(root: Path, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, str(root / "tools/data/import_landmarks.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)


def test_openface(repo_root: Path, tmp_path: Path) -> None:
    names = [
        "frame",
        "timestamp",
        "confidence",
        "success",
        *(f"{a}_{i}" for a in "xy" for i in range(68)),
        "AU12_c",
    ]
    rows = [", ".join(names), ", ".join(["1", "0.0", "0.9", "1", *["5.5"] * 136, "1"])]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "clip.csv").write_text("\n".join(rows))
    (tmp_path / "in" / "bad.csv").write_text("a,b\n1,2\n")
    done = run(repo_root, "openface", tmp_path / "in", tmp_path / "out.pkl", "--img-shape", 90, 160)
    assert done.returncode == 1 and "1 samples (1 frames) done, 0 skipped, 1 failed" in done.stdout
    assert "bad.csv" in done.stderr
    assert load_annotations(tmp_path / "out.pkl").annotations[0]["img_shape"] == (90, 160)
    again = run(repo_root, "openface", tmp_path / "in", tmp_path / "out.pkl")
    assert again.returncode == 2 and "--overwrite" in again.stderr
    assert run(repo_root, "openface", tmp_path / "in", tmp_path / "out.pkl", "--overwrite").returncode == 1


def test_wholebody_json(repo_root: Path, tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    content = [{"keypoints": [1.0, 2.0, 0.5] * 133}]
    (tmp_path / "v" / "00001.jpg.predictions.json").write_text(json.dumps(content))
    done = run(repo_root, "wholebody-json", tmp_path, tmp_path / "o.pkl", "--fps", 30, "--topology", "ibug68")
    assert done.returncode == 0, done.stderr
    file = load_annotations(tmp_path / "o.pkl")
    assert file.metainfo["topology"] == "ibug68" and file.annotations[0]["fps"] == 30


def test_pose_pickle(repo_root: Path, tmp_path: Path) -> None:
    sample = {"frame_dir": "a", "label": np.array([1, 0]), "keypoint": np.ones((1, 2, 68, 2), np.float16)}
    (tmp_path / "in.pkl").write_bytes(pickle.dumps([sample]))
    done = run(repo_root, "pose-pickle", tmp_path / "in.pkl", tmp_path / "o.pkl", "--au-names", "AU1", "12")
    assert done.returncode == 0, done.stderr
    assert load_annotations(tmp_path / "o.pkl").au_names == ("AU01", "AU12")
    (tmp_path / "cut.pkl").write_bytes(b"\x80\x04")
    done = run(repo_root, "pose-pickle", tmp_path / "cut.pkl", tmp_path / "p.pkl")
    assert done.returncode == 2 and "not a whole pickle" in done.stderr and not (tmp_path / "p.pkl").exists()
