"""The tree of FG2020's noisy labels: lists without headers, a header apart, images beside the lists."""

from pathlib import Path

OPENFACE, DISFA = 18, 12
# A person's id may hold and end in underscores; two faces of one picture; a name that tells nobody.
CELEBRITIES = (
    "m.059w4s_84-FaceId-0.jpg",
    "m.059w4s_21-FaceId-0.jpg",
    "m.02r42___2-FaceId-0.jpg",
    "m.0g53knj_90-FaceId-4.jpg",
    "m.0g53knj_90-FaceId-5.jpg",
    "stranger.jpg",
)
SUBJECTS = ("SN001", "SN005", "SN016")
FRAMES = (0, 1816)  # named as counted from 0
HEADER = "image,rectsize,gender," + ",".join(
    f"AU{n:02d}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 45)
)


def _bits(number: int, width: int) -> str:
    return ",".join(str((number * 37 + 11 * k) % 5 % 2) for k in range(width))


def _celebrity(number: int) -> str:
    side = 100 + 20 * number
    return f'{CELEBRITIES[number]},"(0, 0, {side}, {side})",{number % 2},{_bits(number, OPENFACE)}'


def _frame(subject: str, number: int) -> tuple[str, str]:
    image = f"RightVideo{subject}_{number:08d}.jpg"
    return image, f'{image},"(0,0,120,120)",{_bits(number + int(subject[2:]), DISFA)}'


def build(root: Path, media) -> None:
    """Boxes with and without blanks; a frame in the test of one fold and the training of the others."""
    before, after, meta = (root / "data" / n for n in ("pre_train_images", "fine_tune_images", "meta_data"))
    for folder in (before, after, meta):
        folder.mkdir(parents=True)
    (root / "data" / "labels.txt").write_text(HEADER)
    (before / "labels.txt").write_text(f"Headers\n{HEADER}")
    (meta / "Bios.zip").write_bytes(b"PK")
    rows = [_celebrity(number) for number in range(len(CELEBRITIES))]
    (before / "train_label.csv").write_text("\n".join(rows[:4]) + "\n")
    (before / "test_label.csv").write_text("\n".join(rows[4:]) + "\n")
    for number, image in enumerate(CELEBRITIES):
        media.image(before / image, number)
    frames = {subject: [_frame(subject, number) for number in FRAMES] for subject in SUBJECTS}
    for fold, tested in enumerate(SUBJECTS, start=1):
        for part, subjects in (("test", [tested]), ("train", [s for s in SUBJECTS if s != tested])):
            lines = [line for subject in subjects for _, line in frames[subject]]
            (after / f"fold{fold}_{part}.csv").write_text("\n".join(lines) + "\n")
    for number, (image, _) in enumerate(frame for rows in frames.values() for frame in rows):
        media.image(after / image, number)
    (after / frames["SN016"][1][0]).unlink()  # DISFA's frames have to be cut by everyone; some are not


TRAIN = "pre_train_images/train_label.csv"


def _list(root: Path, name: str = TRAIN) -> Path:
    return root / "data" / name


def _replace(
    root: Path, number: int, old: str, new: str, name: str = "pre_train_images/train_label.csv"
) -> None:
    lines = _list(root, name).read_text().splitlines()
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new)
    _list(root, name).write_text("\n".join(lines))


def _flip_last(root: Path, number: int, name: str) -> None:
    lines = _list(root, name).read_text().splitlines()
    lines[number - 1] = lines[number - 1][:-1] + str(1 - int(lines[number - 1][-1]))
    _list(root, name).write_text("\n".join(lines))


def _no_lists(root: Path) -> None:
    for path in (root / "data").rglob("*.csv"):
        path.unlink()


BROKEN = {
    "no lists": (_no_lists, r"data: has none of the lists.*train_label\.csv"),
    "a column short": (
        lambda root: _replace(root, 2, ",0,", ",", "fine_tune_images/fold1_train.csv"),
        r"fold1_train\.csv:2: has \d+ columns; wanted .*12 units",
    ),
    "box of three numbers": (
        lambda root: _replace(root, 3, "(0, 0, 140, 140)", "(0, 0, 140)"),
        r"train_label\.csv:3: found .*\(0, 0, 140\).*wanted image",
    ),
    "a grade for a label": (
        lambda root: _replace(root, 1, ",1,", ",3,"),
        r"train_label\.csv:1: found .*units of 0 or 1",
    ),
    "labelled twice": (
        lambda root: _flip_last(root, 1, "fine_tune_images/fold2_train.csv"),
        r"fold2_train\.csv:1: RightVideoSN001_00000000\.jpg is labelled otherwise",
    ),
    "empty list": (lambda root: _list(root).write_text("\n"), r"train_label\.csv: is empty"),
}
