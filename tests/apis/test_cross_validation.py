"""Cross-validation on the tiny corpus: plans, runs, failures, resuming, reports, jobs."""

import importlib.util
import json

import numpy as np
import pandas as pd
import pytest

from fau3d.apis.cross_validation import plan_leave_one_corpus_out, plan_protocol
from fau3d.evaluation import score_frames, tune_thresholds
from fau3d.io.annotation import load_annotations, save_annotations
from fau3d.io.safe_pickle import safe_load
from fau3d.io.splits import read_splits

ONE_EPOCH = ["--cfg-options", "train_cfg.max_epochs=1", "model.head.dropout=0.0"]


@pytest.fixture
def tool(repo_root):
    spec = importlib.util.spec_from_file_location("cross_validate", repo_root / "tools" / "cross_validate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def variant(tiny_corpus, tmp_path):
    """The tiny corpus, changed."""

    def make(name, change=lambda annotation: None, keep=None, split=None, **metainfo):
        file = load_annotations(tiny_corpus)
        annotations = file.annotations if keep is None else file.annotations[keep]
        for annotation in annotations:
            change(annotation)
        path = tmp_path / name
        save_annotations(path, file.split if split is None else split, annotations, file.metainfo | metainfo)
        return str(path)

    return make


def test_folds_are_run_failed_resumed_and_reported(tool, tiny_config, tiny_corpus, tmp_path, capsys):
    work = tmp_path / "work"
    arguments = [str(tiny_config), "--protocol", "subject-kfold", "--folds", "2", "--samples", "50",
                 "--ann-file", str(tiny_corpus), "--work-dir", str(work)]  # fmt: skip
    # The second fold cannot write: a file lies where its folder is to be.
    work.mkdir()
    (work / "fold2").mkdir()
    (work / "fold2" / "test").write_text("in the way")
    with pytest.raises(SystemExit):
        tool.main([*arguments, "--resume", *ONE_EPOCH])
    shown = capsys.readouterr()
    assert "fold2 failed: " in shown.err and "**fold2 is not in the figures**: it failed" in shown.out
    assert (work / "fold1" / "done.json").is_file()
    begun = (work / "fold1" / "test.pkl").stat().st_mtime_ns

    (work / "fold2" / "test").unlink()
    with pytest.raises(ValueError, match="fold1 holds an earlier run; --resume goes on"):
        tool.main([*arguments, *ONE_EPOCH])
    with pytest.raises(ValueError, match="holds a cross-validation with other settings"):
        tool.main([*arguments, "--resume", "--cfg-options", "train_cfg.max_epochs=2"])
    tool.main([*arguments, "--resume", *ONE_EPOCH])
    assert (work / "fold1" / "test.pkl").stat().st_mtime_ns == begun
    assert not (work / "fold2" / "error.txt").exists()

    text = (work / "report.md").read_text()
    assert "is not in the figures" not in text and "2 folds" in text and "tuned on validation" in text
    pooled = safe_load(work / "pooled.pkl")
    assert sorted(face["frame_dir"] for face in pooled["results"]) == [f"video_{n:02d}" for n in range(10)]
    assert {face["subject"] for face in pooled["results"]} == {f"S{n}" for n in range(10)}
    table = pd.read_csv(work / "report.csv").set_index(["figure", "thresholds", "fold", "au"])["value"]
    whole = score_frames(pooled["results"], pooled["au_names"])
    assert table["f1", "0.5", "pooled", "AU12"] == pytest.approx(whole.values["f1"][2])
    validation = safe_load(work / "fold1" / "validation.pkl")
    assert table["threshold", "tuned", "fold1", "AU06"] == pytest.approx(
        tune_thresholds(validation["results"])[1]
    )
    splits = read_splits(work / "splits" / "1_tiny.json")
    said = {face["frame_dir"] for face in validation["results"]}
    assert said == set(splits["fold1_val"]) and not said & set(splits["fold1_fit"] + splits["fold1_test"])


def test_all_of_the_training_set_as_papers_do(tool, tiny_config, variant, tmp_path, capsys):
    path = variant("own.pkl", split={"fold1_train": [f"video_{n:02d}" for n in range(6)],
                                     "fold1_test": ["video_08", "video_09"]})  # fmt: skip
    work = tmp_path / "work"
    arguments = [str(tiny_config), "--ann-file", path, "--work-dir", str(work), "--no-validation-split"]
    tool.main([*arguments, "--samples", "20", *ONE_EPOCH])
    text = (work / "report.md").read_text()
    assert "# Cross-validation: file" in text and "all of its training set" in text and "tuned" not in text
    assert json.loads((work / "fold1" / "done.json").read_text())["checkpoint"] == "epoch_1.pth"
    assert len(safe_load(work / "pooled.pkl")["results"]) == 2
    capsys.readouterr()
    tool.main([*arguments, "--samples", "20", *ONE_EPOCH, "--report-only"])
    assert "2 people, 1 folds" in capsys.readouterr().out


def test_leave_one_corpus_out(tool, tiny_config, variant, tmp_path):
    # The same names in both files, and the units in another order: neither may mix anything up.
    def turn(annotation):
        for key in ("au_occurrence", "au_intensity"):
            annotation[key] = annotation[key][:, ::-1]

    first = variant("a.pkl", keep=slice(0, 5), corpus="BP4D")
    second = variant("b.pkl", turn, keep=slice(0, 5), corpus="BP4D+", au_names=["AU12", "AU06", "AU01"])
    work = tmp_path / "work"
    tool.main([str(tiny_config), "--leave-one-corpus-out", first, second, "--work-dir", str(work),
               "--samples", "20", *ONE_EPOCH])  # fmt: skip
    pooled = safe_load(work / "pooled.pkl")
    assert pooled["au_names"] == ["AU01", "AU06", "AU12"]
    faces = {face["frame_dir"]: face for face in pooled["results"]}
    assert len(faces) == 10 and faces["BP4D+/video_03"]["subject"] == "BP4D+/S3"
    np.testing.assert_array_equal(
        faces["BP4D/video_03"]["gt_occurrence"], faces["BP4D+/video_03"]["gt_occurrence"]
    )
    assert "10 people, 2 folds" in (work / "report.md").read_text()


def test_jobs(tool, tiny_config, tiny_corpus, capsys):
    arguments = [str(tiny_config), "--protocol", "loso", "--ann-file", str(tiny_corpus), "--work-dir", "a b"]
    tool.main([*arguments, "--print-jobs"])
    script = capsys.readouterr().out
    assert "#SBATCH --array=1-10" in script and "#SBATCH --output=a b/slurm-%A_%a.out" in script
    command = "python tools/cross_validate.py"
    assert (
        f"\n{command} {tiny_config} " in script
        and "'a b' --resume --fold \"${SLURM_ARRAY_TASK_ID}\"" in script
    )
    assert "'a b' --report-only" in script and "--print-jobs" not in script
    with pytest.raises(ValueError, match="there is no fold '11'; the plan has fold1"):
        tool.main([*arguments, "--fold", "11"])


def test_plans_fix_what_the_protocol_fixes(variant):
    def people(annotation):
        annotation["subject"] = {"S0": "SN001", "S1": "SN006", "S2": "SN003", "S3": "SN004"}[
            annotation["subject"]
        ]

    path = variant("disfa.pkl", people, keep=slice(0, 4), corpus="DISFA", rules={"present_from": 2})
    plan = plan_protocol("c.py", [path], "disfa-3fold")
    assert plan.present_from == 2 and plan.au_names[-1] == "AU26" and len(plan.folds) == 3
    assert plan.splits[0]["fold1_test"] == ["video_02", "video_03"]
    assert plan.notes[0].startswith("23 people of the protocol are not in the files: SN002,")
    with pytest.raises(ValueError, match="from intensity 2 on, but 1 is wanted"):
        plan_protocol("c.py", [path], "disfa-3fold", present_from=1)
    with pytest.raises(ValueError, match="holds DISFA, but bp4d-3fold divides BP4D"):
        plan_protocol("c.py", [path], "bp4d-3fold")
    other = variant("plus.pkl", corpus="DISFA+")
    with pytest.raises(ValueError, match="which shows the same people"):
        plan_leave_one_corpus_out("c.py", [path, other])


def test_what_cannot_be_planned_is_told(variant, tiny_corpus):
    with pytest.raises(ValueError, match="holds no folds"):
        plan_protocol("c.py", [str(tiny_corpus)])
    nameless = variant("nameless.pkl", lambda annotation: annotation.pop("subject"))
    with pytest.raises(ValueError, match="video_00: has no subject"):
        plan_protocol("c.py", [nameless], "loso")
    folds = {"fold1_train": ["video_00"], "fold1_test": ["video_01"]}
    own = variant("own.pkl", lambda annotation: annotation.pop("subject"), split=folds)
    with pytest.raises(ValueError, match="fold1: has no fold1_fit"):
        plan_protocol("c.py", [own])
    plan = plan_protocol("c.py", [own], validate=False)
    assert plan.folds[0].train == "fold1_train" and "who is seen is not known" in plan.notes[0]
    with pytest.raises(ValueError, match=r"is in .* and again in"):
        plan_protocol("c.py", [str(tiny_corpus), own], "loso")
    with pytest.raises(ValueError, match="no unit is labelled in all files"):
        plan_leave_one_corpus_out(
            "c.py", [str(tiny_corpus), variant("x.pkl", au_names=["AU02", "AU04", "AU25"])]
        )
    unnamed = plan_leave_one_corpus_out("c.py", [str(tiny_corpus), variant("y.pkl", corpus="BP4D")])
    assert [fold.name for fold in unnamed.folds] == ["tiny", "BP4D"]
    assert "tiny.pkl does not say which corpus it holds" in unnamed.notes[0]


def test_arguments(tool, capsys):
    for wrong in (["c.py"], ["c.py", "--ann-file", "a", "--leave-one-corpus-out", "a", "b"],
                  ["c.py", "--leave-one-corpus-out", "a", "b", "--protocol", "loso"]):  # fmt: skip
        with pytest.raises(SystemExit):
            tool.parse_args(wrong)
    assert "wanted either --ann-file" in capsys.readouterr().err
