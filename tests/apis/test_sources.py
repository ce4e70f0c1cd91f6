"""Frames come from everywhere, and a camera ends when the user says so."""

import signal

import numpy as np
import pytest

from fau3d.apis import AnalysisOptions, AUInferencer, analyze
from fau3d.apis.sources import Interruptible, open_source
from fau3d.io.video import Frame


class FakeCamera:
    """Gives squares for ever; after `presses` frames somebody presses Ctrl-C."""

    fps, path = 30.0, 0

    def __init__(self, images, presses):
        self._images, self._presses = images, presses

    def frames(self, start=0, stop=None, step=1):
        for index in range(2000):
            if index == self._presses:
                signal.raise_signal(signal.SIGINT)
            yield Frame(index, index / 30, self._images[index % len(self._images)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_ctrl_c_ends_a_camera_and_no_more(kit):
    before = signal.getsignal(signal.SIGINT)
    with Interruptible(FakeCamera(kit.square_frames(8), 5)) as camera:
        assert len(list(camera.frames())) == 5
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("overlay", [False, True])
def test_a_camera_is_analysed_until_ctrl_c(kit, checkpoint, monkeypatch, tmp_path, overlay):
    import pandas as pd

    monkeypatch.setattr(
        "fau3d.apis.analysis.CameraReader", lambda number: FakeCamera(kit.square_frames(8), 37)
    )
    with AUInferencer(checkpoint, "WhiteSquares", "cpu") as inferencer:
        report = analyze(0, tmp_path / "out", inferencer, AnalysisOptions(overlay=overlay))
    # The key is heard a few frames later, in the main thread.
    assert 30 <= report.frames < 2000
    table = pd.read_csv(tmp_path / "out" / "au.csv")
    assert table["frame"].tolist() == list(range(report.frames))
    assert set(table["source"]) == {"camera 0"}
    assert (tmp_path / "out" / "overlay.mp4").exists() == overlay


def test_a_live_source_is_answered_one_window_late(kit, checkpoint):
    given = []

    def frames():
        for number, image in enumerate(kit.square_frames(60)):
            given.append(number)
            yield Frame(number, number / 30, image)

    class Live:
        live, fps = True, 30.0

        def frames(self, start=0, stop=None, step=1):
            return frames()

    with AUInferencer(checkpoint, "WhiteSquares", "cpu") as inferencer:
        first = next(inferencer.stream(Live()))
    assert len(first.data) == 1
    # A window and a stride until the frame is final, and what the threads have read ahead meanwhile.
    assert given[-1] <= 60


def test_frames_keep_their_own_numbers(kit, checkpoint):
    images = kit.square_frames(4)
    frames = [Frame(10 + 2 * n, 0.5 * n, image) for n, image in enumerate(images)]
    with AUInferencer(checkpoint, "WhiteSquares", "cpu") as inferencer:
        table = inferencer(iter(frames))
    assert table.data["frame"].tolist() == [10, 12, 14, 16]
    assert table.data["timestamp"].tolist() == [0, 0.5, 1.0, 1.5]


def test_arrays_are_views(kit):
    images = kit.square_frames(3)
    with open_source(images) as source:
        assert all(np.shares_memory(frame.image, images) for frame in source.frames())
