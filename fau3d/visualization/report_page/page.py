"""The page itself: template, style and scripts of the package, put together with a report's values."""

import base64
import hashlib
import html
import json
from collections.abc import Iterator
from importlib.resources import files
from os import PathLike

from fau3d.io.atomic import atomic_path
from fau3d.visualization.report_page.data import ReportData
from fau3d.visualization.report_page.encoding import encode_report

# In the order in which they run: each may use what those before it define.
_SCRIPTS = (
    "data",
    "state",
    "curves",
    "timeline",
    "pointer",
    "playback",
    "rows",
    "events",
    "expressions",
    "together",
    "about",
    "main",
)


def write_report_page(path: str | PathLike[str], data: ReportData) -> None:
    """Write a report as one HTML file that needs nothing but the video beside it.

    The page loads nothing from a network: its content security policy forbids it, and allows only the scripts
    and the style that are written here. The file appears when it is complete.

    Args:
        path: Where it shall be, by convention `report.html`; a file that is there is replaced.
        data: What to show.
    """
    # A file name that is no text (surrogates) is shown with question marks.
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="replace", newline="") as stream,
    ):
        stream.writelines(_pieces(data))


def render_report_page(data: ReportData) -> str:
    """Give the page as text; `write_report_page` says what it is."""
    return "".join(_pieces(data))


def _pieces(data: ReportData) -> Iterator[str]:
    """Yield the page's text piece by piece: with hours of video it is long."""
    folder = files(__package__).joinpath("assets")
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    scripts = "\n".join(folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    script = f'(() => {{\n"use strict";\n{scripts}\n}})();'
    # 'self' and file: are the folder of the page: the video beside it.
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "media-src 'self' file:; img-src data:; base-uri 'none'; form-action 'none'"
    )
    page = folder.joinpath("page.html").read_text(encoding="utf-8")
    parts = {
        "policy": policy,
        "title": html.escape(f"{data.source} · fau3d report"),
        "style": style,
        "script": script,
    }
    head, *rest = page.split("{{")
    # Split first: what is put in may itself hold braces.
    yield head
    for piece in rest:
        name, tail = piece.split("}}", 1)
        if name == "payload":
            yield from _safe_json(encode_report(data))
        else:
            yield parts[name]
        yield tail


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _safe_json(value: object) -> Iterator[str]:
    """Yield JSON that cannot end the element it stands in; functions in the value are called for theirs."""
    encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=lambda later: later())
    for text in encoder.iterencode(value):
        yield text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
