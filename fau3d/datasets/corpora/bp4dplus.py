"""BP4D+: 140 people in ten tasks, of which four are coded."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from fau3d.datasets.corpora.aucoding import AuCoding, list_recordings, recording_name
from fau3d.datasets.corpora.base import (
    CodingRules,
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.media import list_files
from fau3d.datasets.corpora.reading import contents, read_lines
from fau3d.facs import describe_au, get_au_set

_FILLER = 999
_LISTED = get_au_set("bp4d")
_BY_NUMBER = {describe_au(name).number: name for name in _LISTED}
_NUMBERED_IMAGE = re.compile(r"(.+)/[^/]*?(\d+)\.\w+")


@dataclass(frozen=True)
class _Listed:
    """What a list says of one image: units that are present, and whether it holds fillers."""

    units: frozenset[str]
    filled: bool


class Bp4dPlus(PublishedCorpus):
    """`AUCoding/AU_OCC/F001_T1.csv` as in BP4D, or lists of labels in JSON; images or videos as in BP4D.

    A list is a file `*.json` at the root, in any folder below it, or several, with one object a line:
    `{"img_path": "F001_T1/frame_732.jpg", "AUs": [1, 2, 999]}`. It names those of twelve units that are
    present. Where it holds 999, units that it does not name are not annotated, since its makers put 999 for
    absent and for uncoded units alike; the rule `filler="absent"` takes them as absent, as they do. Where it
    does not, they are absent. Where both forms are there, `AUCoding` is read.

    People carry the names of BP4D's (F001, …) and are others.

    Source:
        Zhang et al., Multimodal spontaneous emotion corpus for human behavior analysis, CVPR 2016. Lists:
        Ning, Salah and Onal Ertugrul, Representation learning and identity adversarial training for facial
        behavior understanding (FMAE-IAT), 2024.
    """

    title: ClassVar[str] = "BP4D+"
    request: ClassVar[str] = "https://www.cs.binghamton.edu/~lijun/Research/3DFE/3DFE_Analysis.html"
    licence: ClassVar[str] = "research agreement with Binghamton University; not to be passed on"
    au_set: ClassVar[str] = "bp4d"
    protocols: ClassVar[tuple[str, ...]] = ("bp4dplus-4fold",)
    default_rules: ClassVar[CodingRules] = CodingRules(ungraded="present", sides="join", filler="unknown")

    def listing(self) -> Listing:
        """See the base class."""
        coded = {*self._coding.occurrence, *self._lists}
        if not coded:
            raise CorpusError(
                f"{self.root}: has neither files in AUCoding/AU_OCC nor lists *.json, found "
                f"{contents(self.root)}; wanted one of them"
            )
        listing = list_recordings(self.root, sorted(coded))
        listing.unmatched.update(self._coding.strays)
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        if recording.name in self._coding.occurrence:
            return self._coding.labels(recording.name, self.au_names, self.rules)
        frames = self._lists[recording.name]
        numbers = np.array(sorted(frames), np.int64)
        occurrence = np.full((len(numbers), len(self.au_names)), -1, np.int8)
        for row, number in enumerate(numbers):
            listed = frames[int(number)]
            absent = -1 if listed.filled and self.rules.filler == "unknown" else 0
            occurrence[row] = [
                1 if name in listed.units else absent if name in _LISTED else -1 for name in self.au_names
            ]
        return FrameLabels(numbers, occurrence)

    @cached_property
    def _coding(self) -> AuCoding:
        return AuCoding(self.root)

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[int, _Listed]]:
        """Lists by recording and frame number, those of all files together."""
        if self._coding.occurrence:
            return {}
        folders = [p for p in sorted(self.root.iterdir()) if p.is_dir() and not p.name.startswith(".")]
        lists: dict[str, dict[int, _Listed]] = {}
        for path in (p for folder in (self.root, *folders) for p in list_files(folder, ".json")):
            for name, number, listed, line in _read_list(path):
                # Folds are files of their own and hold the same images again.
                known = lists.setdefault(name, {}).setdefault(number, listed)
                if known != listed:
                    raise CorpusError(
                        f"{path}:{line}: {name} has other labels for frame {number} in another file or "
                        "line; wanted lists that agree"
                    )
        return lists


def _read_list(path: Path) -> list[tuple[str, int, _Listed, int]]:
    """Read one file: recording, frame number, labels, and the line that they are from."""
    entries = []
    for line, text in enumerate(read_lines(path), start=1):
        if not text.strip():
            continue
        wanted = '{"img_path": "F001_T1/frame_732.jpg", "AUs": [1, 2, 999]}'
        try:
            entry = json.loads(text)
            image, units = str(entry["img_path"]), list(entry["AUs"])
        except (ValueError, KeyError, TypeError):
            raise CorpusError(
                f"{path}:{line}: found {text[:60]!r}; wanted one object a line, {wanted}"
            ) from None
        match = _NUMBERED_IMAGE.fullmatch(image.replace("\\", "/"))
        name = recording_name(match[1]) if match else None
        if match is None or name is None:
            raise CorpusError(
                f"{path}:{line}: found the image {image!r}; wanted a recording and a frame number, such as "
                "F001_T1/frame_732.jpg"
            )
        entries.append((name, int(match[2]), _listed(units, path, line), line))
    return entries


def _listed(units: list[object], path: Path, line: int) -> _Listed:
    names = set()
    for unit in units:
        if unit == _FILLER:
            continue
        if not isinstance(unit, int) or isinstance(unit, bool) or unit not in _BY_NUMBER:
            known = ", ".join(map(str, _BY_NUMBER))
            raise CorpusError(f"{path}:{line}: found the unit {unit!r}; wanted one of {known}, or {_FILLER}")
        names.add(_BY_NUMBER[unit])
    return _Listed(frozenset(names), _FILLER in units)
