"""Pictures of heatmap volumes."""

from collections.abc import Sequence

import cv2
import numpy as np

from fau3d.visualization.palette import put_text

_GAP = 2
_GROUND = 255


def heatmap_montage(
    volume: np.ndarray,
    frames: Sequence[int] | None = None,
    channels: Sequence[int] | None = None,
    labels: Sequence[str] | None = None,
    *,
    cell: int = 112,
    merge: bool = False,
    max_frames: int = 8,
    max_channels: int = 12,
) -> np.ndarray:
    """Lay a heatmap volume out: a column a frame, a row a channel.

    Args:
        volume: Shape (V, T, H, W): joints or limbs, in [0, 1], or uint8 from 0 to 255.
        frames: Frames to show; by default some that are spread evenly.
        channels: Channels to show; by default some that are spread evenly.
        labels: One name for each channel of the volume, written into the rows.
        cell: Height of one map in the picture, in pixels.
        merge: Show the maximum over the channels as one row.
        max_frames: How many frames are shown by default.
        max_channels: How many channels are shown by default.

    Returns:
        A picture, shape (h, w, 3), uint8 RGB.

    Raises:
        ValueError: If the volume has not four axes or is empty, a frame or channel is not in it, or labels
            are not one a channel.
    """
    volume = np.asarray(volume)
    if volume.ndim != 4 or 0 in volume.shape:
        raise ValueError(f"volume has shape {volume.shape}; wanted (V, T, H, W), none of them 0")
    if labels is not None and len(labels) != len(volume):
        raise ValueError(f"{len(labels)} labels for {len(volume)} channels; wanted one each")
    columns = _chosen(frames, volume.shape[1], max_frames, "frames")
    rows = _chosen(channels, volume.shape[0], max_channels, "channels")
    shown = volume[rows][:, columns] if channels is not None or not merge else volume[:, columns]
    if merge:
        shown = shown.max(0, keepdims=True)
    values = shown if shown.dtype == np.uint8 else np.rint(np.clip(np.nan_to_num(shown), 0, 1) * 255)
    width = max(1, round(cell * volume.shape[3] / volume.shape[2]))
    height_all = len(shown) * (cell + _GAP) - _GAP
    width_all = len(columns) * (width + _GAP) - _GAP
    picture = np.full((height_all, width_all, 3), _GROUND, np.uint8)
    for i, row in enumerate(values.astype(np.uint8)):
        for j, heat in enumerate(row):
            big = cv2.resize(heat, (width, cell), interpolation=cv2.INTER_NEAREST)
            colour = cv2.cvtColor(cv2.applyColorMap(big, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
            y, x = i * (cell + _GAP), j * (width + _GAP)
            picture[y : y + cell, x : x + width] = colour
    text = max(8, cell // 9)
    for j, frame in enumerate(columns):
        put_text(picture, f"t={frame}", (j * (width + _GAP) + 3, cell - text - 1), text, (255, 255, 255))
    if labels is not None and not merge:
        for i, channel in enumerate(rows):
            put_text(picture, str(labels[channel]), (3, i * (cell + _GAP) + 2), text, (255, 255, 255))
    return picture


def _chosen(wanted: Sequence[int] | None, total: int, most: int, what: str) -> list[int]:
    if wanted is None:
        return np.unique(np.linspace(0, total - 1, min(total, most)).round().astype(int)).tolist()
    outside = [i for i in wanted if not 0 <= i < total]
    if outside or not len(wanted):
        raise ValueError(f"{what} {list(wanted)} are not within 0 to {total - 1}")
    return list(wanted)
