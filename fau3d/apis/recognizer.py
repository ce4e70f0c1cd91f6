"""A trained recogniser with all that it needs to read landmarks: its pipeline, its clip, its units."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose

from fau3d.apis.face_crops import split_image_steps
from fau3d.apis.face_windows import Window
from fau3d.apis.released import load_released
from fau3d.apis.weights import find_weights
from fau3d.apis.window_recognizer import WindowContext, WindowRecognizer
from fau3d.datasets.transforms.neutral import steps_for_windows
from fau3d.engine.checkpoint import load_exported
from fau3d.engine.export import export_from_config
from fau3d.registry import FUNCTIONS, MODELS, TRANSFORMS
from fau3d.topology import get_topology

_MOST_FILLED = 4  # frames of the model for one of a slow source


def choose_device(device: str = "auto") -> torch.device:
    """Give a torch device; `auto` is the first GPU where there is one.

    Raises:
        ValueError: If the device is unknown or not there.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise ValueError(f"unknown device {device!r}; wanted 'auto', 'cpu', 'cuda' or 'cuda:1'") from None
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device {device!r} is not there: torch sees {torch.cuda.device_count()} CUDA devices; "
            "use 'auto' or 'cpu'"
        )
    return chosen


class LoadedRecognizer(WindowRecognizer):
    """Answer windows of keypoints with action units.

    Args:
        exported: A self-contained checkpoint as `load_exported` gives it: `state_dict` and `meta`.
        device: Where the model runs.
        name: For messages.

    Attributes:
        clip_length: Frames T that the model sees; `window_length` of the source make them, which is 1 where a
            still frame is repeated T times.
        clip_interval: Source frames for one of the model's, where the rate of either is not known.
        topology: Point set that the pipeline wants; None where the model reads pictures only.

    Raises:
        ValueError: If weights and model do not fit.
    """

    def __init__(self, exported: Mapping[str, Any], device: torch.device, name: str) -> None:
        meta = exported["meta"]
        self.name, self.device, self.meta = name, device, meta
        self.au_names: tuple[str, ...] = tuple(meta["au_names"])
        clip = meta["clip"]
        mode = clip.get("mode", "window")
        if mode not in ("window", "repeat"):
            raise ValueError(
                f"{name}: was trained on {mode!r} clips; wanted 'window' or 'repeat', which answer a frame"
            )
        self.clip_length = int(clip["length"])
        self.window_length = self.clip_length if mode == "window" else 1
        self.clip_interval = int(clip.get("interval", 1))
        self.stride = clip.get("stride") if self.window_length > 1 else None
        self.fps = float(meta["fps"]) / self.clip_interval if meta.get("fps") else None
        self.topology: str | None = meta["topology"]
        self.cropper, steps = split_image_steps(meta["test_pipeline"], name)
        steps = steps_for_windows(steps, self.window_length, name)
        if (
            self.topology is not None and get_topology(self.topology).parent
        ):  # a clip that has the subset already passes unchanged
            steps.insert(0, {"type": "SelectPoints", "topology": self.topology})
        self._collate = FUNCTIONS.get("face_collate")
        try:
            self._pipeline = Compose([TRANSFORMS.build(dict(step)) for step in steps])
            self._model = MODELS.build(dict(meta["model"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{name}: its model or pipeline cannot be built ({error!s:.300}); was it exported by another "
                "version of fau3d?"
            ) from error
        if tuple(self._model.au_names) != self.au_names:
            raise ValueError(
                f"{name}: says that it answers {' '.join(self.au_names)}, but its model answers "
                f"{' '.join(self._model.au_names)}; export it again with the config it was trained with"
            )
        try:
            self._model.load_state_dict(exported["state_dict"], strict=True)
        except RuntimeError as error:
            first = str(error).strip().splitlines()
            raise ValueError(
                f"{name}: its weights do not fit its model ({' '.join(first[:2])}); "
                "export the checkpoint again with the config it was trained with"
            ) from None
        self._model.to(device).eval()
        if self.cropper is not None and device.type == "cuda":
            self._model.to(memory_format=torch.channels_last)
        self.thresholds = self._model.head.thresholds.double().cpu().numpy()
        self.has_intensity = bool(self._model.head.intensity)

    @property
    def accepted_topologies(self) -> tuple[str, ...]:
        """Point sets that the model can be given: its own, and the one that its own is a subset of.

        Empty where the model reads pictures only: any points find a face's eyes.
        """
        if self.topology is None:
            return ()
        parent = get_topology(self.topology).parent
        return (self.topology, parent) if parent else (self.topology,)

    def check_topology(self, topology: str, extractor: str) -> None:
        """Make sure that an extractor's points are those that the model reads.

        Raises:
            ValueError: If they are not; the message names both and the way out.
        """
        if self.topology is not None and topology not in self.accepted_topologies:
            wanted = " or ".join(map(repr, self.accepted_topologies))
            raise ValueError(
                f"extractor {extractor!r} gives {topology!r} points, but the checkpoint {self.name} reads "
                f"{wanted}; choose an extractor of that topology with --extractor, or a checkpoint that "
                f"reads {topology!r} with --checkpoint"
            )

    def interval(self, fps: float) -> int:
        """Give the source frames for one frame of the model: 2 for a 60 Hz video and a 30 Hz model."""
        if self.fps is None or not np.isfinite(fps):
            return self.clip_interval
        return max(1, round(fps / self.fps))

    def fill(self, fps: float) -> int:
        """Give the frames of the model for one source frame: 2 for a 12 Hz video and a 25 Hz model.

        Not more than the speed-up that clips have in training: what is slower still is read as if it moved
        fast.
        """
        if self.fps is None or not np.isfinite(fps):
            return 1
        return min(max(1, round(self.fps / fps)), _MOST_FILLED)

    def _sample(self, window: Window, context: WindowContext) -> dict[str, Any]:
        length, units = self.clip_length, len(self.au_names)
        times = length // self.window_length
        inds = np.arange(window.start, window.start + length, dtype=np.int64)
        inds[window.valid :] = -1
        shown: dict[str, Any] = {}
        if self.topology is not None:
            shown["keypoint"] = np.repeat(window.keypoint[None], times, axis=1)
            shown["keypoint_score"] = np.repeat(window.score[None], times, axis=1)
        if window.image is not None and self.cropper is not None:  # not one cut for another model
            shown["image"], shown["cropped"] = np.repeat(window.image, times, axis=0), True
        return {
            **shown,
            "au_occurrence": np.full((length, units), -1, np.int8),
            "au_intensity": np.full((length, units), np.nan, np.float32),
            "frame_inds": inds,
            "frame_dir": context.name,
            "total_frames": window.start + window.valid,
            "img_shape": context.img_shape,
            "original_shape": context.img_shape,
            "fps": context.fps,
            "topology": context.topology,
            "au_names": self.au_names,
            "person": 0,
            "space": "pixel",
            "rng": np.random.default_rng(0),
        }

    def predict(self, windows: Sequence[Window], context: WindowContext) -> np.ndarray:
        """Answer a batch of windows; see `WindowRecognizer.predict`."""
        batch = self._collate([self._pipeline(self._sample(window, context)) for window in windows])
        with torch.inference_mode(), self._precision():
            samples = self._model.test_step(batch)
        answers = [
            torch.cat([s.pred_occurrence.float(), s.pred_intensity.float()], dim=-1)
            if self.has_intensity
            else s.pred_occurrence.float()
            for s in samples
        ]
        values = torch.stack(answers).cpu().numpy().astype(np.float64)
        return values if self.window_length > 1 else values.mean(axis=1, keepdims=True)

    def _precision(self) -> AbstractContextManager:
        if self.device.type != "cuda":
            return nullcontext()
        return torch.autocast("cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16)


def load_recognizer(
    model: str | Path | None = None,
    config: str | Path | None = None,
    device: str = "auto",
    released: str | None = None,
    au_set: str | Sequence[str] | None = None,
) -> LoadedRecognizer:
    """Load a recogniser.

    Args:
        model: Name of shipped weights, path of a self-contained checkpoint, or with `config` the path of a
            checkpoint that the Runner wrote. None stands for the default weights.
        config: The config that such a checkpoint was trained with.
        device: `auto`, `cpu`, `cuda`, `cuda:1`.
        released: Whose released file `model` is, as it was downloaded; see `load_released`.
        au_set: Units of its answers, where the file does not tell them.

    Returns:
        The recogniser, in evaluation mode on its device.

    Raises:
        FileNotFoundError: If there is no such checkpoint or config.
        CheckpointError: If it is none that fau3d wrote, or would execute code.
        ValueError: If its weights and its model do not fit.
    """
    if released is not None:
        if model is None or config is not None:
            raise ValueError(f"{released} wants the released file as the checkpoint, and no config")
        exported = load_released(released, model, au_set)
        return LoadedRecognizer(exported, choose_device(device), Path(model).name)
    path = find_weights(model)
    exported = load_exported(path) if config is None else _configured(Path(config), path)
    return LoadedRecognizer(exported, choose_device(device), path.name)


def _configured(config: Path, checkpoint: Path) -> dict[str, Any]:
    """Put a training checkpoint and its config into the form of a self-contained checkpoint."""
    if not config.is_file():
        raise FileNotFoundError(f"{config}: no such config; name the one that {checkpoint} was trained with")
    with TemporaryDirectory() as folder:
        exported = Path(folder) / "exported.pth"
        try:
            export_from_config(config, checkpoint, exported)
        except (OSError, SyntaxError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{config}: cannot be used as the config of {checkpoint} ({error}); name the one that it was "
                "trained with"
            ) from None
        return load_exported(exported)
