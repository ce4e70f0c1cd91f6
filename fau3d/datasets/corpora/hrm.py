"""HRM (Hugging Rain Man): children with and without autism, coded frame by frame, rated for atypicality."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from fau3d.datasets.corpora.base import (
    CodingRules,
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.hrm_tables import (
    SIDE_CODES,
    UNITS,
    HrmTable,
    is_annotation,
    read_header,
    read_hrm_table,
)
from fau3d.facs import describe_au
from fau3d.io.importers.base import ImportFault
from fau3d.io.importers.openface import read_openface_csv
from fau3d.io.video import list_images

GROUPS = ("ASD", "TD")
# The set detects "eyes closed, maximum"; the column it is coded in is AU43.
_CODED_IN = {"AU43E": "AU43"}
_CHILD = re.compile(r"(S\d+)(TD)?", re.IGNORECASE)
_VIDEO_SUFFIXES = (".mp4", ".avi", ".mov")


@dataclass(frozen=True)
class FrameRatings:
    """How atypical five raters found the expression of one child, frame by frame.

    Attributes:
        numbers: Shape (N,), int64, rising: frames by the video's own count.
        ratings: Shape (N, 5), float32, 0 (usual) to 4 (most atypical); NaN = not rated.
    """

    numbers: np.ndarray
    ratings: np.ndarray


@dataclass
class _Child:
    """The files of one child."""

    group: str
    units: Path | None = None
    rated: Path | None = None
    openface: Path | None = None
    insightface: Path | None = None
    media: Path | None = None

    @property
    def labels(self) -> Path | None:
        return self.units or self.rated


class Hrm(PublishedCorpus):
    """`…/{ASD,TD}/S6.csv`, one file a child; what a file holds is told by its columns, not by its folder.

    A child is `S6` in the group ASD, `S32TD` in the group TD: both groups count from 1. The group is the
    folder's, else the name's suffix, else what the column `ASD` says. Files of units alone and files with
    ratings may both be there; units are then read from the first. OpenFace's CSV of a child is known by its
    columns, InsightFace's by a folder `insightface` above it. Copies that the annotation tool leaves
    (`S6-backup.csv`) are passed over. Images are withheld; should they be there, a folder or a video has the
    child's name.

    Source:
        Ji et al., Hugging Rain Man, IEEE Transactions on Affective Computing, 2025; column names and codes
        from the annotation tool and the regression script of their repository.
    """

    title: ClassVar[str] = "HRM"
    request: ClassVar[str] = "https://github.com/Jonas-DL/Hugging-Rain-Man"
    licence: ClassVar[str] = "CC BY-NC-SA 4.0"
    au_set: ClassVar[str] = "hrm22"
    default_rules: ClassVar[CodingRules] = CodingRules(sides="join")
    protocols: ClassVar[tuple[str, ...]] = ("hrm-3fold",)

    def _columns(self, au_names: tuple[str, ...]) -> tuple[str, ...]:
        """Check that HRM codes the units, and add sided ones where they are kept."""
        unknown = [name for name in au_names if _CODED_IN.get(name, name) not in UNITS]
        if unknown:
            raise ValueError(f"HRM does not code {', '.join(unknown)}; it codes {', '.join(UNITS)}")
        if self.rules.sides != "keep":
            return au_names
        sided = [name for name in au_names if describe_au(name).sided]
        return au_names + tuple(f"{name}_{side}" for name in sided for side in SIDE_CODES.values())

    @cached_property
    def _children(self) -> dict[str, _Child]:
        children: dict[str, _Child] = {}
        self._passed_over: dict[str, str] = {}
        for path in sorted(self.root.rglob("*.csv")):
            self._sort_in(children, path)
        if not any(child.labels for child in children.values()):
            found = ", ".join(sorted(p.name for p in self.root.iterdir())[:8]) or "nothing"
            raise CorpusError(
                f"{self.root}: found {found}, and no CSV file with HRM's columns (frame, AU1, AU2, …, ASD) "
                "below; wanted …/ASD/S6.csv and …/TD/S32.csv"
            )
        self._find_media(children)
        return children

    def _sort_in(self, children: dict[str, _Child], path: Path) -> None:
        """Take one CSV file to the child that it is about."""
        place = path.relative_to(self.root).as_posix()
        if path.stem.lower().endswith("-backup"):
            self._passed_over[place] = "a copy that the annotation tool made"
            return
        header, match = read_header(path), _CHILD.fullmatch(path.stem)
        kind = self._kind(path, header)
        if kind is None and not (match and not header):
            self._passed_over[place] = "not with the columns of HRM or OpenFace, and not below 'insightface'"
            return
        if match is None:
            raise CorpusError(f"{path}: is not named for a child; wanted S6.csv or S32TD.csv")
        if kind is None:
            raise CorpusError(f"{path}: is empty; wanted a header line 'frame,AU1,…' and a line a frame")
        group = self._group_of(path, match, kind)
        child = children.setdefault(_name(match[1], group), _Child(group))
        other = getattr(child, kind)
        if other is not None:
            raise CorpusError(f"{path}: is of the same child and kind as {other}; wanted one of them")
        setattr(child, kind, path)

    def _kind(self, path: Path, header: Sequence[str]) -> str | None:
        if is_annotation(header):
            return "rated" if any(name.startswith("Abnormal") for name in header) else "units"
        if {"frame", "success", "confidence"} <= set(header):
            return "openface"
        folders = path.relative_to(self.root).parts[:-1]
        return "insightface" if header and any("insightface" in name.lower() for name in folders) else None

    def _group_of(self, path: Path, match: re.Match[str], kind: str) -> str:
        """Give the group by folder, name or column."""
        folders = [part.upper() for part in path.relative_to(self.root).parts[:-1]]
        groups = {group for group in GROUPS if group in folders} | ({"TD"} if match[2] else set())
        if len(groups) > 1:
            raise CorpusError(f"{path}: its folder and its name tell of both ASD and TD; wanted one group")
        if groups:
            return groups.pop()
        told = read_hrm_table(path, ()).asd if kind in ("units", "rated") else np.array([-1])
        found = set(told[told >= 0].tolist())
        if len(found) != 1:
            raise CorpusError(
                f"{path}: neither a folder ASD or TD, nor the name, nor the column ASD tells the group; "
                "wanted …/ASD/S6.csv or …/TD/S32.csv"
            )
        return "ASD" if found.pop() else "TD"

    def _find_media(self, children: dict[str, _Child]) -> None:
        """Find videos and folders of images that are named for a child."""
        for path in sorted(self.root.rglob("*")):
            match = _CHILD.fullmatch(path.stem if path.suffix.lower() in _VIDEO_SUFFIXES else path.name)
            if not match or not (
                path.suffix.lower() in _VIDEO_SUFFIXES or (path.is_dir() and list_images(path))
            ):
                continue
            folders = {part.upper() for part in path.relative_to(self.root).parts[:-1]}
            groups = [g for g in GROUPS if g in folders or (g == "TD" and match[2])] or list(GROUPS)
            named = [_name(match[1], g) for g in groups if _name(match[1], g) in children]
            if len(named) == 1:
                children[named[0]].media = children[named[0]].media or path
            else:
                why = (
                    f"is of either {' or '.join(named)}; name its group by a folder" if named else "no labels"
                )
                self._passed_over[path.relative_to(self.root).as_posix()] = why

    def listing(self) -> Listing:
        """See the base class; one recording a child, in the order of names."""
        listing = Listing()
        for name in sorted(self._children, key=_by_number):
            child = self._children[name]
            if child.labels is None:
                listing.unmatched[name] = "features without labels"
            else:
                # The annotation tool jumps to a frame by its place in the video, from 0.
                first = 0 if child.media is not None or child.openface is None else 1
                listing.recordings.append(Recording(name, name, child.media, first_number=first))
        listing.unmatched.update(self._passed_over)
        return listing

    def group(self, recording: Recording) -> str:
        """Give the child's group: `ASD` or `TD`."""
        return self._child(recording).group

    def table(self, recording: Recording) -> HrmTable:
        """Read the file that the child's units are coded in.

        Raises:
            CorpusError: If it is not as documented, or every line's column `ASD` contradicts the group.
        """
        child = self._child(recording)
        assert child.labels is not None
        table = read_hrm_table(child.labels, [_CODED_IN.get(name, name) for name in self._units()])
        told = table.asd[table.asd >= 0]
        if len(told) and (told != (child.group == "ASD")).all():
            raise CorpusError(
                f"{table.path}: the column ASD is {told[0]} in every line, but the file is of the group "
                f"{child.group}; is it in the wrong folder?"
            )
        return table

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class; HRM grades nothing."""
        table = self.table(recording)
        columns = [self._column(name, table.codes) for name in self.au_names]
        return FrameLabels(table.numbers, np.stack(columns, axis=1))

    def _units(self) -> list[str]:
        return [name for name in self.au_names if not name.endswith(("_L", "_R"))]

    def _column(self, name: str, codes: np.ndarray) -> np.ndarray:
        """Give one label column, shape (N,) int8, from codes (N, 36)."""
        unit, _, side = name.partition("_")
        code = codes[:, UNITS.index(_CODED_IN.get(unit, unit))]
        one_sided = np.isin(code, list(SIDE_CODES))
        present = code > 0
        if side:
            present = present & ~(one_sided & (code != {v: k for k, v in SIDE_CODES.items()}[side]))
        unknown = code < 0
        if self.rules.sides == "unknown":
            unknown = unknown | one_sided
        return np.where(unknown, -1, present).astype(np.int8)

    def ratings(self, recording: Recording) -> FrameRatings | None:
        """Read how atypical the raters found the child; None where there is no file with ratings.

        Raises:
            CorpusError: If the file is not as documented.
        """
        child = self._child(recording)
        if child.rated is None:
            return None
        table = read_hrm_table(child.rated, ())
        assert table.ratings is not None
        return FrameRatings(table.numbers, table.ratings)

    def features(self, recording: Recording) -> dict[str, Path]:
        """Give the files of machine features that are there: `openface`, `insightface`."""
        child = self._child(recording)
        found = {"openface": child.openface, "insightface": child.insightface}
        return {name: path for name, path in found.items() if path is not None}

    def own_landmarks(self, recording: Recording) -> dict[str, Any] | None:
        """See the base class: the 68 points of OpenFace's CSV, where it holds them."""
        path = self._child(recording).openface
        if path is None or "x_0" not in read_header(path):
            return None
        try:
            faces = read_openface_csv(path, recording.name)
        except ImportFault as error:
            raise CorpusError(str(error)) from error
        most = max(faces, key=lambda face: (face["keypoint_score"] > 0).sum())
        kept = {k: v for k, v in most.items() if k not in ("au_occurrence", "au_intensity", "label")}
        return {**kept, "frame_dir": recording.name, "topology": "ibug68", "extractor": "OpenFace 2"}

    def notes(self) -> Mapping[str, object]:
        """See the base class."""
        return {**super().notes(), "groups": {name: child.group for name, child in self._children.items()}}

    def _child(self, recording: Recording) -> _Child:
        if recording.name not in self._children:
            raise CorpusError(f"{self.root}: has no child {recording.name!r}; wanted one that is listed")
        return self._children[recording.name]


def _name(child: str, group: str) -> str:
    return child.upper() + ("TD" if group == "TD" else "")


def _by_number(name: str) -> tuple[bool, int]:
    match = _CHILD.fullmatch(name)
    assert match is not None
    return bool(match[2]), int(match[1][1:])
