"""The landmarks of a corpus: many videos, some of them broken, on several processes or machines."""

import os
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fau3d.apis.extraction.parts import PartStore
from fau3d.apis.extraction.report import ExtractionReport, write_failures
from fau3d.apis.extraction.sources import list_sources, shard_of
from fau3d.apis.extraction.streaming import SINGLE_FACE
from fau3d.apis.extraction.video import extract_video
from fau3d.apis.extraction.workers import run_tasks
from fau3d.extractors import FaceTracker, LandmarkExtractor, build_extractor, extractor_config
from fau3d.io.annotation import AnnotationError, AnnotationFile, load_annotations, save_annotations
from fau3d.io.video import VideoError, VideoWarning

_MANY = 4  # faces looked for where one of several is to be chosen


@dataclass(frozen=True)
class _Task:
    """One video; everything that another process must know."""

    name: str
    path: Path
    output: Path
    extractor: dict[str, Any]
    options: dict[str, Any]
    ahead: int = 16


@dataclass(frozen=True)
class _Done:
    """What a worker tells of a finished video."""

    frames: int
    seen: int
    left_out: int
    warning: str


@dataclass
class _Cached:
    """The extractor of this process."""

    config: dict[str, Any] | None = None
    extractor: LandmarkExtractor | None = field(default=None, repr=False)


_cached = _Cached()


class ExtractorError(RuntimeError):
    """The extractor itself cannot be built, so no video can be read."""


def extract_corpus(
    source: str | os.PathLike[str] | Mapping[str, Path],
    output: str | os.PathLike[str],
    extractor: str | Mapping[str, Any] = "mediapipe",
    device: str | None = None,
    workers: int = 1,
    fps: float | None = None,
    max_faces: int = 1,
    single_face: str | None = None,
    max_gap: float = 1.0,
    shard: tuple[int, int] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
    make_executor: Callable[[int], Executor] | None = None,
) -> ExtractionReport:
    """Extract the landmarks of videos into one annotation file.

    Each video that is finished is kept in the folder `OUTPUT.parts` at once; at the end the parts are merged
    and the folder goes. Killed at any moment, the same call with `resume` does what is left. A video that
    fails is reported in `failures.csv` beside the output, and tried again by `resume`.

    Args:
        source: A video, a folder tree or a list file; see `list_sources`. Or paths by name.
        output: The annotation file. With a shard, `name.pkl` becomes `name.0-of-4.pkl`.
        extractor: A name or config for `build_extractor`.
        device: For extractors that have a choice.
        workers: Processes; 0 works in this one.
        fps: Rate to which frames are thinned; all frames by default.
        max_faces: Persons kept in a video.
        single_face: `largest` or `most-present`: one person; see `extract_video`.
        max_gap: Longest absence, in seconds, after which a face keeps its identity.
        shard: (i, n): do the i-th of n parts of the videos, i from 0.
        resume: Go on where an earlier run stopped; start where there was none.
        overwrite: Begin anew, and replace the output at the end.
        progress: Show a progress bar.
        make_executor: Where the work is done; see `run_tasks`.

    Returns:
        What was done, skipped and failed.

    Raises:
        FileExistsError: If there is an output or an unfinished run, and neither `resume` nor `overwrite` is
            set.
        FileNotFoundError: If the source does not exist.
        ValueError: If the source holds no video, an option is out of range, or an earlier run had others.
        ExtractorError: If the extractor cannot be built.
    """
    if resume and overwrite:
        raise ValueError("resume goes on with what is there, overwrite begins anew; wanted one of them")
    if fps is not None and not fps > 0:
        raise ValueError(f"fps is {fps}; wanted a rate above 0")
    if max_faces < 1:
        raise ValueError(f"max_faces is {max_faces}; wanted 1 or more")
    if single_face not in (None, *SINGLE_FACE):
        raise ValueError(f"unknown single_face {single_face!r}; known: {', '.join(SINGLE_FACE)}")
    FaceTracker(max_gap_seconds=max_gap)  # refuses a gap out of range before any video is begun
    found = max(max_faces, _MANY) if single_face else max_faces
    config = extractor_config(extractor, device=device, max_faces=found)
    options = {"max_faces": max_faces, "single_face": single_face, "fps": fps, "max_gap": max_gap}
    if isinstance(source, Mapping):
        sources, described = dict(source), f"{len(source)} recordings"
    else:
        sources, described = list_sources(source), Path(source).name
    target = Path(output)
    if shard is not None:
        sources = shard_of(sources, shard)
        target = target.with_name(f"{target.stem}.{shard[0]}-of-{shard[1]}{target.suffix}")
    settings = {"extractor": {k: v for k, v in config.items() if k != "device"}, **options}
    store = PartStore(target)
    earlier = _open_store(store, target, settings, resume, overwrite)
    kept = {annotation["frame_dir"] for annotation in earlier.annotations}
    skipped = [name for name in sources if name in kept or store.has(name)]
    report = ExtractionReport(output=target, skipped=skipped)
    ahead = 16 if make_executor or _free_cores() >= 2 * workers else 0
    tasks = [
        _Task(name, path, target, config, options, ahead)
        for name, path in sources.items()
        if name not in skipped
    ]
    try:
        _work(tasks, len(sources), workers, make_executor, progress, report)
    except ExtractorError:
        if not store.exists():
            store.remove()
        raise
    facts = {"source": described, "fps": fps, "extraction": settings}
    _merge(store, target, sources, earlier, facts, report)
    report.failures_file = write_failures(report, target, shard)
    return report


