"""Drawing: what appears where, on images of any size, and what bad input gets."""

import numpy as np
import pandas as pd
import pytest

from fau3d.facs import AU_SETS
from fau3d.structures import AUTable
from fau3d.topology import TOPOLOGIES
from fau3d.visualization import (
    AUBars,
    OverlayFace,
    OverlayRenderer,
    draw_au_bars,
    draw_landmarks,
    heatmap_montage,
    shown_units,
    timing_diagram,
    timing_figure,
)

AUS = AU_SETS["disfa8"]


def random_points(count: int, size: int = 100) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1 * size, 0.9 * size, (count, 2))


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_every_topology_is_drawn(name):
    points = random_points(TOPOLOGIES[name].num_points)
    image = draw_landmarks(np.zeros((100, 100, 3), np.uint8), points, name)
    assert image.any()
    x, y = np.rint(points[-1]).astype(int)
    assert image[y, x].any()


def test_missing_points_leave_no_trace():
    black = np.zeros((100, 100, 3), np.uint8)
    points = random_points(68)
    assert not draw_landmarks(black.copy(), np.full((68, 2), np.nan), "ibug68").any()
    assert not draw_landmarks(black.copy(), points, "ibug68", score=np.zeros(68)).any()
    points[5:] = np.nan
    points[:5] = [[10, 10], [12, 10], [14, 10], [16, 10], [np.inf, 10]]
    drawn = draw_landmarks(black.copy(), points, "ibug68")
    assert drawn[:20, :25].any() and not drawn[20:].any() and not drawn[:, 25:].any()


def test_points_far_outside_do_no_harm():
    points = random_points(68) * 1e9
    draw_landmarks(np.zeros((50, 50, 3), np.uint8), points, "ibug68")


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="wanted \\(H, W, 3\\) uint8"):
        draw_landmarks(np.zeros((9, 9), np.uint8), random_points(68), "ibug68")
    with pytest.raises(ValueError, match="'ibug68' has 68"):
        draw_landmarks(np.zeros((9, 9, 3), np.uint8), random_points(133), "ibug68")
    with pytest.raises(ValueError, match="not within an image"):
        draw_au_bars(np.zeros((9, 9, 3), np.uint8), AUS, [], (5, 5), (9, 9))
    with pytest.raises(ValueError, match="one for each of 8 units"):
        OverlayRenderer(AUS).render(
            np.zeros((90, 90, 3), np.uint8), {0: OverlayFace(random_points(68), "ibug68", np.zeros(7))}
        )


def test_longer_bars_for_higher_probabilities():
    values = np.linspace(0, 1, len(AUS))
    image = np.zeros((160, 200, 3), np.uint8)
    draw_au_bars(image, AUS, [AUBars(values, np.ones(len(AUS)), None, (255, 0, 0))], size=(200, 160))
    rows = image.reshape(len(AUS), -1, 200, 3)
    lengths = (rows == [255, 0, 0]).all(-1).any(1).sum(1)
    assert (np.diff(lengths) > 0).all()


@pytest.mark.parametrize("size", [(8, 8), (54, 96), (361, 641), (1080, 607)])
def test_overlay_has_the_announced_even_size(size):
    image = np.full((*size, 3), 90, np.uint8)
    faces = {
        0: OverlayFace(random_points(68, size[1]), "ibug68", np.full(8, 0.7), None, np.full(8, 2.0)),
        3: OverlayFace(np.full((68, 2), np.nan), "ibug68", np.full(8, np.nan)),
        4: OverlayFace(random_points(478, size[1]), "mediapipe478"),
    }
    renderer = OverlayRenderer(AUS)
    picture = renderer.render(image, faces, 1.5)
    assert picture.shape == (*renderer.output_size(size), 3)
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    assert renderer.render(image, {}).shape == picture.shape
    assert (image == 90).all()


def test_sides_are_left_out_where_the_whole_is_there():
    assert shown_units(AU_SETS["synthetic41"]) == AU_SETS["synthetic25"]
    assert shown_units(["AU12_L", "AU06", "AU06_R", "AU12_R"]) == ("AU12_L", "AU06", "AU12_R")
    assert shown_units(AUS) == AUS and shown_units([]) == ()


