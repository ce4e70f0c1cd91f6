"""ELAN's annotation files (.eaf): time-aligned annotations in and out.

EAF is XML: time slots with milliseconds, and tiers whose annotations point to two of them each.
"""

import datetime
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from xml.parsers import expat

from fau3d.io.atomic import atomic_path
from fau3d.io.tiers import TierFile, TierFileError, TierRow, check_suffix, rows_by_tier

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = "facial action"
_MIME = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo",
    ".mpg": "video/mpeg", ".mpeg": "video/mpeg", ".mkv": "video/x-matroska", ".webm": "video/webm",
    ".wav": "audio/x-wav",
}  # fmt: skip


def write_eaf(
    path: str | os.PathLike[str],
    rows: Iterable[TierRow],
    tiers: Sequence[str] = (),
    media: str | os.PathLike[str] | None = None,
    annotator: str = "",
) -> None:
    """Write annotations as an ELAN file (EAF 3.0), atomically.

    Every annotation has its own two time slots, as in ELAN's own tiers, so that moving one moves no other.
    ELAN counts in milliseconds: times are rounded, and what is shorter becomes one millisecond long.

    Args:
        path: Ends in `.eaf`.
        rows: Annotations; those of one tier must not overlap.
        tiers: Names of tiers that shall be there, also without annotations.
        media: The recording, stored relative to the file; a relative path counts from the working folder.
        annotator: Name that ELAN shows with the tiers.

    Raises:
        TierFileError: If a row cannot be written, see `rows_by_tier`, or the path ends otherwise.
    """
    target = check_suffix(path, ".eaf")
    by_tier = rows_by_tier(target, rows, tiers)
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": annotator,
            "DATE": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            f"{{{_INSTANCE}}}noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    _add_header(root, target, media, sum(map(len, by_tier.values())))
    order = ET.SubElement(root, "TIME_ORDER")
    bounds = {name: _milliseconds(own) for name, own in by_tier.items()}
    slots = _number_slots(order, bounds)
    number = 0
    for name, own in by_tier.items():
        attributes = {"LINGUISTIC_TYPE_REF": _TYPE, "TIER_ID": name}
        tier = ET.SubElement(root, "TIER", attributes | ({"ANNOTATOR": annotator} if annotator else {}))
        for place, row in enumerate(own):
            number += 1
            holder = ET.SubElement(ET.SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION")
            holder.set("ANNOTATION_ID", f"a{number}")
            holder.set("TIME_SLOT_REF1", slots[name, place, 0])
            holder.set("TIME_SLOT_REF2", slots[name, place, 1])
            ET.SubElement(holder, "ANNOTATION_VALUE").text = row.text
    kind = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true"}
    ET.SubElement(root, "LINGUISTIC_TYPE", kind)
    ET.register_namespace("xsi", _INSTANCE)
    ET.indent(root)
    with atomic_path(target) as temporary:
        ET.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)


def _add_header(
    root: ET.Element, target: Path, media: str | os.PathLike[str] | None, annotations: int
) -> None:
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if media is not None:
        relative = Path(os.path.relpath(media, target.parent)).as_posix()
        relative = relative if relative.startswith("../") else f"./{relative}"
        # ELAN looks at the relative place where the first does not lead to a file.
        description = {"MEDIA_URL": relative, "RELATIVE_MEDIA_URL": relative}
        kind = _MIME.get(Path(media).suffix.lower(), "unknown")
        ET.SubElement(header, "MEDIA_DESCRIPTOR", description | {"MIME_TYPE": kind})
    # ELAN numbers the annotations that are added later from here on.
    ET.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(annotations)


def _milliseconds(rows: Sequence[TierRow]) -> list[tuple[int, int]]:
    """Round the times of one tier; no annotation becomes empty, and none reaches into the next."""
    bounds: list[tuple[int, int]] = []
    for row in rows:
        start = max(round(1000 * row.start), bounds[-1][1] if bounds else 0)
        bounds.append((start, max(round(1000 * row.end), start + 1)))
    return bounds


def _number_slots(
    order: ET.Element, bounds: dict[str, list[tuple[int, int]]]
) -> dict[tuple[str, int, int], str]:
    """Add the time slots in time order, the end of an annotation before the next one's start."""
    slots = sorted(
        (pair[side], 1 - side, name, place)
        for name, pairs in bounds.items()
        for place, pair in enumerate(pairs)
        for side in (0, 1)
    )
    names = {}
    for number, (time, not_end, name, place) in enumerate(slots, start=1):
        ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(time)})
        names[name, place, 1 - not_end] = f"ts{number}"
    return names