def _work(
    tasks: list[_Task],
    total: int,
    workers: int,
    make_executor: Callable[[int], Executor] | None,
    progress: bool,
    report: ExtractionReport,
) -> None:
    with tqdm(total=total, initial=total - len(tasks), unit="video", disable=not progress) as bar:
        for task, done, error in run_tasks(_extract_part, tasks, workers, make_executor):
            if isinstance(error, ExtractorError):
                raise error
            if error is not None:
                report.failed[task.name] = _reason(error)
            elif done is not None:
                report.done.append(task.name)
                report.frames += done.frames
                report.frames_with_face += done.seen
                if done.warning:
                    report.damaged[task.name] = (done.warning, done.frames)
                if done.left_out:
                    report.left_out[task.name] = done.left_out
            bar.update()
            bar.set_postfix(failed=len(report.failed), frames=report.frames)


def _extract_part(task: _Task) -> _Done:
    """Extract one video and keep it; runs in a worker."""
    extractor = _extractor(task.extractor)
    options = dict(task.options)
    tracker = FaceTracker(max_gap_seconds=options.pop("max_gap"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", VideoWarning)
        landmarks = extract_video(task.path, extractor, tracker=tracker, ahead=task.ahead, **options)
    notes = [str(w.message) for w in caught if issubclass(w.category, VideoWarning)]
    annotation = landmarks.to_annotation(task.name)
    if not len(landmarks.keypoint):
        # Readers of the format expect at least one person: one who is never seen.
        _, *shape = landmarks.keypoint.shape
        annotation["keypoint"] = np.full((1, *shape), np.nan, np.float32)
        annotation["keypoint_score"] = np.zeros((1, *shape[:-1]), np.float16)
    warning = "; ".join(notes)
    # The part remembers its damage: if this run is killed, the one that resumes reports it.
    metainfo = {"topology": landmarks.topology, "extractor": landmarks.extractor, "damage": warning}
    PartStore(task.output).save(task.name, annotation, metainfo)
    seen = (landmarks.confidence > 0).any(axis=0).sum()
    return _Done(len(landmarks.frame_index), int(seen), landmarks.frames_left_out, warning)


def _free_cores() -> int:
    """Cores that this process may use; where they are all taken by workers, reading ahead only adds work."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _extractor(config: dict[str, Any]) -> LandmarkExtractor:
    if _cached.extractor is None or _cached.config != config:
        if _cached.extractor is not None:
            _cached.extractor.close()
        try:
            _cached.extractor = build_extractor(config)
        except Exception as error:
            _cached.extractor = None
            raise ExtractorError(str(error)) from error
        _cached.config = config
    return _cached.extractor


def _open_store(
    store: PartStore, target: Path, settings: dict[str, Any], resume: bool, overwrite: bool
) -> AnnotationFile:
    """Prepare the parts' folder; give what an earlier run has already put into the output."""
    earlier = AnnotationFile()
    if overwrite:
        store.remove()
    elif (target.exists() or store.exists()) and not resume:
        what = f"{target} exists" if target.exists() else f"an earlier run has left {store.folder}"
        raise FileExistsError(f"{what}; --resume goes on with it, --overwrite begins anew")
    elif target.exists():
        earlier = load_annotations(target)
        _check_settings(earlier.metainfo.get("extraction") or {}, settings, target)
    store.remove_leftovers()
    if store.exists():
        _check_settings(store.settings(), settings, store.folder)
    else:
        store.start(settings)
    return earlier


def _check_settings(found: Mapping[str, Any], wanted: Mapping[str, Any], where: Path) -> None:
    differing = [key for key in wanted if found.get(key) != wanted[key]]
    if differing:
        pairs = ", ".join(f"{key} {found.get(key)!r}, now {wanted[key]!r}" for key in differing)
        raise ValueError(
            f"{where}: was made with {pairs}; give the same options, another output, or --overwrite"
        )


def _merge(
    store: PartStore,
    target: Path,
    sources: Mapping[str, Path],
    earlier: AnnotationFile,
    metainfo: dict[str, Any],
    report: ExtractionReport,
) -> None:
    """Write all finished videos into the output, in the order of the sources, and remove the parts.

    What a killed run knew of damaged videos is in their parts, and goes into the report.
    """
    videos = {annotation["frame_dir"]: annotation for annotation in earlier.annotations}
    names = [name for name in sources if store.has(name)]
    facts: dict[str, Any] = {
        key: earlier.metainfo[key] for key in ("topology", "extractor") if key in earlier.metainfo
    }
    for name in names:
        part = store.load(name)
        for key, value in part.metainfo.items():
            if key in ("topology", "extractor") and facts.setdefault(key, value) != value:
                raise AnnotationError(
                    f"{name}: {key} is {value!r}, but that of the videos before is {facts[key]!r}; "
                    "the extractor's package was changed between runs: begin anew with --overwrite"
                )
        videos[name] = part.annotations[0]
        if name in report.skipped and part.metainfo.get("damage"):
            report.damaged[name] = (part.metainfo["damage"], part.annotations[0]["total_frames"])
    if names:
        order = [
            *(name for name in sources if name in videos),
            *(name for name in videos if name not in sources),
        ]
        metainfo = {"au_names": [], "label_type": "occurrence", **facts, **metainfo}
        save_annotations(target, {"all": order}, [videos[name] for name in order], metainfo)
    store.remove()


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, VideoError) else f"{type(error).__name__}: {text}"
