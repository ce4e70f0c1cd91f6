import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from fau3d.evaluation.fold_scores import FoldPredictions, mean_and_spread, score_folds
from fau3d.evaluation.fold_tables import fold_table, latex_fold_table, markdown_fold_report
from fau3d.evaluation.protocols import PROTOCOLS
from fau3d.evaluation.published import published_figures
from fau3d.facs import get_au_set

NAMES = get_au_set("disfa8")


def faces(rng, videos, shift=0.0, frames=50):
    made = []
    for video in videos:
        truth = (rng.random((frames, 8)) < 0.3).astype(np.int8)
        truth[rng.random(truth.shape) < 0.1] = -1
        score = np.clip(0.3 + shift + 0.3 * (truth == 1) + rng.normal(0, 0.15, truth.shape), 0, 1)
        made.append({"frame_dir": video, "person": 0, "frame_index": np.arange(frames),
                     "gt_occurrence": truth, "pred_occurrence": score.astype(np.float32)})  # fmt: skip
    return made


@pytest.fixture(scope="module")
def folds():
    rng = np.random.default_rng(0)
    return [
        FoldPredictions(
            f"fold{k}",
            faces(rng, [f"v{k}{n}" for n in range(6)], shift),
            faces(rng, [f"w{k}{n}" for n in range(4)], shift),
        )
        for k, shift in ((1, 0.0), (2, 0.2), (3, -0.1))
    ]


@pytest.fixture(scope="module")
def scores(folds):
    subjects = {face["frame_dir"]: face["frame_dir"][:2] + str(int(face["frame_dir"][2]) // 2)
                for fold in folds for face in fold.test}  # fmt: skip
    return score_folds(folds, NAMES, subjects, samples=300)


def stacked(folds, thresholds):
    truth = np.concatenate([face["gt_occurrence"] for fold in folds for face in fold.test])
    said = np.concatenate(
        [face["pred_occurrence"] >= row for fold, row in zip(folds, thresholds) for face in fold.test]
    )
    return truth, said


def test_figures_are_scikit_learns(folds, scores):
    assert scores.people == 9 and scores.videos == 18
    for decision in scores.decisions.values():
        for k, fold in enumerate(folds):
            truth, said = stacked([fold], decision.thresholds[k : k + 1])
            expected = [f1_score(t[t >= 0], s[t >= 0]) for t, s in zip(truth.T, said.T)]
            np.testing.assert_allclose(decision.f1[k, :8], expected)
            assert decision.f1[k, 8] == pytest.approx(np.mean(expected))
        truth, said = stacked(folds, decision.thresholds)
        expected = [f1_score(t[t >= 0], s[t >= 0]) for t, s in zip(truth.T, said.T)]
        np.testing.assert_allclose(decision.pooled_f1[:8], expected)
        assert (decision.low < decision.pooled_f1).all() and (decision.pooled_f1 < decision.high).all()
    truth, score = (np.concatenate([face[key] for face in folds[1].test])
                    for key in ("gt_occurrence", "pred_occurrence"))  # fmt: skip
    expected = [roc_auc_score(t[t >= 0], s[t >= 0]) for t, s in zip(truth.T, score.T)]
    np.testing.assert_allclose(scores.auc[1, :8], expected)
    truth, said = stacked(folds, np.zeros((3, 1)))
    expected = [f1_score(t[t >= 0], s[t >= 0]) for t, s in zip(truth.T, said.T)]
    np.testing.assert_allclose(scores.always_f1, [*expected, np.mean(expected)])


def test_thresholds_come_from_each_folds_own_validation(folds, scores):
    tuned = scores.decisions["tuned"]
    # The second fold's scores are all higher, the third's lower.
    assert (tuned.thresholds[1] > tuned.thresholds[0]).all() and (
        tuned.thresholds[0] > tuned.thresholds[2]
    ).all()
    assert tuned.pooled_f1[8] > scores.decisions["0.5"].pooled_f1[8]
    without = [FoldPredictions(fold.name, fold.test) for fold in folds]
    assert list(score_folds(without, NAMES, {}, samples=10).decisions) == ["0.5"]


def test_spread_is_of_the_folds_that_define_the_figure():
    mean, spread = mean_and_spread(np.array([[0.5, np.nan, np.nan], [0.7, 0.4, np.nan]]))
    np.testing.assert_allclose(mean, [0.6, 0.4, np.nan])
    np.testing.assert_allclose(spread, [np.std([0.5, 0.7], ddof=1), np.nan, np.nan])


def test_nothing_to_score():
    with pytest.raises(ValueError, match="no fold is finished"):
        score_folds([], NAMES, {})


def test_tables(scores):
    published = published_figures("disfa-3fold")
    text = markdown_fold_report(scores, published)
    head = next(line for line in text.splitlines() if line.startswith("| F1 (%)"))
    assert head == "| F1 (%) | 1 | 2 | 4 | 6 | 9 | 12 | 25 | 26 | Avg |"
    assert (
        "| *published by others*: FMAE-IAT | 64.7 | 61.3 | 70.8 | 58.1 | 59.4 | 79.9 | 95.2 | 71.3 | 70.1 |"
        in text
    )
    assert "| *published by others*: JAA-Net | – |" in text and "ECCV 2018" in text
    mean = scores.decisions["0.5"].f1[:, 8].mean()
    assert f"{mean:.3f} ± " in text and f"{100 * mean:.1f} |" in text
    latex = latex_fold_table(scores, published)
    assert "Method & 1 & 2 & 4 & 6 & 9 & 12 & 25 & 26 & Avg. \\\\" in latex
    rows = [line for line in latex.splitlines() if line.endswith("\\\\")]
    assert {line.count("&") for line in rows} == {9} and "F1 (%)" not in latex
    table = fold_table(scores)
    row = table.query("figure == 'f1' and thresholds == 'tuned' and fold == 'pooled' and au == 'AU12'")
    assert row["value"].item() == scores.decisions["tuned"].pooled_f1[5]
    assert set(table["fold"]) == {
        "fold1",
        "fold2",
        "fold3",
        "mean",
        "sd",
        "pooled",
        "pooled_low",
        "pooled_high",
    }


def test_published_figures_are_of_known_protocols_and_units():
    for name in ("bp4d-3fold", "disfa-3fold", "affwild2", "hrm-3fold"):
        found = published_figures(name)
        units = get_au_set(PROTOCOLS[name].au_set)
        for figures in found:
            detailed = [figures.f1[unit] for unit in units if unit in figures.f1]
            assert set(figures.f1) <= {*units, "mean"} and figures.source
            if detailed:
                assert len(detailed) == len(units)
                assert figures.f1["mean"] == pytest.approx(np.mean(detailed), abs=0.05)
    assert max(f.f1["mean"] for f in published_figures("bp4d-3fold")) == 67.1
    assert published_figures("loso") == []
