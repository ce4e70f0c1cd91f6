"""CASME II: micro-expressions at 200 frames a second, coded from onset to offset."""

import re
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np

from fau3d.datasets.corpora.base import (
    CodingRules,
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.coding import code_row, parse_facs, with_sides
from fau3d.datasets.corpora.reading import read_sheet
from fau3d.facs import ACTION_UNITS

_COLUMNS = ("Subject", "Filename", "OnsetFrame", "OffsetFrame", "Action Units")
# Blinks, and movements of head and eyes, are no micro-expressions and were left out.
_UNCODED = frozenset(
    {"AU43", "AU43E", "AU45", "AU46"}
    | {name for name, unit in ACTION_UNITS.items() if unit.region in ("head", "gaze")}
)
_SUBJECT = "sub[0-9][0-9]"


class Casme2(PublishedCorpus):
    """`CASME2-coding-20140508.xlsx` and folders of frames `…/sub01/EP02_01f/img1.jpg`, ….

    A row's units hold from its onset to its offset. Frames before and after are usually neutral, but nobody
    coded them: they are not annotated. `?` says that what is there was not sure. Of several copies of the
    frames, the whole recordings (`CASME2-RAW`) come first, then those cut from onset to offset
    (`CASME2_RAW_selected`), then the cut-out faces (`Cropped`, `reg_img46.jpg`); all carry the same numbers.

    Source:
        Yan et al., CASME II: an improved spontaneous micro-expression database and the baseline evaluation,
        PLoS ONE 9(1), 2014.
    """

    title: ClassVar[str] = "CASME II"
    request: ClassVar[str] = "http://casme.psych.ac.cn/casme/e2"
    licence: ClassVar[str] = "research agreement with the Chinese Academy of Sciences; not to be passed on"
    au_set: ClassVar[tuple[str, ...]] = tuple(
        f"AU{number:02d}" for number in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 18, 20, 24, 25, 26, 38)
    )
    default_rules: ClassVar[CodingRules] = CodingRules(ungraded="present", sides="join")
    protocols: ClassVar[tuple[str, ...]] = ("casme2-loso",)

    def _columns(self, au_names: tuple[str, ...]) -> tuple[str, ...]:
        return with_sides(au_names, self.rules)

    @cached_property
    def _sheet(self) -> Path:
        for depth in range(3):
            found = sorted(self.root.glob("*/" * depth + "CASME2-coding*"))
            found = [path for path in found if path.suffix.lower() in (".xlsx", ".csv")]
            if found:
                return found[-1]
        raise CorpusError(f"{self.root}: has no CASME2-coding-20140508.xlsx; wanted it beside the frames")

    @cached_property
    def _rows(self) -> dict[str, dict[int, dict[str, str]]]:
        """Rows of each recording, by their number."""
        table = read_sheet(self._sheet, _COLUMNS)[list(_COLUMNS)]
        rows: dict[str, dict[int, dict[str, str]]] = {}
        for number, cells in zip(table.index, table.to_numpy(str)):
            row = dict(zip(_COLUMNS, cells))
            if not any(row.values()):
                continue
            subject = re.fullmatch(r"(?:sub)?(\d{1,2})", row["Subject"])
            if subject is None or not row["Filename"]:
                found = f"{row['Subject']!r} and {row['Filename']!r}"
                raise CorpusError(
                    f"{self._sheet}: row {number}: found {found}; wanted a Subject, such as 1, and a Filename"
                )
            rows.setdefault(f"sub{int(subject[1]):02d}_{row['Filename']}", {})[number] = row
        return rows

    def listing(self) -> Listing:
        """See the base class."""
        listing = Listing()
        trees = self._trees()
        for name in self._rows:
            subject, _, sequence = name.partition("_")
            folders = [tree / subject / sequence for tree in trees]
            media = next((folder for folder in folders if folder.is_dir()), None)
            if media is None:
                listing.unmatched[name] = f"no folder {subject}/{sequence} below {self.root}"
            else:
                listing.recordings.append(Recording(name, subject, media, fps=200.0))
        for tree in trees[:1]:
            coded = {name.partition("_")[::2] for name in self._rows}
            for folder in sorted(tree.glob(f"{_SUBJECT}/*")):
                if folder.is_dir() and (folder.parent.name, folder.name) not in coded:
                    listing.unmatched[f"{folder.parent.name}_{folder.name}"] = "no labels"
        return listing

    def _trees(self) -> list[Path]:
        """Give the folders that hold `sub01`, …, those of whole recordings first."""
        subjects = [path for depth in range(3) for path in self.root.glob("*/" * depth + _SUBJECT)]
        return sorted({path.parent for path in subjects if path.is_dir()}, key=_preference)

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        spans: list[tuple[int, int, np.ndarray]] = []
        for number, row in self._rows[recording.name].items():
            where = f"{self._sheet}: row {number}"
            onset, offset = _frame(row, "OnsetFrame", where), _frame(row, "OffsetFrame", where)
            if offset < onset:
                raise CorpusError(f"{where}: offset {offset} is before onset {onset}; wanted it after")
            code = parse_facs(row["Action Units"], where)
            spans.append((onset, offset, code_row(code, self.au_names, self.rules, _UNCODED)))
        spans.sort(key=lambda span: span[0])
        if any(after[0] <= before[1] for before, after in pairwise(spans)):
            rows = ", ".join(map(str, self._rows[recording.name]))
            raise CorpusError(f"{self._sheet}: rows {rows} overlap; wanted each frame coded once")
        numbers = np.concatenate([np.arange(onset, offset + 1) for onset, offset, _ in spans])
        occurrence = np.concatenate([np.tile(row, (offset - onset + 1, 1)) for onset, offset, row in spans])
        return FrameLabels(numbers.astype(np.int64), occurrence)


def _preference(tree: Path) -> tuple[int, str]:
    name = tree.name.lower()
    kinds = ("raw" in name and "select" not in name, "select" in name, "crop" in name)
    return (kinds.index(True) if any(kinds) else len(kinds), str(tree))


def _frame(row: dict[str, str], column: str, where: str) -> int:
    if not row[column].isdecimal():
        raise CorpusError(f"{where}: {column} is {row[column]!r}; wanted a frame number")
    return int(row[column])
