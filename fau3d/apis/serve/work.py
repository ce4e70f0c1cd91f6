"""One analysis, and its result as the page shows it."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fau3d.apis.analysis import AnalysisOptions, analyze
from fau3d.apis.inferencer import AUInferencer
from fau3d.apis.serve.content import RefusedUpload
from fau3d.apis.serve.jobs import Job
from fau3d.apis.serve.settings import ServeSettings
from fau3d.apis.weights import DEFAULT_WEIGHTS, describe_weights, find_weights, shipped_weights
from fau3d.extractors import EXTRACTOR_NAMES
from fau3d.facs import describe_au
from fau3d.io.table import read_au_table
from fau3d.registry import EXTRACTORS
from fau3d.structures import AUTable
from fau3d.topology import get_topology
from fau3d.visualization.palette import GRAY, region_colour
from fau3d.visualization.report_page.encoding import hex_colour
from fau3d.visualization.shown_units import shown_units

REPORT_PAGE = "report.html"
_MOST_EVENTS = 200
_ABOUT = {
    "au.csv": "table: every action unit of every face in every frame",
    "events.csv": "table: onset, apex and offset of units, expressions and blinks",
    "expressions.csv": "table: the named expression of every frame, valence, arousal, eyes",
    "events.eaf": "the events as tiers, for ELAN",
    "events.TextGrid": "the events as tiers, for Praat",
    "synchrony.csv": "table: how two faces move together",
    "summary.json": "what the curves say, for programs",
    "overlay.mp4": "the video with landmarks and bars",
    "overlay.png": "the image with landmarks and bars",
    "timing.png": "picture: each action unit over time",
    "timing.svg": "the same, for print",
    "cooccurrence.png": "picture: which units of a face go together",
    "expression_map.png": "picture: named expressions, valence and arousal over time",
    REPORT_PAGE: "page with timelines and tables",
}


class Models:
    """The models that the page offers; the one used last stays loaded.

    Args:
        settings: Which extractor, device and checkpoint.

    Attributes:
        offered: What the inferencer is told of each by name, the default first.

    Raises:
        FileNotFoundError: If there is no model that reads the extractor's landmarks.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        kind = EXTRACTORS.get(EXTRACTOR_NAMES.get(settings.extractor, settings.extractor))
        if kind is None:
            known = ", ".join(sorted(EXTRACTOR_NAMES))
            raise ValueError(f"no landmark extractor {settings.extractor!r}; known: {known}")
        shipped = shipped_weights()
        paths = sorted(shipped.items(), key=lambda item: item[0] != DEFAULT_WEIGHTS)
        self.offered: dict[str, dict[str, Any]] = {
            name: {"model": path} for name, path in paths if _reads(path, kind.topology)
        }
        if settings.checkpoint is not None:
            self.offered = {**_own(settings), **self.offered}
        if not self.offered:
            raise FileNotFoundError(
                f"no shipped weights read the landmarks of {settings.extractor!r}; "
                "name a checkpoint with --checkpoint"
            )
        self._key: tuple[str, int, bool] | None = None
        self._loaded: AUInferencer | None = None

    def get(self, name: str, faces: int, rest: bool = False) -> AUInferencer:
        """Load a model, or give the one that is loaded.

        Args:
            name: One of those offered.
            faces: Followed at the same time.
            rest: Whether to look for how faces rest, and take that away.

        Raises:
            RefusedUpload: If that cannot be taken away from what the model reads.
        """
        if self._loaded is None or self._key != (name, faces, rest):
            self.close()
            try:
                self._loaded = AUInferencer(
                    extractor=self._settings.extractor,
                    device=self._settings.device,
                    max_faces=faces,
                    neutral="auto" if rest else None,
                    **self.offered[name],
                )
            except ValueError as error:
                if not rest:
                    raise
                raise RefusedUpload(f"How a face rests cannot be taken away here: {error}") from error
            self._key = (name, faces, rest)
        return self._loaded

    def close(self) -> None:
        """Give the loaded model back."""
        if self._loaded is not None:
            self._loaded.close()
        self._loaded = None


