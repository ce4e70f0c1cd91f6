"""Fake trees of published corpora, in the exact form that they are distributed in.

`trees/<corpus>.py` has `build(root, media)`, which makes a small tree with every oddity of the real one, and
`BROKEN`: kinds of damage by name, each a function that does it to a built tree and a pattern of the error.
"""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fau3d.io.video import VideoReader, VideoWriter

TREES = Path(__file__).parent / "trees"
sys.path.append(str(TREES))  # trees share `tree_damage`


def tree_module(name: str) -> ModuleType:
    """Load the fake tree of a corpus."""
    spec = importlib.util.spec_from_file_location(f"tree_{name}", TREES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FakeMedia:
    """Videos and images under a corpus's names: frames of a real face, or noise where no clip is at hand."""

    def __init__(self, frames: Sequence[np.ndarray]) -> None:
        self.frames = frames

    def video(self, path: Path, length: int, start: int = 0) -> None:
        """Write a video of some frames, whatever its suffix says."""
        written = path.with_suffix(".mp4")
        with VideoWriter(written, fps=25.0) as writer:
            for i in range(length):
                writer.write(self.frames[(start + i) % len(self.frames)])
        written.rename(path)

    def image(self, path: Path, number: int = 0) -> None:
        """Write one frame as an image."""
        import cv2

        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), self.frames[number % len(self.frames)][..., ::-1])


@pytest.fixture(scope="session")
def face_media(request: pytest.FixtureRequest) -> FakeMedia:
    """Media that show a face; skipped where there is no clip of one."""
    clip = request.getfixturevalue("clips_dir") / "pexels_wolfganglanger_expressions_occlusion.mp4"
    with VideoReader(clip) as reader:
        return FakeMedia([frame.image for frame in reader.frames(330, 354)])


@pytest.fixture(scope="session")
def noise_media() -> FakeMedia:
    """Media that show nothing, for what only reads labels and names."""
    rng = np.random.default_rng(0)
    return FakeMedia([rng.integers(0, 255, (32, 32, 3), np.uint8) for _ in range(4)])


@pytest.fixture
def build_tree(tmp_path: Path) -> Callable[[str, FakeMedia], Path]:
    """Build the fake tree of a corpus and give its root."""

    def build(name: str, media: FakeMedia) -> Path:
        root = tmp_path / name
        root.mkdir()
        tree_module(name).build(root, media)
        return root

    return build
