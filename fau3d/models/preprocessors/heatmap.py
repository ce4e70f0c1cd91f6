"""The data preprocessor: keypoints in, heatmap volumes out, on the model's device."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from fau3d.functional.heatmap import joint_volume, limb_volume
from fau3d.models.preprocessors.batch import fold_samples, require_inputs
from fau3d.registry import MODELS

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@MODELS.register_module()
class HeatmapPreprocessor(BaseDataPreprocessor):
    """Turn a batch of keypoints into heatmap volumes on the model's device.

    Only keypoints travel to the device; the volume is made there, in the type that the network computes in.

    Args:
        size: (height, width) of the maps in pixels.
        sigma: Standard deviation of the Gaussians in pixels.
        with_joint: Draw one map per point.
        with_limb: Draw one map per edge.
        edges: Name of a topology, whose contour edges are drawn, or pairs of point indices. Needed with
            limbs.
        persons: `merge` takes the maximum over persons; `fold` gives each its own batch entry and data
            sample.
        dtype: `float32`, `bfloat16`, `float16`; None follows autocast where it is on, else float32.
        channels_last_3d: Give the volumes in that memory format.
        separate: With both kinds, give a dict of two volumes (`joint`, `limb`) for a dual-stream recognizer
            instead of one volume with the limbs' maps after the joints'.
        compile: Compile the expressions with `torch.compile` at the first batch, which makes limbs several
            times faster on a GPU.
        reuse_memory: Draw each batch of joints over the one before. On a CPU, fresh memory costs more than
            the drawing; but a volume then lives only until the next batch.
        non_blocking: Copy to the device without waiting; useful with pinned memory.

    Raises:
        ValueError: If nothing is to be drawn, edges are missing, or a name is unknown.
    """

    edges: Tensor

    def __init__(
        self,
        size: Sequence[int] = (56, 56),
        sigma: float = 0.6,
        with_joint: bool = True,
        with_limb: bool = False,
        edges: str | Sequence[Sequence[int]] | None = None,
        persons: str = "merge",
        dtype: str | None = None,
        channels_last_3d: bool = False,
        separate: bool = False,
        compile: bool = False,
        reuse_memory: bool = False,
        non_blocking: bool = True,
    ) -> None:
        super().__init__(non_blocking=non_blocking)
        if not (with_joint or with_limb):
            raise ValueError("HeatmapPreprocessor draws nothing: set with_joint or with_limb")
        if with_limb and edges is None:
            raise ValueError("with_limb needs edges: the name of a topology, or pairs of point indices")
        if dtype is not None and dtype not in _DTYPES:
            raise ValueError(f"unknown dtype {dtype!r}; known: {sorted(_DTYPES)}, or None to follow autocast")
        if persons not in ("merge", "fold"):
            raise ValueError(f"unknown persons {persons!r}; known: 'merge', 'fold'")
        self.size = (int(size[0]), int(size[1]))
        self.sigma = float(sigma)
        self.with_joint = with_joint
        self.with_limb = with_limb
        self.persons = persons
        self.dtype = None if dtype is None else _DTYPES[dtype]
        self.channels_last_3d = channels_last_3d
        self.separate = separate and with_joint and with_limb
        self.reuse_memory = reuse_memory
        self._memory: Tensor | None = None
        self._joint = torch.compile(joint_volume) if compile else joint_volume
        self._limb = torch.compile(limb_volume) if compile else limb_volume
        index = _edge_index(edges)
        self._last_point = int(index.max()) if len(index) else -1
        # Not part of the state dict: they follow from the config.
        self.register_buffer("edges", index, persistent=False)

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Move a batch to the device and draw it.

        Args:
            data: `inputs`: a dict of `keypoint` (B, M, T, V, 2), in the unit square of the face crop, and
                `keypoint_score` (B, M, T, V); or of `heatmap` (B, C, T, H, W), volumes made before, uint8
                (255 is 1) or floating point. `data_samples`: a list of B samples, or absent.
            training: Unused; mmengine passes it.

        Returns:
            `inputs`: (B, C, T, H, W), or (B * M, ...) where persons are folded, or a dict of two such
            volumes; `data_samples`: the list, one entry for each volume; or None.

        Raises:
            ValueError: If `inputs` is neither kind of dict, or the points are fewer than the edges need.
        """
        data = self.cast_data(data)  # type: ignore[assignment]
        inputs, samples = data["inputs"], data.get("data_samples")
        require_inputs(inputs, ("keypoint", "heatmap"))
        if "heatmap" in inputs:
            return {"inputs": self._ready_made(inputs["heatmap"]), "data_samples": samples}
        keypoint, score = inputs["keypoint"], inputs["keypoint_score"]
        if self.persons == "fold":
            samples = fold_samples(samples, keypoint.shape[1])
        return {"inputs": self._draw(keypoint, score), "data_samples": samples}

    def _draw(self, keypoint: Tensor, score: Tensor) -> Tensor | dict[str, Tensor]:
        height, width = self.size
        pixels = keypoint.float() * keypoint.new_tensor([width, height], dtype=torch.float32)
        options: dict[str, Any] = {
            "persons": self.persons,
            "dtype": self._output_dtype(keypoint.device.type),
            "channels_last_3d": self.channels_last_3d,
        }
        volumes = {}
        if self.with_joint:
            volumes["joint"] = self._joint(
                pixels,
                score,
                self.size,
                self.sigma,
                out=self._memory_for(keypoint, options["dtype"]),
                **options,
            )
        if self.with_limb:
            if self._last_point >= keypoint.shape[3]:
                raise ValueError(
                    f"edges name point {self._last_point}, but the clip has {keypoint.shape[3]} points; name "
                    "the topology that the annotation file was extracted with, or that SelectPoints leaves"
                )
            volumes["limb"] = self._limb(pixels, score, self.edges, self.size, self.sigma, **options)
        if self.separate:
            return volumes
        drawn = list(volumes.values())
        return drawn[0] if len(drawn) == 1 else torch.cat(drawn, dim=1)

    def _memory_for(self, keypoint: Tensor, dtype: torch.dtype) -> Tensor | None:
        """Give memory for a batch's joint volume, kept from batch to batch."""
        if not self.reuse_memory:
            return None
        batch, persons, frames, points = keypoint.shape[:4]
        batch = batch * persons if self.persons == "fold" else batch
        shape = (points, frames, *self.size)
        kept = self._memory
        if (
            kept is None
            or (kept.shape[1:], kept.dtype, kept.device) != (shape, dtype, keypoint.device)
            or len(kept) < batch
        ):
            layout = torch.channels_last_3d if self.channels_last_3d else torch.contiguous_format
            kept = torch.empty((batch, *shape), dtype=dtype, device=keypoint.device, memory_format=layout)
            self._memory = kept
        return kept[:batch]

    def _ready_made(self, heatmap: Tensor) -> Tensor:
        dtype = self._output_dtype(heatmap.device.type)
        scale = 1.0 / 255.0 if heatmap.dtype == torch.uint8 else 1.0
        volume = heatmap.to(dtype) * scale
        return volume.contiguous(memory_format=torch.channels_last_3d) if self.channels_last_3d else volume

    def _output_dtype(self, device: str) -> torch.dtype:
        if self.dtype is not None:
            return self.dtype
        return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32


def _edge_index(edges: str | Sequence[Sequence[int]] | None) -> Tensor:
    """Give edges as an int64 tensor of shape (E, 2)."""
    if edges is None:
        return torch.zeros((0, 2), dtype=torch.int64)
    if isinstance(edges, str):
        # Imported here: a preprocessor without limbs needs no topology.
        from fau3d.topology import get_topology

        return torch.tensor(get_topology(edges).edges, dtype=torch.int64)
    index = torch.as_tensor(edges, dtype=torch.int64)
    if index.ndim != 2 or index.shape[1] != 2:
        raise ValueError(f"edges have shape {tuple(index.shape)}; wanted (E, 2)")
    return index
