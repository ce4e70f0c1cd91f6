"""The folder `AUCoding` of BP4D and BP4D+: occurrence of many units, grades of five, one file a recording."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fau3d.datasets.corpora.base import CodingRules, FrameLabels, Listing, Recording
from fau3d.datasets.corpora.media import Media, find_media, list_files
from fau3d.datasets.corpora.reading import read_number_table, regraded, unit_of
from fau3d.datasets.corpora.unit_tables import read_unit_table

RATE = 25.0
"""Frames per second of the cameras, for folders of images."""

_MISSING = 9
_FOLDERS = ("AUCoding/AU_OCC", "AU_OCC", "AUCoding")
_GRADES = ("AUCoding/AU_INT", "AU_INT")
_NAME = r"([FM]\d{3})[_/]?T0?(\d{1,2})"
_FILE = re.compile(_NAME, re.IGNORECASE)
_GRADE_FILE = re.compile(_NAME + r"_AU(\d+)", re.IGNORECASE)
_MEDIA = re.compile(r"(?:^|/)" + _NAME + "$", re.IGNORECASE)
# BP4D's videos carry the number of the recording session, and two digits for the person.
_SESSION_VIDEO = re.compile(r"2([FM])(\d{2})_(T\d|\d{2})$", re.IGNORECASE)
_TASKS = {"01": 1, "03": 2, "07": 3, "08": 4, "09": 5, "10": 6, "11": 7, "13": 8}
_NOT_OF_THE_FACE = ("aucoding", "au_occ", "au_int", "thermal", "ir")


def recording_name(text: str) -> str | None:
    """Give `F001_T1` of `Images/F001/T1`, `F001_T1` or `F001T1`; None for other text."""
    match = _MEDIA.search(text)
    return _name(match) if match else None


def _name(match: re.Match[str]) -> str:
    return f"{match[1].upper()}_T{int(match[2])}"


def find_recordings(root: Path) -> Media:
    """Find the folders of images (`F001/T1/`) and the videos (`F001_T1.mp4`, `2F01_01.avi`) of a tree.

    Source:
        The session numbers of BP4D's videos: FMAE-IAT's preparation of BP4D, 2024.
    """
    return find_media(
        root,
        lambda path: recording_name(path.as_posix()),
        lambda path: _video_name(path.as_posix()),
        skip=lambda name: name.lower() in _NOT_OF_THE_FACE,
    )


def _video_name(text: str) -> str | None:
    match = _SESSION_VIDEO.search(text)
    if not match:
        return recording_name(text)
    task = int(match[3][1:]) if match[3][0] in "Tt" else _TASKS.get(match[3])
    return f"{match[1].upper()}0{match[2]}_T{task}" if task else None


def list_recordings(root: Path, coded: Sequence[str]) -> Listing:
    """Match what is coded with its images, which tell their frame numbers, or else its video."""
    media = find_recordings(root)
    listing = Listing()
    for name in sorted(coded):
        subject, _, task = name.partition("_")
        if name in media.folders:
            listing.recordings.append(Recording(name, subject, media.folders[name], fps=RATE))
        elif name in media.videos:
            listing.recordings.append(Recording(name, subject, media.videos[name], first_number=1))
        else:
            listing.unmatched[name] = f"no images in {subject}/{task}/ and no video {name}.* below {root}"
    strangers = sorted({*media.folders, *media.videos} - set(coded))
    listing.unmatched.update(dict.fromkeys(strangers, "no labels"))
    return listing


class AuCoding:
    """The coding of a tree.

    `AUCoding/AU_OCC/F001_T1.csv`: a header of unit numbers after the column of frames, values 1, 0, and 9 for
    "not coded". `AUCoding/AU_INT/AU12/F001_T1_AU12.csv`: lines `frame,intensity` without a header.

    Args:
        root: The corpus's folder.

    Attributes:
        occurrence: Files of occurrence by recording; empty where the tree has no such folder.
        grades: Files of grades by recording and unit.
        strays: Files that are named otherwise, and what names are wanted.
    """

    def __init__(self, root: Path) -> None:
        self.occurrence: dict[str, Path] = {}
        self.grades: dict[str, dict[str, Path]] = {}
        self.strays: dict[str, str] = {}
        for path in _csv_files(root, _FOLDERS):
            if match := _FILE.fullmatch(path.stem):
                self.occurrence[_name(match)] = path
            else:
                self.strays[path.relative_to(root).as_posix()] = "wanted a name such as F001_T1.csv"
        for path in _csv_files(root, _GRADES):
            if match := _GRADE_FILE.fullmatch(path.stem):
                self.grades.setdefault(_name(match), {})[unit_of(match[3], path)] = path
            else:
                self.strays[path.relative_to(root).as_posix()] = "wanted a name such as F001_T1_AU12.csv"

    def labels(self, name: str, au_names: Sequence[str], rules: CodingRules) -> FrameLabels:
        """Read one recording.

        Raises:
            CorpusError: If a file is not as documented.
        """
        coded = read_unit_table(self.occurrence[name], au_names, missing=_MISSING, numbered=True)
        if not self.grades:
            return coded
        intensity = np.full(coded.occurrence.shape, np.nan, np.float32)
        for unit, path in self.grades.get(name, {}).items():
            if unit not in au_names:
                continue
            graded = read_number_table(path, ("frame", "intensity"), upper=5, missing=_MISSING)
            column = list(au_names).index(unit)
            intensity[:, column] = [graded.get(int(number), np.nan) for number in coded.numbers]
        return FrameLabels(coded.numbers, regraded(coded.occurrence, intensity, rules), intensity)


def _csv_files(root: Path, folders: Sequence[str]) -> list[Path]:
    """Give the files of the first of some folders that is there, those one folder down included."""
    folder = next((root / name for name in folders if (root / name).is_dir()), None)
    if folder is None:
        return []
    below = sorted(p for p in folder.iterdir() if p.is_dir() and p.name.lower() not in ("au_occ", "au_int"))
    return [path for place in (folder, *below) for path in list_files(place, ".csv")]
