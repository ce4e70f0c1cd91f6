"""From a protocol and `{frame_dir: subject}` to splits that never share a subject."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fau3d.evaluation.protocols.protocol import Protocol

VALIDATION_GROUPS = 5
"""A fifth of the people that a fold trains on validate it."""


@dataclass
class FoldSplits:
    """Splits of one corpus by one protocol.

    Attributes:
        splits: Names of videos under `fold1_train`, `fold1_test`, and, cut out of `fold1_train` by whole
            people, `fold1_fit` and `fold1_val`; these two are left out where a fold trains on one person.
        folds: `fold1`, `fold2`, …
        missing: People whom the protocol's lists name and the corpus does not hold.
    """

    splits: dict[str, list[str]] = field(default_factory=dict)
    folds: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()


def make_splits(
    protocol: Protocol,
    subjects: Mapping[str, str],
    official: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
) -> FoldSplits:
    """Divide the videos of a corpus.

    Args:
        protocol: See `get_protocol`.
        subjects: Video (`frame_dir`) to subject, of all videos to be divided.
        official: The corpus's own splits, for protocols that rest on them.
        seed: Changes how people are dealt out where no list says it, and who validates.

    Returns:
        The splits; videos in the order of `subjects`.

    Raises:
        ValueError: If a subject is not in the protocol's lists, a video has no subject, there are too few
            people, or official splits are missing or share a subject.
    """
    nameless = [video for video, subject in subjects.items() if not str(subject or "").strip()]
    if nameless:
        raise ValueError(
            f"{nameless[0]}: has no subject ({len(nameless)} such videos); wanted to know who is seen, since "
            "folds never share a person: set `subject` in the annotations"
        )
    keys = {video: protocol.subject_key(subject) for video, subject in subjects.items()}
    result = FoldSplits()
    if protocol.rule == "official":
        pairs = [_official_pair(protocol, keys, official or {})]
    else:
        tested, result.missing = _tested_people(protocol, keys, seed)
        pairs = [
            ([v for v in keys if keys[v] not in group], [v for v in keys if keys[v] in group])
            for group in tested
        ]
    for number, (train, test) in enumerate(pairs, start=1):
        name = f"fold{number}"
        result.folds.append(name)
        result.splits[f"{name}_train"], result.splits[f"{name}_test"] = train, test
        result.splits.update(cut_validation(name, train, keys, seed))
    check_exclusive(result.splits, keys)
    return result


def cut_validation(
    fold: str, train: Sequence[str], subjects: Mapping[str, str], seed: int = 0
) -> dict[str, list[str]]:
    """Cut about a fifth of the recordings, by whole people, out of what a fold trains on.

    Args:
        fold: Name of the fold.
        train: Its training videos.
        subjects: Video to subject.
        seed: Changes who validates.

    Returns:
        `<fold>_fit` and `<fold>_val`, together `train`; nothing where that shows one person only.
    """
    people = Counter(subjects[video] for video in train)
    if len(people) < 2:
        return {}
    chosen = set(balanced_groups(people, min(VALIDATION_GROUPS, len(people)), seed)[-1])
    return {
        f"{fold}_fit": [video for video in train if subjects[video] not in chosen],
        f"{fold}_val": [video for video in train if subjects[video] in chosen],
    }


def balanced_groups(recordings: Mapping[str, int], groups: int, seed: int = 0) -> list[list[str]]:
    """Deal people out to groups of about as many recordings, the same way on every machine.

    Args:
        recordings: Person to number of recordings.
        groups: How many groups.
        seed: Mixed into the digests by which people are ordered.

    Returns:
        The groups, names sorted.

    Raises:
        ValueError: If there are fewer people than groups.
    """
    if len(recordings) < groups:
        raise ValueError(
            f"found {len(recordings)} people for {groups} groups; wanted at least one in each: ask for fewer "
            "folds, or leave one person out at a time (loso)"
        )

    def digest(person: str) -> str:
        return hashlib.blake2b(f"{seed}:{person}".encode(), digest_size=8).hexdigest()

    dealt: list[list[str]] = [[] for _ in range(groups)]
    load = [0] * groups
    # Those with most recordings first: the small ones then level what is left.
    for person in sorted(recordings, key=lambda p: (-recordings[p], digest(p), p)):
        least = min(range(groups), key=lambda g: (load[g], len(dealt[g]), g))
        dealt[least].append(person)
        load[least] += recordings[person]
    return [sorted(group) for group in dealt]


def check_exclusive(splits: Mapping[str, Sequence[str]], subjects: Mapping[str, str]) -> None:
    """Check that no fold tests, or validates on, a person whom it trains on.

    Args:
        splits: Splits with names such as `fold1_train`; others are not looked at.
        subjects: Video to subject.

    Raises:
        ValueError: If a person is on both sides; the message names fold and people.
    """
    for first, second in (("train", "test"), ("fit", "val"), ("fit", "test"), ("val", "test")):
        for name in splits:
            fold, _, role = name.rpartition("_")
            if role != first or f"{fold}_{second}" not in splits:
                continue
            shared = {subjects[v] for v in splits[name]} & {subjects[v] for v in splits[f"{fold}_{second}"]}
            if shared:
                raise ValueError(
                    f"{fold}: {', '.join(sorted(shared)[:5])} ({len(shared)} people) are in {name} and in "
                    f"{fold}_{second}; wanted nobody on both sides: divide by people"
                )


def _tested_people(
    protocol: Protocol, keys: Mapping[str, str], seed: int
) -> tuple[list[set[str]], tuple[str, ...]]:
    """Give the people tested in each fold, and those of the lists who are not there."""
    people = Counter(keys.values())
    if protocol.rule == "each":
        if len(people) < 2:
            raise ValueError(f"{protocol.name}: found {len(people)} people; wanted at least two")
        return [{person} for person in sorted(people)], ()
    if protocol.rule == "groups":
        return [set(g) for g in balanced_groups(people, protocol.num_folds or 0, seed)], ()
    listed = {person for group in protocol.tested for person in group}
    unknown = sorted(set(people) - listed)
    if unknown:
        raise ValueError(
            f"{protocol.name}: {', '.join(unknown[:10])} ({len(unknown)} people) are not in its lists of "
            f"{protocol.title}; take their videos out, or divide by subject-kfold"
        )
    tested = [set(group) & set(people) for group in protocol.tested]
    empty = [f"fold{number}" for number, group in enumerate(tested, start=1) if not group]
    if empty:
        raise ValueError(
            f"{protocol.name}: {', '.join(empty)} would test nobody: the videos show {len(people)} of "
            f"{len(listed)} people; wanted some of each fold's, or subject-kfold"
        )
    return tested, tuple(sorted(listed - set(people)))


def _official_pair(
    protocol: Protocol, keys: Mapping[str, str], official: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str]]:
    assert protocol.official is not None
    train, test = protocol.official
    lacking = [name for name in protocol.official if not official.get(name)]
    if lacking:
        raise ValueError(
            f"{protocol.name}: the annotation file has no split {lacking[0]!r}, it has {sorted(official)}; "
            f"wanted the corpus's own {train!r} and {test!r}"
        )
    unknown = [video for name in protocol.official for video in official[name] if video not in keys]
    if unknown:
        raise ValueError(f"{protocol.name}: {unknown[0]} is in a split, but its subject is not known")
    return list(official[train]), list(official[test])
