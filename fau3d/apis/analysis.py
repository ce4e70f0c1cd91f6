"""`analyze`: a source in, a folder with its AU table and pictures out."""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fau3d.apis.analysis_report import AnalysisOptions, AnalysisReport, write_failures
from fau3d.apis.extraction import prefetch
from fau3d.apis.frame_spool import FrameSpool
from fau3d.apis.inferencer import AUInferencer
from fau3d.apis.outputs import OutputFolder
from fau3d.apis.pictures import (
    OverlayVideo,
    overlay_renderer,
    write_overlay_image,
    write_timing,
    write_unit_timing,
)
from fau3d.apis.results import FrameResult
from fau3d.apis.sources import Counted, FrameStream, Interruptible
from fau3d.apis.timing_rows import TimingRows
from fau3d.apis.video_report import VideoReport
from fau3d.io.atomic import remove_leftovers
from fau3d.io.table import AUTableWriter
from fau3d.io.video import (
    CameraReader,
    Frame,
    VideoError,
    VideoReader,
    VideoWarning,
    copy_sound,
    is_image,
    list_images,
    list_videos,
)
from fau3d.visualization import OverlayRenderer
from fau3d.visualization.shown_units import shown_units

TABLE, OVERLAY, STILL_OVERLAY, TIMING, TIMING_VECTOR, FAILURES = (
    "au.csv",
    "overlay.mp4",
    "overlay.png",
    "timing.png",
    "timing.svg",
    "failures.csv",
)
_CHUNK = 128  # rows written at once


Progress = Callable[[int, int | None, str], None]


def no_progress(done: int, total: int | None, name: str) -> None:
    """Show nothing."""


def analyze(
    source: str | Path | int,
    output: str | Path,
    inferencer: AUInferencer,
    options: AnalysisOptions | None = None,
    progress: Progress = no_progress,
) -> AnalysisReport:
    """Find the action units of a source and write them to a folder.

    A video, an image, a camera, or with `sequence` a folder of images gives `output/au.csv` and the pictures
    asked for. A folder of images gives one table with a row (or one a face) for each. A folder of videos
    gives `output/<video>/au.csv` for each; one that fails is reported and the others are not lost; those that
    have their table are skipped. Images beside videos are stills: their table is `output/au.csv`.

    Args:
        source: Path, or a camera's number.
        output: Folder for the results; it is made.
        inferencer: The model.
        options: What to write; the table alone by default.
        progress: Called with (frames done, frames in all or None, name).

    Returns:
        What was done.

    Raises:
        FileExistsError: If the table of a single source is there and `overwrite` is off.
        ValueError: If a unit to plot is not among the model's, or a folder of videos shall have one name.
        VideoError: If a single source cannot be read.
    """
    began, options = time.perf_counter(), options or AnalysisOptions()
    folder = OutputFolder(Path(output), f"{options.entities}_" if options.entities else "")
    if unknown := [name for name in options.units if name not in inferencer.recognizer.au_names]:
        known = " ".join(inferencer.recognizer.au_names)
        raise ValueError(
            f"cannot plot {' '.join(unknown)}: the model {inferencer.recognizer.name} knows {known}"
        )
    job = _Job(inferencer, options, progress, AnalysisReport())
    if isinstance(source, int):
        _refuse_overwriting(folder, options)
        job.camera(source, folder)
    elif not Path(source).is_dir() or options.sequence:
        _refuse_overwriting(folder, options)
        job.file(Path(source), folder)
    elif options.entities:
        raise ValueError(f"{source}: is a folder of several sources, which cannot all be {options.entities}")
    else:
        job.folder(Path(source), folder.folder)
    job.report.seconds = time.perf_counter() - began
    return job.report


def _refuse_overwriting(folder: OutputFolder, options: AnalysisOptions) -> None:
    table = folder / TABLE
    if table.exists() and not options.overwrite:
        raise FileExistsError(f"{table}: is there already; use --overwrite to replace it, or another folder")


