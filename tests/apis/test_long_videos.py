"""Long videos: what waits does so on disk, and pieces are written as the whole would be."""

import tracemalloc

import numpy as np

from fau3d.apis.frame_spool import FrameSpool
from fau3d.apis.reading import CurveCollector, face, read_face, write_readings
from fau3d.apis.results import FaceResult, FrameResult, to_table
from fau3d.apis.timing_rows import TimingRows
from fau3d.structures import FaceLandmarks

UNITS = tuple(f"AU{number:02}" for number in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25))


def frames(total):
    """Give frames of a face whose units come and go, and that is gone at times."""
    marks = FaceLandmarks(
        np.random.default_rng(0).uniform(0, 200, (68, 2)).astype(np.float32),
        np.ones(68, np.float32),
        np.array([0, 0, 200, 200.0]),
        0.9,
        "ibug68",
    )
    phase = np.arange(len(UNITS))
    for i in range(total):
        values = np.clip(np.sin(i / 25 * (0.3 + 0.05 * phase) + phase), 0, 1)
        found = FaceResult(marks, values, (values >= 0.5).astype(float), 5.0 * values)
        yield FrameResult(i, i / 25, {3: found} if i % 700 > 40 else {}, source="long.mp4")


def test_a_frame_takes_few_bytes_until_the_video_is_known(tmp_path):
    total = 8000
    collector = CurveCollector(UNITS, intensity=True, folder=tmp_path)
    spool, rows, kept = FrameSpool(tmp_path), TimingRows(UNITS, tmp_path), []
    tracemalloc.start()
    for i, each in enumerate(frames(total)):
        collector.append(each)
        spool.append(each)
        if i % 100 == 0:
            rows.append(to_table([each], UNITS, intensity=True))
        if i in (1000, total - 1):
            kept.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert (kept[1] - kept[0]) / (total - 1000) < 100  # bytes
    assert not list(tmp_path.iterdir())  # nameless
    (curves,) = collector.curves()
    assert np.isfinite(curves.probability).sum() == (curves.invalid == 0).sum() * len(UNITS)
    assert len(rows.table().data) == total // 100
    for each in (collector, spool._file, rows._file):
        each.close()


def test_tables_do_not_depend_on_the_pieces_they_are_written_in(tmp_path, monkeypatch):
    collector = CurveCollector(UNITS, intensity=True, folder=tmp_path)
    for each in frames(900):
        collector.append(each)
    curves = collector.curves()
    collector.close()
    for size in (7, 512, 100000):
        monkeypatch.setattr(face, "_BLOCK", size)
        readings = [read_face(each, UNITS, np.full(len(UNITS), 0.5)) for each in curves]
        write_readings(readings, tmp_path / str(size), {"source": "made"})
    whole = {path.name: path.read_bytes() for path in (tmp_path / "100000").iterdir()}
    assert len(whole) == 3 and whole["expressions.csv"].count(b"\n") == 901
    for size in (7, 512):
        assert {path.name: path.read_bytes() for path in (tmp_path / str(size)).iterdir()} == whole
