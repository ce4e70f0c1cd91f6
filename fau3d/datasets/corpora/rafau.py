"""RAF-AU: photographs from the internet, coded by hand, one-sided units included."""

import re
from functools import cached_property
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
from fau3d.datasets.corpora.reading import images_by_name, read_lines

_FILE = "RAFAU_label.txt"
_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26, 27, 32, 39)
# Movements in time, which a still does not show.
_UNCODED = frozenset({"AU45", "AU46"})
_IMAGE = re.compile(r"(\d+)(?:_aligned)?\.jpe?g", re.IGNORECASE)


class RafAu(PublishedCorpus):
    """`RAFAU_label.txt` (lines `0001.jpg 1+L12+25`) and `aligned/0001_aligned.jpg`, ….

    `L` and `R` before a unit say that it is on that side only, `T` and `B` that it is on the upper or lower
    lip only; `null` that no unit is there. Images lie anywhere below the root; of a photograph and the face
    cut out of it (`_aligned`) the face is taken, since others may be in the photograph. Who is seen is not
    known: every image is its own subject.

    Source:
        Yan et al., RAF-AU database: in-the-wild facial expressions with subjective emotion judgement and
        objective AU annotations, ACCV, 2020.
    """

    title: ClassVar[str] = "RAF-AU"
    request: ClassVar[str] = "http://whdeng.cn/RAF/model3.html"
    licence: ClassVar[str] = "non-commercial research; not to be passed on"
    au_set: ClassVar[tuple[str, ...]] = tuple(f"{'AD' if n in (19, 32) else 'AU'}{n:02d}" for n in _UNITS)
    default_rules: ClassVar[CodingRules] = CodingRules(ungraded="present", sides="join")
    protocols: ClassVar[tuple[str, ...]] = ("rafau-10fold",)

    def _columns(self, au_names: tuple[str, ...]) -> tuple[str, ...]:
        return with_sides(au_names, self.rules)

    @cached_property
    def _lines(self) -> dict[str, dict[int, str]]:
        """What is coded of each image, by line."""
        lines: dict[str, dict[int, str]] = {}
        for number, line in enumerate(read_lines(self._label_file), start=1):
            if line.strip():
                image, code = (*line.split(maxsplit=1), "")[:2]
                lines.setdefault(_name(image, f"{self._label_file}:{number}"), {})[number] = code.strip()
        if not lines:
            raise CorpusError(f"{self._label_file}: is empty; wanted lines '0001.jpg 1+L12+25'")
        return lines

    @cached_property
    def _label_file(self) -> Path:
        found = sorted(self.root.rglob(_FILE))
        return found[0] if found else self.root / _FILE

    def listing(self) -> Listing:
        """See the base class."""
        images: dict[str, Path] = {}
        for file, paths in images_by_name(self.root).items():
            match = _IMAGE.fullmatch(file)
            if match and ("_aligned" in file or match[1].zfill(4) not in images):
                images[match[1].zfill(4)] = paths[0]
        listing = Listing()
        for name, codes in self._lines.items():
            if name not in images:
                listing.unmatched[name] = f"no {name}_aligned.jpg below {self.root}"
            elif len(set(codes.values())) > 1:
                said = ", ".join(f"{code!r} in line {number}" for number, code in codes.items())
                listing.unmatched[name] = f"coded differently: {said}"
            else:
                listing.recordings.append(Recording(name, name, images[name]))
        listing.unmatched.update(dict.fromkeys(sorted(set(images) - set(self._lines)), "no labels"))
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        number, text = next(iter(self._lines[recording.name].items()))
        code = parse_facs(text, f"{self._label_file}:{number}")
        return FrameLabels(np.array([1]), code_row(code, self.au_names, self.rules, _UNCODED)[None])


def _name(image: str, where: str) -> str:
    match = _IMAGE.fullmatch(image)
    if match is None:
        raise CorpusError(f"{where}: found {image!r}; wanted an image's name, such as '0001.jpg'")
    return match[1].zfill(4)
