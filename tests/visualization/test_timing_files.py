"""Diagrams of long videos, as vectors, and of one unit: sizes, axes, marks."""

import time
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from fau3d.facs import AU_SETS
from fau3d.functional.events import find_events
from fau3d.structures import AUTable
from fau3d.visualization import timing_diagram, timing_figure, unit_diagram, unit_figure
from fau3d.visualization.time_axis import clock, tick_step, tick_times
from fau3d.visualization.timing_curves import step_lines


def table_of(frames: int, names=("AU01", "AU12"), rate: float = 30.0, noise: float = 0.05) -> AUTable:
    rng = np.random.default_rng(0)
    data = {"source": "a $b$.mp4", "frame": np.arange(frames), "face_id": 0, "confidence": 0.9}
    data |= {"timestamp": np.arange(frames) / rate, "success": 1}
    gone = np.arange(frames) // 40 % 10 == 7
    for place, name in enumerate(names):
        wave = 0.5 + 0.5 * np.sin(np.arange(frames) / 50 + place) + rng.normal(0, noise, frames)
        wave[gone] = np.nan
        data |= {f"{name}_p": np.clip(wave, 0, 1), f"{name}_c": np.where(gone, np.nan, wave > 0.5)}
        data[f"{name}_r"] = np.clip(5 * wave, 0, 5)
    return AUTable(pd.DataFrame(data))


def test_an_hour_is_drawn_in_two_seconds_and_its_vectors_stay_small(tmp_path):
    table = table_of(108_000, AU_SETS["opengraphau27"], noise=0.2)
    timing_diagram(table_of(10), tmp_path / "warm.png")
    begin = time.process_time()
    timing_diagram(table, tmp_path / "timing.png")
    assert time.process_time() - begin < 4, "about 1 s where nothing else runs"
    drawn = timing_diagram(table, tmp_path / "timing.svg")
    assert drawn.stat().st_size < 2_000_000


def test_vectors_hold_text_as_text_and_are_the_same_each_time(tmp_path):
    first, second = (timing_diagram(table_of(300), tmp_path / name) for name in ("a.svg", "b.svg"))
    assert first.read_bytes() == second.read_bytes()
    root = ElementTree.fromstring(first.read_text(encoding="utf-8"))
    assert root.tag.endswith("svg")
    texts = ["".join(node.itertext()).strip() for node in root.iter() if node.tag.endswith("}text")]
    assert any(text.endswith("AU12") for text in texts) and "a $b$.mp4" in texts


@pytest.mark.parametrize(
    ("seconds", "label", "last"),
    [(60, "time in seconds", "60"), (600, "time in minutes:seconds", "10:00"),
     (5400, "time in hours:minutes:seconds", "1:30:00")],
)  # fmt: skip
def test_the_axis_counts_in_what_suits_the_length(seconds, label, last):
    axis = timing_figure(table_of(seconds + 1, rate=1.0)).axes[0]
    assert axis.get_xlabel() == label
    labels = [text.get_text() for text in axis.get_xticklabels()]
    assert labels[-1] == last and 3 <= len(labels) <= 9


def test_clocks_and_ticks():
    assert [clock(t) for t in (0, 65, 3600, 3725)] == ["0:00", "1:05", "1:00:00", "1:02:05"]
    assert clock(59.96, step=0.5) == "1:00.0" and clock(2.5, False, 0.5) == "2.5" and clock(7, False) == "7"
    assert tick_step(60, 8) == 10 and tick_step(1e6, 5) >= 2e5
    np.testing.assert_allclose(tick_times(0.0, 1.0, 0.5), [0, 0.5, 1])
    np.testing.assert_allclose(tick_times(3.1, 7.0, 2), [4, 6])
    with pytest.raises(ValueError, match="wanted 1 or more"):
        tick_step(1, 0)


def test_steps_leave_out_what_nobody_sees():
    values = np.array([0.2, 0.2, 0.2, 0.7, np.nan, 0.5])
    lines = step_lines(values, np.arange(6.0), np.arange(6.0) + 1)
    assert [x.tolist() for x, _ in lines] == [[0, 3, 3, 4], [5, 6]]
    assert [y.tolist() for _, y in lines] == [[0.2, 0.2, 0.7, 0.7], [0.5, 0.5]]
    assert step_lines(np.full(3, np.nan), np.arange(3.0), np.arange(3.0)) == []


@pytest.mark.parametrize("frames", [1, 20_000])
def test_one_unit_with_its_events(frames, tmp_path):
    table = table_of(frames)
    times = table.data["timestamp"].to_numpy()
    events = find_events(table.values("probability", ["AU12"]), times)
    for name in ("timing_AU12.png", "timing_AU12.svg"):
        assert unit_diagram(table, "AU12", tmp_path / name, events).stat().st_size > 5000
    apexes = unit_figure(table, "AU12", events).axes[0].lines[-1].get_xdata()
    np.testing.assert_array_equal(apexes, events.apex)


def test_one_unit_of_one_face():
    data = table_of(50).data
    other = data.assign(face_id=3, AU12_p=0.25)
    both = AUTable(pd.concat([data, other, other.assign(face_id=5, success=0)], ignore_index=True))
    figure = unit_figure(both, "AU12", face_id=3)
    assert "face 3" in figure.get_suptitle()
    assert "face" not in unit_figure(AUTable(data), "AU12").get_suptitle()
    with pytest.raises(ValueError, match=r"cannot draw face 9.*0, 3, 5"):
        unit_figure(both, "AU12", face_id=9)
    with pytest.raises(ValueError, match="cannot draw AU99: the table has 150 rows of AU01, AU12"):
        unit_figure(both, "AU99")
