"""The report page: what it holds, and what it does in a real browser under a person's hands."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fau3d.io.video import VideoWriter
from fau3d.visualization.expression_colours import expression_colours
from fau3d.visualization.report_page import (
    CoOccurrenceTable,
    FaceReport,
    ReportData,
    ReportEvent,
    Statistic,
    write_report_page,
)
from fau3d.visualization.report_page.encoding import hex_colour, pack, pack_flags, pack_labels
from fau3d.visualization.report_page.page import render_report_page

FPS, FRAMES = 25.0, 60
UNITS = ("AU01", "AU04", "AU12", "AU12_L", "AU17")
NUMBERS = (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 43, 45)
EVIL = "</script><img src=x onerror=\"document.title='taken'\">&{{payload}}.mp4"
INVALID = slice(30, 36)


def make_face(face_id: int = 0, frames: int = FRAMES, **more: Any) -> FaceReport:
    rng = np.random.default_rng(face_id)
    time = np.arange(frames) / FPS
    probability = rng.uniform(0, 1, (frames, len(UNITS)))
    occurrence = (probability > 0.5).astype(np.int8)
    occurrence[:, 4] = 0
    valid = np.ones(frames, bool)
    valid[INVALID] = False
    scores = rng.uniform(-0.5, 1, (frames, 3))
    winning = ["happiness", "neutral", "happily surprised", ""]
    values: dict[str, Any] = {
        "intensity": 5 * probability**2,
        "expression_names": ("happiness", "happily surprised", "painful"),
        "expression_scores": scores,
        "winning": [winning[i * 4 // frames] for i in range(frames)],
        "valence": np.sin(time),
        "arousal": rng.uniform(0, 1, frames),
        "openness": rng.uniform(0, 1, frames),
        "closed": np.where(np.arange(frames) % 20 < 2, 1, 0),
        "box": np.tile([20.0 + 40 * (face_id > 0), 20, 30, 40], (frames, 1)),
        "events": [
            ReportEvent("unit", "AU12", 0.8, 1.0, 1.12, 0.91),
            ReportEvent("unit", "AU17", 1.6, 1.68, 2.0, 0.3),
            ReportEvent("unit", "AU12_L", 0.8, 1.0, 1.12, 0.9),
            ReportEvent("expression", "happiness", 0.0, 0.2, 0.56, 0.7),
            ReportEvent("blink", "blink", 0.4, 0.44, 0.48),
        ],
        "statistics": [Statistic("Blinks per minute", "25.0", "Of the time in which eyes are seen.")],
        "co_occurrence": CoOccurrenceTable(
            UNITS, np.where(np.eye(5, dtype=bool), np.nan, np.linspace(-1, 1, 25).reshape(5, 5))
        ),
    }
    return FaceReport(face_id, time, valid, UNITS, probability, occurrence, **(values | more))


def make_report(**more: Any) -> ReportData:
    values: dict[str, Any] = {
        "source": "a film <of> faces.mp4", "video": "clip 1#.mp4", "fps": FPS, "img_shape": (96, 128),
        "model": "a model", "notes": ["A note."], "faces": [make_face(0), make_face(3)],
    }  # fmt: skip
    return ReportData(**(values | more))


def payload_of(text: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="payload">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def unpack(spec: dict[str, Any], columns: int) -> np.ndarray:
    codes = np.frombuffer(base64.b64decode(spec["data"]), "<u2" if spec["bits"] == 16 else np.uint8)
    values = spec["low"] + spec["step"] * codes.astype(np.float64)
    values[codes == (65535 if spec["bits"] == 16 else 255)] = np.nan
    return values.reshape(columns, -1).T


def test_values_come_back_within_half_a_step() -> None:
    values = np.array([[0.0, -1.0], [0.12345, 0.99999], [np.nan, np.inf]])
    back = unpack(pack(values, low=-1.0), 2)
    np.testing.assert_allclose(back[:2], values[:2], atol=0.5001e-4)
    assert np.isnan(back[2]).all()
    np.testing.assert_array_equal(
        unpack(pack_flags(np.array([1, 0, -1, np.nan])), 1)[:, 0], [1, 0, np.nan, np.nan]
    )
    labels = pack_labels(["b", "", "a"])
    assert labels["words"] == ["a", "b"]
    np.testing.assert_array_equal(unpack(labels, 1)[:, 0], [1, np.nan, 0])


def test_no_invalid_value_is_in_the_page() -> None:
    (face, _) = payload_of(render_report_page(make_report()))["faces"]
    columns_of = {"probability": 5, "intensity": 5, "occurrence": 5, "scores": 3}
    columns_of |= dict.fromkeys(("valence", "arousal", "openness", "closed", "winning"), 1)
    for kind, columns in columns_of.items():
        missing = np.isnan(unpack(face[kind], columns)).any(1)
        assert missing[INVALID].all(), kind
        assert kind == "winning" or missing.sum() == 6, kind


def test_names_cannot_become_markup_and_nothing_may_be_loaded() -> None:
    text = render_report_page(make_report(source=EVIL, video=EVIL, model=EVIL, notes=[EVIL]))
    assert "<img" not in text
    assert text.count("</script>") == 2
    assert payload_of(text)["source"] == EVIL
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None and policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1] and "http" not in policy[1]
    outside = set(re.findall(r"https?://[^\s\"'<]+", text))
    assert outside == {"http://www.w3.org/2000/svg"}, "a name space is no address"


def test_the_file_is_whole_and_says_what_is_wrong(tmp_path: Path) -> None:
    write_report_page(tmp_path / "sub" / "report.html", make_report(source="name \udcff.mp4"))
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["report.html"]
    with pytest.raises(ValueError, match=r"face 0: intensity has shape \(60, 2\); wanted \(60, 5\)"):
        make_face(intensity=np.zeros((60, 2)))
    with pytest.raises(ValueError, match="wanted one or more, finite and rising"):
        replace(make_face(), time=np.zeros(60))
    with pytest.raises(ValueError, match="wanted one face or more, each id once"):
        make_report(faces=[])
    for video in ("/tmp/clip.mp4", "C:\\clip.mp4", "\\\\host\\clip.mp4", ""):
        with pytest.raises(ValueError, match="wanted a path relative to the page"):
            make_report(video=video)
    with pytest.raises(ValueError, match="wanted one of"):
        ReportEvent("smile", "AU12", 0, 1, 2)
    with pytest.raises(ValueError, match="wanted rising seconds"):
        ReportEvent("unit", "AU12", 2, 1, 2)
    with pytest.raises(ValueError, match=r"wanted \(2, 2\) in \[-1, 1\]"):
        CoOccurrenceTable(("AU01", "AU02"), np.full((2, 2), 2.0))


def test_colours_are_those_of_the_other_pictures() -> None:
    colours = payload_of(render_report_page(make_report()))["colours"]
    wanted = expression_colours(["happiness", "painful"])
    assert {name: colours[name] for name in wanted} == {n: hex_colour(colour) for n, colour in wanted.items()}


def test_ten_minutes_are_small() -> None:
    frames, units, names = 18000, len(NUMBERS), 31
    zeros = np.zeros((frames, units))
    face = FaceReport(
        0, np.arange(frames) / 30, np.ones(frames, bool), [f"AU{i:02}" for i in NUMBERS],
        zeros, zeros, zeros,
        [f"E{i}" for i in range(names)], np.zeros((frames, names)), ["neutral"] * frames,
        zeros[:, 0], zeros[:, 0], zeros[:, 0], zeros[:, 0],
    )  # fmt: skip
    assert len(render_report_page(make_report(faces=[face]))) < 6e6


def test_the_example_of_the_documentation_runs(
    repo_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (repo_root / "docs" / "report.md").read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/report.md", "exec"), {})
    assert payload_of((tmp_path / "report.html").read_text())["faces"][0]["frames"] == 100


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    with VideoWriter(folder / "clip 1#.mp4", FPS) as writer:
        for i in range(FRAMES):
            writer.write(np.full((96, 128, 3), 4 * i, np.uint8))
    write_report_page(folder / "report.html", make_report())
    return folder / "report.html"


@pytest.fixture
def opened(browser: Any, page: Path) -> Any:
    browser.messages.clear()
    browser.requests.clear()
    browser.resize(1360, 900)
    browser.prefer("light")
    browser.open(page)
    browser.wait("document.querySelector('video').readyState >= 2")
    browser.run("localStorage.clear()")
    yield browser
    assert not browser.messages, "the browser complains"
    assert all(url.startswith((page.parent.as_uri(), "data:")) for url in browser.requests)


def spot(browser: Any, time: float, row: str) -> tuple[float, float]:
    """Give where on the screen a row shows a time, scrolled into view."""
    x, y = browser.run(
        f"(() => {{ const r = fau3dReport, row = r.layout.rows.find((one) => one.name === '{row}');"
        "const plot = document.getElementById('plot'); let b = plot.getBoundingClientRect();"
        "scrollBy(0, b.top + row.y - innerHeight / 2); b = plot.getBoundingClientRect();"
        f"return [b.left + r.xOf({time}) + 1, b.top + row.y + row.height / 2 + 1]; }})()"
    )
    return x, y


def shown(browser: Any, selector: str) -> str:
    return browser.run(f"document.querySelector('{selector}').innerText")


def frame_shown(browser: Any) -> int:
    browser.wait("!document.querySelector('video').seeking")
    return int(browser.run("document.querySelector('video').currentTime") * FPS + 1e-4)


def change(browser: Any, name: str, value: str) -> None:
    browser.run(
        f"(() => {{ const e = document.getElementById('{name}'); e.value = '{value}';"
        "for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true})); })()"
    )
    browser.settle()


def test_on_a_low_screen_the_video_covers_nothing(opened: Any) -> None:
    opened.resize(1360, 500)
    edge = "document.querySelector('{}').getBoundingClientRect().{}"
    assert opened.run(edge.format(".transport", "top")) >= opened.run(edge.format("video", "bottom"))


def test_tabs_by_mouse_and_by_keyboard(opened: Any) -> None:
    for tab in ("events", "expressions", "together", "about", "timeline"):
        opened.click(f"#tab-{tab}")
        visible = opened.run(
            "[...document.querySelectorAll('[role=tabpanel]')].filter((p) => !p.hidden).map((p) => p.id)"
        )
        assert visible == [f"panel-{tab}"]
        assert opened.run(f"document.getElementById('tab-{tab}').getAttribute('aria-selected')") == "true"
    opened.press("ArrowRight")
    assert opened.run("document.activeElement.id") == "tab-events"
    opened.press(" ")
    assert opened.run("fau3dReport.state.playing"), "a tab leaves the space key to the video"
    opened.press(" ")
    assert "a film <of> faces.mp4" in shown(opened, "h1")
    opened.click("#tab-about")
    about = shown(opened, "#panel-about")
    assert (
        "A note." in about
        and "no truth about feelings" in about
        and "54 of 60" in about
        and "0.0001" in about
    )


def test_hover_tells_the_numbers_of_the_data(opened: Any) -> None:
    face = make_face(0)
    for frame, row in ((7, "AU12"), (41, "AU01")):
        opened.mouse("mouseMoved", *spot(opened, frame / FPS + 0.01, row))
        opened.settle()
        column = UNITS.index(row)
        found = opened.run("[...document.querySelectorAll('#tip dd')].map((e) => e.textContent)")
        assert abs(float(found[0]) - face.probability[frame, column]) <= 0.00506
        assert abs(float(found[1]) - face.intensity[frame, column]) <= 0.00506
        assert found[2] == ("yes" if face.occurrence[frame, column] else "no")
        assert f"frame {frame}" in shown(opened, "#tip") and row in shown(opened, "#tip")
    opened.mouse("mouseMoved", *spot(opened, 32.5 / FPS, "AU12"))
    opened.settle()
    assert opened.run("document.querySelectorAll('#tip dd').length") == 0
    assert "No valid face" in shown(opened, "#tip")
    opened.mouse("mouseMoved", 5, 5)
    opened.settle()
    assert opened.run("document.getElementById('tip').hidden")


def test_a_click_seeks_the_video_and_keys_step(opened: Any) -> None:
    opened.click(spot(opened, 20.4 / FPS, "AU12"))
    assert frame_shown(opened) == 20
    assert "frame 20" in shown(opened, "#clock")
    assert "0:00.80" in shown(opened, "#clock")
    opened.press("ArrowRight")
    assert frame_shown(opened) == 21
    opened.press("ArrowLeft")
    opened.press("ArrowLeft")
    assert frame_shown(opened) == 19
    opened.press("Home")
    assert frame_shown(opened) == 0
    before = opened.run("fau3dReport.state.time")
    opened.press(" ")
    assert opened.run("document.getElementById('play').getAttribute('aria-label')") == "Pause"
    opened.wait(f"fau3dReport.state.time > {before} + 0.1")
    opened.press(" ")
    assert opened.run("document.querySelector('video').paused && !fau3dReport.state.playing")


def test_rows_are_chosen(opened: Any) -> None:
    names = "fau3dReport.layout.rows.map((row) => row.name)"
    assert opened.run(names) == ["expression", "valence", "arousal", "eyes", "AU01", "AU04", "AU12"]
    opened.click("#rows-choice summary")
    opened.click("#rows-search")
    opened.type("chin")
    assert opened.run("document.querySelectorAll('#rows-list input').length") == 1
    opened.click("#rows-list input")
    assert "AU17" in opened.run(names)
    opened.click("#rows-none")
    assert opened.run(names) == []
    opened.click("#rows-all")
    assert len(opened.run(names)) == 9
    opened.press("Escape")
    assert not opened.run("document.getElementById('rows-choice').open")


def test_zoom_and_pan(opened: Any) -> None:
    view = "[fau3dReport.state.view.from, fau3dReport.state.view.to]"
    assert opened.run(view) == pytest.approx([0, 2.4])
    x, y = spot(opened, 1.2, "AU12")
    opened.mouse("mouseWheel", x, y, deltaX=0, deltaY=-120, modifiers=2)
    opened.settle()
    start, end = opened.run(view)
    assert 0 < start < 1.2 < end < 2.4
    opened.mouse("mousePressed", x, y, button="left", clickCount=1)
    opened.mouse("mouseMoved", x - 60, y, button="left", buttons=1)
    opened.mouse("mouseReleased", x - 60, y, button="left", clickCount=1)
    opened.settle()
    moved = opened.run(view)
    assert moved[0] > start and moved[1] - moved[0] == pytest.approx(end - start)
    opened.click("#zoom-fit")
    assert opened.run(view) == pytest.approx([0, 2.4])
    opened.run("document.activeElement.blur()")
    opened.press("+")
    assert opened.run(view)[1] < 2.0


def test_events_are_sorted_filtered_and_clicked(opened: Any) -> None:
    opened.click("#tab-events")
    cells = "[...document.querySelectorAll('#events tbody td:nth-child(2) button')]"
    names = f"{cells}.map((e) => e.childNodes[1].data)"
    assert opened.run(names) == ["happiness", "blink", "AU12", "AU17"], "sides are left out at first"
    opened.click("#events th:nth-child(7) button")
    assert opened.run(names) == ["AU12", "happiness", "AU17", "blink"], "what has no peak comes last"
    opened.click("#events-search")
    opened.type("lip corner")
    assert opened.run(names) == ["AU12"]
    opened.click("#events tbody tr")
    assert frame_shown(opened) == 25
    assert opened.run("document.querySelector('#events tr.chosen').dataset.event") == "2"
    change(opened, "events-search", "")
    opened.click("#events-kinds button:nth-child(4)")
    assert opened.run(names) == ["blink"]


def test_expressions_and_pairs(opened: Any) -> None:
    opened.click("#tab-expressions")
    shares = opened.run(
        "[...document.querySelectorAll('.share')].map((e) => e.innerText.replace(/\\s+/g, ' ').trim())"
    )
    assert shares == ["happiness 38 %", "neutral 38 %", "happily surprised 23 %"], "of 39 named frames"
    opened.click("#tab-together")
    assert opened.run("document.querySelectorAll('#matrix tbody tr').length") == 3
    opened.click("#together-all")
    opened.click("#together-sides")
    assert opened.run("document.querySelectorAll('#matrix tbody tr').length") == 5
    assert (
        opened.run("document.querySelector('#matrix tbody tr:nth-child(1) td:nth-child(3)').textContent")
        == "−.92"
    )


def test_another_face_and_another_theme(opened: Any) -> None:
    opened.run("fau3dReport.goTo(0.2)")
    change(opened, "face", "3")
    opened.mouse("mouseMoved", *spot(opened, 7.4 / FPS, "AU12"))
    opened.settle()
    found = opened.run("document.querySelector('#tip dd').textContent")
    assert abs(float(found) - make_face(3).probability[7, 2]) <= 0.00506
    boxes = "document.getElementById('boxes')"
    corner = f"{boxes}.getContext('2d').getImageData(0, 0, {boxes}.width, {boxes}.height).data"
    assert not opened.run(f"{boxes}.hidden")
    assert opened.run(f"[...{corner}].some((value) => value > 0)"), "which face is which"
    ground = "getComputedStyle(document.body).backgroundColor"
    light = opened.run(ground)
    opened.click("#theme")
    assert opened.run("document.documentElement.dataset.theme") == "dark"
    assert opened.run(ground) != light
    opened.run("localStorage.clear()")


def test_dark_by_wish_on_a_phone(opened: Any, page: Path) -> None:
    opened.prefer("dark")
    opened.resize(390, 844, mobile=True)
    opened.open(page)
    assert opened.run("document.documentElement.dataset.theme") == "dark"
    for tab in ("timeline", "events", "expressions", "together", "about"):
        opened.click(f"#tab-{tab}")
        assert opened.run("document.querySelector('#panel-" + tab + "').hidden") is False
        assert opened.run("document.documentElement.scrollWidth") <= 390, tab


def test_fingers_tap_and_pinch(opened: Any, page: Path) -> None:
    opened.resize(390, 844, mobile=True)
    opened.open(page)
    opened.touch([spot(opened, 20.4 / FPS, "AU12")])
    opened.touch([])
    assert frame_shown(opened) == 20
    assert "AU12" in shown(opened, "#tip")
    x, y = spot(opened, 1.2, "AU12")
    for gap in (20, 30, 50, 80):
        opened.touch([(x - gap, y), (x + gap, y)])
    opened.touch([])
    start, end = opened.run("[fau3dReport.state.view.from, fau3dReport.state.view.to]")
    assert 0 < start < 1.2 < end < 2.4 and end - start < 1.0
    assert frame_shown(opened) == 20, "a pinch goes nowhere"


def test_tab_reaches_the_controls_and_they_are_named(opened: Any) -> None:
    opened.run("document.activeElement.blur()")
    reached = []
    for _ in range(20):
        opened.press("Tab")
        reached.append(opened.run("document.activeElement.id || document.activeElement.tagName"))
    assert {"play", "tab-timeline", "plot", "zoom-in"} <= set(reached), reached
    unnamed = opened.run(
        "[...document.querySelectorAll('button, select, input')].filter((e) => !e.hidden &&"
        " !e.textContent.trim() && !e.getAttribute('aria-label') && !(e.labels && e.labels.length))"
        ".map((e) => e.outerHTML)"
    )
    assert unnamed == []
    opened.run("fau3dReport.goTo(1.3)")
    opened.settle()
    assert "no face" in opened.run("document.getElementById('plot').getAttribute('aria-valuetext')")


def test_names_do_nothing_in_the_browser_and_a_lost_video_is_said(browser: Any, tmp_path: Path) -> None:
    face = make_face(events=[ReportEvent("expression", EVIL, 0, 1, 2)], winning=[EVIL] * FRAMES,
                     expression_names=(EVIL, "b", "c"), statistics=[Statistic(EVIL, EVIL, EVIL)])  # fmt: skip
    write_report_page(
        tmp_path / "report.html", make_report(source=EVIL, video="gone.mp4", notes=[EVIL], faces=[face])
    )
    browser.resize(1360, 900)
    browser.open(tmp_path / "report.html")
    for tab in ("events", "expressions", "together", "about", "timeline"):
        browser.click(f"#tab-{tab}")
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.title") == f"{EVIL} · fau3d report"
    assert browser.wait("!document.getElementById('no-video').hidden")
    assert "gone.mp4" in shown(browser, "#no-video")
    browser.click("#play")
    browser.wait("fau3dReport.state.time > 0.1")


def test_the_policy_stops_what_would_leave_the_page(opened: Any) -> None:
    stopped = opened.run(
        "new Promise((done) => {"
        "document.addEventListener('securitypolicyviolation', (e) => done(e.blockedURI));"
        "fetch('https://example.org/').catch(() => {}); setTimeout(() => done('nothing'), 5000); })"
    )
    assert stopped.startswith("https://example.org")
    assert any("Content Security Policy" in message for message in opened.messages)
    opened.messages.clear()
    opened.requests.clear()


def test_a_report_of_units_alone_with_a_gap(browser: Any, tmp_path: Path) -> None:
    time = np.array([0.5, 0.54, 0.58, 1.2, 1.24])
    values = np.full((5, 1), 0.75)
    face = FaceReport(7, time, np.ones(5, bool), ("AU12",), values, np.ones((5, 1)))
    write_report_page(tmp_path / "report.html", make_report(video=None, notes=(), faces=[face]))
    browser.messages.clear()
    browser.resize(1360, 900)
    browser.open(tmp_path / "report.html")
    for tab in ("events", "expressions", "together", "about", "timeline"):
        browser.click(f"#tab-{tab}")
    for moment, known in ((0.2, False), (0.56, True), (0.9, False), (1.25, True)):
        browser.mouse("mouseMoved", *spot(browser, moment, "AU12"))
        browser.settle()
        assert ("0.75" in shown(browser, "#tip")) == known, moment
    assert not browser.messages
