"""Heatmap volumes on disk: the annotation file once more, with the maps drawn."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from fau3d.datasets.transforms.crop import FaceCrop
from fau3d.datasets.transforms.missing import FillMissing
from fau3d.datasets.transforms.points import SelectPoints
from fau3d.functional.heatmap import joint_volume, limb_volume
from fau3d.io.annotation import load_annotations, save_annotations
from fau3d.topology import get_topology

_CHUNK = 64


def most_present(annotation: dict) -> int:
    """Give the row of M that is seen on most frames, the first of equals."""
    keypoint, score = np.asarray(annotation["keypoint"]), annotation.get("keypoint_score")
    seen = np.isfinite(keypoint[..., :2]).all(-1)
    if score is not None:
        seen &= np.asarray(score) > 0
    return int(seen.any(-1).sum(-1).argmax()) if len(seen) else 0


def draw_video(
    annotation: dict,
    topology: str,
    size: tuple[int, int] = (56, 56),
    sigma: float = 0.6,
    kind: str = "joint",
    margin: float = 0.1,
    level_eyes: bool = False,
) -> np.ndarray:
    """Draw the volume of one video: its most present person, in one crop for the whole video.

    Args:
        annotation: Of an annotation file.
        topology: Its point set, or a subset of it.
        size: (height, width) of the maps.
        sigma: Of the Gaussians, pixels of the map.
        kind: `joint`: a map for each point; `limb`: a map for each contour edge.
        margin: See `FaceCrop`.
        level_eyes: See `FaceCrop`.

    Returns:
        Shape (V or E, T, H, W), uint8; 255 is 1.
    """
    person = most_present(annotation)
    keypoint = np.asarray(annotation["keypoint"], np.float32)[person : person + 1]
    score = np.asarray(annotation.get("keypoint_score", np.ones(keypoint.shape[:3])), np.float32)
    results = {
        "keypoint": np.where(np.isfinite(keypoint), keypoint, np.float32(np.nan)),
        "keypoint_score": score[person : person + 1],
        "topology": annotation["topology"],
        "frame_dir": annotation["frame_dir"],
    }
    if topology != annotation["topology"]:
        results = SelectPoints(topology)(results)
    results = FillMissing()(FaceCrop(margin, "clip", level_eyes)(results))
    pixels = torch.from_numpy(results["keypoint"][None, ..., :2] * np.array([size[1], size[0]], np.float32))
    weight = torch.from_numpy(results["keypoint_score"][None])
    edges = torch.tensor(get_topology(topology).edges)
    parts = []
    for start in range(0, pixels.shape[2], _CHUNK):
        clip = pixels[:, :, start : start + _CHUNK], weight[:, :, start : start + _CHUNK]
        maps = joint_volume(*clip, size, sigma) if kind == "joint" else limb_volume(*clip, edges, size, sigma)
        parts.append(maps[0].mul_(255).round_().to(torch.uint8))
    return torch.cat(parts, 1).numpy()


def build_heatmaps(
    source: str | Path,
    output: str | Path,
    split: str | None = None,
    topology: str | None = None,
    size: tuple[int, int] = (56, 56),
    sigma: float = 0.6,
    kind: str = "joint",
    margin: float = 0.1,
    level_eyes: bool = False,
    max_gigabytes: float = 8.0,
    progress: Callable[[list[dict]], Iterator[dict]] = iter,
) -> tuple[int, float]:
    """Write an annotation file with a volume for each video.

    The annotations keep all their keys and get `heatmap` (V or E, T, H, W) uint8; `metainfo['heatmap']` says
    how it was drawn. `FaceKeypointDataset(with_heatmap=True)` trains from it.

    Args:
        source: Annotation file.
        output: File to write.
        split: Only the videos of this split.
        topology: A subset of the file's point set to draw, such as `mediapipe91`.
        size: (height, width) of the maps.
        sigma: Of the Gaussians, pixels of the map.
        kind: `joint` or `limb`.
        margin: See `FaceCrop`.
        level_eyes: See `FaceCrop`.
        max_gigabytes: Refuse to write more.
        progress: Wraps the list of videos, as `tqdm` does.

    Returns:
        Videos drawn, and gigabytes of their volumes.

    Raises:
        ValueError: If the split or kind is unknown, or the volumes would be larger than allowed.
    """
    if kind not in ("joint", "limb"):
        raise ValueError(f"kind is {kind!r}; known: ['joint', 'limb']")
    loaded = load_annotations(source)
    own = str(loaded.metainfo.get("topology"))
    target = get_topology(topology or own)
    videos = loaded.annotations if split is None else loaded.of_split(split)
    maps = target.num_points if kind == "joint" else len(target.edges)
    frames = sum(np.shape(video["keypoint"])[1] for video in videos)
    gigabytes = frames * maps * size[0] * size[1] / 1e9
    if gigabytes > max_gigabytes:
        raise ValueError(
            f"{source}: {frames} frames of {maps} maps make {gigabytes:.1f} GB, over the limit of "
            f"{max_gigabytes:g}; draw one split, fewer points or smaller maps, or raise the limit. "
            "Training needs no volumes on disk"
        )
    drawn = []
    for video in progress(list(videos)):
        volume = draw_video({**video, "topology": own}, target.name, size, sigma, kind, margin, level_eyes)
        drawn.append({**video, "heatmap": volume})
    names = {video["frame_dir"] for video in videos}
    splits = {name: [v for v in members if v in names] for name, members in loaded.split.items()}
    how = {
        "kind": kind,
        "topology": target.name,
        "size": list(size),
        "sigma": sigma,
        "margin": margin,
        "level_eyes": level_eyes,
    }
    save_annotations(
        output, {k: v for k, v in splits.items() if v}, drawn, {**loaded.metainfo, "heatmap": how}
    )
    return len(drawn), gigabytes
