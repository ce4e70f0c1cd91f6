"""Where a neutral face shall come from."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fau3d.apis.window_recognizer import WindowRecognizer
from fau3d.io.video import is_image
from fau3d.topology import resting_face

AUTO = "auto"
_SPAN = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class NeutralSearch:
    """A neutral face that is looked for in the video itself.

    Attributes:
        begin: Seconds from which the person is known to rest; None where nobody knows when they do.
        end: Seconds to which they do.
    """

    begin: float | None = None
    end: float | None = None


def check_neutral(wanted: Any) -> "NeutralSearch | Path | None":
    """Read what a user says of the neutral face.

    Args:
        wanted: None; `auto`; a part of the video in seconds, (0, 2.5) or `0-2.5`; or the path of a picture or
            video that shows the person at rest.

    Returns:
        The path, what is to be looked for, or None.

    Raises:
        ValueError: If it is none of these, or the part is empty.
        FileNotFoundError: If there is no such file.
    """
    if wanted is None:
        return None
    if wanted == AUTO:
        return NeutralSearch()
    if isinstance(wanted, str | Path) and Path(wanted).exists():
        return Path(wanted)
    part = _SPAN.fullmatch(wanted) if isinstance(wanted, str) else None
    if part is None and (isinstance(wanted, Path) or (isinstance(wanted, str) and _is_path(wanted))):
        raise FileNotFoundError(
            f"{wanted}: no such picture or video of the person at rest; check the path, or give seconds "
            "such as 0-2, or auto"
        )
    try:
        begin, end = map(float, wanted if part is None else part.groups())
    except (TypeError, ValueError):
        raise ValueError(
            f"neutral is {wanted!r}; wanted 'auto', the seconds in which the person rests, such as 0-2, or a "
            "picture or video of the person at rest"
        ) from None
    if not 0 <= begin < end:
        raise ValueError(f"neutral is from {begin:g} to {end:g} s; wanted a part that begins before it ends")
    return NeutralSearch(begin, end)


def check_neutral_fits(
    resting: NeutralSearch | Path, recognizer: WindowRecognizer, topology: str, max_faces: int
) -> None:
    """Refuse a neutral face where it cannot be taken away.

    Args:
        resting: Where it comes from.
        recognizer: The model.
        topology: Point set of the faces.
        max_faces: Faces followed.

    Raises:
        ValueError: If the model reads pictures, the points have no common resting face, or one person's is
            given for several.
    """
    resting_face(topology)
    if recognizer.cropper is not None:
        raise ValueError(
            f"{recognizer.name} reads pictures, and a neutral face is taken from landmarks; leave it out, or "
            "choose a checkpoint that reads landmarks"
        )
    if isinstance(resting, Path) and max_faces > 1:
        raise ValueError(
            f"{resting} shows one person at rest, but {max_faces} faces are followed; give the seconds in "
            "which all of them rest, or 'auto'"
        )


def _is_path(text: str) -> bool:
    return "/" in text or is_image(Path(text)) or bool(Path(text).suffix)
