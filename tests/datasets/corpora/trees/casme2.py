"""CASME II's tree: the spreadsheet, whole recordings, and copies cut from onset to offset."""

from pathlib import Path

import pytest

HEADINGS = (
    "Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units",
    "Estimated Emotion",
)  # fmt: skip
ROWS = (
    (1, "EP02_01f", 3, 4, 6, "4+L12", "happiness"),
    ("01", "EP19_05f", 2, "/", 3, "?", "others"),  # the apex could not be told, nor the units
    (26, "EP03_02", 2, 3, 4, 12, "repression"),  # a number, not a text
    (26, "EP09_09", 2, 3, 4, "4?+7", "disgust"),
    (26, "EP10_10", 2, 3, 4, "R12", "others"),  # cut frames only
    (26, "EP11_11", 2, 3, 4, "1", "surprise"),  # no frames
)
LENGTH = 8


def build(root: Path, media) -> None:
    """Columns C and G of the sheet are empty. Recording EP77_77 has no row."""
    _write(root, [HEADINGS, *((row[0], row[1], None, *row[2:5], None, *row[5:]) for row in ROWS)])
    for subject, sequence in (("sub01", "EP02_01f"), ("sub01", "EP19_05f"), ("sub26", "EP03_02")):
        _frames(root / "CASME2-RAW" / subject / sequence, media, range(1, LENGTH + 1), "img{}.jpg")
    _frames(root / "CASME2-RAW" / "sub26" / "EP09_09", media, range(1, LENGTH + 1), "img{}.jpg")
    _frames(root / "CASME2-RAW" / "sub01" / "EP77_77", media, range(1, 3), "img{}.jpg")
    nested = root / "CASME2_RAW_selected" / "CASME2_RAW_selected"
    _frames(nested / "sub01" / "EP02_01f", media, range(3, 7), "img{}.jpg")
    for sequence in ("EP02_01f", "EP10_10"):
        subject = "sub01" if sequence == "EP02_01f" else "sub26"
        _frames(root / "Cropped" / subject / sequence, media, range(2, 5), "reg_img{}.jpg")
    (root / "Cropped" / "sub01" / "Desktop - Shortcut.lnk").write_bytes(b"\0")


def _frames(folder: Path, media, numbers, form: str) -> None:
    for number in numbers:
        media.image(folder / form.format(number), number)


def _sheet(root: Path) -> Path:
    return root / "CASME2-coding-20140508.xlsx"


def _write(root: Path, rows) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(_sheet(root))


def _set(root: Path, cell: str, value) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(_sheet(root))
    book.active[cell] = value
    book.save(_sheet(root))


BROKEN = {
    "no spreadsheet": (lambda root: _sheet(root).unlink(), r"has no CASME2-coding-20140508\.xlsx"),
    "not a spreadsheet": (lambda root: _sheet(root).write_text("a,b"), r"\.xlsx: is no table"),
    "column missing": (
        lambda root: _set(root, "H1", "AUs"),
        r"row 1: no column 'Action Units'; found 'Subject', 'Filename'",
    ),
    "no subject": (
        lambda root: _set(root, "A3", "one"),
        r"row 3: found 'one' and 'EP19_05f'; wanted a Subject",
    ),
    "text for a frame": (lambda root: _set(root, "D2", "/"), r"row 2: OnsetFrame is '/'; wanted a frame"),
    "offset before onset": (lambda root: _set(root, "F2", 1), r"row 2: offset 1 is before onset 3"),
    "no such unit": (lambda root: _set(root, "H4", "4+3"), r"row 4: found '3' in '4\+3'; wanted FACS codes"),
    "coded twice": (lambda root: _set(root, "B5", "EP03_02"), r"rows 4, 5 overlap; wanted each frame"),
}
