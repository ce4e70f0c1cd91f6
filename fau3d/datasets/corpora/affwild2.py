"""Aff-Wild2: videos of the web, in which twelve units are coded frame by frame."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from fau3d.datasets.corpora.base import CorpusError, FrameLabels, Listing, PublishedCorpus, Recording
from fau3d.datasets.corpora.media import Media, find_media, list_files, walk_folders
from fau3d.datasets.corpora.reading import contents
from fau3d.datasets.corpora.unit_tables import read_unit_table

_SETS = {
    "train": re.compile(r"train(ing)?_set", re.IGNORECASE),
    "validation": re.compile(r"val(idation)?_set", re.IGNORECASE),
    "test": re.compile(r"test_set", re.IGNORECASE),
    "train_of_train": re.compile(r"trainfromtrain_set", re.IGNORECASE),
    "validation_of_train": re.compile(r"valfromtrain_set", re.IGNORECASE),
}
_APART = (("train", "validation", "test"), ("train_of_train", "validation_of_train"))
_OTHER_TASKS = re.compile(r"(va|expr|ex|mtl)_", re.IGNORECASE)
_MEDIA = re.compile(r"cropped|batch\d|videos?$", re.IGNORECASE)
_UNALIGNED = re.compile(r"cropped(?!_aligned)", re.IGNORECASE)
_PERSON = re.compile(r"(.+)_(left|right)")
# Names such as 135-24-1920x1080 tell frames per second and size.
_RATE = re.compile(r"\d+-(\d+)-\d+x\d+")


class AffWild2(PublishedCorpus):
    """`AU_Set/Train_Set/<video>.txt` (header `AU1,AU2,…`, a line a frame) and `cropped_aligned/<video>/`.

    The line after the header is frame 1, whose picture is `00001.jpg`; frames without a face have none. -1 is
    "not coded", for each unit by itself: the others of its line keep their labels. The labels' folder has
    another name in other years (`AU_Detection_Challenge`). Where there are no cropped pictures, the videos
    serve (`batch1/`, `batch2/`, …), but for those that show two people.

    Of a video with two people, `<video>_left` and `<video>_right` are two recordings of one subject, since
    nothing tells more of who is seen than the video's name.

    Source:
        Kollias and Zafeiriou, Expression, affect, action unit recognition: Aff-Wild2, multi-task learning and
        ArcFace, BMVC 2019; the annotations' own notes.
    """

    title: ClassVar[str] = "Aff-Wild2"
    request: ClassVar[str] = "https://sites.google.com/view/dimitrioskollias/databases/aff-wild2"
    licence: ClassVar[str] = "agreement for research that is not commercial; not to be passed on"
    au_set: ClassVar[str] = "affwild2"
    protocols: ClassVar[tuple[str, ...]] = ("affwild2",)

    def listing(self) -> Listing:
        """See the base class."""
        media = self._media()
        names = sorted(set().union(*self._files.values()))
        pairs = {match[1] for name in names if (match := _PERSON.fullmatch(name))}
        listing = Listing()
        for name in names:
            subject = subject_of(name)
            if name in media.folders:
                rate = _RATE.match(name)
                fps = float(rate[1]) if rate else None
                listing.recordings.append(Recording(name, subject, media.folders[name], fps=fps))
            elif subject in pairs and subject in media.videos:
                listing.unmatched[name] = (
                    f"{media.videos[subject].name} shows two people; wanted cropped_aligned/{name}/, "
                    "which tells whose labels these are"
                )
            elif name in media.videos:
                listing.recordings.append(Recording(name, subject, media.videos[name], first_number=1))
            else:
                listing.unmatched[name] = (
                    f"no images in cropped_aligned/{name}/ and no video below {self.root}"
                )
        known = set(names) | {subject_of(name) for name in names}
        strangers = sorted({*media.folders, *media.videos} - known)
        listing.unmatched.update(dict.fromkeys(strangers, "no action unit labels"))
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        path = next(files[recording.name] for files in self._files.values() if recording.name in files)
        return read_unit_table(path, self.au_names, missing=-1, numbered=False)

    def official_splits(self, recordings: Sequence[Recording]) -> dict[str, list[str]]:
        """Give `train`, `val` and `test`, and the official sets as `Train_Set` and `Validation_Set`.

        The labels of the test set are not given away, and what was chosen by the validation set cannot be
        tested on it. So `test` is the official validation set, and `val` is a part of the official training
        set: `ValFromTrain_Set` where that is there, every tenth subject otherwise; `train` is the rest. Where
        labels of a test set are there, the three are the official ones.
        """
        subjects = {recording.name: recording.subject for recording in recordings}
        given = {kind: [n for n in subjects if n in files] for kind, files in self._files.items()}
        whole = {*given["train"], *given["train_of_train"], *given["validation_of_train"]}
        train = [name for name in subjects if name in whole]
        splits = {"train": train, "val": given["validation"], "test": given["test"]}
        if not given["test"]:
            people = sorted({subjects[name] for name in train})
            drawn = {subjects[name] for name in given["validation_of_train"]}
            held = drawn or set(people[9::10] or people[1:][-1:])
            splits["train"] = [name for name in train if subjects[name] not in held]
            splits["val"] = [name for name in train if subjects[name] in held]
            splits["test"] = given["validation"]
        splits |= {"Train_Set": train, "Validation_Set": given["validation"]}
        return {name: videos for name, videos in splits.items() if videos}

    @cached_property
    def _files(self) -> Mapping[str, Mapping[str, Path]]:
        """Label files by set and video."""
        folder = self._label_folder()
        files: dict[str, dict[str, Path]] = {}
        for kind, pattern in _SETS.items():
            folders = [p for p in folder.iterdir() if p.is_dir() and pattern.fullmatch(p.name)]
            files[kind] = {path.stem: path for f in folders for path in list_files(f, ".txt")}
        if not any(files.values()):
            raise CorpusError(f"{folder}: its sets hold no files; wanted Train_Set/<video>.txt and others")
        for kinds in _APART:
            for i, first in enumerate(kinds):
                for second in kinds[i + 1 :]:
                    if both := sorted(set(files[first]) & set(files[second])):
                        raise CorpusError(
                            f"{files[first][both[0]]}: is in {files[second][both[0]].parent.name} too; "
                            "wanted each video in one set"
                        )
        return files

    def _label_folder(self) -> Path:
        folders = [
            folder
            for folder in walk_folders(self.root, depth=3, skip=lambda name: bool(_MEDIA.match(name)))
            if not _OTHER_TASKS.match(folder.name)
            and any(
                _SETS["train"].fullmatch(p.name) or _SETS["validation"].fullmatch(p.name)
                for p in folder.iterdir()
            )
        ]
        named = [folder for folder in folders if folder.name.upper().startswith("AU")] or folders
        if not named:
            raise CorpusError(
                f"{self.root}: has no folder of labels, found {contents(self.root)}; wanted AU_Set/Train_Set "
                "and AU_Set/Validation_Set"
            )
        if len(named) > 1:
            raise CorpusError(
                f"{self.root}: has labels in {named[0].relative_to(self.root)} and in "
                f"{named[1].relative_to(self.root)}; wanted those of one year, take the others out"
            )
        return named[0]

    def _media(self) -> Media:
        # `cropped` holds the same faces unaligned, millions of them.
        return find_media(
            self.root, _aligned, lambda path: path.name, skip=lambda name: bool(_UNALIGNED.match(name))
        )


def subject_of(name: str) -> str:
    """Give whose face a recording shows, as far as that is known: the name of its video."""
    match = _PERSON.fullmatch(name)
    return match[1] if match else name


def _aligned(path: Path) -> str | None:
    return path.name if path.parent.name.lower().startswith("cropped_aligned") else None