def test_an_overlay_shows_the_values_of_the_units_that_it_names():
    names = ("AU12_L", "AU12", "AU25")
    image, values = np.zeros((200, 300, 3), np.uint8), np.array([0.1, 0.9, 0.4])
    points = np.full((68, 2), np.nan)
    left = OverlayFace(points, "ibug68", values, values > 0.5, values * 5)
    alone = OverlayFace(points, "ibug68", values[1:], values[1:] > 0.5, values[1:] * 5)
    picture = OverlayRenderer(names).render(image, {0: left})
    assert (picture == OverlayRenderer(names[1:]).render(image, {0: alone})).all()
    sides = OverlayRenderer(names, shown=["AU25", "AU12_L"])
    reordered = values[[2, 0]]
    wanted = OverlayFace(points, "ibug68", reordered, reordered > 0.5, reordered * 5)
    assert (
        sides.render(image, {0: left}) == OverlayRenderer(["AU25", "AU12_L"]).render(image, {0: wanted})
    ).all()
    with pytest.raises(ValueError, match="cannot show AU12_R"):
        OverlayRenderer(names, shown=["AU12_R"])


def test_a_diagram_leaves_sides_out_unless_they_are_named():
    table = make_table(20)
    for name in ("AU12_L", "AU14_L"):
        for suffix in "pc":
            table.data[f"{name}_{suffix}"] = table.data[f"AU12_{suffix}"]
    for wanted, count in ((None, len(AUS) + 1), (["AU12", "AU12_L"], 2)):
        labels = timing_figure(AUTable(table.data), wanted).axes[0].get_yticklabels()
        assert len(labels) == count


def test_overlay_without_units_has_no_panel():
    assert OverlayRenderer().render(np.zeros((200, 300, 3), np.uint8), {}).shape == (200, 300, 3)


def test_montage_shows_the_peak_where_it_is():
    volume = np.zeros((3, 5, 8, 8), np.float32)
    volume[1, 2, 6, 1] = 1
    picture = heatmap_montage(volume, frames=[2], channels=[1], cell=80)
    assert picture.shape == (80, 80, 3)
    assert picture[65, 15].min() > 100 > picture[15, 65].max()
    assert heatmap_montage((volume * 255).astype(np.uint8), merge=True).shape[0] == 112
    assert heatmap_montage(volume, labels=["a", "b", "c"]).shape[0] > 300


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"frames": [5]}, "frames"), ({"channels": [-1]}, "channels"), ({"labels": ["a"]}, "labels")],
)
def test_montage_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        heatmap_montage(np.zeros((3, 5, 8, 8)), **arguments)
    with pytest.raises(ValueError, match="wanted \\(V, T, H, W\\)"):
        heatmap_montage(np.zeros((5, 8, 8)))


def make_table(frames: int, faces: int = 1) -> AUTable:
    rng = np.random.default_rng(0)
    parts = []
    for face in range(faces):
        part = pd.DataFrame({"source": "a $b$ clip.mp4", "frame": np.arange(frames), "face_id": face})
        part["timestamp"] = part["frame"] / 25
        part["confidence"], part["success"] = 0.9, 1
        for name in AUS:
            part[f"{name}_p"] = rng.random(frames)
            part[f"{name}_c"] = (part[f"{name}_p"] > 0.5).astype(float)
        gone = part.index % 10 == 3
        part.loc[gone, [c for c in part.columns if c.startswith("AU")]] = np.nan
        part.loc[gone, "success"] = 0
        parts.append(part)
    return AUTable(pd.concat(parts, ignore_index=True))


@pytest.mark.parametrize("frames", [1, 2, 40, 5000])
def test_diagram_of_any_length(frames, tmp_path):
    path = timing_diagram(make_table(frames), tmp_path / "über $x$.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_diagram_kinds_and_panels(tmp_path):
    assert b"<svg" in timing_diagram(make_table(20), tmp_path / "a.svg").read_bytes()
    figure = timing_figure(make_table(20, faces=3), max_faces=2)
    assert [axis.get_title() for axis in figure.axes] == ["face 0", "face 1"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[-1].endswith("AU01"), "the first unit stands on top"


def test_diagram_of_a_video_without_a_face(tmp_path):
    table = make_table(20)
    table.data["success"] = 0
    table.data[[c for c in table.data.columns if c.startswith("AU")]] = np.nan
    timing_diagram(table, tmp_path / "none.png")


def test_diagram_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        timing_figure(AUTable(make_table(2).data.iloc[:0]))


def test_drawing_leaves_pyplot_alone():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    timing_figure(make_table(5))
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", ["a.xyz", "a"])
def test_diagram_of_an_unknown_kind_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"suffix .*\.png, \.svg, \.pdf"):
        timing_diagram(make_table(5), tmp_path / name)
    assert not list(tmp_path.iterdir())
