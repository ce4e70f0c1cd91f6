"""What every published corpus is to fau3d: recordings, whose they are, and labels by frame number."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from fau3d.facs import get_au_set

UNGRADED = ("present", "absent", "unknown")
SIDES = ("join", "keep", "unknown")
FILLERS = ("absent", "unknown")


class CorpusError(ValueError):
    """A tree that is not as its corpus documents it; the message names file (and line), found and wanted."""


@dataclass(frozen=True)
class CodingRules:
    """How a corpus's coding is read; what is left out is as the corpus's usual protocol has it.

    Attributes:
        au_set: Units of the label columns: a set's name or units.
        present_from: Where a corpus grades (0 to 5), a unit counts as present from this intensity on.
        ungraded: What a unit that is coded without a grade is where grades are asked for: `present`, `absent`
            or `unknown` (not annotated). Its intensity is not annotated either way.
        sides: What a unit on one side only is: `join`: the unit; `keep`: the unit, and sided columns
            (`AU12_L`) beside; `unknown`: not annotated.
        filler: What a unit is that a list with fillers (999) does not name: `absent` or `unknown`.
    """

    au_set: str | Sequence[str] | None = None
    present_from: float | None = None
    ungraded: str | None = None
    sides: str | None = None
    filler: str | None = None

    def __post_init__(self) -> None:
        for name, known in (("ungraded", UNGRADED), ("sides", SIDES), ("filler", FILLERS)):
            value = getattr(self, name)
            if value is not None and value not in known:
                raise ValueError(f"{name} is {value!r}; known: {', '.join(known)}")
        if self.present_from is not None and not 0 < self.present_from <= 5:
            raise ValueError(f"present_from is {self.present_from}; wanted an intensity above 0, up to 5")


@dataclass(frozen=True)
class Recording:
    """One video, image sequence or image of a corpus.

    Attributes:
        name: Unique in the corpus: the `frame_dir` of its annotation.
        subject: Who is seen.
        media: A video, an image, or a folder of images; None where the corpus withholds them.
        first_number: The corpus's number of a video's first frame. Images carry theirs in their names, and a
            single image has this one.
        fps: Frame rate of an image sequence, 1/s; a video knows its own.
    """

    name: str
    subject: str
    media: Path | None
    first_number: int = 1
    fps: float | None = None


@dataclass(frozen=True)
class FrameLabels:
    """The coding of one recording.

    Attributes:
        numbers: Shape (N,), int64, rising: frames by the corpus's own count.
        occurrence: Shape (N, A), int8: 1, 0, -1 = not annotated.
        intensity: Shape (N, A), float32, 0 to 5, NaN = not annotated; None where the corpus grades nothing.
    """

    numbers: np.ndarray
    occurrence: np.ndarray
    intensity: np.ndarray | None = None

    def __post_init__(self) -> None:
        if len(self.numbers) and (np.diff(self.numbers) <= 0).any():
            raise ValueError("frame numbers do not rise; wanted each frame once, in order")


@dataclass
class Listing:
    """What a tree holds.

    Attributes:
        recordings: Those with labels and, unless images are withheld, media.
        unmatched: What has no partner, and why it is left out: labels without media, media without labels.
    """

    recordings: list[Recording] = field(default_factory=list)
    unmatched: dict[str, str] = field(default_factory=dict)


class PublishedCorpus(ABC):
    """A published corpus in the tree that it is distributed in.

    Class attributes are facts of the corpus: `title`; `request`: where the agreement is asked for; `licence`;
    `au_set`: its units; `label_type`: `occurrence` or `intensity`; `rules`: its usual protocol's reading;
    `protocols`: names of the fold lists that fit it (see `fau3d.evaluation.protocols`).

    Args:
        root: The corpus's folder, as distributed.
        rules: Departures from the usual reading.

    Raises:
        CorpusError: If the folder is not there.
        ValueError: If the units are unknown.
    """

    title: ClassVar[str]
    request: ClassVar[str]
    licence: ClassVar[str]
    au_set: ClassVar[str | tuple[str, ...]]
    label_type: ClassVar[str] = "occurrence"
    default_rules: ClassVar[CodingRules] = CodingRules(ungraded="present", sides="join")
    protocols: ClassVar[tuple[str, ...]] = ()

    def __init__(self, root: str | Path, rules: CodingRules | None = None) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise CorpusError(
                f"{self.root}: no such folder; wanted that of {self.title}, see docs/corpora.md"
            )
        given = {k: v for k, v in vars(rules or CodingRules()).items() if v is not None}
        self.rules = CodingRules(**{**vars(self.default_rules), **given})
        self.au_names = self._columns(get_au_set(self.rules.au_set or self.au_set))

    def _columns(self, au_names: tuple[str, ...]) -> tuple[str, ...]:
        """Give the label columns for the units that are wanted; corpora that code sides add theirs."""
        return au_names

    @abstractmethod
    def listing(self) -> Listing:
        """List the recordings by name.

        Raises:
            CorpusError: If the tree is not as documented.
        """

    @abstractmethod
    def labels(self, recording: Recording) -> FrameLabels:
        """Read the coding of one recording, in the columns `au_names`.

        Raises:
            CorpusError: If its file is not as documented; the message names file and line.
        """

    def neutral_number(self, recording: Recording) -> int | None:
        """Give the number of a frame on which the subject's face rests; None where nobody says.

        Raises:
            CorpusError: If the recording's files are not as documented.
        """
        return None

    def own_landmarks(self, recording: Recording) -> dict[str, Any] | None:
        """Give the landmarks that the corpus itself brings, for recordings without media.

        Returns:
            An annotation without labels, and the keys `topology` and `extractor`; None where it brings none.

        Raises:
            CorpusError: If their file is not as documented.
        """
        return None

    def official_splits(self, recordings: Sequence[Recording]) -> dict[str, list[str]]:
        """Give the splits that the corpus comes with: names of recordings; none by default."""
        return {}

    def notes(self) -> Mapping[str, object]:
        """Give what an annotation file is to tell of its making, as plain values."""
        rules = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self.rules).items()}
        return {"corpus": self.title, "licence": self.licence, "rules": rules}
