"""Building an extractor from a short name or a config."""

import inspect
from collections.abc import Mapping
from typing import Any

from fau3d.extractors.base import LandmarkExtractor
from fau3d.registry import EXTRACTORS

EXTRACTOR_NAMES = {"mediapipe": "MediaPipeExtractor", "face-alignment": "FaceAlignmentExtractor"}


def build_extractor(
    name_or_cfg: str | Mapping[str, Any] | LandmarkExtractor, **kwargs: Any
) -> LandmarkExtractor:
    """Build a landmark extractor.

    Args:
        name_or_cfg: A short name (`mediapipe`, `face-alignment`), a registered class name, or a config with
            `type`. An extractor that is already built is given back as it is.
        **kwargs: Arguments of the extractor; they win over those of the config.

    Returns:
        The extractor.

    Raises:
        KeyError: If no extractor has that name.
        TypeError: If the extractor does not know an argument.
        ImportError: If the package that it wraps is not installed.
    """
    if isinstance(name_or_cfg, LandmarkExtractor):
        if kwargs:
            raise TypeError(f"{name_or_cfg.name} is built already; give {sorted(kwargs)} when you build it")
        return name_or_cfg
    kind, cfg = _class_and_arguments(name_or_cfg)
    arguments = {**cfg, **kwargs}
    known = inspect.signature(kind).parameters
    unknown = [name for name in arguments if name not in known]
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in known.values()):
        raise TypeError(
            f"{kind.__name__} has no option {', '.join(map(repr, unknown))}; "
            f"known: {', '.join(known) or 'none'}"
        )
    return kind(**arguments)


def extractor_config(name_or_cfg: str | Mapping[str, Any], **wanted: Any) -> dict[str, Any]:
    """Give a config of an extractor with those of some arguments that it knows.

    Args:
        name_or_cfg: As in `build_extractor`.
        **wanted: Arguments such as `device` and `max_faces` that not every extractor has; None is left out,
            and what the config itself says wins.

    Returns:
        A config of plain values for `build_extractor`.

    Raises:
        KeyError: If no extractor has that name.
    """
    kind, cfg = _class_and_arguments(name_or_cfg)
    known = inspect.signature(kind).parameters
    chosen = {key: value for key, value in wanted.items() if value is not None and key in known}
    return {"type": kind.__name__, **chosen, **cfg}


def _class_and_arguments(name_or_cfg: str | Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    cfg = {"type": name_or_cfg} if isinstance(name_or_cfg, str) else dict(name_or_cfg)
    wanted = kind = cfg.pop("type", None)
    if isinstance(kind, str):
        kind = EXTRACTORS.get(EXTRACTOR_NAMES.get(kind, kind))
    if kind is None:
        known = sorted([*EXTRACTOR_NAMES, *EXTRACTORS.module_dict])
        raise KeyError(f"no landmark extractor {wanted!r}; known: {', '.join(known)}")
    return kind, cfg
