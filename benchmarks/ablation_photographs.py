"""Photographed people as judges: what is said of calm faces, and whether another network agrees.

Nobody has coded the photographs. That a face is calm, or shows a unit more than most others do, MediaPipe's
blendshapes say: a network that was trained by others, on real people.
"""

import hashlib
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ablation_data import UNITS, Faces, real_points
from ablation_model import aucs, mean
from blendshapes import COUNTERPARTS
from tqdm import tqdm

from fau3d.extractors import build_extractor
from fau3d.extractors.quiet import quiet_native_log
from fau3d.synthetic.photographs import (
    Portrait,
    distinct,
    list_photographs,
    see_portraits,
    still_shapes,
)

# Units whose blendshapes move the same skin, and are seen in many photographs.
COMPARED = ("AU01", "AU02", "AU04", "AU05", "AU12", "AU26", "AU43")
# Shares of the faces that show a unit, or do not: those with its highest and its lowest blendshapes.
HIGHEST, LOWEST = 0.15, 0.60
FORM = 1  # raise it when other portraits are chosen, so that kept files are made anew


@dataclass(frozen=True)
class Photographs:
    """Portraits of F people.

    Attributes:
        points: Shape (F, 478, 3), pixels.
        shapes: Shape (F,) each: MediaPipe's blendshapes by name.
        calm: Shape (F,): whether brows, eyes and mouth are at rest.
    """

    points: np.ndarray
    shapes: dict[str, np.ndarray]
    calm: np.ndarray

    def faces(self, geometry: str) -> Faces:
        """Align them, everybody a person with one frame; units are 1 where blendshapes are high, 0 where they
        are low, -1 between and where they are not compared.
        """
        points, _ = real_points(self.points, geometry)
        occurrence = self.occurrence()
        return Faces(points, occurrence, np.full(occurrence.shape, np.nan), np.arange(len(points)))

    def occurrence(self) -> np.ndarray:
        """Give what blendshapes say (F, A)."""
        told = np.full((len(self.points), len(UNITS)), -1, np.int8)
        for unit in COMPARED:
            value = COUNTERPARTS[unit](self.shapes)
            column = told[:, UNITS.index(unit)]
            column[value <= np.quantile(value, LOWEST)] = 0
            column[value >= np.quantile(value, 1 - HIGHEST)] = 1
        return told


def gather(portraits: list[Portrait]) -> Photographs:
    """Put portraits together.

    Raises:
        ValueError: If there are none.
    """
    if not portraits:
        raise ValueError("no face that is alone and looks at the camera; give other photographs")
    shapes = {
        name: np.array([portrait.shapes[name] for portrait in portraits]) for name in portraits[0].shapes
    }
    calm = np.array([portrait.calm for portrait in portraits])
    return Photographs(np.stack([portrait.points for portrait in portraits]), shapes, calm)


def read_photographs(folder: Path, task: Path, cache: Path) -> Photographs:
    """Find the portraits among a folder's images, or take what was found before.

    Args:
        folder: Images, in folders of their own or not.
        task: MediaPipe's `face_landmarker.task`.
        cache: Folder that keeps points and blendshapes.

    Raises:
        FileNotFoundError: If there is no image or no task.
        ValueError: If no image is a portrait.
    """
    files = list_photographs([folder])
    content = hashlib.sha256(task.read_bytes())
    for file in files:
        content.update(hashlib.sha256(file.read_bytes()).digest())
    with ExitStack() as stack:
        extractor = stack.enter_context(build_extractor("mediapipe", static=True, max_faces=2))
        source = re.sub(r"[^\w.]+", "-", extractor.name)
        path = cache / f"photographs-{content.hexdigest()[:10]}-v{FORM}-{source}.npz"
        if not path.is_file():
            with quiet_native_log():
                find_shapes = stack.enter_context(still_shapes(task))
            bar = tqdm(files, "photographs")
            _keep(path, gather(list(distinct(see_portraits(bar, extractor.extract, find_shapes)))))
    with np.load(path) as kept:
        values = dict(zip(kept["names"].tolist(), kept["values"]))
        people = range(len(kept["points"]))
        return gather(
            [Portrait(kept["points"][k], {name: float(values[name][k]) for name in values}) for k in people]
        )


def _keep(path: Path, found: Photographs) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    names, values = np.array(list(found.shapes)), np.stack(list(found.shapes.values()))
    np.savez(partial, points=found.points, names=names, values=values)
    partial.replace(path)


def score_photographs(probability: np.ndarray, photographs: Photographs) -> dict[str, float]:
    """Score what is said of photographs.

    Args:
        probability: Shape (F, A).
        photographs: The photographs.

    Returns:
        `calm, said`: units (of A) that are said to be there on a calm face, on average. `photographs`: how
        well faces of which blendshapes say that they show a unit are told from the others, mean AUC over the
        units compared; and that of each.
    """
    found = aucs(probability, photographs.occurrence())
    units = {f"photographs {unit}": float(found[UNITS.index(unit)]) for unit in COMPARED}
    return {
        "calm, said": mean((probability[photographs.calm] > 0.5).sum(1)),
        "photographs": mean(found),
        **units,
    }
