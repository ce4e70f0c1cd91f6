"""CK+: posed expressions from a neutral face to their peak, whose last frame is coded."""

import re
from collections.abc import Mapping
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
from fau3d.datasets.corpora.coding import FacsCode, code_row, unit_of
from fau3d.datasets.corpora.media import list_files
from fau3d.datasets.corpora.reading import find_folder, read_lines
from fau3d.io.video import list_images

_LABEL_FILE = re.compile(r"S\d{3}_\d{3}_(\d+)_facs\.txt", re.IGNORECASE)
_SUBJECT = "S[0-9][0-9][0-9]"


class CkPlus(PublishedCorpus):
    """`FACS/S005/001/S005_001_00000011_facs.txt` and `cohn-kanade-images/S005/001/S005_001_00000001.png`, ….

    A line of a label file is a unit and its intensity, as floats between blanks. The file's number is that of
    the peak, the only frame that is coded; a unit that it does not list is absent there. Intensity 0 says
    that the unit is present and was not graded: `ungraded` decides. The first frame of a sequence is neutral.

    Source:
        Lucey et al., The extended Cohn-Kanade dataset (CK+), CVPR workshops, 2010; the units are those that
        its baseline detects.
    """

    title: ClassVar[str] = "CK+"
    request: ClassVar[str] = "https://www.jeffcohn.net/resources/"
    licence: ClassVar[str] = "research agreement with the University of Pittsburgh; not to be passed on"
    au_set: ClassVar[tuple[str, ...]] = tuple(
        f"AU{number:02d}" for number in (1, 2, 4, 5, 6, 7, 9, 11, 12, 15, 17, 20, 23, 24, 25, 26, 27)
    )
    default_rules: ClassVar[CodingRules] = CodingRules(present_from=1, ungraded="present", sides="join")
    protocols: ClassVar[tuple[str, ...]] = ("ckplus-10fold",)

    def listing(self) -> Listing:
        """See the base class."""
        coded = _sequences(find_folder(self.root, "FACS", self.title))
        media = _sequences(find_folder(self.root, "cohn-kanade-images", self.title))
        listing = Listing()
        for name, folder in coded.items():
            if name not in media or not list_images(media[name]):
                listing.unmatched[name] = f"no images in cohn-kanade-images/{name.replace('_', '/')}"
            elif not _label_files(folder):
                listing.unmatched[name] = f"no *_facs.txt in {folder}"
            else:
                # Filmed at the rate of NTSC.
                listing.recordings.append(Recording(name, name.partition("_")[0], media[name], fps=30.0))
        listing.unmatched.update(dict.fromkeys(sorted(set(media) - set(coded)), "no labels"))
        if not listing.recordings:
            raise CorpusError(
                f"{self.root}: no sequence has labels and images; wanted FACS/S005/001 and such"
            )
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        folder = find_folder(self.root, "FACS", self.title) / recording.name.replace("_", "/")
        files = _label_files(folder)
        if len(files) != 1:
            raise CorpusError(f"{folder}: found {len(files)} *_facs.txt; wanted one, of the peak")
        match = _LABEL_FILE.fullmatch(files[0].name)
        if match is None:
            raise CorpusError(f"{files[0]}: found this name; wanted {recording.name}_00000011_facs.txt")
        grades = _read_grades(files[0])
        occurrence = code_row(self._code(grades), self.au_names, self.rules)
        intensity = np.where(occurrence == 0, 0, np.nan).astype(np.float32)
        for column, name in enumerate(self.au_names):
            if name in grades:
                intensity[column] = grades[name] or np.nan
        return FrameLabels(np.array([int(match[1])]), occurrence[None], intensity[None])

    def _code(self, grades: Mapping[str, float]) -> FacsCode:
        code = FacsCode()
        for unit, grade in grades.items():
            if grade >= (self.rules.present_from or 1) or (not grade and self.rules.ungraded == "present"):
                code.seen[unit] = {""}
            elif not grade and self.rules.ungraded == "unknown":
                code.unsure.add(unit)
        return code

    def neutral_number(self, recording: Recording) -> int | None:
        """Give the number of a frame on which the face is neutral: the first of the sequence."""
        images = list_images(recording.media) if recording.media is not None else []
        return int(images[0].stem.rpartition("_")[2]) if images else None


def _sequences(root: Path) -> dict[str, Path]:
    """Give the sequences of a tree `S005/001` by names `S005_001`."""
    folders = sorted(path for path in root.glob(f"{_SUBJECT}/[0-9][0-9][0-9]") if path.is_dir())
    return {f"{path.parent.name}_{path.name}": path for path in folders}


def _label_files(folder: Path) -> list[Path]:
    return [path for path in list_files(folder, ".txt") if path.stem.endswith("_facs")]


def _read_grades(path: Path) -> dict[str, float]:
    """Give the intensities of the units that a file lists; 0 is present, not graded."""
    grades: dict[str, float] = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            code, grade = (float(cell) for cell in line.split())
            well = code.is_integer() and grade in range(6)
            unit = unit_of(int(code))
        except ValueError:
            well, unit = False, None
        if not well:
            wanted = "a FACS number and an intensity from 0 to 5, such as '1.0000000e+00   3.0000000e+00'"
            raise CorpusError(f"{path}:{number}: found {line!r}; wanted {wanted}")
        if unit in grades:
            raise CorpusError(f"{path}:{number}: {unit} is there again; wanted each unit once")
        if unit is not None:
            grades[unit] = grade
    return grades
