"""Hands beside an analysis: which frames are looked at, and a coded clip in which a hand hides the face."""

import csv
import threading

import numpy as np
import pytest

from fau3d.apis.hand_watch import HandWatch
from fau3d.apis.inferencer import AUInferencer
from fau3d.apis.sources import FramesInMemory
from fau3d.apis.video_report import VideoReport
from fau3d.extractors.hands import HandFinder
from fau3d.io.video import VideoReader


class Finder:
    """Finds as many hands as its pictures are bright."""

    def __init__(self):
        self.threads, self.closed = set(), False

    def find(self, image):
        self.threads.add(threading.get_ident())
        return [np.zeros((21, 2), np.float32)] * int(image[0, 0, 0])

    def close(self):
        self.closed = True


def test_looks_come_once_a_second_and_twice_where_there_are_hands():
    finder = Finder()
    bright = np.zeros(60, np.uint8)
    bright[20:41] = 2
    images = bright[:, None, None, None] * np.ones((2, 2, 3), np.uint8)
    watch = HandWatch(FramesInMemory(images, fps=12.0), finder)
    assert watch.fps == 12.0 and not watch.live
    assert [frame.index for frame in watch.frames()] == list(range(60))
    found = {index: watch.at(index) for index in range(60)}
    looks = {index: len(hands) for index, hands in found.items() if hands is not None}
    assert looks == {0: 0, 12: 0, 24: 2, 30: 2, 36: 2, 42: 0, 54: 0}
    assert watch.at(24) is None  # given once
    watch.close()
    assert finder.closed and threading.get_ident() not in finder.threads


def test_what_goes_wrong_while_looking_is_not_lost():
    class Broken(Finder):
        def find(self, image):
            raise RuntimeError("no hands today")

    watch = HandWatch(FramesInMemory(np.zeros((3, 2, 2, 3), np.uint8)), Broken())
    list(watch.frames())
    with pytest.raises(RuntimeError, match="no hands today"):
        watch.at(0)
    watch.close()


def test_the_demo_clip_is_marked_where_a_coder_saw_the_hand(repo_root):
    """By a person: frames 60 to 222 with a hand on the face; 0 to 50 and 240 to 471 without."""
    with (repo_root / "demo" / "face_coding.csv").open() as stream:
        spans = [row for row in csv.DictReader(stream) if row["unit"] == "HAND_ON_FACE"]
    with AUInferencer() as inferencer, VideoReader(repo_root / "demo" / "face.mp4") as reader:
        story = VideoReport(inferencer, "demo")
        for result in inferencer.results(story.watched(reader)):
            story.append(result)
        (reading,) = story.readings
        story.close()
    hidden = reading.curves.invalid == 4
    for span in spans:
        coded = hidden[int(span["first_frame"]) : int(span["last_frame"]) + 1]
        assert (coded == bool(int(span["value"]))).mean() > 0.97, span
    assert np.isnan(reading.curves.probability[hidden]).all()


def test_a_closed_finder_and_no_hand(repo_root):
    finder = HandFinder()
    assert finder.find(np.zeros((90, 120, 3), np.uint8)) == []
    finder.close()
