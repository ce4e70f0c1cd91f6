"""Why units react differently to where faces rest: how far an offset looks like a unit's own movement."""

import numpy as np
from ablation_bench import Bench, Row
from ablation_data import UNITS, Faces, align
from ablation_model import aucs, marked, smooth_field

from fau3d.synthetic.rendered_corpus import RestingShift

DRAWS = 5
PLAIN = Row("F", "as rendered, no displacement drawn in training", share=0.0, bias=0.0)


def unit_movements(faces: Faces) -> np.ndarray:
    """Give the mean movement of each unit at full intensity (A, 91, 2), by least squares over all frames."""
    assert faces.rest is not None
    moved = faces.points - faces.rest[faces.person]
    played = np.nan_to_num(faces.intensity) / 5
    found = np.linalg.lstsq(played, moved.reshape(len(moved), -1), rcond=None)[0]
    return found.reshape(len(UNITS), *moved.shape[1:])


def along(offset: np.ndarray, movements: np.ndarray) -> np.ndarray:
    """Give an offset's (91, 2) component along each movement (A, 91, 2), in full movements (A,)."""
    return np.einsum("vk,avk->a", offset, movements) / np.maximum((movements**2).sum((1, 2)), 1e-9)


def random_offsets(base: np.ndarray, rms: float, draws: int = DRAWS) -> list[np.ndarray]:
    """Draw smooth offsets of an aligned face (91, 2), of the same rms once the displaced face is aligned."""
    field = smooth_field(base)
    found = []
    for seed in range(draws):
        way = field.draw(np.random.default_rng(seed))[:, :2]
        offset = align((base + rms * way)[None])[0] - base
        found.append(offset * rms / np.sqrt((offset**2).mean()))
    return found


def explain_units(bench: Bench) -> list[dict[str, float | str]]:
    """Displace held-out people by the canonical offset and by random ones, for a network that knows neither.

    Returns:
        By unit: `AUC` of marked frames as rendered, its change by the canonical offset and, on average, by
        random ones, and the offsets' components along the unit's movement (of random ones: the rms).
    """
    answers = bench.answers(PLAIN.training())
    faces = bench.faces("held-out", PLAIN.shift, PLAIN.geometry)
    learned = bench.faces("train", PLAIN.shift, PLAIN.geometry)
    onto = bench.faces("train", RestingShift("canonical"), PLAIN.geometry)
    assert learned.rest is not None and onto.rest is not None
    base = learned.rest.mean(0)
    canonical = onto.rest.mean(0) - base
    others = random_offsets(base, float(np.sqrt((canonical**2).mean())))
    movements = unit_movements(learned)
    truth = marked(faces)

    def scores(offset: np.ndarray) -> np.ndarray:
        moved = (faces.points + offset).astype(np.float32)
        return np.mean([aucs(answer(moved), truth) for answer in answers], axis=0)

    plain, moved = scores(np.zeros_like(base)), scores(canonical)
    drawn = np.mean([scores(offset) for offset in others], axis=0)
    component = along(canonical, movements)
    random = np.sqrt(np.mean([along(offset, movements) ** 2 for offset in others], axis=0))
    return [
        {
            "unit": unit,
            "AUC": float(plain[k]),
            "canonical": float(moved[k] - plain[k]),
            "random": float(drawn[k] - plain[k]),
            "component": float(component[k]),
            "random component": float(random[k]),
        }
        for k, unit in enumerate(UNITS)
    ]
