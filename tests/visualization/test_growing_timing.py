"""The diagram below an overlay: what a frame adds, where, and that it costs the same for every frame."""

import time

import numpy as np
import pytest

from fau3d.facs import AU_SETS, EXPRESSIONS
from fau3d.visualization import GrowingTiming, OverlayFace, OverlayRenderer, strip_units
from fau3d.visualization import growing_timing as module
from fau3d.visualization.expression_colours import expression_colours, text_colour
from fau3d.visualization.palette import ORANGE, SKY

AUS = ("AU01", "AU12", "AU25")


def curves(frames: int, units: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give probability, occurrence, intensity: waves, with a stretch that is not valid."""
    phase = np.arange(frames)[:, None] / 9 + np.arange(units)
    probability = 0.5 + 0.5 * np.sin(phase)
    probability[frames // 3 : frames // 3 + frames // 10] = np.nan
    return probability, np.where(np.isnan(probability), np.nan, probability > 0.6), 5 * probability**2


def grown(strip: GrowingTiming, frames: int, look: bool = False, rate: float = 25.0) -> GrowingTiming:
    values = curves(frames)
    for k in range(frames):
        name = "happiness" if k % 80 < 60 else ""
        strip.append(k / rate, *(kind[k] for kind in values), name)
        if look:
            strip.draw()
    return strip


def plot_of(strip: GrowingTiming, picture: np.ndarray) -> np.ndarray:
    return picture[: strip._rows_high, strip._left : strip._left + strip._columns]


@pytest.mark.parametrize("span", [{"duration": 8.0}, {"duration": 90.0}, {"window": 3.0}, {"window": 30.0}])
def test_a_strip_does_not_depend_on_when_it_was_looked_at(span):
    strips = [grown(GrowingTiming(AUS, 400, **span), 200, look) for look in (False, True)]
    np.testing.assert_array_equal(strips[0].draw(), strips[1].draw())


@pytest.mark.parametrize(("frames", "rate"), [(60, 25.0), (3000, 400.0)])
def test_each_column_shows_the_mean_of_the_frames_that_touch_it(frames, rate):
    duration = frames / rate
    strip = grown(GrowingTiming(AUS, 300, duration=duration, frame_seconds=1 / rate), frames, rate=rate)
    plot = plot_of(strip, strip.draw()).reshape(3, strip._row, strip._columns, 3)
    probability = curves(frames)[0]
    begin, end = np.arange(frames) / rate, (np.arange(frames) + 1) / rate
    foot = max(2, strip._row // 7)
    fills = [np.array(colour) for colour in (module._FILL, module._FILL_PRESENT)]
    for column in range(0, strip._columns - 3, 7):
        low, high = column * duration / strip._columns, (column + 1) * duration / strip._columns
        touching = probability[(begin < high - 1e-9) & (end > low + 1e-9)]
        valid = touching[np.isfinite(touching).all(1)]
        for row in range(3):
            painted = sum((plot[row, :-foot, column] == fill).all(-1).sum() for fill in fills)
            line = (plot[row, :-foot, column] == ORANGE).all(-1).sum()
            wanted = np.rint(valid[:, row].mean() * (strip._row - foot - 1)) if len(valid) else 0
            # The line of intensity lies over the fill.
            assert wanted - line <= painted <= wanted


def test_the_future_is_empty_and_the_present_is_marked():
    strip = grown(GrowingTiming(AUS, 400, duration=8.0), 100)
    plot = plot_of(strip, strip.draw())
    now = int(strip._columns * 100 / 200) - 1
    assert (plot[:, now] == 255).all()
    empty = plot_of(strip, GrowingTiming(AUS, 400, duration=8.0).draw())
    np.testing.assert_array_equal(plot[:, now + 2 :], empty[:, now + 2 :])
    assert (plot[:, :now] != empty[:, :now]).any(-1).any(0).mean() > 0.9


def test_missing_frames_are_hatched_and_zeros_are_not():
    strip = GrowingTiming(AUS, 400, duration=4.0)
    for k in range(100):
        strip.append(k / 25, None if 40 <= k < 60 else np.zeros(3))
    plot = plot_of(strip, strip.draw())
    hatched = (plot == module._HATCH).all(-1).any(0)
    columns = strip._columns
    assert hatched[columns * 42 // 100 : columns * 58 // 100].all()
    assert not hatched[: columns * 38 // 100].any() and not hatched[columns * 62 // 100 :].any()
    one = GrowingTiming(AUS, 400, duration=4.0)
    for k in range(100):
        one.append(k / 25, np.array([0.0, np.nan, 0.0]))
    rows = plot_of(one, one.draw()).reshape(3, one._row, -1, 3)
    assert [(row == module._HATCH).all(-1).any() for row in rows] == [False, True, False]


def test_presence_has_a_bar_at_the_foot():
    strip = GrowingTiming(AUS, 400, duration=4.0)
    for k in range(100):
        strip.append(k / 25, np.full(3, 0.3), np.array([0, 1, np.nan]), np.zeros(3))
    rows = plot_of(strip, strip.draw()).reshape(3, strip._row, -1, 3)[:, -1]
    assert [(row[10] == SKY).all() for row in rows] == [False, True, False]


def test_a_window_moves_on_with_the_stream():
    late, early = (GrowingTiming(AUS, 400, window=2.0, expressions=False) for _ in range(2))
    values = curves(500)
    width = late._columns
    for k in range(500):
        late.append(k / 25, *(kind[k] for kind in values))
        if k >= 440:
            early.append((k - 400) / 25, *(kind[k] for kind in values))
    # The same 60 frames lie in the last two seconds of both; times of the grid are multiples of its step.
    np.testing.assert_array_equal(plot_of(late, late.draw()), plot_of(early, early.draw()))
    assert (
        late.draw()[late._rows_high :, late._left :] != early.draw()[late._rows_high :, late._left :]
    ).any()
    assert width == late._columns


def test_a_hole_in_a_stream_stays_empty():
    strip = GrowingTiming(AUS, 400, window=6.0)
    for k in [*range(100), *range(150, 200)]:
        strip.append(k / 25, np.ones(3), expression="surprise")
    plot = plot_of(strip, strip.draw())  # from second 2 to 8
    filled = (plot == module._FILL_PRESENT).all(-1).any(0)
    columns = strip._columns
    assert filled[: columns * 32 // 100].all() and filled[columns * 68 // 100 : -2].all()
    assert not filled[columns * 35 // 100 : columns * 65 // 100].any()
    strip.append(1000.0, np.ones(3))
    assert (plot_of(strip, strip.draw()) == module._FILL_PRESENT).all(-1).any(0).sum() < 5


def test_frames_at_uneven_times_stand_where_they_were():
    times = np.cumsum([0, 0.04, 0.01, 0.15, 0.5, 0.5, 1.0])
    strip = GrowingTiming(AUS, 600, duration=4.0)
    for place, seconds in enumerate(times):
        strip.append(seconds, np.full(3, float(place % 2)))
    filled = (plot_of(strip, strip.draw()) == module._FILL_PRESENT).all(-1).any(0)
    for place, seconds in enumerate(times[3:-1], start=3):
        assert filled[int((seconds + 0.02) * strip._columns / 4.0)] == place % 2
    assert not filled[int(1.0 * strip._columns / 4.0)], "between two late frames nothing is known"


def test_expressions_are_coloured_and_named():
    strip = GrowingTiming(AUS, 500, duration=10.0)
    for k in range(250):
        strip.append(k / 25, np.zeros(3), expression="happiness" if k < 125 else "mixed")
    band = strip.draw()[strip._rows_high + 1 : strip._rows_high + strip._row, strip._left :]
    colours = expression_colours(["happiness", "mixed"])
    half = strip._columns // 2
    for name, part in (("happiness", band[:, :half]), ("mixed", band[:, half : 2 * half - 2])):
        covered = (part == colours[name]).all(-1).mean()
        assert 0.6 < covered < 1.0, "the name stands on its colour"
    bare = GrowingTiming(AUS, 500, duration=10.0, expressions=False)
    assert bare.height < strip.height and bare.height % 2 == strip.height % 2 == 0


def test_a_frame_costs_the_same_early_and_late():
    strip = GrowingTiming(AU_SETS["disfa12"], 860, duration=3600.0)
    values = np.random.default_rng(0).random((4000, 12))
    spent = []
    for k in range(4000):
        begin = time.process_time()
        strip.append(k * 0.9, values[k], expression="fear" if k % 9 else "anger")
        strip.draw()
        spent.append(time.process_time() - begin)
    early, late = np.median(spent[:1000]), np.median(spent[-1000:])
    assert late < 2 * early and late < 0.01


def test_below_a_picture():
    image = np.full((90, 160, 3), 70, np.uint8)
    renderer = OverlayRenderer(AUS)
    face = OverlayFace(np.full((68, 2), np.nan), "ibug68", np.zeros(3))
    picture = renderer.render(image, {0: face})
    strip = GrowingTiming(AUS, picture.shape[1], duration=2.0)
    joined = strip.below(picture)
    assert joined.shape == (picture.shape[0] + strip.height, picture.shape[1], 3)
    np.testing.assert_array_equal(joined[: len(picture)], picture)
    np.testing.assert_array_equal(joined[len(picture) :], strip.draw())
    with pytest.raises(ValueError, match="pixels wide"):
        strip.below(picture[:, 2:])


@pytest.mark.parametrize("width", [120, 640, 1921, 3840])
def test_text_can_be_read(width):
    strip = GrowingTiming(AU_SETS["synthetic41"], width, duration=4000.0, title="face 0")
    assert len(strip.shown) == 12 and strip._text >= 8 and strip.height % 2 == 0
    labels = strip.draw()[:, : strip._left].astype(int)
    assert labels.max() - np.array(module._GROUND).max() > 150
    assert (strip.draw()[:, strip._left - 2] == module._GROUND).all(), "names end before curves begin"


def test_text_stands_out_from_every_expression():
    def luminance(colour):
        part = np.array(colour) / 255
        linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    colours = expression_colours([*EXPRESSIONS, "neutral", "mixed", "unnamed", "a", "b"])
    assert len(set(colours.values())) == len(colours) == len(EXPRESSIONS) + 5
    for name, ground in colours.items():
        light, dark = sorted((luminance(ground), luminance(text_colour(ground))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 4.5, name


def test_an_expression_has_one_colour_in_every_picture():
    alone = expression_colours(["appalled"])["appalled"]
    assert expression_colours(["joy", "appalled", "happiness"])["appalled"] == alone


def test_an_expression_is_written_on_the_overlay():
    points = np.random.default_rng(0).uniform(60, 180, (68, 2))
    image = np.zeros((240, 320, 3), np.uint8)
    pictures = [
        OverlayRenderer().render(image, {0: OverlayFace(points, "ibug68", expression=name)})
        for name in ("", "surprise", "surprise" * 20)
    ]
    lit = [picture.any(-1).sum() for picture in pictures]
    assert lit[0] < lit[1] < lit[2]


def test_units_of_a_strip():
    assert set(strip_units(AU_SETS["synthetic41"])) == set(AU_SETS["disfa12"])
    assert strip_units(["AU43", "AU12", "AU12_L"], 1) == ("AU12",)
    assert strip_units(["AU43", "AU45"]) == ("AU43", "AU45")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "wanted a duration or a window"),
        ({"duration": 1.0, "window": 1.0}, "wanted a duration or a window"),
        ({"duration": 0.0}, "wanted a duration or a window"),
        ({"duration": 1.0, "shown": ["AU99"]}, "cannot show AU99"),
        ({"duration": 1.0, "shown": []}, "no unit at all"),
        ({"duration": 1.0, "width": 20}, "no room for curves"),
    ],
)
def test_bad_strips_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        GrowingTiming(AUS, **{"width": 300, **arguments})


def test_bad_frames_are_refused():
    strip = GrowingTiming(AUS, 300, duration=1.0)
    strip.append(0.5, np.zeros(3))
    with pytest.raises(ValueError, match="in the order of their times"):
        strip.append(0.4, np.zeros(3))
    with pytest.raises(ValueError, match="one for each of 3 units"):
        strip.append(0.6, np.zeros(4))
    strip.append(7.0, np.zeros(3))  # longer than was announced: the last column takes it
