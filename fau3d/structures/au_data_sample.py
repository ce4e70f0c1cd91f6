"""The data sample that travels with a clip through mmengine's pipelines, models and metrics."""

from typing import Any

import torch
from mmengine.structures import BaseDataElement

_PLAIN = (torch.int8, torch.uint8, torch.int32, torch.int64, torch.bool, torch.float32, torch.float64)


class AUDataSample(BaseDataElement):
    """Labels and predictions of one clip of one video.

    Data fields (torch tensors; T frames, A action units):
        gt_occurrence: Shape (T, A), int8: 1, 0, -1 = not annotated.
        gt_intensity: Shape (T, A), float32: 0 to 5, NaN = not annotated.
        frame_weight: Shape (T,), float32, in [0, 1]: how much a frame's labels count in training; absent
            where all count alike.
        pred_occurrence: Shape (T, A), float32 probabilities in [0, 1].
        pred_intensity: Shape (T, A), float32: 0 to 5; absent where the model has no intensity output.

    Metainfo:
        frame_dir: The video's name in its annotation file.
        frame_inds: Shape (T,), int64 array: rows of the annotation's time axis; -1 where the clip is padding.
        total_frames: Length of that time axis.
        person: Row of M that the clip shows.
        corpus: Name of the corpus, where several are read at once.
    """

    def __getstate__(self) -> dict[str, Any]:
        # Between processes every tensor would travel as a shared-memory file of its own: that costs more than
        # reading the clip does; an array of a few kilobytes goes with the message.
        return {key: _portable(value) for key, value in self.__dict__.items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({k: v.tensor() if isinstance(v, _Sent) else v for k, v in state.items()})


class _Sent:
    """A tensor on its way."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.array = tensor.numpy()

    def tensor(self) -> torch.Tensor:
        return torch.from_numpy(self.array)


def _portable(value: Any) -> Any:
    plain = isinstance(value, torch.Tensor) and value.dtype in _PLAIN and value.device.type == "cpu"
    return _Sent(value) if plain and not value.requires_grad and value.layout == torch.strided else value
