"""The long-tailed cut, its scores, and a report that goes on; nothing is trained."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import load_annotations

UNITS = ("AU01", "AU06", "AU12")


def clips(rng, count=400, frames=10):
    """Clips that show each of three units from a random frame on, or not."""
    labels = np.zeros((count, frames, 3), np.int8)
    for unit, chance in enumerate((0.8, 0.5, 0.4)):
        for clip in np.flatnonzero(rng.random(count) < chance):
            labels[clip, rng.integers(frames) :, unit] = 1
    return list(labels)


def test_rates_fall_geometrically_but_never_rise(benchmarks: Path) -> None:
    from diet_cut import decaying_rates

    np.testing.assert_allclose(decaying_rates(np.array([0.3, 0.9, 0.5])), [0.01, 0.4, np.sqrt(0.4 * 0.01)])
    assert decaying_rates(np.array([0.005, 0.02])).tolist() == [0.005, 0.02]


def test_thinning_takes_labels_of_one_unit_and_keeps_whole_clips(benchmarks: Path) -> None:
    from diet_cut import base_rates, thin

    rng = np.random.default_rng(0)
    before = clips(rng)
    after = [clip.copy() for clip in before]
    thin(after, np.array([0.4, 0.05, 0.01]), rng)
    np.testing.assert_allclose(base_rates(after), [0.4, 0.05, 0.01], atol=0.005)
    for old, new in zip(before, after):
        for unit in range(3):
            gone = (new[:, unit] == -1).all() and (old[:, unit] == 1).any()
            assert gone or (new[:, unit] == old[:, unit]).all()


def test_positives_count_so_much_that_units_are_as_rare_as_in_training(benchmarks: Path) -> None:
    from diet_bench import average_precisions, f1_scores, positive_weight

    truth = np.array([[1, 1, 0, 0, 0, 0, -1]]).T
    said = np.array([[0.9, 0.4, 0.8, 0.1, 0.1, 0.1, 0.9]]).T
    weight = positive_weight(truth, np.array([0.2]))  # 2 positives weigh as much as 1 beside 4 negatives
    assert weight.tolist() == [0.5]
    # One hit of weight 0.5, one miss of 0.5, one false alarm: 1 / (1 + 0.5 + 1).
    assert f1_scores(truth, said, weight, np.array([0.5])).tolist() == pytest.approx([0.4])
    # Recall 1/2 at precision 1, then 1 at precision 1 / 2.
    assert average_precisions(truth, said, weight).tolist() == pytest.approx([0.75])
    nobody = np.zeros_like(truth)
    assert np.isnan(f1_scores(nobody, said, positive_weight(nobody, np.array([0.2])), np.array([0.5]))).all()


def test_a_cut_keeps_subjects_apart_and_labels_of_the_test(
    benchmarks: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    from diet_cut import make_cut

    cut = make_cut(tiny_corpus, tiny_corpus, UNITS, tmp_path)
    file = load_annotations(cut.train)
    subjects = [{a["subject"] for a in file.of_split(part)} for part in ("train", "held_back")]
    assert [len(part) for part in subjects] == [8, 2] and not subjects[0] & subjects[1]
    assert np.all(cut.clips >= 1)
    for before, after in zip(
        load_annotations(tiny_corpus).annotations, load_annotations(cut.test).annotations
    ):
        np.testing.assert_array_equal(before["au_occurrence"], after["au_occurrence"])
    stamp = cut.train.stat().st_mtime_ns
    assert make_cut(tiny_corpus, tiny_corpus, UNITS, tmp_path).train.stat().st_mtime_ns == stamp


def test_a_report_goes_on_and_refuses_another_run(benchmarks: Path, tmp_path: Path) -> None:
    from balanced_diet import Report, plan
    from diet_bench import FIGURES
    from diet_cut import Cut

    row = plan()[0]
    report = Report(tmp_path, {"recipe": 1})
    for seed, value in enumerate((0.2, 0.4)):
        report.add(row, seed, dict.fromkeys(FIGURES, value))
    again = Report(tmp_path, {"recipe": 1})
    assert again.figures(row, 1) == dict.fromkeys(FIGURES, 0.4)
    assert again.figures(row, 2) is None
    cut = Cut(tmp_path, tmp_path, np.array([0.1, 0.4]), np.array([3, 9]))
    table = again.markdown(cut, ["AU01", "AU12"], 3)
    assert "AU12 40.0 (9), AU01 10.0 (3)" in table
    assert f"| {row.name} | 0.300 ± 0.100 |" in table
    with pytest.raises(ValueError, match="another run"):
        Report(tmp_path, {"recipe": 2})


def test_rows_name_configs_that_exist(benchmarks: Path) -> None:
    from balanced_diet import plan
    from diet_bench import CONFIGS

    rows = plan()
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert (CONFIGS / f"{row.loss}.py").is_file() and (CONFIGS / f"{row.clip}.py").is_file()
