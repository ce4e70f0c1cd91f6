"""The trial of noisy labels on made-up people: it runs, goes on, and reports."""

import json

import numpy as np

from fau3d.facs import get_au_set
from fau3d.io.annotation import save_annotations
from fau3d.topology import get_topology


def made_up(path, persons=7, frames=48):
    rng = np.random.default_rng(0)
    topology = get_topology("mediapipe91")
    units = list(get_au_set("synthetic41"))
    base = rng.uniform(20, 70, (topology.num_points, 3))
    right, left = topology.eye_corners[:2], topology.eye_corners[2:]
    base[right, 0], base[left, 0] = (25, 38), (52, 65)
    base[[*right, *left], 1] = 40
    annotations = []
    for person in range(persons):
        shown = rng.random((frames, len(units))) < 0.3
        points = base + rng.normal(0, 1, (frames, *base.shape))
        annotations.append(
            {
                "frame_dir": f"person{person:05d}_00",
                "total_frames": frames,
                "img_shape": (90, 90),
                "original_shape": (90, 90),
                "keypoint": points[None].astype(np.float32),
                "keypoint_score": np.ones((1, frames, len(base)), np.float32),
                "au_occurrence": shown.astype(np.int8),
                "au_intensity": (3.0 * shown).astype(np.float32),
                "frame_index": np.arange(frames),
                "fps": 25.0,
                "subject": f"person{person:05d}",
            }
        )
    names = [a["frame_dir"] for a in annotations]
    metainfo = {
        "topology": "mediapipe91",
        "au_names": units,
        "label_type": "intensity",
        "extractor": "made up",
        "format_version": 1,
        "source": "random numbers",
    }
    save_annotations(path, {"all": names}, annotations, metainfo)


def test_it_runs_goes_on_and_reports(benchmarks, tmp_path, capsys, monkeypatch):
    import noisy_labels

    both = {name: noisy_labels.TREATMENTS[name] for name in ("plain", "weighted, smoothed")}
    monkeypatch.setattr(noisy_labels, "TREATMENTS", both)
    made_up(tmp_path / "people.pkl")
    files = [str(tmp_path / "people.pkl")] * 2
    options = [*files, "--quick", "--seeds", "2", "--few", "1", "2", "-o", str(tmp_path / "out")]
    assert noisy_labels.main(options) == 0
    kept = json.loads((tmp_path / "out" / "noisy_labels.json").read_text())["rows"]
    assert all(set(seeds) == {"0", "1"} for seeds in kept.values())
    assert len(kept) == 1 + 2 + 2 * 3 + 2 + 1
    table = (tmp_path / "out" / "noisy_labels.md").read_text()
    assert "| noisy labels, weighted, smoothed, then 2 people |" in table and " ± " in table
    assert noisy_labels.main(options) == 0
    assert json.loads((tmp_path / "out" / "noisy_labels.json").read_text())["rows"] == kept
    assert noisy_labels.main([*files, "--quick", "--few", "4", "-o", str(tmp_path / "out")]) == 1
    assert "wanted more than twice the 4" in capsys.readouterr().err
