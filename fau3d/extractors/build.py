"""Building an extractor from a short name or a config."""

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
    cfg = {"type": name_or_cfg} if isinstance(name_or_cfg, str) else dict(name_or_cfg)
    kind = cfg.pop("type", None)
    if isinstance(kind, str):
        kind = EXTRACTORS.get(EXTRACTOR_NAMES.get(kind, kind))
    if kind is None:
        known = sorted([*EXTRACTOR_NAMES, *EXTRACTORS.module_dict])
        raise KeyError(f"no landmark extractor {name_or_cfg!r}; known: {', '.join(known)}")
    return kind(**{**cfg, **kwargs})