def read_eaf(path: str | os.PathLike[str]) -> TierFile:
    """Read the time-aligned annotations of an ELAN file, of any EAF version.

    Annotations that hang on others (REF_ANNOTATION) have no time of their own: they are passed over, and the
    notes say how many. Time slots without a time, between annotations that subdivide a stretch, are spread
    evenly, as ELAN draws them.

    Args:
        path: The file.

    Returns:
        Tiers and annotations, with notes of what was passed over.

    Raises:
        TierFileError: If it is no EAF file, holds a DTD, or an annotation cannot be placed in time.
        FileNotFoundError: If there is no such file.
    """
    source = Path(path)
    root = _parse(source)
    header = root.find("HEADER")
    unit = header.get("TIME_UNITS", "milliseconds") if header is not None else "milliseconds"
    if unit != "milliseconds":
        raise TierFileError(f"{source}: counts time in {unit!r}; wanted milliseconds: save it with ELAN")
    aligned = {tier: _aligned(source, tier) for tier in root.iter("TIER")}
    times, filled = _slot_times(source, root, list(aligned.values()))
    rows, notes = [], []
    for tier, annotations in aligned.items():
        name = tier.get("TIER_ID", "")
        own = [
            TierRow(name, times[first] / 1000, times[last] / 1000, text)
            for first, last, text in annotations
            if times[last] > times[first]
        ]
        if len(own) < len(annotations):
            notes.append(f"tier {name!r}: {len(annotations) - len(own)} annotations of no length passed over")
        hanging = sum(1 for _ in tier.iter("REF_ANNOTATION"))
        if hanging:
            notes.append(f"tier {name!r}: {hanging} annotations without times of their own passed over")
        rows += sorted(own, key=lambda row: (row.start, row.end))
    if filled:
        notes.append(f"{filled} time slots without a time were spread evenly between their neighbours")
    media, origins = _media(root)
    return TierFile(
        tiers=tuple(tier.get("TIER_ID", "") for tier in aligned),
        rows=tuple(rows),
        media=media,
        notes=(*notes, *origins),
    )


def _parse(path: Path) -> ET.Element:
    """Parse without DTDs: neither entities that grow nor files from elsewhere."""
    builder, parser = ET.TreeBuilder(), expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise TierFileError(f"{path}: holds a DTD, which no EAF file needs; remove its <!DOCTYPE …>")

    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(path.read_bytes(), True)
    except expat.ExpatError as error:
        raise TierFileError(f"{path}: is no XML ({error}); wanted an ELAN file (.eaf)") from error
    root = builder.close()
    if root.tag != "ANNOTATION_DOCUMENT":
        raise TierFileError(f"{path}: its XML begins with {root.tag!r}; wanted 'ANNOTATION_DOCUMENT'")
    return root


def _aligned(path: Path, tier: ET.Element) -> list[tuple[str, str, str]]:
    """Give first slot, last slot and text of the annotations of a tier that have times."""
    found = []
    for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
        first, last = annotation.get("TIME_SLOT_REF1"), annotation.get("TIME_SLOT_REF2")
        if first is None or last is None:
            raise TierFileError(
                f"{path}: tier {tier.get('TIER_ID')!r}, annotation {annotation.get('ANNOTATION_ID')!r} lacks "
                "a TIME_SLOT_REF; wanted two"
            )
        found.append((first, last, (annotation.findtext("ANNOTATION_VALUE") or "").strip()))
    return found


def _slot_times(
    path: Path, root: ET.Element, tiers: Sequence[list[tuple[str, str, str]]]
) -> tuple[dict[str, float], int]:
    """Give the milliseconds of every slot that annotations use, and how many of them had none."""
    times: dict[str, float] = {}
    for slot in root.iter("TIME_SLOT"):
        value = slot.get("TIME_VALUE")
        if value is not None:
            try:
                times[slot.get("TIME_SLOT_ID", "")] = float(int(value))
            except ValueError:
                raise TierFileError(
                    f"{path}: time slot {slot.get('TIME_SLOT_ID')!r} is at {value!r}; wanted milliseconds"
                ) from None
    stated = len(times)
    following = [{first: last for first, last, _ in tier} for tier in tiers]
    # A tier may subdivide annotations whose own ends are spread: so long as one is placed, look again.
    while sum(_spread(times, links) for links in following):
        pass
    used = dict.fromkeys(slot for slot in chain(*(chain(*links.items()) for links in following)))
    lost = [slot for slot in used if slot not in times]
    if lost:
        raise TierFileError(
            f"{path}: {len(lost)} time slots have no time and do not lie between two that have one, such as "
            f"{lost[0]!r}; open the file in ELAN, give the annotation its times, and save it"
        )
    return times, len(times) - stated


def _spread(times: dict[str, float], following: dict[str, str]) -> bool:
    """Place the slots of one tier that lie between two known ones, evenly; tell whether there were any."""
    placed = False
    for first in list(following):
        if first not in times or following[first] in times:
            continue
        between: list[str] = []
        slot = following[first]
        while slot not in times and slot in following and len(between) <= len(following):
            between.append(slot)
            slot = following[slot]
        if slot in times:
            step = (times[slot] - times[first]) / (len(between) + 1)
            times.update({name: times[first] + step * k for k, name in enumerate(between, start=1)})
            placed = True
    return placed


def _media(root: ET.Element) -> tuple[tuple[str, ...], list[str]]:
    """Give the recordings, and a note for each that does not begin with the annotations' clock."""
    names: list[str] = []
    notes: list[str] = []
    for media in root.iter("MEDIA_DESCRIPTOR"):
        name = media.get("RELATIVE_MEDIA_URL") or media.get("MEDIA_URL") or ""
        names.append(name)
        if media.get("TIME_ORIGIN", "0") != "0":
            notes.append(
                f"recording {name!r} has an offset of {media.get('TIME_ORIGIN')} ms, which was not applied"
            )
    return tuple(names), notes
