"""One basic expression a frame from the CSV files of several classifiers."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fau3d.functional.voting import SUM_TOLERANCE, elect, soft_vote, tied
from fau3d.io.atomic import atomic_path


class VoteError(ValueError):
    """A file of probabilities that cannot vote; the message names file and line."""


@dataclass(frozen=True)
class ExpressionVote:
    """What classifiers say together.

    Attributes:
        classes: C names, in the first file's order.
        frames: Shape (N,), int64, rising: all frames that any file has.
        probabilities: Shape (N, C); NaN where no classifier answers.
        chosen: Shape (N,), int64: the class, -1 where there is none.
        ties: Shape (N,), bool: two classes share the highest probability; the first is chosen.
        voters: Shape (N,), int64: how many classifiers answered.
    """

    classes: tuple[str, ...]
    frames: np.ndarray
    probabilities: np.ndarray
    chosen: np.ndarray
    ties: np.ndarray
    voters: np.ndarray


def vote_files(
    paths: Sequence[str | os.PathLike[str]], weights: Sequence[float] | None = None
) -> ExpressionVote:
    """Let the classifiers of several files vote, frame by frame.

    A file has the columns `frame` and one a class; frames are matched by number, classes by name in whatever
    order. A frame that a file lacks, or where a cell is empty, it has no vote on.

    Args:
        paths: One CSV file a classifier.
        weights: One for each, at least 0; equal by default.

    Raises:
        VoteError: If a file is of another form, names other classes, or a row is no distribution.
        ValueError: If there are no files, or the weights do not fit.
    """
    files = [_read(Path(path)) for path in paths]
    if not files:
        raise ValueError("no files to vote; wanted one for each classifier")
    classes = files[0][0]
    for path, (names, _) in zip(paths, files):
        if set(names) != set(classes):
            raise VoteError(
                f"{path}:1: names the classes {', '.join(names)}, the first file {', '.join(classes)}; "
                "wanted the same of every classifier"
            )
    frames = sorted(set().union(*(rows for _, rows in files)))
    votes = []
    for names, rows in files:
        order = [names.index(name) for name in classes]
        nothing = np.full(len(classes), np.nan)
        votes.append(
            np.array([rows[f][order] if f in rows else nothing for f in frames]).reshape(-1, len(classes))
        )
    voted = soft_vote(votes, weights)
    counting = np.ones(len(files)) if weights is None else np.asarray(weights, np.float64)
    answering = ~np.isnan(np.stack(votes)).any(2)
    return ExpressionVote(
        classes,
        np.array(frames, np.int64),
        voted,
        elect(voted),
        tied(voted),
        (answering & (counting > 0)[:, None]).sum(0),
    )


def write_vote(vote: ExpressionVote, path: str | os.PathLike[str]) -> None:
    """Write `frame`, a probability a class (4 decimals), `expression`, `tie` (0 or 1) and `voters` as CSV."""
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["frame", *vote.classes, "expression", "tie", "voters"])
        for row, frame in enumerate(vote.frames):
            shown = ["" if np.isnan(p) else f"{p:.4f}" for p in vote.probabilities[row]]
            name = vote.classes[vote.chosen[row]] if vote.chosen[row] >= 0 else ""
            writer.writerow([frame, *shown, name, int(vote.ties[row]), vote.voters[row]])


def _read(path: Path) -> tuple[tuple[str, ...], dict[int, np.ndarray]]:
    """Read the classes and, by frame, the probabilities of one file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = [(n, cells) for n, cells in enumerate(csv.reader(stream), start=1) if any(cells)]
    except UnicodeDecodeError as error:
        raise VoteError(f"{path}: is no text ({error.reason})") from None
    header = [name.strip() for name in lines[0][1]] if lines else []
    if len(header) < 2 or header[0] != "frame" or len(set(header)) < len(header):
        raise VoteError(
            f"{path}:1: found {', '.join(header) or 'nothing'}; wanted 'frame' and one column a class"
        )
    rows: dict[int, np.ndarray] = {}
    for number, cells in lines[1:]:
        try:
            frame = int(cells[0])
            values = np.array([float(cell) if cell.strip() else np.nan for cell in cells[1:]])
        except ValueError:
            raise VoteError(
                f"{path}:{number}: found {','.join(cells)!r}; wanted a frame and numbers"
            ) from None
        if len(values) != len(header) - 1:
            raise VoteError(
                f"{path}:{number}: has {len(cells)} cells; wanted {len(header)}, as in the header"
            )
        if frame in rows:
            raise VoteError(f"{path}:{number}: frame {frame} is there again; wanted each frame once")
        if not np.isnan(values).any() and (values.min() < 0 or abs(values.sum() - 1) > SUM_TOLERANCE):
            raise VoteError(f"{path}:{number}: {values.tolist()} is no distribution; wanted a sum of 1")
        rows[frame] = values
    return tuple(header[1:]), rows
