"""Made-up rated children: the formula by hand, and a tree that the corpus's own reader takes."""

import numpy as np
import pytest

from fau3d.datasets.corpora.hrm import Hrm
from fau3d.synthetic.rated_sequences import UNITS, formula_rating, write_rated_tree


def test_the_formula():
    names = ("AU01", "AU04", "AU12")
    still = np.zeros((26, 3), int)
    assert formula_rating(still, names) == pytest.approx(0.3)
    both = still.copy()
    both[:13, 1:] = 1
    assert formula_rating(both, names) == pytest.approx(0.3 + 4 * 0.5)
    flicker = still.copy()
    flicker[[3, 10], 0] = 1  # two onsets in the second between the first frame and the last
    assert formula_rating(flicker, names) == pytest.approx(0.3 + 0.8 * 2)
    assert formula_rating(np.ones((26, 3), int), names) == 4  # cut off


def test_the_tree_is_hrms(tmp_path):
    frames = write_rated_tree(tmp_path, children=2, runs=3, frames=(10, 12), seed=4)
    corpus = Hrm(tmp_path)
    recordings = corpus.listing().recordings
    assert [r.name for r in recordings] == ["S1", "S2", "S1TD", "S2TD"]
    tables = [corpus.table(recording) for recording in recordings]
    assert sum(len(table.numbers) for table in tables) == frames
    for table in tables:
        runs = np.split(np.arange(len(table.numbers)), np.flatnonzero(np.diff(table.numbers) != 1) + 1)
        assert len(runs) == 3
        for run in runs:
            wanted = formula_rating(table.codes[run], UNITS)
            assert (
                abs(table.ratings[run].mean() - wanted) < 0.7
                and (np.ptp(table.ratings[run], axis=0) == 0).all()
            )


def test_the_seed_decides(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_rated_tree(tmp_path / name, children=1, runs=1, frames=(5, 5), seed=seed)
    a, b, c = ((tmp_path / n / "AU-ab-5-level-end" / "ASD" / "S1.csv").read_text() for n in "abc")
    assert a == b != c
