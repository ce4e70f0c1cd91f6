"""Aff-Wild2's tree: a training and a validation set, two people in one video, pictures of faces with gaps."""

from pathlib import Path

from tree_damage import leave_macos_files, replace_line

HEADER = "AU1,AU2,AU4,AU6,AU7,AU10,AU12,AU15,AU23,AU24,AU25,AU26"
FRAMES = 6
TRAIN = ("135-24-1920x1080", "video1", "video10_left", "video10_right")
VALIDATION = ("7-60-1920x1080", "video2")
ABSENT = "0,0,0,0,0,0,0,0,0,0,0,0"
# Frame 1: AU1 and AU26. Frame 2: only AU2 is not coded. Frame 3: nothing is. Frame 4: AU12, with blanks.
WRITTEN_OUT = (
    "1,0,0,0,0,0,0,0,0,0,0,1",
    "0,-1,0,1,0,0,1,0,0,0,0,0",
    "-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1",
    "0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0",
)


def build(root: Path, media) -> None:
    """`video1` is written out above and lacks a picture; the others are coded further than they go."""
    sets = {"Train_Set": (*TRAIN, "video77"), "Validation_Set": VALIDATION}
    for folder, videos in sets.items():
        place = root / "AU_Set" / folder
        place.mkdir(parents=True)
        for number, video in enumerate(videos):
            rows = [*WRITTEN_OUT, ABSENT, ABSENT] if video == "video1" else _rows(FRAMES + 2, number)
            suffix, end = (".TXT", "\r\n") if video == "video2" else (".txt", "\n")
            mark = "\ufeff" if video.startswith("7-") else ""
            text = mark + end.join([HEADER.replace(",", ", ") if mark else HEADER, *rows]) + end * 2
            (place / f"{video}{suffix}").write_text(text, encoding="utf-8", newline="")
        leave_macos_files(place)
    for number, video in enumerate((*TRAIN, *VALIDATION, "video55")):  # video55 is coded for another task
        for frame in range(1, FRAMES + 1):
            if (video, frame) != ("video1", 3):
                suffix = ".JPG" if video == "video2" else ".jpg"
                media.image(root / "cropped_aligned" / video / f"{frame:05d}{suffix}", number + frame)
    leave_macos_files(root / "cropped_aligned" / "video1")
    (root / "VA_Set" / "Train_Set").mkdir(parents=True)
    (root / "VA_Set" / "Train_Set" / "video1.txt").write_text("valence,arousal\n0.1,0.2\n")


def _rows(count: int, start: int) -> list[str]:
    return [",".join(str(int((row + start + unit) % 4 == 0)) for unit in range(12)) for row in range(count)]


def _label(root: Path) -> Path:
    return root / "AU_Set" / "Train_Set" / "video1.txt"


def _copy_set(root: Path) -> None:
    for path in (root / "AU_Set" / "Train_Set").glob("video1.txt"):
        other = root / "AU_Detection_Challenge" / "Train_Set"
        other.mkdir(parents=True)
        (other / path.name).write_text(path.read_text())


BROKEN = {
    "no labels": (lambda root: (root / "AU_Set").rename(root / "EXPR_Set"), r"no folder of labels.*EXPR_Set"),
    "labels of two years": (_copy_set, r"AU_Detection_Challenge.*AU_Set.*of one year"),
    "header of another task": (
        lambda root: replace_line(_label(root), 1, "valence,arousal"),
        r"video1\.txt:1: found the header 'valence,arousal'; wanted 'AU1,AU2",
    ),
    "no header": (
        lambda root: replace_line(_label(root), 1, ABSENT),
        r"video1\.txt:1: found the header '0,0,0",
    ),
    "text for a label": (
        lambda root: replace_line(_label(root), 3, ABSENT.replace("0", "x", 1)),
        r"video1\.txt:3: found 'x' for AU01; wanted 1, 0, -1",
    ),
    "label out of range": (
        lambda root: replace_line(_label(root), 4, "2" + ABSENT[1:]),
        r"video1\.txt:4: found '2' for AU01; wanted 1, 0, -1",
    ),
    "too few columns": (
        lambda root: replace_line(_label(root), 5, "0,0,0"),
        r"video1\.txt:5: found 3 cells in '0,0,0'; wanted 12",
    ),
    "empty line between": (
        lambda root: replace_line(_label(root), 5, ""),
        r"video1\.txt:5: found 1 cells in ''; wanted 12",
    ),
    "only a header": (
        lambda root: _label(root).write_text(HEADER),
        r"video1\.txt: found 1 lines; wanted a header",
    ),
    "in two sets": (
        lambda root: (root / "AU_Set" / "Validation_Set" / "video1.txt").write_text(_label(root).read_text()),
        r"Train_Set.video1\.txt: is in Validation_Set too",
    ),
    "no text": (lambda root: _label(root).write_bytes(b"\xff\xfe\x00A"), r"video1\.txt: is no text"),
}
