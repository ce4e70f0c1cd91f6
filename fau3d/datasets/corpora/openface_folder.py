"""Any folder of OpenFace's CSV files: its predictions serve as labels, and its landmarks as landmarks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from fau3d.datasets.corpora.base import CorpusError, FrameLabels, Listing, PublishedCorpus, Recording
from fau3d.datasets.corpora.media import list_files, walk_folders
from fau3d.datasets.corpora.reading import contents, regraded
from fau3d.facs import get_au_set
from fau3d.io.importers.base import ImportFault
from fau3d.io.importers.openface import openface_units, read_openface_csv, read_openface_table
from fau3d.io.video import IMAGE_SUFFIXES, VIDEO_SUFFIXES

_UNITS = get_au_set("openface18")
_DEPTH = 5
_HIGHEST = {"c": 1, "r": 5}


@dataclass(frozen=True)
class _Face:
    """One face of one file; None for the only one."""

    csv: Path
    face: int | None


class OpenFaceFolder(PublishedCorpus):
    """CSV files of OpenFace 2 in any folders, with the videos of the same names beside them or without.

    `AU12_c` is occurrence and `AU12_r` intensity; with `present_from`, intensity decides for the units that
    have one. Frames without a face are not annotated. These are a program's predictions: what learns from
    them learns OpenFace.

    Where every file has its video, landmarks come from the videos; otherwise from the CSV files, which then
    hold the 68 points. A file that follows several faces is one recording a face, `<name>_face<id>`; with a
    video it is left out, since nothing tells which face of the video is which. Who is seen is not known: each
    file is a subject of its own.

    Source:
        Baltrusaitis et al., OpenFace 2.0: facial behavior analysis toolkit, FG 2018.
    """

    title: ClassVar[str] = "OpenFace CSV files"
    request: ClassVar[str] = "https://github.com/TadasBaltrusaitis/OpenFace"
    licence: ClassVar[str] = "that of the videos; OpenFace's is for academic or non-profit research"
    au_set: ClassVar[str] = "openface18"

    def listing(self) -> Listing:
        """See the base class."""
        listing = Listing(unmatched=dict(self._strays))
        media = {face.csv: _media_beside(face.csv) for face in self._faces.values()}
        with_media = all(media.values())
        for name, face in self._faces.items():
            subject = self._name(face.csv)
            if with_media and name != subject:
                listing.unmatched[name] = (
                    f"{face.csv.name} follows several faces, and the video beside it does not tell which is "
                    "which; wanted one face a file, or no videos, to use the landmarks of the CSV files"
                )
            else:
                listing.recordings.append(
                    Recording(name, subject, media[face.csv] if with_media else None, first_number=1)
                )
        if not listing.recordings:
            reasons = [*listing.unmatched.values(), f"it holds {contents(self.root)}"]
            raise CorpusError(f"{self.root}: holds no CSV file of OpenFace; wanted one or more: {reasons[0]}")
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        face = self._faces[recording.name]
        rows = self._table(face.csv)
        rows = rows if face.face is None else rows[rows["face_id"] == face.face]
        _check(rows, face.csv)
        total = int(rows["frame"].max()) + 1
        occurrence, intensity = openface_units(rows[rows["success"] == 1], total)
        columns = [_UNITS.index(name) if name in _UNITS else -1 for name in self.au_names]
        if not {*columns} - {-1}:
            raise CorpusError(f"{face.csv}: OpenFace has none of {', '.join(self.au_names)}")
        known = np.array(columns) >= 0
        chosen = np.where(known, occurrence[:, columns], np.int8(-1)).astype(np.int8)
        grades = np.where(known, intensity[:, columns], np.float32(np.nan))
        return FrameLabels(np.arange(1, total + 1), regraded(chosen, grades, self.rules), grades)

    def own_landmarks(self, recording: Recording) -> dict[str, Any] | None:
        """See the base class."""
        path = self._faces[recording.name].csv
        try:
            annotations = read_openface_csv(path, self._name(path))
        except ImportFault as error:
            raise CorpusError(str(error)) from None
        annotation = next(a for a in annotations if a["frame_dir"] == recording.name)
        labels = ("au_occurrence", "au_intensity", "label")
        kept = {key: value for key, value in annotation.items() if key not in labels}
        return {**kept, "topology": "ibug68", "extractor": "OpenFace 2"}

    def notes(self) -> Mapping[str, object]:
        """See the base class."""
        return {**super().notes(), "coder": "OpenFace 2 (predictions, not a person's coding)"}

    @cached_property
    def _strays(self) -> dict[str, str]:
        """CSV files that are not OpenFace's, and why."""
        return {self._name(path) + path.suffix: fault for path, fault in self._files.items() if fault}

    @cached_property
    def _files(self) -> dict[Path, str]:
        """Every CSV file, and what speaks against its being OpenFace's."""
        found = {}
        for folder in walk_folders(self.root, _DEPTH):
            for path in list_files(folder, ".csv"):
                head = path.open("rb").readline().decode("utf-8-sig", errors="replace")
                columns = {cell.strip() for cell in head.split(",")}
                units = {f"{name}_{kind}" for name in _UNITS for kind in "cr"} & columns
                found[path] = "" if units else f"no columns AU01_r or AU01_c, found {head.strip()[:60]!r}"
        return found

    @cached_property
    def _faces(self) -> dict[str, _Face]:
        """Faces by the recording's name."""
        faces: dict[str, _Face] = {}
        for path in (path for path, fault in self._files.items() if not fault):
            ids = _face_ids(path)
            if len(ids) == 1:
                faces[self._name(path)] = _Face(path, None)
            else:
                faces.update({f"{self._name(path)}_face{i}": _Face(path, i) for i in sorted(ids)})
        return faces

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).with_suffix("").as_posix()

    def _table(self, path: Path) -> pd.DataFrame:
        try:
            return read_openface_table(path, landmarks=False)
        except ImportFault as error:
            raise CorpusError(str(error)) from None


def _face_ids(path: Path) -> set[int]:
    """Give the faces that a file follows; a file at fault counts as one, and is told of when it is read."""
    try:
        column = pd.read_csv(path, skipinitialspace=True, usecols=lambda c: c.strip() in ("face_id", "face"))
        return {int(face) for face in column.iloc[:, 0].unique()} or {0}
    except (ValueError, IndexError, pd.errors.ParserError):
        return {0}


def _media_beside(path: Path) -> Path | None:
    suffixes = sorted(VIDEO_SUFFIXES) + sorted(IMAGE_SUFFIXES)
    found = (path.with_suffix(s) for suffix in suffixes for s in (suffix, suffix.upper()))
    return next((media for media in found if media.is_file()), None)


def _check(rows: pd.DataFrame, path: Path) -> None:
    if (twice := rows["frame"].duplicated()).any():
        line = int(rows.index[twice][0]) + 2
        frame = int(rows["frame"][twice].iloc[0]) + 1
        raise CorpusError(f"{path}:{line}: frame {frame} of one face is there again; wanted one row each")
    for column in rows.columns:
        name, _, kind = str(column).partition("_")
        if name not in _UNITS or kind not in _HIGHEST:
            continue
        wrong = ~rows[column].between(0, _HIGHEST[kind]) & (rows["success"] == 1)
        if wrong.any():
            line = int(rows.index[wrong][0]) + 2
            value = rows[column][wrong].iloc[0]
            raise CorpusError(f"{path}:{line}: found {value} in {column}; wanted 0 to {_HIGHEST[kind]}")
