"""What an extraction has to say at its end."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from fau3d.io.atomic import atomic_path

_COLUMNS = ("video", "reason", "frames_kept", "output")


@dataclass
class ExtractionReport:
    """What was done, skipped and failed.

    Attributes:
        output: The annotation file.
        done: Videos extracted in this run.
        skipped: Videos that an earlier run had extracted.
        failed: Reason by video.
        damaged: Reason and number of frames kept, by video: damaged files of which a part was read.
        left_out: Number of frames by video that show only persons who were not kept, of this run.
        frames: Frames read in this run.
        frames_with_face: Of these, those that show a face.
        failures_file: Where failed and damaged videos are listed, if there are any.
    """

    output: Path
    done: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, tuple[str, int]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    frames_with_face: int = 0
    failures_file: Path | None = None

    def __str__(self) -> str:
        share = f", a face in {self.frames_with_face / self.frames:.1%}" if self.frames else ""
        lines = [
            f"{len(self.done)} done, {len(self.skipped)} skipped, {len(self.failed)} failed "
            f"({self.frames} frames{share})"
        ]
        lines += [f"  failed: {video}: {reason}" for video, reason in self.failed.items()]
        lines += [f"  damaged, {kept} frames kept: {v}: {why}" for v, (why, kept) in self.damaged.items()]
        lines += [
            f"  note: {v}: {count} frames show only persons who were not kept; "
            "--max-faces or --single-face largest keeps them"
            for v, count in self.left_out.items()
        ]
        if self.failures_file:
            lines.append(f"listed in {self.failures_file}")
        lines.append(
            f"written: {self.output}" if self.output.exists() else "nothing written: no video could be read"
        )
        return "\n".join(lines)


def write_failures(report: ExtractionReport, output: Path, shard: tuple[int, int] | None) -> Path | None:
    """List the failed and damaged videos in `failures.csv` beside the output.

    Rows of other outputs in the same folder stay; those of this output are replaced, but for damaged videos
    that this run skipped. A shard has a file of its own, since several may end at once.

    Args:
        report: Of the run.
        output: The annotation file.
        shard: (i, n), or None.

    Returns:
        The file, or None where there is nothing to list.
    """
    name = "failures.csv" if shard is None else f"failures.{shard[0]}-of-{shard[1]}.csv"
    path = output.with_name(name)
    told = {*report.failed, *report.damaged}
    rows = [
        row
        for row in _read(path)
        if row["output"] != output.name or (row["video"] in report.skipped and row["video"] not in told)
    ]
    rows += [_row(video, why, 0, output) for video, why in report.failed.items()]
    rows += [_row(video, why, kept, output) for video, (why, kept) in report.damaged.items()]
    if not rows:
        path.unlink(missing_ok=True)
        return None
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path if any(row["output"] == output.name for row in rows) else None


def _row(video: str, reason: str, kept: int, output: Path) -> dict[str, str]:
    return {"video": video, "reason": reason, "frames_kept": str(kept), "output": output.name}


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        return list(reader) if tuple(reader.fieldnames or ()) == _COLUMNS else []
