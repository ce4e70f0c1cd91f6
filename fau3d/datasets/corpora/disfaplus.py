"""DISFA+: nine of DISFA's people, who pose units and expressions and watch videos."""

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
from fau3d.io.video import is_image

_SUBJECT = re.compile(r"SN\d{3}", re.IGNORECASE)
_LABEL_FILE = re.compile(r"AU(\d+)", re.IGNORECASE)
_HEADER_LINES = 2
_RATE = 20.0


class DisfaPlus(PublishedCorpus):
    """`Labels/SN001/<trial>/AU1.txt` (two lines, then `000.jpg 0`) and `Images/SN001/<trial>/000.jpg`.

    Its people are DISFA's under the same names (SN001, …): what was trained on the one must not be tested on
    the other.

    Source:
        Mavadati, Sanger and Mahoor, Extended DISFA dataset: investigating posed and spontaneous facial
        expressions, CVPR Workshops 2016.
    """

    title: ClassVar[str] = "DISFA+"
    request: ClassVar[str] = "http://mohammadmahoor.com/disfa/"
    licence: ClassVar[str] = "research agreement with the University of Denver; not to be passed on"
    au_set: ClassVar[str] = "disfa12"
    label_type: ClassVar[str] = "intensity"
    default_rules: ClassVar[CodingRules] = CodingRules(present_from=2, ungraded="present", sides="join")

    def listing(self) -> Listing:
        """See the base class."""
        media = find_media(self.root, self._trial_of_images, lambda path: None, depth=6).folders
        trials = {
            f"{subject.name.upper()}/{trial.name}": trial
            for subject in sorted(self._labels.iterdir())
            if subject.is_dir() and _SUBJECT.fullmatch(subject.name)
            for trial in sorted(subject.iterdir())
            if trial.is_dir() and not trial.name.startswith(".")
        }
        if not trials:
            raise CorpusError(
                f"{self._labels}: holds no folders SN001/<trial>; wanted one a subject and trial"
            )
        listing = Listing()
        for name in trials:
            subject = name.partition("/")[0]
            if name in media:
                listing.recordings.append(Recording(name, subject, media[name], fps=_RATE))
            else:
                listing.unmatched[name] = f"no images in Images/{name}/"
        listing.unmatched.update(dict.fromkeys(sorted(set(media) - set(trials)), "no labels"))
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        subject, _, trial = recording.name.partition("/")
        place = next(p for p in self._labels.iterdir() if p.name.upper() == subject)
        columns = {}
        for path in list_files(place / trial, ".txt"):
            if match := _LABEL_FILE.fullmatch(path.stem):
                columns[unit_of(match[1], path)] = read_number_table(
                    path,
                    ("000.jpg", "intensity"),
                    upper=5,
                    separator=None,
                    header_lines=_HEADER_LINES,
                    frame_of=_image_number,
                )
        if not columns:
            raise CorpusError(f"{place / trial}: holds no label files; wanted AU1.txt and eleven others")
        return graded_labels(columns, self.au_names, self.rules, place / trial)

    @cached_property
    def _labels(self) -> Path:
        return find_folder(self.root, "Labels", self.title)

    def _trial_of_images(self, path: Path) -> str | None:
        subject, trial = path.parent.name, path.name
        return f"{subject.upper()}/{trial}" if _SUBJECT.fullmatch(subject) else None


def _image_number(name: str) -> int:
    if not is_image(Path(name)):
        raise ValueError(name)
    return int(re.findall(r"\d+", Path(name).stem)[-1])
