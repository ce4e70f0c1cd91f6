"""The queue, the limits, and that what is over is deleted."""

import asyncio
import os
import threading
import time
from dataclasses import replace

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra `serve`, is not installed")

from fau3d.apis.serve.content import RefusedUpload, check_upload, kind_of
from fau3d.apis.serve.folder import PrivateFolder, remove_abandoned
from fau3d.apis.serve.guards import Guard
from fau3d.apis.serve.jobs import Jobs, Stopped, TooBusy
from fau3d.apis.serve.settings import ServeSettings
from fau3d.io.video import VideoError


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open job queues that are closed at the end."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = []

    def open_jobs(work, **changes):
        made.append(Jobs(ServeSettings(**changes), work))
        return made[-1]

    yield open_jobs
    for jobs in made:
        jobs.close()
        assert not jobs.root.exists()


def add(jobs, content=b"x"):
    job = jobs.open({})
    job.upload = job.folder / "video.mp4"
    job.upload.write_bytes(content)
    jobs.submit(job)
    return job


class TestQueue:
    def test_one_at_a_time_in_order(self, opened, until):
        go, order, active = threading.Event(), [], []

        def work(job):
            active.append(job)
            assert len(active) == 1
            go.wait(30)
            order.append(job)
            active.remove(job)

        jobs = opened(work)
        first = add(jobs)
        until(lambda: first.state == "running")
        second, third = add(jobs), add(jobs)
        assert [jobs.ahead(job) for job in (first, second, third)] == [0, 1, 2]
        go.set()
        until(lambda: third.state == "done")
        assert order == [first, second, third]
        assert not first.upload.exists()

    def test_full(self, opened, until):
        go = threading.Event()
        jobs = opened(lambda job: go.wait(30), max_waiting=2)
        first = add(jobs)
        until(lambda: first.state == "running")
        add(jobs)
        sending = jobs.open({})
        with pytest.raises(TooBusy, match="2 other uploads"):
            jobs.open({})
        jobs.delete(sending)
        add(jobs)
        go.set()

    def test_no_room_on_the_disk(self, opened):
        with pytest.raises(TooBusy, match="disk"):
            opened(lambda job: None, max_bytes=10**18).open({})

    def test_folders_are_private_and_names_random(self, opened):
        jobs = opened(lambda job: None)
        first, second = jobs.open({}), jobs.open({})
        assert len(first.name) >= 32
        assert first.name != second.name and first.name not in str(first.folder)
        assert [path.stat().st_mode & 0o077 for path in (jobs.root, first.folder)] == [0, 0]


class TestEnds:
    def test_what_nobody_looks_at_goes(self, opened, until):
        jobs = opened(lambda job: None, keep_seconds=0.2)
        seen, unseen = add(jobs), add(jobs)
        until(lambda: unseen.state == "done")
        sending = jobs.open({})
        for _ in range(6):
            time.sleep(0.05)
            assert jobs.find(seen.name) is seen
            jobs.sweep()
        assert jobs.find(unseen.name) is None
        assert not unseen.folder.exists()
        assert seen.folder.exists() and sending.folder.exists()

    def test_deleting_stops_an_analysis(self, opened, until):
        ended = threading.Event()

        def work(job):
            try:
                while True:
                    job.progress(1, 2, "video.mp4")
                    time.sleep(0.01)
            except Stopped:
                ended.set()
                raise

        jobs = opened(work)
        job = add(jobs)
        until(lambda: job.frames)
        jobs.delete(job)
        assert ended.wait(30)
        until(lambda: not job.folder.exists())
        assert jobs.find(job.name) is None

    def test_closing_stops_and_deletes_all(self, opened, until):
        def work(job):
            while True:
                job.progress(1, 2, "drawing video.mp4")
                time.sleep(0.01)

        jobs = opened(work)
        running, waiting = add(jobs), add(jobs)
        until(lambda: running.drawing)
        jobs.close()
        assert not jobs.root.exists() and not waiting.folder.exists()

    def test_failures_are_sentences_without_paths(self, opened, caplog, until):
        def work(job):
            kind = job.upload.read_bytes()
            raise (
                VideoError(f"{job.upload}: is empty; record it again") if kind == b"v" else KeyError("secret")
            )

        jobs = opened(work)
        bad, fault = add(jobs, b"v"), add(jobs)
        until(lambda: fault.state == "failed")
        assert bad.error == "The file cannot be analysed: is empty; record it again"
        assert "secret" not in fault.error and str(jobs.root) not in fault.error
        assert "secret" in caplog.text  # the server's own window says it
        assert not bad.upload.exists()


def test_what_a_killed_app_left_is_deleted_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, young, linked = (tmp_path / f"fau3d-serve-{name}" for name in ("left", "young", "linked"))
    other = tmp_path / "other"
    for folder in (left, young, other):
        (folder / "job").mkdir(parents=True)
        (folder / "job" / "video.mp4").write_bytes(b"x")
    linked.symlink_to(other)
    alive = PrivateFolder()
    long_ago = time.time() - 3600
    for folder in (left, alive.path, other):
        os.utime(folder, (long_ago, long_ago))
    remove_abandoned()
    assert not left.exists()
    assert young.exists() and alive.path.exists() and (other / "job" / "video.mp4").exists()
    alive.remove()
    assert not alive.path.exists()


class TestContent:
    @pytest.mark.parametrize(
        ("changes", "word"),
        [
            ({"max_seconds": 0.2}, "up to 0.2"),
            ({"max_frames": 5}, "12 frames; up to 5"),
            ({"max_pixels": 6000}, "96 x 64 pixels"),
        ],
    )
    def test_limits(self, kit, tmp_path, changes, word):
        path = kit.write_video(tmp_path / "v.mp4", kit.square_frames(12))
        kind = kind_of(path.read_bytes()[:512])
        check_upload(path, kind, ServeSettings())
        with pytest.raises(RefusedUpload, match=word):
            check_upload(path, kind, replace(ServeSettings(), **changes))

    def test_bytes_and_decoder_must_agree(self, kit, tmp_path):
        path = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        png = kind_of(b"\x89PNG\r\n\x1a\n")
        with pytest.raises(RefusedUpload, match="begins like a PNG image"):
            check_upload(path, png, ServeSettings())

    @pytest.mark.parametrize("changes", [{"max_bytes": 0}, {"keep_seconds": -1}, {"port": 70000}])
    def test_settings_that_are_none(self, changes):
        with pytest.raises(ValueError, match="wanted"):
            ServeSettings(**changes)


@pytest.mark.parametrize(
    ("host", "status"),
    [("192.168.1.5:8000", 200), ("lab.example", 200), ("localhost", 200), ("rebound.example", 403)],
)
def test_on_a_network_numbers_and_given_names_are_taken(host, status):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    said = []

    async def send(message):
        said.append(message)

    guarded = Guard(app, ServeSettings(host="0.0.0.0", names=("lab.example",)))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())]}
    asyncio.run(guarded(scope, None, send))
    assert said[0]["status"] == status
