"""DISFA: 27 people who watch videos, every frame graded for twelve units."""

import re
from pathlib import Path
from typing import ClassVar

from fau3d.datasets.corpora.base import (
    CodingRules,
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.reading import graded_labels, read_number_table, require_folder
from fau3d.facs import parse_au

_LABEL_FILE = re.compile(r"SN\d{3}_au(\d+)\.txt", re.IGNORECASE)


class Disfa(PublishedCorpus):
    """`ActionUnit_Labels/SN001/SN001_au1.txt` (lines `frame,intensity`, from 1) and videos of the left camera.

    A video lies anywhere below the root under its name `LeftVideoSN001_comp.avi`, or a subject's frames in a
    folder `SN001` of images.

    Source:
        Mavadati et al., DISFA: a spontaneous facial action intensity database, IEEE TAC 4(2), 2013.
    """

    title: ClassVar[str] = "DISFA"
    request: ClassVar[str] = "http://mohammadmahoor.com/disfa/"
    licence: ClassVar[str] = "research agreement with the University of Denver; not to be passed on"
    au_set: ClassVar[str] = "disfa12"
    label_type: ClassVar[str] = "intensity"
    default_rules: ClassVar[CodingRules] = CodingRules(present_from=2, ungraded="present", sides="join")
    protocols: ClassVar[tuple[str, ...]] = ("disfa-3fold",)

    def listing(self) -> Listing:
        """See the base class."""
        labels = require_folder(self.root, "ActionUnit_Labels", self.title)
        media = self._media()
        listing = Listing()
        subjects = sorted(folder.name for folder in labels.iterdir() if folder.is_dir())
        if not subjects:
            raise CorpusError(f"{labels}: holds no folders; wanted one a subject: SN001, SN002, …")
        for subject in subjects:
            if subject in media:
                listing.recordings.append(Recording(subject, subject, media[subject], first_number=1))
            else:
                listing.unmatched[subject] = f"no LeftVideo{subject}_comp.avi below {self.root}"
        listing.unmatched.update(dict.fromkeys(sorted(set(media) - set(subjects)), "no labels"))
        return listing

    def _media(self) -> dict[str, Path]:
        videos = {m[1]: p for p in sorted(self.root.rglob("*.avi")) if (m := _left_video(p))}
        folders = sorted((self.root / "Images").glob("SN*")) if (self.root / "Images").is_dir() else []
        return {folder.name: folder for folder in folders if folder.is_dir()} | videos

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        folder = self.root / "ActionUnit_Labels" / recording.subject
        columns = {}
        for path in sorted(folder.iterdir()):
            match = _LABEL_FILE.fullmatch(path.name)
            if match:
                columns[parse_au(match[1])] = read_number_table(path, ("frame", "intensity"), upper=5)
        if not columns:
            raise CorpusError(
                f"{folder}: holds no label files; wanted {folder.name}_au1.txt and eleven others"
            )
        return graded_labels(columns, self.au_names, self.rules, folder)


def _left_video(path: Path) -> re.Match[str] | None:
    return re.fullmatch(r"LeftVideo(SN\d{3})_comp\.avi", path.name, re.IGNORECASE)
