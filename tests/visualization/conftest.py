"""A headless Chromium that tests drive as a person would, through its DevTools: moves, clicks and keys."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BINARIES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required", "--remote-allow-origins=*", "--remote-debugging-port=0",
    "--disable-dev-shm-usage",
)  # fmt: skip
KEYS = {" ": ("Space", 32), "ArrowLeft": ("ArrowLeft", 37), "ArrowRight": ("ArrowRight", 39)}
KEYS |= {"Home": ("Home", 36), "End": ("End", 35), "Tab": ("Tab", 9), "Enter": ("Enter", 13)}


def find_chromium() -> str | None:
    """Give the path of a Chromium, or None."""
    return next((path for path in map(shutil.which, BINARIES) if path), None)


class Browser:
    """One page of a headless Chromium.

    Attributes:
        messages: What it complained about.
        requests: Addresses it asked for.
    """

    def __init__(self, binary: str, size: tuple[int, int] = (1360, 860)) -> None:
        import websocket

        self._profile = tempfile.mkdtemp(prefix="chromium_")
        command = [binary, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"]
        self._log = Path(self._profile, "log.txt")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "LC_ALL": "C.UTF-8"}
            )
        self._count = 0
        self._fingers = 0
        self.messages: list[str] = []
        self.requests: list[str] = []
        address = self._address()
        self._socket = websocket.create_connection(address, timeout=30)
        target = self.call("Target.getTargets")["targetInfos"]
        page = next(info["targetId"] for info in target if info["type"] == "page")
        self._session: str | None = self.call("Target.attachToTarget", targetId=page, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(*size)

    _session: str | None = None

    def _address(self) -> str:
        for _ in range(300):
            for line in self._log.read_text(errors="replace").splitlines():
                if line.startswith("DevTools listening on "):
                    return line.rsplit(" ", 1)[1]
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"chromium does not start: {self._log.read_text(errors='replace')[-500:]}")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a DevTools method and give its result."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            self._note(answer)
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _note(self, answer: dict[str, Any]) -> None:
        method, parameters = answer.get("method"), answer.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.messages.append(json.dumps(parameters["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.messages.append(json.dumps(parameters["args"])[:600])
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.messages.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def run(self, script: str) -> Any:
        """Give the value of a script's expression; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:800])
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 30.0) -> Any:
        """Wait until a script's expression is true, and give it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.02)
        raise AssertionError(f"after {seconds} s this is still not true: {script}")

    def settle(self) -> None:
        """Wait until what was changed is drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def open(self, path: Path) -> None:
        """Open a file and wait until the page stands."""
        self.call("Page.navigate", url=path.as_uri())
        self.wait("document.readyState !== 'loading' && window.fau3dReport !== undefined")
        self.settle()

    def resize(self, width: int, height: int, scale: float = 1.0, mobile: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=mobile,
        )  # fmt: skip

    def prefer(self, scheme: str) -> None:
        """Ask for `dark` or `light`, as a system's settings do."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def place(self, selector: str) -> tuple[float, float]:
        """Give the middle of an element on the screen, scrolled into view."""
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'nearest'}); const b = e.getBoundingClientRect();"
            "return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        return box[0], box[1]

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, where: str | tuple[float, float]) -> None:
        """Click an element or a place."""
        x, y = self.place(where) if isinstance(where, str) else where
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)
        self.settle()

    def touch(self, fingers: list[tuple[float, float]]) -> None:
        """Put fingers down, move those that are down, or lift all of them."""
        kind = "touchMove" if fingers and self._fingers == len(fingers) else "touchStart"
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
        self._fingers = len(fingers)
        self.call("Input.dispatchTouchEvent", type=kind if fingers else "touchEnd", touchPoints=points)
        self.settle()

    def press(self, key: str) -> None:
        """Press and release a key."""
        code, number = KEYS.get(key, (f"Key{key.upper()}", ord(key.upper()[0])))
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code,
                  windowsVirtualKeyCode=number, **text)  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code, windowsVirtualKeyCode=number)
        self.settle()

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window; a test that needs it is skipped where there is none."""
    pytest.importorskip(
        "websocket", reason="websocket-client, by which the browser is driven, is not installed"
    )
    binary = find_chromium()
    if binary is None:
        pytest.skip("no Chromium on this machine")
    chromium = Browser(binary)
    yield chromium
    chromium.close()
