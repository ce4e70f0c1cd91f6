"""A coder that errs: how much, on what, and how well it knows."""

import numpy as np
import pytest

from fau3d.synthetic.label_noise import LabelNoise, NoisyCoder, lasting

UNITS = ("AU01", "AU02", "AU04", "AU12", "AU25")
NONE = {
    "bias": (0.0, 0.0),
    "person_bias": 0.0,
    "error": 0.0,
    "flip": (0.0, 0.0),
    "guessed_units": 0,
}


def annotations(videos=20, frames=200, seed=0):
    rng = np.random.default_rng(seed)
    made = []
    for number in range(videos):
        intensity = np.clip(3 * lasting(frames, len(UNITS), 20, rng) - 1, 0, 5).astype(np.float32)
        occurrence = (intensity >= 1).astype(np.int8)
        occurrence[:5] = -1
        made.append(
            {
                "frame_dir": f"v{number}",
                "subject": f"s{number // 2}",
                "au_occurrence": occurrence,
                "au_intensity": intensity,
                "label": np.ones(len(UNITS)),
            }
        )
    return made


def coded(**changes):
    noise = LabelNoise(**{**NONE, **changes})
    truth = annotations()
    coder = NoisyCoder(UNITS, noise)
    told = list(coder.code(truth))
    stack = [np.concatenate([a["au_occurrence"] for a in found]) for found in (truth, told)]
    weight = np.concatenate([a["label_weight"] for a in told])
    return coder, *stack, weight, told


def test_without_noise_it_says_the_truth():
    _, truth, told, _, made = coded()
    np.testing.assert_array_equal(truth, told)
    assert "label" not in made[0] and made[3]["subject"] == "s1"


def test_what_nobody_coded_stays_so():
    _, truth, told, _, _ = coded(flip=(0.5, 0.5), guessed_units=2)
    np.testing.assert_array_equal(truth < 0, told < 0)


def test_flips_come_at_their_rate():
    coder, truth, told, _, _ = coded(flip=(0.05, 0.2))
    known = truth >= 0
    rates = [(truth[known[:, u], u] != told[known[:, u], u]).mean() for u in range(len(UNITS))]
    np.testing.assert_allclose(rates, coder.flip, rtol=0.25)


def test_a_bias_over_and_under_calls():
    coder, truth, told, _, _ = coded(bias=(-1.5, 1.5))
    change = (told == 1).mean(0) - (truth == 1).mean(0)
    assert (np.sign(change) == np.sign(coder.bias)).all()


def test_guessed_units_are_near_chance_at_the_same_rate():
    coder, truth, told, _, _ = coded(guessed_units=2, guessed=1.0)
    for unit in range(len(UNITS)):
        known = truth[:, unit] >= 0
        agreement = np.corrcoef(truth[known, unit], told[known, unit])[0, 1]
        assert abs(agreement) < 0.2 if coder.guessed[unit] else agreement > 0.99
    assert (coder.guessed > 0).sum() == 2
    np.testing.assert_allclose((told == 1).mean(0), (truth == 1).mean(0), atol=0.1)


def test_it_errs_less_where_it_is_sure():
    _, truth, told, weight, _ = coded(error=1.0, flip=(0.05, 0.05))
    wrong = ((truth != told) & (truth >= 0)).mean(1)
    order = np.argsort(weight)
    third = len(order) // 3
    assert wrong[order[:third]].mean() > 1.5 * wrong[order[-third:]].mean()
    assert weight.dtype == np.float32 and weight.min() >= 0 and weight.max() <= 1
    _, truth, told, weight, _ = coded(error=1.0, blind=1.0)
    assert abs(np.corrcoef(((truth != told) & (truth >= 0)).mean(1), weight)[0, 1]) < 0.05


def test_a_person_is_misread_alike_in_all_their_videos():
    coder = NoisyCoder(UNITS, LabelNoise(seed=3))
    np.testing.assert_array_equal(coder._of_person("a"), coder._of_person("a"))
    assert not np.array_equal(coder._of_person("a"), coder._of_person("b"))


def test_a_seed_is_a_coder():
    same, other = coded(error=1.0)[2], coded(error=1.0, seed=1)[2]
    np.testing.assert_array_equal(same, coded(error=1.0)[2])
    assert not np.array_equal(same, other)


def test_noise_that_lasts_has_unit_variance():
    values = lasting(4000, 5, 8, np.random.default_rng(0))
    np.testing.assert_allclose(values.std(0), 1, atol=0.15)
    assert np.corrcoef(values[:-1, 0], values[1:, 0])[0, 1] == pytest.approx(np.exp(-1 / 8), abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bias": (1.0, 0.0)}, "the lower end first"),
        ({"flip": (0.0, 1.5)}, "flip is 1.5"),
        ({"hold": 0}, "hold is 0 frames"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        LabelNoise(**arguments)


def test_other_columns_are_told():
    with pytest.raises(ValueError, match="v0: labels of 5 units; wanted occurrence and intensity of 1"):
        list(NoisyCoder(UNITS[:1], LabelNoise()).code(annotations(1)))
