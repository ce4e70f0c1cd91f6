"""Fusion of result files: the average, and what must not be averaged."""

import importlib.util

import numpy as np
import pytest

from fau3d.evaluation import fuse_results, write_results
from fau3d.evaluation.fusion import learn_weights
from fau3d.io.safe_pickle import safe_load

NAMES = ["AU01", "AU12"]


def result(seed, videos=("a", "b"), frames=5, intensity=True, names=NAMES):
    rng = np.random.default_rng(seed)
    faces = []
    for video in videos:
        labels = np.random.default_rng(len(video)).integers(-1, 2, (frames, 2)).astype(np.int8)
        face = {
            "frame_dir": video,
            "person": 0,
            "frame_index": np.arange(frames),
            "pred_occurrence": rng.random((frames, 2)).astype(np.float32),
            "gt_occurrence": labels,
        }
        if intensity:
            face["pred_intensity"] = (rng.random((frames, 2)) * 5).astype(np.float32)
            face["gt_intensity"] = np.full((frames, 2), np.nan, np.float32)
        faces.append(face)
    return {"au_names": list(names), "results": faces}


def test_fusing_is_the_weighted_average():
    files = [result(0), result(1), result(2)]
    fused = fuse_results(files, [1, 2, 1])
    for name in ("pred_occurrence", "pred_intensity"):
        for face in range(2):
            a, b, c = (file["results"][face][name] for file in files)
            np.testing.assert_allclose(fused["results"][face][name], (a + 2 * b + c) / 4, rtol=1e-6)
            assert fused["results"][face][name].dtype == np.float32
    np.testing.assert_array_equal(
        fused["results"][0]["gt_occurrence"], files[0]["results"][0]["gt_occurrence"]
    )


def test_fusing_a_file_with_itself_changes_nothing_and_weights_have_no_scale():
    file = result(0)
    fused = fuse_results([file, file])
    np.testing.assert_array_equal(
        fused["results"][1]["pred_occurrence"], file["results"][1]["pred_occurrence"]
    )
    other = result(1)
    small, large = (fuse_results([file, other], [s, 3 * s]) for s in (0.1, 10))
    np.testing.assert_allclose(small["results"][0]["pred_occurrence"], large["results"][0]["pred_occurrence"])


def test_faces_are_matched_by_name_and_a_model_may_lack_intensity():
    first, second = result(0), result(1, intensity=False)
    second["results"].reverse()
    fused = fuse_results([first, second])
    wanted = (first["results"][0]["pred_occurrence"] + second["results"][1]["pred_occurrence"]) / 2
    np.testing.assert_allclose(fused["results"][0]["pred_occurrence"], wanted, rtol=1e-6)
    np.testing.assert_array_equal(
        fused["results"][0]["pred_intensity"], first["results"][0]["pred_intensity"]
    )


@pytest.mark.parametrize(
    ("files", "weights", "message"),
    [
        ([result(0)], None, "at least two"),
        ([result(0), result(1)], [1.0], "found 1 weights for 2 files"),
        ([result(0), result(1)], [1.0, -1.0], "at least 0"),
        ([result(0), result(1)], [0.0, 0.0], "not all 0"),
        ([result(0), result(1, names=["AU01", "AU06"])], None, "wanted results of models of one AU set"),
        ([result(0), result(1, videos=("a", "c"))], None, "b, person 0: in only one of file 1 and file 2"),
        ([result(0), result(1, frames=4)], None, "a, person 0: file 1 has 5 frames, file 2 4"),
    ],
)
def test_what_does_not_fit_is_named(files, weights, message):
    with pytest.raises(ValueError, match=message):
        fuse_results(files, weights)


def test_the_tool_writes_and_reports(repo_root, tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("fuse", repo_root / "tools/analysis/fuse_results.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    paths = []
    for seed in range(2):
        paths.append(str(tmp_path / f"{seed}.pkl"))
        write_results(paths[-1], NAMES, result(seed, frames=40)["results"])
    out = str(tmp_path / "fused.pkl")
    assert tool.main([*paths, "--weights", "1", "3", "-o", out]) == 0
    assert "AU12" in capsys.readouterr().out
    assert safe_load(out)["au_names"] == NAMES
    assert tool.main([*paths, "-o", out]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert tool.main([*paths, "-o", out, "--overwrite", "--weights", "1"]) == 1


def test_weights_are_learned_unit_by_unit_and_used(tmp_path, repo_root):
    rng = np.random.default_rng(0)
    files = [result(1, frames=400, intensity=False), result(2, frames=400, intensity=False)]
    for face, other in zip(*(file["results"] for file in files)):
        labels = rng.integers(-1, 2, (400, 2)).astype(np.int8)
        for k, each in enumerate((face, other)):
            each["gt_occurrence"] = labels
            # The first knows AU01, the second AU12.
            each["pred_occurrence"][:, k] = np.where(labels[:, k] == 1, 0.9, 0.1)
    weights = learn_weights(files)
    assert weights[0, 0] > 0.9 and weights[1, 1] > 0.9
    np.testing.assert_allclose(weights.sum(0), 1)

    spec = importlib.util.spec_from_file_location(
        "fuse", repo_root / "tools" / "analysis" / "fuse_results.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    paths = [str(tmp_path / name) for name in ("a.pkl", "b.pkl")]
    for path, file in zip(paths, files):
        write_results(path, NAMES, file["results"])
    assert module.main([*paths, "--learn", str(tmp_path / "w.json")]) == 0
    assert module.main([*paths, "--weights", str(tmp_path / "w.json"), "-o", str(tmp_path / "c.pkl")]) == 0
    fused = safe_load(tmp_path / "c.pkl")["results"][0]["pred_occurrence"]
    np.testing.assert_allclose(
        fused, fuse_results(files, weights)["results"][0]["pred_occurrence"], atol=1e-4
    )
