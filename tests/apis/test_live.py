"""The live session: the newest frame only, answers without waiting, recordings that survive."""

import threading
import time

import numpy as np
import pytest

from fau3d.apis import AUInferencer
from fau3d.apis.live import (
    LiveAnswers,
    LiveRecording,
    LiveSession,
    LiveStatistics,
    NewestFrame,
    Recorder,
    open_live,
)
from fau3d.apis.live.answers import RecentFace
from fau3d.apis.live.screen import TextLine, no_window_because
from fau3d.cli import main
from fau3d.io.table import read_au_table
from fau3d.io.video import Frame, VideoReader
from fau3d.structures import FaceLandmarks


@pytest.fixture
def inferencer(kit, checkpoint):
    with AUInferencer(checkpoint, kit.WhiteSquares(), "cpu") as made:
        yield made


class Camera:
    """Frames in memory that wait for `go` before each; without it they come at once."""

    fps = 25.0

    def __init__(self, images, go=None):
        self.images, self.go = images, go

    def frames(self, start=0, stop=None, step=1):
        for index, image in enumerate(self.images):
            if self.go is not None:
                self.go(index)
            yield Frame(index, index / self.fps, image)


def face_at(x: float) -> FaceLandmarks:
    box = np.array([x, 0, x + 1, 1], np.float32)
    return FaceLandmarks(np.full((68, 2), x, np.float32), np.ones(68, np.float32), box, 1.0, "ibug68")


class TestNewestFrame:
    def test_gives_the_last_and_counts_the_others(self, kit):
        read, took, taken = threading.Event(), threading.Event(), []

        def go(index):
            if index == 5:  # the first five are out before anyone takes one
                read.set()
                took.wait(30)

        with NewestFrame(Camera(kit.square_frames(6), go)) as newest:
            assert read.wait(30)
            for captured in newest:
                taken.append((captured.frame.index, captured.dropped))
                took.set()
        assert taken == [(4, 4), (5, 4)]

    def test_an_error_of_the_camera_comes_out(self, kit):
        def go(index):
            if index == 1:
                raise OSError("the cable is out")

        with NewestFrame(Camera(kit.square_frames(3), go)) as newest, pytest.raises(OSError, match="cable"):
            list(newest)

    def test_ends_when_asked_though_the_camera_hangs(self, kit):
        hang = threading.Event()
        camera = Camera(kit.square_frames(2), lambda index: hang.wait(20) if index else None)
        stop = []
        began = time.monotonic()
        threading.Timer(0.2, lambda: stop.append(1)).start()
        with NewestFrame(camera, lambda: bool(stop)) as newest:
            assert len(list(newest)) == 1
            hang.set()
        assert time.monotonic() - began < 15  # not the camera's 20


class TestAnswers:
    def test_a_face_is_drawn_at_the_times_of_the_model(self):
        face = RecentFace(seconds=1.0)
        for moment, x in ((0.0, 0.0), (0.04, 4.0), (0.12, 12.0)):  # one frame was dropped
            face.push(moment, face_at(x))
        found = [float(f.points[0, 0]) for f in face.at(np.array([-0.5, 0.0, 0.02, 0.08, 0.12]))]
        assert np.allclose(found, [0, 0, 2, 8, 12], atol=1e-5)

    def test_what_was_before_a_gap_does_not_count(self):
        face = RecentFace(seconds=10.0)
        face.push(0.0, face_at(0.0))
        face.push(5.0, face_at(50.0))
        assert [float(f.points[0, 0]) for f in face.at(np.array([4.0, 5.0]))] == [50.0, 50.0]
        assert face.forgotten(6.0) and not face.forgotten(5.1)

    def test_memory_stays_bounded(self):
        face = RecentFace(seconds=0.2)
        for n in range(1000):
            face.push(n * 0.04, face_at(n))
        assert len(face._seen) <= 7

    def test_one_window_a_face_and_frame_or_fewer(self, kit, inferencer, monkeypatch):
        asked = []
        recognizer = inferencer.recognizer
        predict = recognizer.predict
        monkeypatch.setattr(recognizer, "predict", lambda w, c: asked.append(len(w)) or predict(w, c))
        answers = LiveAnswers(recognizer, "ibug68", 25.0, every=3)
        for n in range(6):
            faces = {i: face_at(10.0 * i + n) for i in range(1 if n < 4 else 2)}
            found = answers.push(n * 0.04, (64, 96), faces)
            assert found.keys() == faces.keys()
        assert asked == [1, 1, 1]  # frames 0 and 3, and the face that is new in frame 4

    def test_the_middle_of_a_still_face_is_what_a_still_image_gets(self, kit, inferencer):
        image = kit.square_frames(1)[0]
        (still,) = inferencer.stills([("still", image)])
        (shown,) = list(LiveSession(inferencer, draw=False).run(Camera([image])))
        assert np.allclose(shown.result.faces[0].probability, still.faces[0].probability, atol=1e-5)

    def test_nonsense_is_refused(self, inferencer):
        with pytest.raises(ValueError, match="every is 0"):
            LiveAnswers(inferencer.recognizer, "ibug68", 25.0, every=0)
        with pytest.raises(ValueError, match="behind is 8; wanted 0 to 7"):
            LiveAnswers(inferencer.recognizer, "ibug68", 25.0, behind=8)


