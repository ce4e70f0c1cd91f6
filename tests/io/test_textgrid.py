"""Praat files: both forms, all encodings, no holes between intervals, and clear refusals."""

from pathlib import Path

import pytest

from fau3d.io.textgrid import read_textgrid, write_textgrid
from fau3d.io.tiers import TierFileError, TierRow

ROWS = [
    TierRow("AU12", 0.5, 1.2345, "C"),
    TierRow("AU12", 1.2345, 2.0, "D"),
    TierRow("AU01", 0.0, 0.3, 'says "ü"'),
    TierRow("AU04", 3.0, 10.0, "1"),
]
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
2.5
<exists>
2
"IntervalTier"
"AU 12"
0
2.5
3
0
1
""
1
2 ! a comment "with quotes"
"it ""is"" ü"
2
2.5
""
"TextTier"
"blinks"
0
2.5
1
0.7
"b"
"""


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "coder.TextGrid"
    path.write_bytes(text.encode(encoding))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_textgrid(tmp_path / "a.TextGrid", ROWS, 10.0, ["AU43"])
    found = read_textgrid(tmp_path / "a.TextGrid")
    assert found.tiers == ("AU43", "AU12", "AU01", "AU04") and found.end == 10 and not found.notes
    assert found.rows == tuple(ROWS)


def test_intervals_leave_no_hole(tmp_path: Path) -> None:
    write_textgrid(tmp_path / "a.TextGrid", [TierRow("AU12", 1 / 3, 2 / 3, "B")], 1.0)
    lines = [line.strip() for line in (tmp_path / "a.TextGrid").read_text(encoding="utf-8").splitlines()]
    assert lines[:2] == ['File type = "ooTextFile"', 'Object class = "TextGrid"']
    edges = [line.split(" = ")[1] for line in lines if line.startswith(("xmin", "xmax"))]
    assert edges[4:] == ["0", "0.333333", "0.333333", "0.666667", "0.666667", "1"]
    assert [line for line in lines if line.startswith("text")] == ['text = ""', 'text = "B"', 'text = ""']


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_the_short_form_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    found = read_textgrid(write(tmp_path, SHORT.replace("\n", "\r\n"), encoding))
    assert found.tiers == ("AU 12",) and found.end == 2.5
    assert found.rows == (TierRow("AU 12", 1, 2, 'it "is" ü'),)
    assert any("'blinks': 1 points" in note for note in found.notes)
    assert any("Latin-1" in note for note in found.notes) == (encoding == "latin-1")


def test_big_endian_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_bytes(b"\xfe\xff" + SHORT.encode("utf-16-be"))
    assert len(read_textgrid(path).rows) == 1


def test_a_grid_without_tiers(tmp_path: Path) -> None:
    found = read_textgrid(write(tmp_path, SHORT.split("<exists>")[0] + "<absent>"))
    assert found.tiers == () and "no tiers" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "end of the file"),
        ("AU12 1 2", "found number '1'"),
        (SHORT.replace("TextGrid", "Pitch"), "is no TextGrid"),
        (SHORT[: SHORT.index("1\n2 !")], "breaks off"),
        (SHORT.replace('"IntervalTier"', '"OtherTier"'), "of class 'OtherTier'"),
        (SHORT.replace("<exists>\n2", "<exists>\n2e9"), "the number of tiers is 2e"),
        (SHORT.replace("<exists>\n2", "<exists>\n1e999"), "the number of tiers is inf"),
        (SHORT.replace("<exists>\n2", "<exists>\n1.5"), "the number of tiers is 1.5"),
        ('"Praat chronological TextGrid text file"', "chronological"),
        ("ooBinaryFile\x08TextGrid", "binary"),
    ],
)
def test_files_that_are_no_textgrid(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TierFileError, match=message):
        read_textgrid(write(tmp_path, text))


@pytest.mark.parametrize(
    ("rows", "end", "name", "message"),
    [
        ([TierRow("AU12", 0, 1, "")], 2.0, "a.TextGrid", "wanted a text"),
        ([TierRow("AU12", 0, 3, "x")], 2.0, "a.TextGrid", "ends at 2 s"),
        ([TierRow("AU12", 0, 2, "x"), TierRow("AU12", 1, 3, "x")], 4.0, "a.TextGrid", "one at a time"),
        ([], 2.0, "a.TextGrid", "at least one tier"),
        ([TierRow("AU12", 0, 1, "x")], 0.0, "a.TextGrid", "above 0 s"),
        ([TierRow("AU12", 0, 1, "x")], 2.0, "a.txt", r"wanted '\.TextGrid'"),
    ],
)
def test_rows_that_cannot_be_written(
    tmp_path: Path, rows: list[TierRow], end: float, name: str, message: str
) -> None:
    with pytest.raises(TierFileError, match=message):
        write_textgrid(tmp_path / name, rows, end)
    assert not list(tmp_path.iterdir())
