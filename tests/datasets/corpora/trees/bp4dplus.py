"""BP4D+'s tree as lists of labels: a fold's two files, with and without fillers."""

import json
from pathlib import Path

from tree_damage import leave_macos_files, replace_line

UNITS = (1, 2, 4, 6, 7, 10, 12, 14, 15, 17, 23, 24)
TASKS = ("F001_T1", "F082_T6", "M055_T7", "M051_T8")
FRAMES = (3, 4, 5, 6, 7, 9, 10, 11)  # those with a unit; the others were not extracted
# Without fillers: what is not named is absent. With: it is not known, or a unit is not coded.
WRITTEN_OUT = (
    ("F001_T1/frame_3.jpg", [1, 12]),
    ("F001_T1/frame_10.jpg", [24]),
    ("F001_T1/frame_9.jpg", [999, 2] + [999] * 10),
)


def build(root: Path, media) -> None:
    """F001's labels are written out above; `F082`'s are in both files, as those of overlapping folds are."""
    rows = {name: [(f"{name}/frame_{n}.jpg", _units(n)) for n in FRAMES] for name in TASKS}
    _write(root / "BP4D_plus_train1.json", [*WRITTEN_OUT, *rows["F082_T6"], *rows["M055_T7"]])
    absent = [("F099_T1/frame_1.jpg", [1])]  # no images
    nested = [(path.replace("_T8/", "\\T8\\"), units) for path, units in rows["M051_T8"]]
    _write(root / "BP4D_plus_test1.json", [*rows["F082_T6"], *nested, *absent], end="\r\n")
    for name in TASKS:
        folder = root / "Images" / (name.replace("_", "/") if name == "M051_T8" else name)
        for number in FRAMES:
            media.image(folder / f"frame_{number}.jpg", number)
        leave_macos_files(folder)
    media.image(root / "Images" / "F002_T1" / "frame_1.jpg")  # no labels
    (root / "Thermal" / "M055_T7").mkdir(parents=True)
    media.image(root / "Thermal" / "M055_T7" / "frame_1.jpg")
    leave_macos_files(root)


def _units(frame: int) -> list[int]:
    return [unit for unit in UNITS if (unit + frame) % 3 == 0]


def _write(path: Path, rows, end: str = "\n") -> None:
    lines = [json.dumps({"img_path": image, "AUs": units}) for image, units in rows]
    path.write_text(end.join(lines) + end, newline="")


def _list(root: Path) -> Path:
    return root / "BP4D_plus_train1.json"


def _damage(number: int, text: str):
    return lambda root: replace_line(_list(root), number, text)


BROKEN = {
    "no labels": (
        lambda root: [path.unlink() for path in root.glob("*.json")],
        r"neither files in AUCoding/AU_OCC nor lists \*\.json, found .*Images",
    ),
    "no JSON": (_damage(2, "F001_T1 24"), r"train1\.json:2: found 'F001_T1 24'; wanted one object a line"),
    "other keys": (_damage(2, '{"image": "a.jpg"}'), r"train1\.json:2: .*wanted one object a line"),
    "no such unit": (
        _damage(2, '{"img_path": "F001_T1/frame_10.jpg", "AUs": [3]}'),
        r"train1\.json:2: found the unit 3; wanted one of 1, 2, 4, .*24, or 999",
    ),
    "text for a unit": (
        _damage(2, '{"img_path": "F001_T1/frame_10.jpg", "AUs": ["high"]}'),
        r"train1\.json:2: found the unit 'high'",
    ),
    "no frame number": (
        _damage(2, '{"img_path": "F001_T1/face.jpg", "AUs": [1]}'),
        r"train1\.json:2: found the image 'F001_T1/face\.jpg'",
    ),
    "no recording": (
        _damage(2, '{"img_path": "somebody/frame_10.jpg", "AUs": [1]}'),
        r"train1\.json:2: found the image 'somebody/frame_10\.jpg'",
    ),
    "folds that disagree": (
        _damage(4, '{"img_path": "F082_T6/frame_3.jpg", "AUs": [1, 2]}'),
        r"F082_T6 has other labels for frame 3",
    ),
}
