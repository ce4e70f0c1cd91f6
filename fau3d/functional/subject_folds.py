"""Folds of people for corpora that publish none: drawn by a seed, alike in group, no one in two of them."""

from collections.abc import Mapping

import numpy as np


def draw_folds(groups: Mapping[str, str], folds: int = 3, seed: int = 0) -> list[list[str]]:
    """Deal people out so that each fold has its share of each group.

    Args:
        groups: Group by subject; the order does not matter.
        folds: How many.
        seed: Of the drawing.

    Returns:
        Names of each fold, sorted. Sizes differ by one at most.

    Raises:
        ValueError: If there are fewer than two folds, or fewer subjects than folds.
    """
    if folds < 2 or len(groups) < folds:
        raise ValueError(
            f"found {len(groups)} subjects for {folds} folds; wanted two folds or more, each with one"
        )
    rng = np.random.default_rng(seed)
    dealt: list[list[str]] = [[] for _ in range(folds)]
    # One deal goes on where the group before ended, so that no fold gets every group's spare subject.
    turn = 0
    for group in sorted(set(groups.values())):
        members = sorted(name for name, its in groups.items() if its == group)
        for place in rng.permutation(len(members)):
            dealt[turn % folds].append(members[place])
            turn += 1
    return [sorted(fold) for fold in dealt]


def draw_share(groups: Mapping[str, str], share: float, seed: int = 0) -> list[str]:
    """Draw some people, of each group its share and at least one.

    Args:
        groups: Group by subject.
        share: Of the subjects, in (0, 1).
        seed: Of the drawing.

    Returns:
        Names, sorted; a group of one person gives none.

    Raises:
        ValueError: If the share is not in (0, 1).
    """
    if not 0 < share < 1:
        raise ValueError(f"the share is {share}; wanted a number between 0 and 1")
    rng = np.random.default_rng(seed)
    drawn: list[str] = []
    for group in sorted(set(groups.values())):
        members = sorted(name for name, its in groups.items() if its == group)
        count = min(max(1, round(share * len(members))), len(members) - 1)
        drawn += [members[place] for place in rng.permutation(len(members))[:count]]
    return sorted(drawn)


def fold_splits(
    groups: Mapping[str, str], folds: int = 3, seed: int = 0, val_share: float = 0.2
) -> dict[str, list[str]]:
    """Give `fold1_train`, `fold1_val`, `fold1_test`, …: validation is cut from what trains, by people.

    Args:
        groups: Group by subject.
        folds: How many.
        seed: Of everything drawn.
        val_share: Of the subjects that do not test.

    Returns:
        Subjects by the split's name.

    Raises:
        ValueError: See `draw_folds` and `draw_share`; or if a fold is left without subjects to validate on.
    """
    splits: dict[str, list[str]] = {}
    for number, tested in enumerate(draw_folds(groups, folds, seed), start=1):
        rest = {name: group for name, group in groups.items() if name not in tested}
        validated = draw_share(rest, val_share, seed + number)
        if not validated:
            raise ValueError(
                f"fold {number} trains on {len(rest)} subjects, which leaves none to validate on; wanted two "
                "of one group or more"
            )
        splits[f"fold{number}_train"] = sorted(set(rest) - set(validated))
        splits[f"fold{number}_val"] = validated
        splits[f"fold{number}_test"] = tested
    return splits
