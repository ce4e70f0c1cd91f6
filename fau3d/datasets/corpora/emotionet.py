"""EmotioNet: photographs from the internet, of which 24,600 were coded by hand."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

import numpy as np
import pandas as pd

from fau3d.datasets.corpora.base import (
    CodingRules,
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.reading import images_by_name, read_sheet
from fau3d.facs import parse_au

_VALUES = {"0": 0, "1": 1, "999": -1, "": -1}
_HEADING = re.compile(r"AU\s*(\d{1,2})", re.IGNORECASE)


class EmotioNet(PublishedCorpus):
    """`emotionet_facs_24600.xlsx` (columns `URL`, `'AU 1'`, …) and the images that its owner downloaded.

    An image lies anywhere below the root under the last part of its URL (`…/N_0001/0007.jpg`: `0007.jpg`).
    Where several images or URLs share that part, it must lie in a folder of the part before (`N_0001`).
    Values are 1, 0 and 999 (not annotated). Who is seen is not known: every image is its own subject.

    Source:
        Benitez-Quiroz et al., EmotioNet: an accurate, real-time algorithm for the automatic annotation of a
        million facial expressions in the wild, CVPR, 2016.
    """

    title: ClassVar[str] = "EmotioNet"
    request: ClassVar[str] = "http://cbcsl.ece.ohio-state.edu/dbform_emotionet.html"
    licence: ClassVar[str] = "research agreement with the Ohio State University; images are their owners'"
    au_set: ClassVar[tuple[str, ...]] = tuple(
        f"AU{number:02d}" for number in (1, 2, 4, 5, 6, 9, 10, 12, 15, 17, 18, 20, 24, 25, 26, 28, 43)
    )
    default_rules: ClassVar[CodingRules] = CodingRules(ungraded="present", sides="join")

    @cached_property
    def _sheet(self) -> Path:
        found = [
            path
            for path in sorted(self.root.glob("*"))
            if path.suffix.lower() in (".csv", ".xlsx") and path.name.lower().startswith("emotionet_facs")
        ]
        if len(found) != 1:
            names = ", ".join(path.name for path in found) or "none"
            raise CorpusError(
                f"{self.root}: found {names}; wanted one table: emotionet_facs_24600.xlsx, or it as CSV"
            )
        return found[0]

    @cached_property
    def _table(self) -> pd.DataFrame:
        return read_sheet(self._sheet, ("URL",))

    @cached_property
    def _headings(self) -> list[str | None]:
        """The table's heading of each label column; None for a unit that it does not have."""
        headings = {}
        for heading in self._table.columns:
            match = _HEADING.fullmatch(heading)
            try:
                headings[parse_au(match[1] if match else "")] = heading
            except ValueError:  # another column, or a number that FACS does not have
                continue
        if not set(headings) & set(self.au_names):
            raise CorpusError(
                f"{self._sheet}: row 1: no column of {', '.join(self.au_names)}; wanted 'AU 1', …"
            )
        return [headings.get(name) for name in self.au_names]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """Numbers of the rows of each URL."""
        rows: dict[str, list[int]] = {}
        filled = (self._table != "").to_numpy().any(axis=1)
        for number, cell in enumerate(self._table["URL"], start=self._table.index[0]):
            url = cell.strip("'\" ")
            if "/" in url:
                rows.setdefault(url, []).append(number)
            elif filled[number - self._table.index[0]]:
                raise CorpusError(f"{self._sheet}: row {number}: URL is {cell!r}; wanted that of an image")
        return rows

    @cached_property
    def _urls(self) -> dict[str, str]:
        """The URL of each name: that of the image, with the folders before it where several URLs share it."""
        stems = [Path(url).stem for url in self._rows]
        count = Counter(stems)
        folders = [url.partition("://")[2].split("/")[1:-1] for url in self._rows]
        names = (stem if count[stem] == 1 else "_".join([*path, stem]) for stem, path in zip(stems, folders))
        return dict(zip(names, self._rows))

    @cached_property
    def _codes(self) -> np.ndarray:
        """Shape (rows, A): cells of the label columns."""
        codes = np.full((len(self._table), len(self.au_names)), "999", object)
        for column, heading in enumerate(self._headings):
            if heading is not None:
                codes[:, column] = self._table[heading]
        return codes

    def listing(self) -> Listing:
        """See the base class."""
        listing = Listing()
        images = images_by_name(self.root)
        endings = Counter(Path(url).name for url in self._rows)
        taken = set()
        for name, url in self._urls.items():
            media = _image(url, images, alone=endings[Path(url).name] == 1)
            rows = self._rows[url]
            if isinstance(media, str):
                listing.unmatched[name] = media
                continue
            taken.add(media)
            if len({tuple(self._row(number)) for number in rows}) > 1:
                listing.unmatched[name] = f"coded differently in rows {', '.join(map(str, rows))}"
            else:
                listing.recordings.append(Recording(name, name, media))
        others = {path for paths in images.values() for path in paths} - taken
        listing.unmatched.update({str(p.relative_to(self.root)): "no labels" for p in sorted(others)})
        return listing

    def _row(self, number: int) -> np.ndarray:
        return self._codes[number - self._table.index[0]]

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        number = self._rows[self._urls[recording.name]][0]
        values = [_VALUES.get(cell.removesuffix(".0")) for cell in self._row(number)]
        if None in values:
            column = values.index(None)
            raise CorpusError(
                f"{self._sheet}: row {number}: {self.au_names[column]} is {self._row(number)[column]!r}; "
                "wanted 1, 0 or 999"
            )
        return FrameLabels(np.array([1]), np.array([values], np.int8))


def _image(url: str, images: Mapping[str, list[Path]], alone: bool) -> Path | str:
    """Give the image of a URL, or why there is none."""
    ending, folder = Path(url).name, Path(url).parent.name
    found = images.get(ending) or images.get(unquote(ending)) or []
    in_folder = [path for path in found if path.parent.name == folder]
    if len(in_folder) == 1:
        return in_folder[0]
    if not found:
        return f"no image {ending}: {url} was not downloaded"
    if len(found) > 1:
        return f"{len(found)} images are called {ending}; wanted that of {url} in a folder {folder}"
    if not alone:
        return f"other URLs end in {ending}, too; wanted that of {url} in a folder {folder}"
    return found[0]
