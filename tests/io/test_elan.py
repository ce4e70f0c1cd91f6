"""ELAN files: what is written is read, what others write is read, and what cannot be read is told."""

from pathlib import Path

import pytest

from fau3d.io.elan import read_eaf, write_eaf
from fau3d.io.tiers import TierFileError, TierRow

ROWS = [
    TierRow("AU12", 1.2345, 2.0, "D"),
    TierRow("AU12", 0.5, 1.2345, "C"),
    TierRow("AU01", 0.0, 0.3, 'says "ü" & <b>'),
]


def eaf(slots: str, tiers: str, header: str = "") -> str:
    times = [pair.split("=") for pair in slots.split()]
    lines = [
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + (f' TIME_VALUE="{value}"/>' if value else "/>")
        for name, value in times
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT FORMAT="2.7" VERSION="2.7">'
        f"{header or '<HEADER/>'}<TIME_ORDER>{''.join(lines)}</TIME_ORDER>{tiers}</ANNOTATION_DOCUMENT>"
    )


def tier(name: str, *annotations: str) -> str:
    """Write a tier; 't1 t2 text' is an aligned annotation, '-> text' one that refers to another."""
    parts = []
    for number, annotation in enumerate(annotations):
        value = f"<ANNOTATION_VALUE>{annotation.split()[-1]}</ANNOTATION_VALUE>"
        if annotation.startswith("->"):
            parts.append(
                f'<REF_ANNOTATION ANNOTATION_ID="r{number}" ANNOTATION_REF="x">{value}</REF_ANNOTATION>'
            )
        else:
            first, last, _ = annotation.split()
            refs = f'TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}"'
            parts.append(
                f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}{number}" {refs}>{value}</ALIGNABLE_ANNOTATION>'
            )
    inner = "".join(f"<ANNOTATION>{part}</ANNOTATION>" for part in parts)
    return f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="t">{inner}</TIER>'


def read(tmp_path: Path, text: str):
    path = tmp_path / "coder.eaf"
    path.write_text(text, encoding="utf-8")
    return read_eaf(path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.eaf"
    write_eaf(path, ROWS, tiers=["AU43"], media=tmp_path / "clip.mp4", annotator="fau3d")
    found = read_eaf(path)
    assert found.tiers == ("AU43", "AU12", "AU01") and found.notes == ()
    assert found.media == ("../clip.mp4",)
    assert found.rows == (
        TierRow("AU12", 0.5, 1.234, "C"),
        TierRow("AU12", 1.234, 2.0, "D"),
        ROWS[2],
    )


def test_the_file_is_as_elan_wants_it(tmp_path: Path) -> None:
    write_eaf(tmp_path / "a.eaf", ROWS, media=tmp_path / "clip.mp4")
    text = (tmp_path / "a.eaf").read_text(encoding="utf-8")
    order = ["<HEADER", "<MEDIA_DESCRIPTOR", "<PROPERTY", "<TIME_ORDER", "<TIER", "<LINGUISTIC_TYPE "]
    places = [text.index(name) for name in order]
    assert places == sorted(places)
    assert 'RELATIVE_MEDIA_URL="./clip.mp4"' in text and str(tmp_path) not in text
    assert 'TIME_UNITS="milliseconds"' in text and 'FORMAT="3.0"' in text
    assert text.count("<TIME_SLOT ") == 6 and text.count('TIME_VALUE="1234"') == 2


def test_short_events_keep_a_length(tmp_path: Path) -> None:
    rows = [TierRow("AU45", 1.0, 1.0002, "1"), TierRow("AU45", 1.0002, 1.0004, "1")]
    write_eaf(tmp_path / "a.eaf", rows)
    assert [(r.start, r.end) for r in read_eaf(tmp_path / "a.eaf").rows] == [(1.0, 1.001), (1.001, 1.002)]


def test_annotations_that_refer_to_others_are_told(tmp_path: Path) -> None:
    tiers = tier("AU12", "a b C") + tier("note", "-> why", "-> how") + tier("AU43")
    found = read(tmp_path, eaf("a=100 b=300", tiers))
    assert found.rows == (TierRow("AU12", 0.1, 0.3, "C"),)
    assert found.tiers == ("AU12", "note", "AU43")
    assert any("'note': 2 annotations" in note for note in found.notes)


def test_slots_without_a_time_are_spread_evenly_in_their_tier(tmp_path: Path) -> None:
    # The second tier divides an annotation of the first, whose own end has no time, and comes before it.
    tiers = tier("fine", "b f 1", "f c 2") + tier("coarse", "a b A", "b c B", "c d C")
    found = read(tmp_path, eaf("a=1000 b= f= c= d=4000", tiers))
    assert {(r.text, r.start, r.end) for r in found.rows} == {
        ("A", 1.0, 2.0), ("B", 2.0, 3.0), ("C", 3.0, 4.0), ("1", 2.0, 2.5), ("2", 2.5, 3.0),
    }  # fmt: skip
    assert any("3 time slots" in note for note in found.notes)


@pytest.mark.parametrize(
    "tiers", [tier("AU12", "a b C"), tier("AU12", "b c C", "c b D"), tier("AU12", "a z C")]
)
def test_slots_that_cannot_be_placed_are_refused(tmp_path: Path, tiers: str) -> None:
    with pytest.raises(TierFileError, match=r"coder\.eaf: .*time slots have no time"):
        read(tmp_path, eaf("a=0 b= c=", tiers))


def test_offsets_of_media_and_annotations_of_no_length_are_told(tmp_path: Path) -> None:
    header = '<HEADER><MEDIA_DESCRIPTOR MEDIA_URL="file:///x.mp4" MIME_TYPE="v" TIME_ORIGIN="40"/></HEADER>'
    found = read(tmp_path, eaf("a=100 b=100", tier("AU12", "a b C"), header))
    assert not found.rows and len(found.notes) == 2
    assert "offset of 40 ms" in found.notes[1]


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    text = eaf("a=0 b=100", tier("AU12", "a b &b;")).replace("<ANNOTATION_DOC", bomb + "<ANNOTATION_DOC", 1)
    with pytest.raises(TierFileError, match="holds a DTD"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no XML"),
        ("<a>", "is no XML"),
        ("<html/>", "begins with 'html'"),
        (eaf("a=x b=1", tier("AU12", "a b C")), "'a' is at 'x'"),
        (eaf("", "", '<HEADER TIME_UNITS="PAL-frames"/>'), "PAL-frames"),
        (eaf("", tier("AU12", "a b C").replace("TIME_SLOT_REF2", "OTHER")), "lacks a TIME_SLOT_REF"),
    ],
)
def test_files_that_are_no_eaf(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TierFileError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("rows", "name", "message"),
    [
        ([TierRow("AU12", 1, 1, "x")], "a.eaf", "0 <= start < end"),
        ([TierRow("AU12", -1, 1, "x")], "a.eaf", "0 <= start < end"),
        ([TierRow("AU12", 0, float("nan"), "x")], "a.eaf", "0 <= start < end"),
        ([TierRow("AU12", 0, 2, "x"), TierRow("AU12", 1, 3, "x")], "a.eaf", "one at a time"),
        ([TierRow("AU12", 0, 2, "a\x00")], "a.eaf", "control characters"),
        ([], "a.xml", "wanted '.eaf'"),
    ],
)
def test_rows_that_cannot_be_written(tmp_path: Path, rows: list[TierRow], name: str, message: str) -> None:
    with pytest.raises(TierFileError, match=message):
        write_eaf(tmp_path / name, rows)
    assert not list(tmp_path.iterdir())