class TestRecording:
    def test_video_and_rows_tell_the_same_times(self, kit, inferencer, tmp_path):
        session = LiveSession(inferencer)
        with Recorder(tmp_path, inferencer, 25.0, overlay=True) as recorder:
            ready = threading.Semaphore(1)  # none is dropped, however busy the machine is

            def go(index):
                assert ready.acquire(timeout=30)
                time.sleep(0.05)

            for seen, shown in enumerate(session.run(Camera(kit.square_frames(12), go)), start=1):
                ready.release()
                if seen in (3, 8):
                    recorder.toggle()
                recorder.append(shown)
                assert bool(recorder.note) == (3 <= seen < 8)
        ((folder, frames),) = recorder.kept
        assert frames == 5 and {p.name for p in folder.iterdir()} == {"video.mp4", "au.csv", "overlay.mp4"}
        table = read_au_table(folder / "au.csv").data
        with VideoReader(folder / "video.mp4") as reader:
            times = [frame.timestamp for frame in reader.frames()]
        assert list(table["frame"]) == list(range(5)) and table["timestamp"][0] == 0
        assert np.allclose(table["timestamp"], times, atol=1e-3)
        assert table["success"].all() and set(table["source"]) == {"video.mp4"}

    def test_what_was_kept_stays_after_an_error(self, kit, inferencer, tmp_path):
        with pytest.raises(KeyboardInterrupt), LiveRecording(tmp_path, inferencer, 25.0) as recording:
            for shown in LiveSession(inferencer, draw=False).run(Camera(kit.square_frames(1))):
                recording.append(shown.result, shown.image)
            raise KeyboardInterrupt
        assert len(read_au_table(recording.folder / "au.csv").data) == 1
        with VideoReader(recording.folder / "video.mp4") as reader:
            assert len(list(reader.frames())) == 1

    def test_rows_and_pictures_are_on_the_disk_while_it_goes(self, kit, inferencer, tmp_path):
        frames = kit.square_frames(1).repeat(90, axis=0)
        (shown,) = list(LiveSession(inferencer, draw=False).run(Camera(frames[:1])))
        recording = LiveRecording(tmp_path, inferencer, 25.0)
        for n in range(90):
            object.__setattr__(shown.result, "timestamp", n / 25)
            recording.append(shown.result, frames[n])
        assert len((recording.folder / "au.csv").read_text().splitlines()) > 60
        (tmp_path / "copy.mp4").write_bytes((recording.folder / "video.mp4").read_bytes())
        with VideoReader(tmp_path / "copy.mp4") as reader:  # as a killed program would leave it
            assert len(list(reader.frames())) >= 40
        recording.close()

    def test_two_in_one_second_have_folders_of_their_own(self, inferencer, tmp_path):
        made = [LiveRecording(tmp_path, inferencer, 25.0) for _ in range(3)]
        assert len({recording.folder for recording in made}) == 3
        for recording in made:
            recording.close()


def test_statistics() -> None:
    seen = LiveStatistics()
    assert str(seen) == "no frame was seen" and np.isnan(seen.latency()) and seen.rate == 0
    for n in range(101):
        seen.add(n * 0.04, n * 0.04 + 0.01 + 0.0001 * n, dropped=n // 2)
    assert seen.mean_rate == pytest.approx(25, rel=0.01) and seen.rate == pytest.approx(25, rel=0.01)
    assert seen.latency(50) == pytest.approx(0.015, abs=1e-4)
    assert "101 frames" in str(seen) and "50 dropped" in str(seen) and "dropped" in seen.line()


class TestCommand:
    @pytest.fixture
    def live(self, checkpoint, capsys, tmp_path, monkeypatch):
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.chdir(tmp_path)

        def run(source, *options):
            arguments = ["live", str(source), "--checkpoint", str(checkpoint), "--extractor", "WhiteSquares"]
            code = main([*arguments, *options])
            said = capsys.readouterr()
            return code, said.out, said.err

        return run

    def test_a_playing_file_is_recorded(self, kit, live, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(20))
        began = time.monotonic()
        code, out, err = live(video, "--record", "kept", "--no-window")
        assert code == 0 and time.monotonic() - began > 0.7  # at its own rate
        assert "frames/s" in out and "from camera to picture: median" in out and "wrote kept" in out
        assert "face 0:" in err
        (folder,) = (tmp_path / "kept").iterdir()
        assert len(read_au_table(folder / "au.csv").data) >= 2  # however busy the machine is

    @pytest.mark.skipif("sys.platform != 'linux'", reason="other systems always have a display")
    def test_without_a_display_it_says_so(self, kit, live, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(5))
        code, out, err = live(video, "--frames", "2", "--quiet")
        assert code == 0 and "note: no window: there is no display" in out and not err
        assert no_window_because() and not (tmp_path / "recordings").exists()

    def test_what_is_not_there_is_said(self, live):
        code, _, err = live("none.mp4")
        assert code == 2 and "none.mp4: no such file" in err
        with pytest.raises(FileNotFoundError):
            open_live("none.mp4")


def test_text_names_the_strongest_units(kit, inferencer, capsys):
    session = LiveSession(inferencer, draw=False)
    with TextLine(inferencer.recognizer.au_names, session.statistics) as text:
        for shown in session.run(Camera(kit.square_frames(2, gone=(1,)), lambda index: time.sleep(0.1))):
            object.__setattr__(shown.result, "timestamp", 2.0 * shown.result.index)
            text.show(shown, "REC 1")
    said = capsys.readouterr().err
    assert "REC 1" in said and "no face" in said
