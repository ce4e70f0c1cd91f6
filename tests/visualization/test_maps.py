"""The matrix of units and the map of expressions: what is written, hatched, coloured, and refused."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgb

from fau3d.facs import AU_SETS, EXPRESSIONS
from fau3d.functional.cooccurrence import co_occurrence
from fau3d.visualization import (
    ExpressionTrack,
    cooccurrence_diagram,
    cooccurrence_figure,
    expression_figure,
    expression_map,
)
from fau3d.visualization.cooccurrence import MEASURES
from fau3d.visualization.expression_colours import expression_colours
from fau3d.visualization.palette import YELLOW

AUS = ("AU01", "AU12", "AU25")
PHI = np.array([[1.0, -0.5, np.nan], [-0.5, 1.0, 0.987], [np.nan, 0.987, 1.0]])


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)


def luminance(colour) -> float:
    part = np.array(to_rgb(colour))
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_values_are_written_and_their_absence_is_hatched():
    axis = cooccurrence_figure(PHI, AUS).axes[0]
    written = {text.get_position(): text.get_text() for text in axis.texts}
    assert written == {(1, 0): "-.50", (0, 1): "-.50", (2, 1): ".99", (1, 2): ".99"}
    hatched, diagonal = (c for c in axis.collections if isinstance(c, PatchCollection))
    assert hatched.get_hatch() and len(hatched.get_paths()) == 2
    assert not diagonal.get_hatch() and len(diagonal.get_paths()) == 3
    assert axis.get_yticklabels()[1].get_text() == "Lip corner puller  AU12"


@pytest.mark.parametrize("measure", MEASURES)
def test_text_reads_on_every_colour(measure):
    low = -1 if MEASURES[measure].signed else 0
    values = np.linspace(low, 1, 25 * 25).reshape(25, 25)
    figure = cooccurrence_figure(values, AU_SETS["synthetic25"], measure)
    axis, image = figure.axes[0], figure.axes[0].images[0]
    assert len(axis.texts) == 25 * 24
    for text in axis.texts:
        column, row = (round(part) for part in text.get_position())
        ground, ink = luminance(image.to_rgba(values[row, column])[:3]), luminance(text.get_color())
        assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) > 4.4


@pytest.mark.parametrize("count", [1, 25])
def test_a_matrix_of_any_size(count, tmp_path):
    names = AU_SETS["synthetic25"][:count]
    both = co_occurrence(np.random.default_rng(0).integers(-1, 2, (200, count)))
    figure = cooccurrence_figure(both.jaccard, names, "jaccard")
    assert bool(figure.axes[0].texts) == (count > 1)
    assert not cooccurrence_figure(np.zeros((41, 41)), AU_SETS["synthetic41"]).axes[0].texts
    boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert all(a.x1 <= b.x0 + 1 for a, b in pairwise(boxes)), "labels stand beside each other"
    path = cooccurrence_diagram(both.phi, names, tmp_path / "cooccurrence.png", title="a $b$ c")
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("values", "measure", "message"),
    [
        (PHI[:2], "phi", r"shape \(2, 3\); wanted a row and a column for each of 3"),
        (PHI, "jaccard", "lie in -0.5 to 1; wanted 0 to 1"),
        (PHI, "kappa", "unknown measure 'kappa'; known: phi, jaccard, given"),
    ],
)
def test_a_bad_matrix_is_refused(values, measure, message):
    with pytest.raises(ValueError, match=message):
        cooccurrence_figure(values, AUS, measure)


def track_of(frames: int, names=("happiness", "neutral", ""), **more) -> ExpressionTrack:
    run = max(frames // (2 * len(names)), 1)
    return ExpressionTrack(
        np.arange(frames) / 25, [names[k // run % len(names)] for k in range(frames)], **more
    )


def test_shares_are_of_the_time_with_a_name():
    times = np.array([0.0, 1.0, 2.0, 4.0, 5.0, 9.0])
    names = ["fear", "fear", "anger", "anger", "", "fear"]
    # Behind 5 s frames are missing, which is nobody's time.
    track = ExpressionTrack(times, names)
    assert track.shares() == pytest.approx({"fear": 0.6, "anger": 0.4})
    assert ExpressionTrack(np.zeros(1), ["fear"]).shares() == {"fear": 1.0}


def test_a_row_a_name_and_its_colour():
    figure = expression_figure(track_of(360))
    rows, strip = figure.axes
    labels = [label.get_text() for label in rows.get_yticklabels()]
    assert sorted(labels) == ["happiness", "neutral"] and len(figure.axes) == 2
    assert [text.get_text() for text in strip.texts].count("happiness") == 2
    drawn = pixels(figure)
    assert (drawn == YELLOW).all(-1).mean() > 0.05
    colours = expression_colours(["neutral"])
    assert (drawn == colours["neutral"]).all(-1).mean() > 0.02
    assert drawn[:3].min() > 250, "the ground is light"


def test_affect_has_a_time_line_and_a_path():
    frames = 300
    valence = np.sin(np.arange(frames) / 30)
    valence[50:80] = np.nan
    scores = np.random.default_rng(0).random((frames, 2))
    more = {"score_names": ["happiness", "fear"], "scores": scores}
    figure = expression_figure(track_of(frames, valence=valence, arousal=np.abs(valence), **more))
    assert len(figure.axes) == 4
    path = figure.axes[3]
    assert path.get_xlabel().startswith("valence") and len(path.collections[0].get_paths()) == 298 - 30
    assert {line.get_label() for line in figure.axes[2].lines} >= {"valence", "arousal"}


@pytest.mark.parametrize("frames", [1, 30_000])
def test_a_map_of_any_length(frames, tmp_path):
    names = [*EXPRESSIONS, "neutral", "mixed", "unnamed", ""]
    track = track_of(frames, names, valence=np.zeros(frames), arousal=np.full(frames, np.nan))
    assert expression_map(track, tmp_path / "expression_map.png", "a $b$").exists()
    assert expression_map(track, tmp_path / "expression_map.svg").stat().st_size < 1_000_000
    rows = [label.get_text() for label in expression_figure(track).axes[0].get_yticklabels()]
    assert len(rows) == (1 if frames == 1 else 10) and (rows[0] == "others") == (frames > 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": ["", ""]}, "no frame has an expression"),
        ({"names": ["fear"]}, "wanted one a frame"),
        (
            {"scores": np.zeros((2, 3)), "score_names": ["fear"]},
            r"scores have shape \(2, 3\); wanted \(2, 1\)",
        ),
        ({"valence": np.zeros(3)}, r"shape \(3,\); wanted \(2,\)"),
    ],
)
def test_a_bad_track_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ExpressionTrack(**{"times": np.arange(2.0), "names": ["fear", ""], **arguments})
