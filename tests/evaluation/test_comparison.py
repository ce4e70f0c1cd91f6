import importlib.util

import numpy as np
import pytest

from fau3d.evaluation import score_frames, write_results
from fau3d.evaluation.comparison import compare_results

NAMES = ["AU01", "AU12"]


def result(noise, videos=12, seed=0, names=NAMES, frames=60):
    """Videos that are hard or easy for whoever looks at them, and predictions of some noise."""
    labels, difficulty = np.random.default_rng(5), np.random.default_rng(6)
    rng = np.random.default_rng(seed)
    faces = []
    for video in range(videos):
        truth = labels.integers(-1, 2, (frames, 2)).astype(np.int8)
        shift = difficulty.normal(0, 0.3)
        score = 0.5 + 0.35 * (truth - 0.5) + shift + rng.normal(0, noise, truth.shape)
        faces.append(
            {
                "frame_dir": f"video{video:02d}",
                "person": 0,
                "frame_index": np.arange(frames),
                "pred_occurrence": np.clip(score, 0, 1).round(5).astype(np.float32),
                "gt_occurrence": truth,
                "subject": f"S{video // 2}",
            }
        )
    return {"au_names": list(names), "results": faces}


def test_a_difference_that_other_videos_would_show_too():
    good, bad = result(0.1), result(0.6, seed=1)
    found = compare_results(bad, good, samples=1000)
    assert found.groups == 12 and found.frames == 720
    for key in ("f1", "auc"):
        side = found.figures[key]
        for file, values in ((bad, side.first), (good, side.second)):
            expected = score_frames(file["results"], NAMES)
            np.testing.assert_allclose(values[:2], expected.values[key])
            assert values[2] == pytest.approx(expected.mean(key))
        assert side.low[2] > 0 and side.p[2] < 0.03
        assert side.low[2] < side.difference[2] < side.high[2]
    again = compare_results(bad, good, samples=1000)
    np.testing.assert_array_equal(again.figures["f1"].low, found.figures["f1"].low)


def test_no_difference():
    same = compare_results(result(0.3), result(0.3), samples=200)
    assert (same.figures["f1"].p == 1).all() and (same.figures["auc"].difference == 0).all()
    other = compare_results(result(0.3), result(0.3, seed=9), samples=500).figures["f1"]
    assert other.low[2] < 0 < other.high[2] and other.p[2] > 0.05


def test_pairing_takes_away_what_is_hard_for_both():
    first, second = result(0.3), result(0.3, seed=9)
    paired = compare_results(first, second, samples=500).figures["f1"]
    alone = [np.nanstd([score_frames([face], NAMES).mean("f1") for face in first["results"]])]
    assert paired.high[2] - paired.low[2] < 4 * alone[0] / np.sqrt(12)


def test_people_are_resampled_whole():
    first, second = result(0.1), result(0.6, seed=1)
    subjects = {face["frame_dir"]: face["subject"] for face in first["results"]}
    assert compare_results(first, second, subjects=subjects, samples=20).groups == 6
    with pytest.raises(ValueError, match=r"video03: its subject is not known \(1 such"):
        compare_results(first, second, subjects={**subjects, "video03": ""})


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (result(0.1, videos=13), "video12, person 0: in only one of a.pkl and b.pkl"),
        (result(0.1, names=["AU01", "AU06"]), "b.pkl answers AU01, AU06; a.pkl AU01, AU12"),
        (result(0.1, frames=61), "video00, person 0: a.pkl has 60 frames, b.pkl 61"),
    ],
)
def test_what_is_not_the_same_is_named(other, message):
    with pytest.raises(ValueError, match=message):
        compare_results(result(0.1), other, ("a.pkl", "b.pkl"))


def test_other_labels_are_refused():
    other = result(0.1)
    other["results"][3]["gt_occurrence"] = other["results"][3]["gt_occurrence"][::-1]
    with pytest.raises(ValueError, match="video03, person 0: file 1 and file 2 were scored"):
        compare_results(result(0.1), other)


@pytest.fixture
def tool(repo_root):
    path = repo_root / "tools" / "analysis" / "compare_results.py"
    spec = importlib.util.spec_from_file_location("compare", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def test_the_tool(tool, tmp_path, capsys):
    paths = [str(tmp_path / name) for name in ("a.pkl", "b.pkl")]
    for path, noise in zip(paths, (0.5, 0.2)):
        write_results(path, NAMES, result(noise)["results"])
    assert tool([*paths, "--by", "subject", "--samples", "200"]) == 0
    shown = capsys.readouterr().out
    assert "720 frames of 6 people, resampled 200 times" in shown
    assert "| F1 | a.pkl | b.pkl | difference |" in shown and shown.count("| AU12 |") == 2
    table = tmp_path / "subjects.csv"
    table.write_text("frame_dir,subject\n" + "".join(f"video{v:02d},P{v % 3}\n" for v in range(12)))
    assert tool([*paths, "--by", "subject", "--subjects", str(table), "--samples", "50"]) == 0
    assert "720 frames of 3 people" in capsys.readouterr().out
    write_results(paths[1], NAMES, result(0.1, videos=5)["results"])
    assert tool(paths) == 1
    assert "in only one of a.pkl and b.pkl" in capsys.readouterr().err
