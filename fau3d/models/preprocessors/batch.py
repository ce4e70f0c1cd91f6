"""What the preprocessors share: refusing a batch that is none of theirs, and folding persons."""

from collections.abc import Sequence
from typing import Any


def require_inputs(inputs: Any, kinds: Sequence[str]) -> None:
    """Make sure that a batch holds what a preprocessor reads.

    Args:
        inputs: What the data set's pipeline packed and `face_collate` stacked.
        kinds: The keys of which one must be there: `keypoint` (with `keypoint_score`), `heatmap`,
            `image`.

    Raises:
        ValueError: If it is not a dict with one of them.
    """
    if isinstance(inputs, dict) and any(kind in inputs for kind in kinds):
        return
    found = sorted(inputs) if isinstance(inputs, dict) else type(inputs).__name__
    names = {"keypoint": "with 'keypoint' and 'keypoint_score'"}
    wanted = ", or ".join(names.get(kind, f"with {kind!r}") for kind in kinds)
    raise ValueError(
        f"inputs hold {found}; wanted a dict {wanted}: "
        "end the pipeline with PackFaceInputs and collate with face_collate"
    )


def fold_samples(samples: list | None, persons: int) -> list | None:
    """Repeat each data sample once for each person, numbered where there are several."""
    if samples is None or persons == 1:
        return samples
    folded = []
    for sample in samples:
        for person in range(persons):
            one = sample.clone()
            one.set_metainfo({"person": person})
            folded.append(one)
    return folded
