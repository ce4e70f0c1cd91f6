"""Figures of each corpus apart: over its own frames and the units that it annotates."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from fau3d.engine.hooks.reports import ScoreTableHook
from fau3d.evaluation import AUMetric

AU_NAMES = ["AU01", "AU06", "AU12"]


def samples(corpus: str, units: list[int], seed: int = 0, frames: int = 50) -> list[dict]:
    rng = np.random.default_rng(seed)
    truth = np.full((frames, 3), -1)
    truth[:, units] = rng.integers(0, 2, (frames, len(units)))
    return [
        {
            "frame_dir": f"{corpus}_video",
            "corpus": corpus,
            "frame_inds": np.arange(frames),
            "pred_occurrence": torch.tensor(rng.random((frames, 3)), dtype=torch.float32),
            "gt_occurrence": torch.tensor(truth, dtype=torch.int8),
        }
    ]


def score(data: list[dict], **settings) -> tuple[AUMetric, dict]:
    metric = AUMetric(**settings)
    metric.dataset_meta = {"au_names": AU_NAMES}
    metric.process(None, data)
    return metric, metric.evaluate(len(data))


def test_each_corpus_has_the_figures_it_would_have_alone() -> None:
    first, second, none = samples("BP4D", [0, 2]), samples("DISFA+", [1, 2], 1), samples("Unlabelled", [], 2)
    metric, both = score(first + second + none)
    for name, part in (("BP4D", first), ("DISFA+", second)):
        alone = score([{k: v for k, v in part[0].items() if k != "corpus"}])[1]
        assert both[f"au/{name}/mean_f1"] == pytest.approx(alone["au/mean_f1"])
        assert both[f"au/{name}/AU12_f1"] == pytest.approx(alone["au/AU12_f1"])
    assert set(metric.corpus_scores) == {"BP4D", "DISFA+"}
    assert metric.corpus_scores["BP4D"].au_names == ("AU01", "AU12")
    assert "au/BP4D/AU06_f1" not in both
    # A unit of one corpus alone has the same score in total; one of both is scored over all frames.
    assert both["au/AU01_f1"] == both["au/BP4D/AU01_f1"]
    assert both["au/AU12_f1"] not in (both["au/BP4D/AU12_f1"], both["au/DISFA+/AU12_f1"])
    assert both["au/mean_f1"] == pytest.approx(np.mean([both[f"au/{name}_f1"] for name in AU_NAMES]))


def test_samples_without_a_corpus_are_scored_as_ever() -> None:
    data = samples("BP4D", [0, 2])
    del data[0]["corpus"]
    metric, figures = score(data)
    assert metric.corpus_scores == {} and not [key for key in figures if key.count("/") > 1]
    assert "## " not in metric.report()


def test_thresholds_go_with_their_units() -> None:
    metric, _ = score(samples("BP4D", [0, 2]) + samples("DISFA", [1], 1), thresholds=[0.2, 0.3, 0.4])
    np.testing.assert_array_equal(metric.corpus_scores["BP4D"].thresholds, [0.2, 0.4])
    np.testing.assert_array_equal(metric.corpus_scores["DISFA"].thresholds, [0.3])


def test_tables_are_written_for_each(tmp_path) -> None:
    metric, figures = score(samples("BP4D", [0, 2]) + samples("DISFA", [1], 1))
    loop = SimpleNamespace(evaluator=SimpleNamespace(metrics=[metric]))
    ScoreTableHook().after_test_epoch(SimpleNamespace(work_dir=str(tmp_path), test_loop=loop))
    table = pd.read_csv(tmp_path / "test_scores_BP4D.csv")
    assert table["au"].tolist() == ["AU01", "AU12", "mean"]
    assert table["f1"].iloc[-1] == pytest.approx(figures["au/BP4D/mean_f1"])
    assert pd.read_csv(tmp_path / "test_scores.csv")["au"].tolist() == [*AU_NAMES, "mean"]
    text = (tmp_path / "test_scores.md").read_text()
    assert text.index("## BP4D") < text.index("## DISFA")
    assert "| F1 (%) | 1 | 12 | Avg |" in text
