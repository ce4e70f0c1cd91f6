"""Many videos: what is finished stays, what fails is told, and one table and page sum up."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from fau3d.apis.analysis import AnalysisOptions
from fau3d.apis.batch import VideoSummary, run_batch, running, summary_rows
from fau3d.apis.batch.page import render_index
from fau3d.apis.batch.running import VideoOutcome
from fau3d.cli import main


@pytest.fixture
def videos(kit, tmp_path):
    """Three short videos, one without a face, and one that is none."""
    folder = tmp_path / "videos"
    (folder / "sub").mkdir(parents=True)
    kit.write_video(folder / "one.mp4", kit.square_frames(30))
    kit.write_video(folder / "sub" / "a & <b>.mp4", kit.square_frames(20, faces=2))
    kit.write_video(folder / "empty.mp4", np.zeros((12, 64, 96, 3), np.uint8))
    (folder / "broken.mp4").write_text("no video")
    return folder


@pytest.fixture
def batch(videos, checkpoint, kit, tmp_path, capsys):
    """Run `fau3d batch` with the tiny model; give the exit code, the output folder, and what was said."""

    def run(*options):
        arguments = ["batch", str(videos), "-o", str(tmp_path / "out"), "--quiet", "--device", "cpu"]
        arguments += ["--checkpoint", str(checkpoint), "--extractor", "WhiteSquares", "--max-faces", "2"]
        code = main([*arguments, *options])
        said = capsys.readouterr()
        return code, tmp_path / "out", said.out + said.err

    return run


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def test_a_folder_becomes_folders_a_table_and_a_page(batch, videos):
    code, out, said = batch("--plot")
    assert code == 1 and "3 analysed, 0 skipped, 1 failed" in said and "broken.mp4: found no video" in said
    assert (out / "one" / "timing.png").is_file() and (out / "sub" / "a & <b>" / "au.csv").is_file()
    failures = pd.read_csv(out / "failures.csv")
    assert list(failures["source"]) == [str(videos / "broken.mp4")]

    table = pd.read_csv(out / "summary.csv")
    rows = list(zip(table["video"], table["face_id"].fillna(-1)))
    assert rows == [("empty", -1), ("one", 0), ("sub/a & <b>", 0), ("sub/a & <b>", 1)]
    assert list(table["video_frames"]) == [12, 30, 20, 20] and list(table["frames"]) == [0, 30, 20, 20]
    faces = json.loads((out / "one" / "summary.json").read_text())["faces"]
    assert table["AU12_time_share"][1] == pytest.approx(faces[0]["units"]["AU12"]["time_share"])
    assert table["AU12_events_per_minute"][1] == pytest.approx(faces[0]["units"]["AU12"]["events_per_minute"])
    shares = [name for name in table if name.endswith("_share") and not name.startswith(("AU", "valid"))]
    assert shares and table[shares].iloc[1:].sum(axis=1).to_numpy() == pytest.approx(np.ones(3), abs=0.01)

    page = Page((out / "index.html").read_text())
    assert len([attrs for attrs in page.all("tr") if "data-video" in attrs]) == 3
    assert "a & <b>" in page.text and "broken.mp4" in page.text and not page.all("b>")
    pictures = [attrs["src"] for attrs in page.all("img")]
    assert len(pictures) == 3 and all(src.startswith("data:image/jpeg;base64,") for src in pictures)
    from urllib.parse import unquote

    links = [unquote(attrs["href"]) for attrs in page.all("a")]
    assert "sub/a & <b>/au.csv" in links and all((out / link).is_file() for link in links)
    thumbnail = cv2.imread(str(out / "one" / "thumbnail.jpg"))
    assert thumbnail.shape == (64, 96, 3) and thumbnail.max() > 200  # a frame with the face


def test_goes_on_where_it_was(batch, videos):
    _, out, _ = batch()
    before = {path: path.stat().st_mtime_ns for path in out.rglob("au.csv")}
    (out / "one" / "video.json").unlink()  # as a stop in the midst of it would leave it
    (videos / "broken.mp4").unlink()
    code, _, said = batch()
    assert code == 0 and "1 analysed, 2 skipped, 0 failed" in said and not (out / "failures.csv").exists()
    again = {path for path in before if path.stat().st_mtime_ns != before[path]}
    assert again == {out / "one" / "au.csv"}
    assert len(pd.read_csv(out / "summary.csv")) == 4
    assert "3 analysed, 0 skipped" in batch("--overwrite")[2]


def test_a_stop_leaves_a_page_of_what_is_done(batch, videos, monkeypatch, tmp_path):
    work, seen = running._one, []

    def stop_at_the_second(path, *arguments):
        if seen:
            raise KeyboardInterrupt
        seen.append(path)
        return work(path, *arguments)

    (videos / "broken.mp4").unlink()
    monkeypatch.setattr(running, "_one", stop_at_the_second)
    code, out, _ = batch()
    assert code == 130 and list(pd.read_csv(out / "summary.csv")["video"]) == ["empty"]
    assert (out / "index.html").is_file()


def test_a_video_whose_process_dies_fails_alone(videos, tmp_path, monkeypatch):
    calls = []

    def side_by_side(todo, folder, settings, options, workers):
        calls.append((sorted(todo), workers))
        if len(todo) > 1:
            yield "one", VideoOutcome(frames=30, faces=30)
            return [name for name in todo if name != "one"]
        (name,) = todo
        if name == "empty":
            return [name]
        yield name, VideoOutcome(frames=1)
        return []

    monkeypatch.setattr(running, "_side_by_side", side_by_side)
    report = run_batch(videos, tmp_path / "out", {}, AnalysisOptions(), workers=3)
    assert calls[0][1] == 3 and [names for names, _ in calls[1:]] == [["broken"], ["empty"], ["sub/a & <b>"]]
    ((path, reason),) = report.failures
    assert path.endswith("empty.mp4") and "its process died" in reason
    assert sorted(report.finished) == ["broken", "one", "sub/a & <b>"]


@pytest.mark.slow
def test_workers_share_the_videos(kit, tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("a", "b"):
        kit.write_video(folder / f"{name}.mp4", np.zeros((6, 64, 96, 3), np.uint8))
    told = []
    settings = {"device": "cpu"}
    out = tmp_path / "out"
    report = run_batch(folder, out, settings, workers=2, done=lambda name, outcome: told.append(name))
    assert sorted(told) == sorted(report.finished) == ["a", "b"] and report.frames == 12
    assert list(pd.read_csv(out / "summary.csv")["video"]) == ["a", "b"]


def test_what_cannot_be_is_refused(videos, tmp_path, capsys):
    with pytest.raises(ValueError, match="workers is 0"):
        run_batch(videos, tmp_path / "out", {}, workers=0)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run_batch(tmp_path / "nowhere", tmp_path / "out", {})
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    assert main(["batch", str(videos), "-o", str(tmp_path / "file")]) == 2
    assert "is a file; name a folder" in capsys.readouterr().err


def test_page_escapes_names_and_forbids_the_network(tmp_path):
    nasty = "\"><script>alert('{{rows}}')</script>"
    folder = tmp_path / "v"
    folder.mkdir()
    (folder / "a 'b' #1?.csv").write_text("")
    text = render_index([VideoSummary(nasty, folder, "v", 1, 3725.0, 0.0, ())], [(nasty, nasty)], tmp_path)
    page = Page(text)
    assert len(page.all("script")) == 1 and "alert" not in "".join(re.findall(r"<script>.*?</script>", text))
    (row,) = [attrs for attrs in page.all("tr") if "data-video" in attrs]
    assert row["data-video"] == nasty and "1:02:05" in page.text
    (link,) = [attrs["href"] for attrs in page.all("a") if attrs["href"].startswith("v/")]
    assert link == "v/a%20%27b%27%20%231%3F.csv"
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text)


def test_nothing_is_a_table_too(tmp_path):
    assert summary_rows([]) == []
    videos = tmp_path / "videos"
    videos.mkdir()
    (videos / "broken.mp4").write_text("no video")
    report = run_batch(videos, tmp_path / "out", {"device": "cpu"})
    assert len(report.failures) == 1 and not len(pd.read_csv(tmp_path / "out" / "summary.csv"))
    (row,) = summary_rows([VideoSummary("v", tmp_path, "v.mp4", 5, 0.2, 0.0, ())])
    assert row["video"] == "v" and row["face_id"] is None and row["frames"] == 0
