"""Inference with checkpoints that read faces less their neutral one: it sees one window at a time."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fau3d.apis.face_windows import Lane, Window
from fau3d.apis.recognizer import LoadedRecognizer, WindowContext, load_recognizer
from fau3d.topology import resting_face

CONTEXT = WindowContext("clip", (200, 200), 25.0, "ibug68")


LENGTH = 8  # of the tiny recogniser's windows


@pytest.fixture
def recognizer(kit: ModuleType, tmp_path: Path) -> Callable[..., LoadedRecognizer]:
    """Load a tiny recogniser whose pipeline has these steps after the alignment."""

    def load(*steps: dict, **changes) -> LoadedRecognizer:
        pipeline = [{"type": "AlignEyes"}, *steps, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]
        meta = kit.tiny_meta(test_pipeline=pipeline, **changes)
        return load_recognizer(kit.save_checkpoint(tmp_path / "m.pth", meta), device="cpu")

    return load


def window(seed: int = 0, moves: bool = True) -> Window:
    """A face of its own kind, which opens its mouth in the last frames."""
    rng = np.random.default_rng(seed)
    keypoint = np.repeat(50 * resting_face("ibug68")[None] + 100, LENGTH, axis=0)
    keypoint[:, :36] += rng.normal(0, 3, (1, 36, 2))
    keypoint[LENGTH - 2 :, 48:] += 8 * moves
    return Window(
        keypoint.astype(np.float32), np.ones((LENGTH, 68), np.float32), 0, LENGTH, Lane(LENGTH, LENGTH)
    )


def test_the_neutral_face_is_that_of_the_window(recognizer: Callable) -> None:
    model = recognizer({"type": "SubtractNeutral", "neutral": "median"})
    answers = model.predict([window(0), window(1), window(2, moves=False)], CONTEXT)
    # Two people who do the same get the same answers, whoever they are; who does nothing gets others.
    assert answers.shape[:2] == (3, LENGTH)
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-4)
    assert np.abs(answers[0] - answers[2]).max() > 1e-3


def test_an_augmentation_is_left_out(recognizer: Callable) -> None:
    steps: tuple[tuple[dict, ...], ...] = ((), ({"type": "SubtractNeutral", "prob": 0.5},))
    np.testing.assert_array_equal(*(recognizer(*some).predict([window()], CONTEXT) for some in steps))


@pytest.mark.parametrize(
    ("step", "changes", "message"),
    [
        ({"neutral": "given"}, {}, "m.pth: .*is given with each video"),
        ({}, {"clip": {"length": LENGTH, "mode": "repeat"}}, "m.pth: .*the one frame that it is asked of"),
    ],
)
def test_what_a_window_cannot_give_is_refused(
    recognizer: Callable, step: dict, changes: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        recognizer({"type": "SubtractNeutral", **step}, **changes)
