"""The page of a batch: one row a video, sortable, in one file that loads nothing from a network."""

import base64
import hashlib
import html
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from fau3d.apis.batch.summary import FACTS, THUMBNAIL, VideoSummary
from fau3d.facs import describe_au, split_side
from fau3d.io.atomic import atomic_path

_UNITS, _LEAST = 4, 0.02  # units named in a row, and the share of time from which one is
_FIRST = {"report.html": "report", "au.csv": "table", "overlay.mp4": "overlay", "timing.png": "timing"}
_COLUMNS = (
    ("", "", ""),
    ("video", "Video", "text"),
    ("seconds", "Length", "number"),
    ("faces", "Faces", "number"),
    ("seen", "Face in view", "number"),
    ("events", "Events / min", "number"),
    ("blinks", "Blinks / min", "number"),
    ("units", "Most active units", "share"),
    ("expression", "Expression named most", "text"),
)


def write_index(path: Path, videos: Sequence[VideoSummary], failures: Sequence[tuple[str, str]] = ()) -> None:
    """Write the page.

    Pictures are in it; what it links to lies in the folders beside it. Its content security policy allows the
    one script and style that are written here, and no network.

    Args:
        path: Where it shall be; videos' folders lie below its folder.
        videos: In the order of the page.
        failures: (source, reason) of what could not be analysed.
    """
    text = render_index(videos, failures, path.parent)
    with atomic_path(path) as temporary:
        # A file name that is no text (surrogates) is shown with question marks.
        temporary.write_bytes(text.encode("utf-8", "replace"))


def render_index(videos: Sequence[VideoSummary], failures: Sequence[tuple[str, str]], root: Path) -> str:
    """Give the page as text; `write_index` says what it is."""
    assets = files(__package__).joinpath("assets")
    style, script, page = (
        assets.joinpath(f"index.{kind}").read_text(encoding="utf-8") for kind in ("css", "js", "html")
    )
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    heads = "".join(
        f'<th scope="col"{_sorter(key, label, kind)}</th>' if key else '<th scope="col" class="picture"></th>'
        for key, label, kind in _COLUMNS
    )
    options = "".join(f'<option value="{key}">{label}</option>' for key, label, _ in _COLUMNS if key)
    parts = {
        "policy": policy,
        "style": style,
        "script": script,
        "facts": _facts(videos, failures),
        "heads": heads,
        "options": options,
        "rows": "\n".join(_row(video, root) for video in videos),
        "failures": _failures(failures),
    }
    # One pass: what a name holds is never read as a place of the template.
    pieces = page.split("{{")
    return pieces[0] + "".join(
        parts[name] + rest for name, rest in (piece.split("}}", 1) for piece in pieces[1:])
    )


def _sorter(key: str, label: str, kind: str) -> str:
    return f' class="{kind}" data-key="{key}"><button type="button">{label}</button>'


def _facts(videos: Sequence[VideoSummary], failures: Sequence[tuple[str, str]]) -> str:
    parts = [
        f"{len(videos)} video{'s' * (len(videos) != 1)}",
        _clock(sum(video.seconds for video in videos)),
        f"{sum(video.frames for video in videos):,} frames",
    ]
    parts += [f"{len(failures)} failed"] if failures else []
    return " · ".join(parts)


def _row(video: VideoSummary, root: Path) -> str:
    face = video.main_face
    units = [] if face is None else _active_units(face)
    events = None if face is None else _events(face)
    blinks = ((face or {}).get("eyes") or {}).get("blinks_per_minute")
    expression = next(iter((face or {}).get("expressions", {}).get("time_share", {}).items()), None)
    cells = [
        ("", "", f"<td class='picture'>{_picture(video)}</td>"),
        (
            "video",
            video.name,
            f"<td class='name'><strong>{_safe(video.name)}</strong>{_links(video, root)}</td>",
        ),
        ("seconds", video.seconds, _cell("Length", _clock(video.seconds))),
        ("faces", len(video.faces), _cell("Faces", str(len(video.faces)))),
        ("seen", video.seen, _cell("Face in view", f"{video.seen:.0%}")),
        ("events", _number(events), _cell("Events / min", _shown(events))),
        ("blinks", _number(blinks), _cell("Blinks / min", _shown(blinks))),
        ("units", units[0][1] if units else -1, _cell("Most active units", _chips(units), "wide")),
        (
            "expression",
            "" if expression is None else expression[0],
            _cell("Expression named most", "–" if expression is None else _named(*expression), "wide"),
        ),
    ]
    keys = "".join(f' data-{key}="{_safe(str(value))}"' for key, value, _ in cells if key)
    return f"<tr{keys}>{''.join(cell for _, _, cell in cells)}</tr>"


def _cell(label: str, content: str, kind: str = "number") -> str:
    return f'<td class="{kind}" data-label="{label}">{content}</td>'


def _picture(video: VideoSummary) -> str:
    path = video.folder / THUMBNAIL
    if not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return (
        f'<img src="data:image/jpeg;base64,{data}" alt="{_safe(f"a frame of {video.name}")}" loading="lazy">'
    )


def _links(video: VideoSummary, root: Path) -> str:
    """Link the folder's files, those that people look at first."""
    there = [p.name for p in video.folder.iterdir() if p.is_file() and not p.name.startswith(".")]
    first = [name for name in _FIRST if name in there]
    rest = sorted(name for name in there if name not in (*_FIRST, THUMBNAIL, FACTS))
    base = video.folder.relative_to(root).as_posix()
    links = [
        f'<a href="{_address(f"{base}/{name}")}">{_safe(_FIRST.get(name, name))}</a>' for name in first + rest
    ]
    shown, hidden = links[: len(first)], links[len(first) :]
    more = f"<details><summary>more</summary><span>{' '.join(hidden)}</span></details>" if hidden else ""
    return f'<span class="links">{" ".join(shown)}{more}</span>'


def _active_units(face: dict) -> list[tuple[str, float]]:  # type: ignore[type-arg]
    """Give the units that are there for most of the time; a unit's two sides speak for it alone."""
    shares = [
        (name, figures["time_share"])
        for name, figures in face["units"].items()
        if (figures["time_share"] or 0) >= _LEAST and not split_side(name)[1]
    ]
    return sorted(shares, key=lambda item: -item[1])[:_UNITS]


def _events(face: dict) -> float | None:  # type: ignore[type-arg]
    known = [
        figures["events_per_minute"]
        for name, figures in face["units"].items()
        if figures["events_per_minute"] is not None and not split_side(name)[1]
    ]
    return sum(known) if known else None


def _chips(units: Sequence[tuple[str, float]]) -> str:
    return "".join(
        f'<span class="chip" title="{_safe(describe_au(name).facs_name)}">{_safe(name)} '
        f'<b>{share:.0%}</b></span>'
        for name, share in units
    ) or "–"  # fmt: skip


def _named(name: str, share: float) -> str:
    return f'<span class="chip">{_safe(name)} <b>{share:.0%}</b></span>'


def _failures(failures: Sequence[tuple[str, str]]) -> str:
    if not failures:
        return ""
    rows = "".join(
        f"<li><strong>{_safe(name)}</strong> {_safe(reason.removeprefix(f'{name}: '))}</li>"
        for name, reason in failures
    )
    return f'<section class="failed"><h2>Failed</h2><ul>{rows}</ul></section>'


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _number(value: float | None) -> float:
    return -1.0 if value is None else value


def _address(path: str) -> str:
    return html.escape(quote(path.encode("utf-8", "surrogateescape")), quote=True)


def _safe(text: str) -> str:
    return html.escape(text, quote=True)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
