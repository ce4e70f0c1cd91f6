"""Keeps seen people on disk, one file each, so that a long rendering can stop and go on."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.io.atomic import atomic_path
from fau3d.synthetic.appearance import Paint
from fau3d.synthetic.looks import Look
from fau3d.synthetic.performance import Performance
from fau3d.synthetic.rendered import SeenPerson, Sighting


def save_person(path: Path, person: SeenPerson) -> None:
    """Write one person; the file appears whole or not at all."""
    arrays: dict[str, np.ndarray] = {"modes": person.modes, "look": _look_values(person.look)}
    for name, sighting in (("rest", person.rest), *_numbered(person.sequences)):
        for key, value in _flat(sighting).items():
            arrays[f"{name}/{key}"] = value
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def load_person(path: Path) -> SeenPerson:
    """Read one person.

    Raises:
        ValueError: If the file is none that `save_person` wrote.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read ({error}); remove it, and it is rendered again") from None
    count = len({key.partition("/")[0] for key in arrays if key.startswith("sequence")})
    rest, *sequences = (_sighting(arrays, name) for name in ("rest", *(f"sequence{k}" for k in range(count))))
    return SeenPerson(rest, tuple(sequences), _look(arrays["look"]), arrays["modes"])


def _numbered(sequences: tuple[Sighting, ...]) -> list[tuple[str, Sighting]]:
    return [(f"sequence{k}", sighting) for k, sighting in enumerate(sequences)]


def _flat(sighting: Sighting) -> dict[str, np.ndarray]:
    values: dict[str, np.ndarray] = {}
    for item in fields(Sighting):
        value = getattr(sighting, item.name)
        if isinstance(value, Performance):
            values |= {
                f"performance/{part.name}": np.asarray(getattr(value, part.name)) for part in fields(value)
            }
        else:
            values[item.name] = np.asarray(value)
    return values


def _sighting(arrays: Mapping[str, np.ndarray], name: str) -> Sighting:
    def get(key: str) -> Any:
        value = arrays[f"{name}/{key}"]
        return value if value.ndim else value.item()

    performance = Performance(**{part.name: get(f"performance/{part.name}") for part in fields(Performance)})
    plain = {item.name: get(item.name) for item in fields(Sighting) if item.name != "performance"}
    return Sighting(**plain, performance=performance)


_PAINTED = ("skin", "brow_width", "brow_share", "shadow", "beard")


def _look_values(look: Look) -> np.ndarray:
    """Give what reports group people by: tone, wrinkles, age, and the main parts of the paint."""
    painted = np.concatenate([np.atleast_1d(getattr(look.paint, name)) for name in _PAINTED])
    return np.concatenate([[look.tone, look.wrinkles, look.age], painted])


def _look(values: np.ndarray) -> Look:
    tone, wrinkles, age, red, green, blue, *rest = (float(value) for value in values)
    width, share, shadow, beard = rest
    paint = Paint(skin=(red, green, blue), brow_width=width, brow_share=share, shadow=shadow, beard=beard)
    return Look(paint, wrinkles, age, tone)
