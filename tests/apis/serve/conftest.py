"""A running web app with the tiny recogniser, and a client that asks it as a program or a browser does."""

import contextlib
import http.client
import importlib.util
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fau3d.apis.serve.settings import ServeSettings


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    """Skip where the extra `serve` is not installed."""
    for name in ("starlette", "uvicorn"):
        pytest.importorskip(name, reason=f"{name}, of the extra `serve`, is not installed")


class Client:
    """Asks a server on this machine; posts as its own page would, unless told otherwise."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Give status, headers and body of an answer; a header is left out where its value is empty."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        sent = {"Host": self.host, "Origin": f"http://{self.host}", **headers}
        try:
            sent = {name.replace("_", "-"): value for name, value in sent.items() if value}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def send(self, content: bytes, query: str = "") -> tuple[int, dict[str, Any]]:
        status, _, said = self.ask("POST", f"/jobs{query}", content)
        return status, json.loads(said)

    def wait(self, job: str) -> dict[str, Any]:
        """Wait until an analysis is done or failed, and give what is said of it."""
        for _ in range(1500):
            said = json.loads(self.ask("GET", f"/jobs/{job}")[2])
            if said.get("state") in (None, "done", "failed"):
                return said
            time.sleep(0.02)
        raise AssertionError("no end after 30 seconds")

    def analyse(self, content: bytes, query: str = "") -> tuple[str, dict[str, Any]]:
        status, said = self.send(content, query)
        assert status == 201, said
        return said["job"], self.wait(said["job"])


@contextlib.contextmanager
def running(settings: ServeSettings, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Client]:
    """Serve from a thread; all its files lie below `folder`."""
    from fau3d.apis.serve.server import address_of, open_server

    monkeypatch.setattr("tempfile.tempdir", str(folder))
    server, listener = open_server(settings)
    monkeypatch.setattr("tempfile.tempdir", None)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        assert address_of(settings, listener).startswith("http://127.0.0.1:")
        yield Client(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture(scope="session")
def tiny_settings(packages: None, kit: ModuleType, checkpoint: Path) -> ServeSettings:
    return ServeSettings(
        port=0, checkpoint=str(checkpoint), extractor="WhiteSquares", device="cpu", max_bytes=2_000_000,
        max_seconds=20.0,
    )  # fmt: skip


@pytest.fixture(scope="session")
def served(
    tiny_settings: ServeSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, Path]]:
    """A client of a server for all tests, and the folder in which the server keeps its files."""
    folder = tmp_path_factory.mktemp("serve")
    with pytest.MonkeyPatch.context() as patch, running(tiny_settings, patch, folder) as client:
        yield client, folder
    assert not list(folder.iterdir()), "something is left after the end"


@pytest.fixture
def client(served: tuple[Client, Path]) -> Client:
    return served[0]


@pytest.fixture
def stored(served: tuple[Client, Path]) -> Callable[[], list[str]]:
    """Give the files that the server holds now, by their names in a job's folder."""
    # Unlike `Path.rglob`, `os.walk` passes over folders that the server deletes under its hands.
    return lambda: sorted(name for _, _, names in os.walk(served[1]) for name in names if name != "lock")


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds, however busy the machine is."""

    def wait(condition: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "not after 30 seconds"
            time.sleep(0.01)

    return wait


@pytest.fixture(scope="session")
def videos(kit: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Give a video of white squares as bytes."""
    folder = tmp_path_factory.mktemp("videos")

    def make(frames: int, faces: int = 1) -> bytes:
        path = folder / f"{frames}_{faces}.mp4"
        if not path.exists():
            kit.write_video(path, kit.square_frames(frames, faces=faces))
        return path.read_bytes()

    return make


@pytest.fixture(scope="session")
def browsers() -> ModuleType:
    """The browser of the tests of report pages."""
    path = Path(__file__).parents[2] / "visualization" / "conftest.py"
    spec = importlib.util.spec_from_file_location("browser_for_tests", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.FLAGS += ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")  # a webcam
    return module
