"""Praat's TextGrid files: interval tiers in and out.

A TextGrid is a row of values: quoted texts, numbers and flags that stand free. Whatever else the long form
writes around them ("xmin =", "intervals [3]:") is comment, so that one reader serves both forms.
"""

import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from fau3d.io.atomic import atomic_path
from fau3d.io.tiers import TierFile, TierFileError, TierRow, check_suffix, rows_by_tier

_TOKEN = re.compile(r'"(?P<text>(?:[^"]|"")*)"|(?P<comment>![^\n]*)|(?P<flag><\w+>)|(?P<word>[^\s"]+)')
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_WHAT = 'Praat\'s "Save as text file..." or "Save as short text file..."'


def write_textgrid(
    path: str | os.PathLike[str], rows: Iterable[TierRow], end: float, tiers: Sequence[str] = ()
) -> None:
    """Write annotations as a TextGrid (long form, UTF-8), atomically; the time between them is empty.

    Args:
        path: Ends in `.TextGrid`.
        rows: Annotations; those of one tier must not overlap, and all need a text.
        end: Seconds at which the recording ends, above 0.
        tiers: Names of tiers that shall be there, also without annotations.

    Raises:
        TierFileError: If a row cannot be written, see `rows_by_tier`; if it has no text, or ends after the
            recording; if there is no tier; or if the path ends otherwise.
    """
    target = check_suffix(path, ".TextGrid")
    by_tier = rows_by_tier(target, rows, tiers)
    if not by_tier or not 0 < end < math.inf:
        raise TierFileError(
            f"{target}: {len(by_tier)} tiers, {end} s; wanted at least one tier and a recording above 0 s"
        )
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_time(end)}"]
    lines += ["tiers? <exists>", f"size = {len(by_tier)}", "item []:"]
    for number, (name, own) in enumerate(by_tier.items(), start=1):
        intervals = _filled(target, name, own, _time(end))
        lines += [f"    item [{number}]:", '        class = "IntervalTier"', f"        name = {_quote(name)}"]
        lines += ["        xmin = 0", f"        xmax = {_time(end)}"]
        lines += [f"        intervals: size = {len(intervals)}"]
        for place, (first, last, text) in enumerate(intervals, start=1):
            lines += [f"        intervals [{place}]:", f"            xmin = {first}"]
            lines += [f"            xmax = {last}", f"            text = {_quote(text)}"]
    with atomic_path(target) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _time(seconds: float) -> str:
    """Write seconds to the microsecond; equal times must be equal texts, or Praat sees gaps."""
    return f"{seconds:.6f}".rstrip("0").rstrip(".")


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _filled(path: Path, tier: str, rows: Sequence[TierRow], end: str) -> list[tuple[str, str, str]]:
    """Give the intervals of one tier from 0 to the end without a hole."""
    intervals, reached = [], "0"
    for row in rows:
        first, last = _time(row.start), _time(row.end)
        if not row.text or float(last) > float(end):
            raise TierFileError(
                f"{path}: tier {tier!r} has {row.text!r} from {first} to {last} s, the recording ends at "
                f"{end} s; wanted a text, since Praat takes an empty one for a gap, and an end within the "
                "recording"
            )
        if float(first) > float(reached):
            intervals.append((reached, first, ""))
        if float(last) > float(reached):
            intervals.append((max(first, reached, key=float), last, row.text))
            reached = last
    if float(reached) < float(end):
        intervals.append((reached, end, ""))
    return intervals


def read_textgrid(path: str | os.PathLike[str]) -> TierFile:
    """Read the interval tiers of a TextGrid, long or short, in UTF-8, UTF-16 or Latin-1.

    Empty intervals are gaps and give no annotation. Point tiers have no stretches of time: they are passed
    over, and the notes say so.

    Args:
        path: The file.

    Returns:
        Tiers and annotations, with notes of what was passed over.

    Raises:
        TierFileError: If it is no TextGrid, or breaks off.
        FileNotFoundError: If there is no such file.
    """
    source = Path(path)
    text, notes = _decode(source)
    if text.startswith('"Praat chronological'):
        raise TierFileError(f"{source}: is a chronological file of Praat; wanted what {_WHAT} writes")
    values = _Values(source, text)
    if (
        not values.text("the kind of the file").startswith("ooTextFile")
        or values.text("a class") != "TextGrid"
    ):
        raise TierFileError(f"{source}: is no TextGrid; wanted what {_WHAT} writes")
    values.number("where the grid begins")
    end = values.number("where the grid ends")
    if values.flag() != "<exists>":
        return TierFile((), (), end, notes=(*notes, "the grid has no tiers"))
    tiers, rows = [], []
    for _ in range(values.count("the number of tiers")):
        kind, name = values.text("the class of a tier"), values.text("the name of a tier")
        values.number("where the tier begins"), values.number("where the tier ends")
        count = values.count("the number of its parts")
        if kind == "TextTier":
            for _ in range(count):
                values.number("the time of a point"), values.text("the text of a point")
            notes.append(f"tier {name!r}: {count} points passed over; wanted intervals")
            continue
        if kind != "IntervalTier":
            raise TierFileError(
                f"{source}: tier {name!r} is of class {kind!r}; wanted IntervalTier or TextTier"
            )
        tiers.append(name)
        for _ in range(count):
            first, last = values.number("a start"), values.number("an end")
            label = values.text("the text of an interval").strip()
            if label and last > first:
                rows.append(TierRow(name, first, last, label))
    return TierFile(tuple(tiers), tuple(rows), end, notes=tuple(notes))


def _decode(path: Path) -> tuple[str, list[str]]:
    """Decode by the byte order mark; without one as UTF-8, else as Latin-1, which the note says."""
    raw = path.read_bytes()
    if raw.startswith(b"ooBinaryFile"):
        raise TierFileError(f"{path}: is a binary file of Praat; wanted what {_WHAT} writes")
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16"), []
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        if raw[:1] in (b"\xff", b"\xfe", b"\x00"):
            raise TierFileError(f"{path}: is no text ({error}); wanted what {_WHAT} writes") from error
        return raw.decode("latin-1"), ["the file is not in UTF-8; its letters were read as Latin-1"]


class _Values:
    """The free-standing values of a TextGrid, one after the other."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._found = self._values(text)

    @staticmethod
    def _values(text: str) -> list[tuple[str, str]]:
        values = []
        for match in _TOKEN.finditer(text):
            kind, value = str(match.lastgroup), match.group(str(match.lastgroup))
            if kind == "text":
                value = value.replace('""', '"')
            elif kind == "word":
                kind = "number" if _NUMBER.fullmatch(value) else "comment"
            if kind != "comment":
                values.append((kind, value))
        return values[::-1]

    def _next(self, kind: str, what: str) -> str:
        found, value = self._found.pop() if self._found else ("the end of the file", "")
        if found != kind:
            raise TierFileError(
                f"{self._path}: found {found} {value!r}; wanted {what}, a {kind}: the file is no TextGrid, "
                f"or breaks off; wanted what {_WHAT} writes"
            )
        return value

    def text(self, what: str) -> str:
        return self._next("text", what)

    def number(self, what: str) -> float:
        return float(self._next("number", what))

    def flag(self) -> str:
        return self._next("flag", "whether there are tiers")

    def count(self, what: str) -> int:
        value = self.number(what)
        if not 0 <= value <= len(self._found) or value % 1:
            raise TierFileError(
                f"{self._path}: {what} is {value:g}; wanted a whole number that the file can hold"
            )
        return int(value)
