"""EmotioNet's table, quotes in its headings and all, and images as people download them."""

from pathlib import Path

import pytest

UNITS = (1, 2, 3, 4, 5, 6, 9, 10, 12, 15, 17, 18, 20, 24, 25, 26, 28, 43, 60)
SITE = "http://site.edu/emotionet"
ROWS = (
    (f"{SITE}/N_01/0001.jpg", {1: 1, 12: 1, 25: 999}),
    (f"{SITE}/N_01/0002.jpg", {}),
    (f"'{SITE}/N_02/a%20face.jpg'", {4: 1}),  # quotes around the URL
    (f"{SITE}/N_02/0003.jpg", {4: 1}),  # not downloaded
    (f"{SITE}/N_01/0004.jpg", {6: 1}),  # two folders hold a 0004.jpg
    (f"{SITE}/N_02/0004.jpg", {9: 1}),
    (f"{SITE}/N_01/0005.jpg", {6: 1}),  # two URLs, one image
    (f"{SITE}/N_02/0005.jpg", {9: 1}),
    (f"{SITE}/N_01/0006.jpg", {2: 1}),
    (f"{SITE}/N_01/0006.jpg", {2: 1}),  # again
    (f"{SITE}/N_01/0007.jpg", {2: 1}),
    (f"{SITE}/N_01/0007.jpg", {2: 0}),  # again, different
)


def build(root: Path, media) -> None:
    """Most images lie in one folder, those that share a name in their URL's; 0099 has no row."""
    headings = ["URL", "URL orig", *(f"'AU {unit}'" for unit in UNITS)]
    rows = [[url, "http://elsewhere/x", *(coded.get(unit, 0) for unit in UNITS)] for url, coded in ROWS]
    rows[1][2 + UNITS.index(43)] = None
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (headings, *rows):
        book.active.append(row)
    book.save(_sheet(root))
    names = ("0001", "0002", "a face", "0005", "0006", "0007", "0099", "N_01/0004", "N_02/0004")
    for number, name in enumerate(names):
        media.image(root / "images" / f"{name}.jpg", number)


def _sheet(root: Path) -> Path:
    return root / "emotionet_facs_24600.xlsx"


def _set(root: Path, cell: str, value) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(_sheet(root))
    book.active[cell] = value
    book.save(_sheet(root))


def _only_urls(root: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(_sheet(root))
    book.active.delete_cols(3, len(UNITS))
    book.save(_sheet(root))


BROKEN = {
    "no table": (lambda root: _sheet(root).unlink(), r"found none; wanted one table"),
    "two tables": (
        lambda root: (root / "EmotioNet_FACS_aws_2020_24600.csv").write_text("URL\n"),
        r"found EmotioNet_FACS_aws_2020_24600\.csv, emotionet_facs_24600\.xlsx; wanted one",
    ),
    "not a spreadsheet": (lambda root: _sheet(root).write_text("URL"), r"\.xlsx: is no table"),
    "no URL column": (
        lambda root: _set(root, "A1", "Link"),
        r"row 1: no column 'URL'; found 'Link', 'URL orig'",
    ),
    "no units": (_only_urls, r"row 1: no column of AU01, .*wanted 'AU 1'"),
    "no URL": (lambda root: _set(root, "A3", "0002"), r"row 3: URL is '0002'"),
    "another value": (lambda root: _set(root, "C2", 2), r"row 2: AU01 is '2'; wanted 1, 0 or 999"),
}