@dataclass(frozen=True)
class _Job:
    """One call of `analyze`: what all its sources share."""

    inferencer: AUInferencer
    options: AnalysisOptions
    progress: Progress
    report: AnalysisReport

    def camera(self, number: int, folder: OutputFolder) -> None:
        """Analyse a camera until the user stops it."""
        with CameraReader(number) as camera, Interruptible(camera) as frames:
            self._video(frames, folder, f"camera {number}", None, camera)

    def file(self, path: Path, folder: OutputFolder) -> None:
        """Analyse a video, an image, or a folder of images that is one video."""
        if is_image(path):
            self.stills([path], folder, alone=True)
            return
        # The overlay decodes the file a second time, in step with the rows, so that no frame waits in memory.
        with VideoReader(path, fps=self.options.fps) as reader, ExitStack() as stack:
            again = (
                stack.enter_context(VideoReader(path, fps=self.options.fps)) if self.options.overlay else None
            )
            images = None if again is None else again.frames()
            self._video(reader, folder, path.name, len(reader), reader, images)

    def _add_sound(self, source: Path, overlay: Path) -> None:
        try:
            copy_sound(source, overlay, overlay)
        except VideoError as error:
            self.report.notes.append(f"the overlay has no sound: {error}")

    def _video(
        self,
        frames: FrameStream,
        folder: OutputFolder,
        name: str,
        total: int | None,
        reader: VideoReader | CameraReader,
        images: Iterator[Frame] | None = None,
    ) -> None:
        """Write the results of one video's frames as they come."""
        for name_of_file in (TABLE, OVERLAY, TIMING, TIMING_VECTOR):
            remove_leftovers(folder / name_of_file)
        outputs = [folder / TABLE]
        # A report names expressions when it knows the whole video: what is drawn of them waits for that.
        waits = self.options.report and images is not None
        with ExitStack() as stack:
            story = (
                VideoReport(self.inferencer, name, self.options.smoothing, folder.folder)
                if self.options.report
                else None
            )
            if story is not None:
                stack.callback(story.close)
                frames = story.watched(frames)
            if self.inferencer.looks_first:
                frames = Counted(frames, lambda done: self.progress(done, total, f"first look at {name}"))
            keep = self.options.overlay and images is None
            results = self.inferencer.results(frames, keep_images=keep, scratch=folder.folder)
            # Drawing and encoding take longer than the model: with an overlay each gets a thread.
            ready = prefetch(results, ahead=32) if self.options.overlay and not waits else results
            stack.enter_context(closing(ready))
            writer = stack.enter_context(AUTableWriter(folder / TABLE))
            file = reader.path if isinstance(reader, VideoReader) and not reader.path.is_dir() else None
            if self.options.overlay and file is not None:
                # Left in the other order: when the overlay is complete, before the table gets its name.
                stack.push(lambda kind, *_: self._add_sound(file, folder / OVERLAY) if kind is None else None)
            overlay = None
            if self.options.overlay and not waits:
                overlay = stack.enter_context(
                    OverlayVideo(folder / OVERLAY, reader.fps, self._renderer(), images)
                )
            drawn = self._drawn()
            rows = stack.enter_context(TimingRows(drawn, folder.folder)) if drawn else None
            chunk: list[FrameResult] = []
            undrawn = stack.enter_context(FrameSpool(folder.folder)) if waits else None
            for done, result in enumerate(ready, start=1):
                if overlay is not None:
                    overlay.append(result)
                chunk.append(result.without_image())
                if story is not None:
                    story.append(result)
                if undrawn is not None:
                    undrawn.append(result)
                if len(chunk) == _CHUNK:
                    self._write(chunk, writer, rows)
                self._count(result)
                self.progress(done, total, name)
            self._write(chunk, writer, rows)
            if story is not None and undrawn is not None:
                self._draw(undrawn, story, folder / OVERLAY, reader.fps, images)
            if self.options.overlay:
                outputs.append(folder / OVERLAY)
            if rows is not None:
                outputs += self._plot(rows, folder, name, story)
            if story is not None:
                seen = folder / OVERLAY if self.options.overlay else None
                outputs += story.write(folder, reader.fps, reader.img_shape, file, seen, self.options.parts)
                self.report.notes += story.notes
            self.report.notes += [f"{name}: {sentence}" for sentence in self.inferencer.rests()]
        # The table gets its name last: where it is, all that was asked for is.
        self.report.outputs += outputs

    def _drawn(self) -> set[str]:
        """Give the units of timing diagrams."""
        shown = shown_units(self.inferencer.recognizer.au_names) if self.options.plot else ()
        return {*shown, *self.options.units}

    def _plot(
        self, rows: TimingRows, folder: OutputFolder, name: str, story: VideoReport | None
    ) -> list[Path]:
        """Write the timing diagrams."""
        written = []
        if self.options.plot:
            written = [folder / TIMING] + ([folder / TIMING_VECTOR] if story is not None else [])
            for path in written:
                write_timing(rows.table(), path, name)
            written += [] if story is None else story.pictures(folder)
        for unit in self.options.units:
            written.append(folder / f"timing_{unit}.png")
            events = {} if story is None else story.events(unit)
            write_unit_timing(rows.table(), unit, written[-1], name, events)
        return written

    def _draw(
        self,
        undrawn: FrameSpool,
        story: VideoReport,
        path: Path,
        fps: float,
        images: Iterator[Frame] | None,
    ) -> None:
        """Write an overlay with diagrams below it."""
        with OverlayVideo(path, fps, self._renderer(), images, story.strips(fps)) as overlay:
            for done, result in enumerate(undrawn.results(), start=1):
                overlay.append(result)
                self.progress(done, len(undrawn), f"drawing {story.name}")

    def _renderer(self) -> OverlayRenderer:
        return overlay_renderer(self.inferencer.recognizer.au_names, self.options.panel)

    def _write(self, chunk: list[FrameResult], writer: AUTableWriter, rows: TimingRows | None) -> None:
        if not chunk:
            return
        table = self.inferencer.table(chunk)
        writer.append(table)
        if rows is not None:
            rows.append(table)
        chunk.clear()

    def _count(self, result: FrameResult) -> None:
        self.report.frames += 1
        self.report.faces += len(result.faces)

    def stills(self, images: Sequence[Path], folder: OutputFolder, alone: bool = False) -> None:
        """Analyse unrelated images into one table; one that stands alone fails aloud."""
        if self.options.plot:
            self.report.notes.append("no timing diagram: stills have no time (--sequence makes them a video)")
        if self.options.report:
            self.report.notes.append("no report: it tells what happens over time, which stills do not have")
        if self.inferencer.looks_first:
            self.report.notes.append("stills are answered as they are: when somebody rests is told by videos")
        else:
            self.report.notes += self.inferencer.rests()
        results, pictures = [], []
        # The suffix stays where two stills differ by nothing else.
        stems = Counter(path.stem for path in images)
        names = {path: path.stem if stems[path.stem] == 1 else path.name for path in images}
        for done, path in enumerate(images, start=1):
            try:
                (result,) = self.inferencer.stills([path])
            except VideoError as error:
                if alone:
                    raise
                self.report.failures.append((str(path), str(error)))
                continue
            results.append(result.without_image())
            if self.options.overlay:
                target = (
                    folder / STILL_OVERLAY
                    if alone
                    else folder.folder / "overlay" / f"{names[path]}_overlay.png"
                )
                write_overlay_image(result, target, self._renderer())
                pictures.append(target)
            self._count(result)
            self.progress(done, len(images), path.name if alone else path.parent.name)
        if results:
            with AUTableWriter(folder / TABLE) as writer:
                writer.append(self.inferencer.table(results))
            self.report.outputs += [folder / TABLE, *pictures]

    def folder(self, source: Path, folder: Path) -> None:
        """Analyse every video below a folder, each into a folder of its own, and its images as stills."""
        videos, images = list_videos(source, recursive=True), list_images(source)
        if not videos and not images:
            raise VideoError(f"{source}: the folder holds neither videos nor images; name one that does")
        if images and not videos:
            _refuse_overwriting(OutputFolder(folder), self.options)
        stems = Counter(video.with_suffix("") for video in videos)
        for video in videos:
            alone = video.with_suffix("")
            target = folder / (alone if stems[alone] == 1 else video).relative_to(source)
            if (target / TABLE).exists() and not self.options.overwrite:
                self.report.skipped.append(str(video))
                continue
            try:
                with self._note_damage(video):
                    self.file(video, OutputFolder(target))
            except (VideoError, OSError, ValueError, RuntimeError) as error:
                self.report.failures.append((str(video), " ".join(str(error).split())))
        if images and (folder / TABLE).exists() and not self.options.overwrite:
            self.report.skipped += map(str, images)
        elif images:
            self.stills(images, OutputFolder(folder))
        write_failures(self.report, folder / FAILURES)

    @contextmanager
    def _note_damage(self, video: Path) -> Iterator[None]:
        """Put what a reader says of a damaged video into the report; other warnings pass."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", VideoWarning)
            yield
        for warning in caught:
            if issubclass(warning.category, VideoWarning):
                self.report.damaged.append((str(video), " ".join(str(warning.message).split())))
            else:
                warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
