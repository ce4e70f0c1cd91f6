import numpy as np
import pytest
import torch
from sklearn import metrics as reference

from fau3d.evaluation import AUMetric, paper_row, resolve_metric_names
from fau3d.io.safe_pickle import safe_load

AU_NAMES = ["AU01", "AU06", "AU12"]


def samples(seed=0, videos=2, frames=40, intensity=True):
    rng = np.random.default_rng(seed)
    made = []
    for video in range(videos):
        truth = rng.integers(0, 2, (frames, 3))
        truth[:, 1] = 0
        truth[0, 2] = -1
        grades = np.where(truth > 0, rng.integers(1, 6, truth.shape), 0).astype(np.float32)
        sample = {
            "frame_dir": f"v{video}",
            "person": 0,
            "frame_inds": np.arange(frames),
            "pred_occurrence": torch.tensor(rng.integers(0, 10, (frames, 3)) / 10, dtype=torch.float32),
            "gt_occurrence": torch.tensor(truth, dtype=torch.int8),
        }
        if intensity:
            sample["gt_intensity"] = torch.tensor(grades)
            sample["pred_intensity"] = torch.tensor(rng.random((frames, 3)) * 5, dtype=torch.float32)
        made.append(sample)
    return made


def score(metric, data):
    metric.dataset_meta = {"au_names": AU_NAMES}
    metric.process(None, data)
    return metric.evaluate(len(data))


def stack(data, key):
    return torch.cat([sample[key] for sample in data]).numpy()


def test_equals_scikit_learn_over_all_frames():
    data = samples()
    result = score(AUMetric(figures=["f1", "ap", "roc_auc", "icc"]), data)
    truth, probability = stack(data, "gt_occurrence"), stack(data, "pred_occurrence")
    f1 = []
    for au, name in ((0, "AU01"), (2, "AU12")):
        known = truth[:, au] >= 0
        f1.append(reference.f1_score(truth[known, au], probability[known, au] >= 0.5))
        assert result[f"au/{name}_f1"] == pytest.approx(f1[-1])
        average = reference.average_precision_score(truth[known, au], probability[known, au])
        assert result[f"au/{name}_ap"] == pytest.approx(average)
        area = reference.roc_auc_score(truth[known, au], probability[known, au])
        assert result[f"au/{name}_auc"] == pytest.approx(area)
    # AU06 is never shown: its F1 is undefined and stays out of the mean.
    assert np.isnan(result["au/AU06_f1"]) and np.isnan(result["au/AU06_icc"])
    assert result["au/mean_f1"] == pytest.approx(np.mean(f1))


def test_report_says_why_a_figure_is_undefined():
    metric = AUMetric()
    score(metric, samples(intensity=False))
    report = metric.report()
    assert "undefined f1: no annotated frame shows it (AU06)" in report
    assert "PCC" not in report
    header, _, row = paper_row(metric.scores).splitlines()
    assert header.startswith("| F1 (%) | 1 | 6 | 12 | Avg |")
    assert "–" in row


def test_result_file(tmp_path):
    path = tmp_path / "new folder" / "result.pkl"
    score(AUMetric(out_file=str(path)), samples())
    content = safe_load(path)
    assert content["au_names"] == AU_NAMES
    first = content["results"][0]
    assert first["frame_dir"] == "v0" and first["frame_index"].dtype == np.int64
    assert first["pred_occurrence"].shape == (40, 3) and first["pred_intensity"].dtype == np.float32


def test_thresholds_are_tuned_apart_from_where_they_are_reported():
    tuning, testing = samples(seed=1), samples(seed=2)
    for sample in testing:
        sample["frame_dir"] = "test_" + sample["frame_dir"]
    tuner = AUMetric(tune=True)
    before = score(tuner, tuning)["au/mean_f1"]
    assert before == score(AUMetric(thresholds=0.5), tuning)["au/mean_f1"]
    thresholds, split = tuner.tuned["thresholds"], tuner.tuned["split"]
    assert score(AUMetric(thresholds=list(thresholds)), tuning)["au/mean_f1"] > before

    metric = AUMetric()
    metric.set_stored_thresholds(thresholds, split)
    score(metric, testing)
    np.testing.assert_array_equal(metric.scores.thresholds, thresholds)
    with pytest.raises(ValueError, match="tuned on 2 of the 2 videos"):
        score(metric, tuning)
    # Nor a split that shares a video with it, by whatever name.
    with pytest.raises(ValueError, match="tuned on 1 of the 3 videos"):
        score(metric, testing + tuning[:1])


def test_thresholds_are_tuned_on_calibrated_probabilities():
    data = samples(seed=1)
    plain, calibrated = AUMetric(tune=True), AUMetric(tune=True, calibrate=True)
    reported = score(plain, data)
    assert score(calibrated, data)["au/mean_f1"] == reported["au/mean_f1"], "the report is of what came"
    scale, shift = calibrated.tuned["scale"], calibrated.tuned["shift"]
    assert scale.shape == shift.shape == (3,) and scale[1] == 1 and shift[1] == 0, "AU06 is never shown"
    # The same frames are called present: calibration keeps the order of scores.
    thresholds = plain.tuned["thresholds"], calibrated.tuned["thresholds"]
    truth, probability = stack(data, "gt_occurrence"), stack(data, "pred_occurrence")
    moved = 1 / (1 + np.exp(-(scale * np.log(np.clip(probability, 1e-6, None) / (1 - probability)) + shift)))
    for au in (0, 2):
        np.testing.assert_array_equal(
            probability[:, au] >= thresholds[0][au], moved[:, au] >= thresholds[1][au] - 1e-6
        )
        assert moved[truth[:, au] >= 0, au].mean() == pytest.approx((truth[:, au] == 1).mean(), abs=0.05)
    assert "ece" in calibrated.scores.values and np.isfinite(calibrated.scores.mean("ece"))


def test_names_of_other_tools():
    assert resolve_metric_names(["f1_score", "mean_average_precision", "f1"]) == ("f1", "ap")
    assert resolve_metric_names(["top_k_accuracy", "mean_class_accuracy"]) == ("top_k", "class_accuracy")
    with pytest.raises(ValueError, match=r"unknown metrics \['f2'\]; known: accuracy"):
        AUMetric(figures=["f2"])
    with pytest.raises(ValueError, match="thresholds"):
        AUMetric(thresholds="best")


def test_another_number_of_units_is_named():
    metric = AUMetric()
    metric.dataset_meta = {"au_names": ["AU01"]}
    metric.process(None, samples())
    with pytest.raises(ValueError, match="1 action units: AU01"):
        metric.evaluate(2)


def test_an_empty_split_is_named():
    metric = AUMetric()
    metric.dataset_meta = {"au_names": AU_NAMES}
    with pytest.raises(ValueError, match="split is empty"):
        metric.evaluate(0)
