"""Agreement over frames against scikit-learn, and over events against pairs made by hand and by search."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from fau3d.functional.event_agreement import (
    Rating,
    cohen_kappa,
    event_agreement,
    frame_agreement,
    frame_labels,
    match_events,
)
from fau3d.functional.intervals import sampling_instants


def spans(*pairs: tuple[float, float]) -> np.ndarray:
    return np.array(pairs, float).reshape(-1, 2)


def rating(*events: tuple[float, float], rated: tuple[float, float] = (0, 100)) -> Rating:
    return Rating(spans(*events), spans(rated))


class TestFrames:
    @pytest.mark.parametrize("categories", [2, 3, 5])
    def test_kappa_is_that_of_scikit_learn(self, categories: int) -> None:
        random = np.random.default_rng(categories)
        first = random.integers(0, categories, 400)
        second = np.where(random.random(400) < 0.6, first, random.integers(0, categories, 400))
        assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
        assert cohen_kappa(first, first) == pytest.approx(1)

    def test_kappa_of_the_textbook(self) -> None:
        # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.7 agree, 0.5 by chance.
        first = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
        second = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
        assert cohen_kappa(first, second) == pytest.approx(0.4)

    def test_kappa_that_cannot_be_said(self) -> None:
        assert np.isnan(cohen_kappa(np.zeros(4, int), np.zeros(4, int)))
        assert np.isnan(cohen_kappa(np.zeros(0, int), np.zeros(0, int)))
        assert cohen_kappa(np.ones(4, int), np.array([1, 1, 0, 0])) == 0
        with pytest.raises(ValueError, match="one shape"):
            cohen_kappa(np.zeros(3), np.zeros(4))

    def test_what_one_did_not_rate_is_left_out(self) -> None:
        random = np.random.default_rng(0)
        coded, found = random.integers(-1, 2, (2, 500))
        both = (coded >= 0) & (found >= 0)
        figures = frame_agreement(coded, found)
        assert figures.frames == both.sum()
        assert figures.f1 == pytest.approx(f1_score(coded[both], found[both]))
        assert figures.kappa == pytest.approx(cohen_kappa_score(coded[both], found[both]))
        assert figures.agreement == pytest.approx(np.mean(coded[both] == found[both]))
        assert figures.coded_share == pytest.approx(coded[both].mean())
        nothing = frame_agreement(np.full(3, -1), np.ones(3, int))
        assert nothing.frames == 0 and np.isnan([nothing.kappa, nothing.f1, nothing.agreement]).all()
        with pytest.raises(ValueError, match="other values"):
            frame_agreement(np.array([2]), np.array([1]))
        with pytest.raises(ValueError, match="one shape"):
            frame_agreement(np.array([1]), np.array([1, 0]))

    def test_sampling_at_a_rate(self) -> None:
        instants = sampling_instants(0, 1, 10)
        np.testing.assert_allclose(instants, np.arange(10) / 10 + 0.05)
        # Edges a millisecond off move no frame.
        own = Rating(spans((0.201, 0.5)), spans((0.0, 0.7), (0.9, 1.0)))
        assert frame_labels(own, instants).tolist() == [0, 0, 1, 1, 1, 0, 0, -1, -1, 0]
        with pytest.raises(ValueError, match="above 0"):
            sampling_instants(0, 1, 0)


class TestMatching:
    def test_most_pairs_win_over_the_best_pair(self) -> None:
        # One long event overlaps best with the second; but then the first pair would be lost.
        coded, found = spans((0, 4), (5, 10)), spans((3, 9), (9.5, 11))
        assert match_events(coded, found).tolist() == [[0, 0], [1, 1]]

    def test_better_overlaps_among_equally_many(self) -> None:
        assert match_events(spans((0, 10)), spans((0, 3), (4, 10))).tolist() == [[0, 1]]

    def test_overlap_that_is_asked_for(self) -> None:
        coded, found = spans((0, 2)), spans((1, 3))
        assert len(match_events(coded, found, 1 / 3 - 1e-9)) == 1
        assert len(match_events(coded, found, 0.34)) == 0
        assert len(match_events(spans((0, 1)), spans((1, 2)))) == 0

    def test_nothing_on_one_side(self) -> None:
        assert match_events(spans(), spans((0, 1))).shape == (0, 2)
        assert match_events(spans(), spans()).shape == (0, 2)

    @pytest.mark.parametrize("seed", range(6))
    def test_as_many_as_a_search_finds(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        coded, found = (np.sort(random.uniform(0, 20, 10)).reshape(-1, 2) for _ in range(2))
        shared = np.clip(
            np.minimum(coded[:, None, 1], found[None, :, 1])
            - np.maximum(coded[:, None, 0], found[None, :, 0]), 0, None,
        )  # fmt: skip
        length = np.ptp(coded, axis=1)[:, None] + np.ptp(found, axis=1)[None]
        ratio = shared / (length - shared)
        best = max(
            (sum(ratio[i, j] > 0 for i, j in enumerate(order)), sum(ratio[i, j] for i, j in enumerate(order)))
            for order in itertools.permutations(range(5))
        )
        pairs = match_events(coded, found)
        assert len(pairs) == best[0]
        assert sum(ratio[i, j] for i, j in pairs) == pytest.approx(best[1])
        assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)

    def test_hours_are_quick(self) -> None:
        starts = np.arange(5000) * 1.0
        coded = np.stack([starts, starts + 0.6], axis=1)
        assert len(match_events(coded, coded + 0.2)) == 5000


class TestEvents:
    def test_figures_by_hand(self) -> None:
        coded = rating((10, 12), (20, 24), (30, 31), (50, 52))
        found = rating((10.5, 12), (19.8, 24.4), (40, 41), (50.1, 52.2), (60, 61))
        figures = event_agreement(coded, found)
        assert (figures.coded, figures.found, figures.matched) == (4, 5, 3)
        assert figures.precision == pytest.approx(3 / 5) and figures.recall == pytest.approx(3 / 4)
        assert figures.f1 == pytest.approx(6 / 9)
        assert figures.onset.count == 3
        assert figures.onset.mean == pytest.approx(np.mean([0.5, -0.2, 0.1]))
        assert figures.onset.median == pytest.approx(0.1)
        assert figures.onset.sd == pytest.approx(np.std([0.5, -0.2, 0.1], ddof=1))
        assert figures.offset.median == pytest.approx(0.2)
        assert figures.duration.mean == pytest.approx(np.mean([-0.5, 0.6, 0.1]))

    def test_the_raters_change_places(self) -> None:
        first, second = rating((1, 2), (5, 9), (20, 30)), rating((1.5, 3), (8, 21))
        one, other = event_agreement(first, second), event_agreement(second, first)
        assert one.precision == other.recall and one.f1 == other.f1
        assert one.onset.mean == pytest.approx(-other.onset.mean)

    def test_time_that_was_not_rated_costs_nothing(self) -> None:
        coded = Rating(spans((10, 12)), spans((5, 20), (50, 60)))
        found = rating((10, 12), (30, 31), (48, 52), (58, 70))
        figures = event_agreement(coded, found)
        # 30 to 31 lies where nobody coded, 48 to 52 half in coded time, 58 to 70 mostly outside.
        assert (figures.coded, figures.found, figures.matched) == (1, 2, 1)

    def test_edges_that_were_not_seen_are_in_no_difference(self) -> None:
        # The coder's first event begins with the coded time, and both recordings end in the last.
        coded = Rating(spans((5, 8), (90, 100)), spans((5, 100)))
        figures = event_agreement(coded, rating((6, 8.5), (91, 100)))
        assert figures.matched == 2
        assert figures.onset.count == 1 and figures.onset.mean == pytest.approx(1)
        assert figures.offset.count == 1 and figures.offset.mean == pytest.approx(0.5)
        assert figures.duration.count == 0 and np.isnan(figures.duration.mean)
        assert np.isnan(figures.onset.sd)

    def test_nothing_at_all(self) -> None:
        figures = event_agreement(rating(), rating())
        assert np.isnan([figures.precision, figures.recall, figures.f1]).all()
        unrated = event_agreement(Rating(spans(), spans()), rating((1, 2)))
        assert unrated.found == 0