def _own(settings: ServeSettings) -> dict[str, dict[str, Any]]:
    """Give the user's own model, be it one checkpoint or several, under its name."""
    given = settings.checkpoint
    paths = [find_weights(one) for one in ([given] if isinstance(given, str) else given or [])]
    told = {"model": paths, "weights": settings.weights, "units": settings.units}
    return {" + ".join(path.stem for path in paths): told}


def _reads(path: Path, topology: str) -> bool:
    own = describe_weights(path)["landmarks"]
    return topology in (own, get_topology(own).parent)


def run_job(job: Job, models: Models) -> None:
    """Analyse an upload; fill the job's `result` and `files`.

    Raises:
        VideoError: If it cannot be read.
        Stopped: If the job is not wanted any more.
    """
    assert job.upload is not None
    inferencer = models.get(*(job.wanted[choice] for choice in ("model", "faces", "rest")))
    options = AnalysisOptions(
        overlay=job.wanted["overlay"], plot=not job.image, report=not job.image, panel=False
    )
    report = analyze(job.upload, job.results, inferencer, options, job.progress)
    job.files = {path.name: path for path in sorted(job.results.iterdir()) if path.is_file()}
    table = read_au_table(job.results / "au.csv")
    job.result = {
        "image": job.image,
        "frames": report.frames,
        "seconds": round(report.seconds, 2),
        "length": _number(table.data["timestamp"].max()),
        "model": job.wanted["model"],
        "notes": [note.removeprefix(f"{job.upload.name}: ") for note in report.notes],
        "faces": [] if not report.faces else face_summaries(table),
        "events": _events(job.files.get("events.csv")),
        "report": REPORT_PAGE if REPORT_PAGE in job.files else None,
        "files": [
            {
                "name": name,
                "size": path.stat().st_size,
                "about": _ABOUT.get(re.sub(r"_face\d+", "", name), ""),
            }
            for name, path in job.files.items()
        ],
    }


def face_summaries(table: AUTable) -> list[dict[str, Any]]:
    """Say of each face how much it showed of each unit, in numbers that JSON can hold.

    Args:
        table: Of one video or image.

    Returns:
        For each face its `id`, the `frames` in which it was seen, and `units`: name, FACS name, colour of its
        region, whether it is shown first (`main`), share of the face's frames in which it was there (0 to 1),
        highest probability, when that was (seconds), and highest intensity (0 to 5, or None).
    """
    seen = AUTable(table.data[table.data["success"] == 1])
    main = set(shown_units(seen.au_names))
    faces = []
    for face_id in sorted(seen.data["face_id"].unique()):
        face = seen.face(face_id)
        times = face.data["timestamp"].to_numpy(np.float64)
        columns = [face.values(kind) for kind in ("probability", "occurrence", "intensity")]
        units = []
        for n, name in enumerate(face.au_names):
            probability, occurrence, intensity = (column[:, n] for column in columns)
            known = np.isfinite(probability).any()
            unit = describe_au(name)
            units.append(
                {
                    "name": name,
                    "title": unit.facs_name + {"_L": ", left", "_R": ", right"}.get(name[-2:], ""),
                    "colour": hex_colour(region_colour(unit.region) or GRAY),
                    "main": name in main,
                    "share": _number(np.mean(occurrence == 1)),
                    "peak": _number(np.nanmax(probability)) if known else None,
                    "when": _number(times[int(np.nanargmax(probability))]) if known else None,
                    "intensity": _number(np.nanmax(intensity)) if np.isfinite(intensity).any() else None,
                }
            )
        faces.append({"id": int(face_id), "frames": len(times), "units": units})
    return faces


def _events(path: Path | None) -> dict[str, Any]:
    """Give the first events of `events.csv` and how many there are."""
    if path is None:
        return {"rows": [], "total": 0}
    table = pd.read_csv(path)
    rows = table.head(_MOST_EVENTS)[["face_id", "kind", "name", "onset", "apex", "offset", "duration"]]
    return {"rows": rows.astype(object).where(rows.notna(), None).to_dict("records"), "total": len(table)}


def _number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
