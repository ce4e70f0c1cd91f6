"""DISFA: 27 people who watch videos, every frame graded for twelve units."""

import re
from functools import cached_property
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
from fau3d.datasets.corpora.media import find_media, list_files
from fau3d.datasets.corpora.reading import find_folder, graded_labels, read_number_table, unit_of
from fau3d.io.importers.base import last_number
from fau3d.io.video import list_images

_SUBJECT = re.compile(r"SN\d{3}", re.IGNORECASE)
_LABEL_FILE = re.compile(r"(SN\d{3})_au(\d+)", re.IGNORECASE)
_LEFT_VIDEO = re.compile(r"LeftVideo(SN\d{3})_comp", re.IGNORECASE)
_RATE = 20.0


class Disfa(PublishedCorpus):
    """`ActionUnit_Labels/SN001/SN001_au1.txt` (lines `frame,intensity`, from 1) and the left camera's videos.

    A video lies anywhere below the root under its name `LeftVideoSN001_comp.avi`, or a subject's frames in a
    folder `SN001` of images that count from 1 as the labels do.

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
        media = find_media(self.root, _subject_of_folder, _subject_of_video, depth=5, skip=_is_right_camera)
        listing = Listing()
        for subject in self._folders:
            if subject in media.videos:
                listing.recordings.append(Recording(subject, subject, media.videos[subject], first_number=1))
            elif subject not in media.folders:
                listing.unmatched[subject] = f"no LeftVideo{subject}_comp.avi below {self.root}"
            elif zero := _counts_from_zero(media.folders[subject]):
                # Taken as they are, all labels would be one frame late.
                listing.unmatched[subject] = (
                    f"{zero} counts from 0, the labels from 1; wanted its images from 1"
                )
            else:
                listing.recordings.append(Recording(subject, subject, media.folders[subject], fps=_RATE))
        strangers = sorted({*media.folders, *media.videos} - set(self._folders))
        listing.unmatched.update(dict.fromkeys(strangers, "no labels"))
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        folder = self._folders[recording.subject]
        columns = {}
        for path in list_files(folder, ".txt"):
            if not (match := _LABEL_FILE.fullmatch(path.stem)):
                continue
            if match[1].upper() != recording.subject:
                raise CorpusError(
                    f"{path}: lies in the folder of {recording.subject}; wanted its own labels there"
                )
            columns[unit_of(match[2], path)] = read_number_table(path, ("frame", "intensity"), upper=5)
        if not columns:
            raise CorpusError(
                f"{folder}: holds no label files; wanted {folder.name}_au1.txt and eleven others"
            )
        return graded_labels(columns, self.au_names, self.rules, folder)

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """The labels' folder of each subject."""
        labels = find_folder(self.root, "ActionUnit_Labels", self.title)
        folders = {
            p.name.upper(): p for p in sorted(labels.iterdir()) if p.is_dir() and _SUBJECT.fullmatch(p.name)
        }
        if not folders:
            raise CorpusError(f"{labels}: holds no folders; wanted one a subject: SN001, SN002, …")
        return folders


def _subject_of_folder(path: Path) -> str | None:
    return path.name.upper() if _SUBJECT.fullmatch(path.name) else None


def _subject_of_video(path: Path) -> str | None:
    match = _LEFT_VIDEO.fullmatch(path.name)
    return match[1].upper() if match else None


def _is_right_camera(name: str) -> bool:
    return "right" in name.lower()


def _counts_from_zero(folder: Path) -> str | None:
    """Give the image with the number 0, if there is one."""
    zeros = (path for path in list_images(folder) if last_number(path.stem) == 0)
    first = next(zeros, None)
    return None if first is None else f"{folder.name}/{first.name}"
