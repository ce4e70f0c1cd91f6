"""From annotation files and a protocol to a plan."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fau3d.apis.cross_validation.plan import Fold, Plan
from fau3d.evaluation.protocols import (
    FoldSplits,
    Protocol,
    check_exclusive,
    cut_validation,
    get_protocol,
    make_splits,
    refuse_shared_people,
    same_corpus,
)
from fau3d.facs import get_au_set
from fau3d.io.annotation import load_annotations, require_annotation_file

LEAVE_ONE_CORPUS_OUT = "leave-one-corpus-out"
OWN_FOLDS = "file"
_FIT, _VALIDATION = "corpus_fit", "corpus_val"


@dataclass(frozen=True)
class _Source:
    """What is needed of an annotation file; its arrays are let go."""

    path: str
    subjects: dict[str, str]
    split: dict[str, list[str]]
    corpus: str | None
    au_names: tuple[str, ...]
    present_from: float | None


def plan_protocol(
    config: str,
    ann_files: Sequence[str],
    protocol: str | None = None,
    num_folds: int | None = None,
    validate: bool = True,
    au_set: str | Sequence[str] | None = None,
    present_from: float | None = None,
    seed: int = 0,
) -> Plan:
    """Plan the folds of a protocol.

    Args:
        config: Path of the config.
        ann_files: Annotation files of one corpus.
        protocol: Its name; None = the folds that the files hold (`fold1_train`, `fold1_test`, …).
        num_folds: For `subject-kfold`.
        validate: Train on `foldK_fit` and validate on `foldK_val`, people cut out of `foldK_train`; without
            it all of `foldK_train` is trained on.
        au_set: Units, in place of the protocol's or the config's.
        present_from: See `Plan`, in place of the protocol's.
        seed: Of dealing people out.

    Raises:
        ValueError: If protocol and files do not fit together, or a fold cannot validate.
        FileNotFoundError: If a file is missing.
    """
    sources = [_read(path) for path in ann_files]
    _check_names(sources)
    chosen = None if protocol is None else get_protocol(protocol, num_folds)
    notes: list[str] = []
    if chosen is not None:
        present_from = present_from or chosen.present_from
        au_set = au_set or chosen.au_set
        _check_corpus(sources, chosen)
    _check_reading(sources, present_from)
    made = _folds(sources, chosen, seed, notes)
    folds = [_fold(name, made, validate, range(len(sources))) for name in made.folds]
    return Plan(
        config=str(config),
        protocol=OWN_FOLDS if chosen is None else chosen.name,
        ann_files=tuple(source.path for source in sources),
        folds=tuple(folds),
        splits=tuple(
            {name: [v for v in videos if v in source.subjects] for name, videos in made.splits.items()}
            for source in sources
        ),
        subjects=tuple(source.subjects for source in sources),
        au_names=None if au_set is None else get_au_set(au_set),
        present_from=present_from,
        notes=tuple(notes),
    )


def plan_leave_one_corpus_out(
    config: str,
    ann_files: Sequence[str],
    validate: bool = True,
    au_set: str | Sequence[str] | None = None,
    present_from: float | None = None,
    seed: int = 0,
) -> Plan:
    """Plan to train on all corpora but one and to test on that one, over the units that all of them label.

    Args:
        config: Path of the config.
        ann_files: One annotation file a corpus, at least two.
        validate: Cut people out of each training corpus to validate on.
        au_set: Units, in place of those that all files label; what a file lacks is masked.
        present_from: See `Plan`.
        seed: Of choosing who validates.

    Raises:
        ValueError: If corpora share people (DISFA and DISFA+), label no common unit, or people are not known.
        FileNotFoundError: If a file is missing.
    """
    sources = [_read(path) for path in ann_files]
    if len(sources) < 2:
        raise ValueError(f"found {len(sources)} annotation file; wanted at least two, one a corpus")
    _check_reading(sources, present_from)
    unnamed: set[str] = set()
    for source in sources:
        others = {other.path: other.corpus for other in sources if other is not source}
        unnamed |= set(refuse_shared_people(others, {source.path: source.corpus}))
    names = _corpus_names(sources)
    numbers = range(len(sources))
    splits = []
    for source in sources:
        cut = cut_validation("corpus", list(source.subjects), _known(source), seed) if validate else {}
        splits.append(cut or {_FIT: list(source.subjects), _VALIDATION: []})
    return Plan(
        config=str(config),
        protocol=LEAVE_ONE_CORPUS_OUT,
        ann_files=tuple(source.path for source in sources),
        folds=tuple(
            Fold(
                name=names[tested],
                train_files=tuple(number for number in numbers if number != tested),
                test_files=(tested,),
                train=_FIT,
                validation=_VALIDATION if validate else None,
                test=None,
            )
            for tested in numbers
        ),
        splits=tuple(splits),
        subjects=tuple(source.subjects for source in sources),
        au_names=_shared_units(sources) if au_set is None else get_au_set(au_set),
        present_from=present_from,
        notes=tuple(
            f"{Path(path).name} does not say which corpus it holds: that nobody in it is in another file "
            "could not be checked"
            for path in sorted(unnamed)
        ),
    )


def _read(path: str) -> _Source:
    require_annotation_file(path)
    file = load_annotations(path)
    rules = file.metainfo.get("rules")
    graded_from = rules.get("present_from") if isinstance(rules, dict) else None
    return _Source(
        path=str(path),
        subjects={a["frame_dir"]: str(a.get("subject") or "") for a in file.annotations},
        split=file.split,
        corpus=file.metainfo.get("corpus"),
        au_names=file.au_names,
        present_from=graded_from,
    )


def _known(source: _Source) -> dict[str, str]:
    nameless = [video for video, subject in source.subjects.items() if not subject]
    if nameless:
        raise ValueError(
            f"{source.path}: {nameless[0]} has no subject ({len(nameless)} such videos), so that nobody can "
            "be held out to validate; set `subject` in the annotations, or add --no-validation-split"
        )
    return source.subjects


def _check_names(sources: Sequence[_Source]) -> None:
    owner: dict[str, str] = {}
    for source in sources:
        for video in source.subjects:
            if video in owner:
                raise ValueError(
                    f"{video}: is in {owner[video]} and again in {source.path}; wanted each video once"
                )
            owner[video] = source.path


def _check_corpus(sources: Sequence[_Source], protocol: Protocol) -> None:
    for source in sources:
        if source.corpus and protocol.title and not same_corpus(source.corpus, protocol.title):
            raise ValueError(
                f"{source.path}: holds {source.corpus}, but {protocol.name} divides {protocol.title}; take "
                "the protocol of that corpus, or subject-kfold"
            )


def _check_reading(sources: Sequence[_Source], present_from: float | None) -> None:
    for source in sources:
        found = source.present_from
        if found is not None and present_from is not None and found != present_from:
            raise ValueError(
                f"{source.path}: its units count as present from intensity {found:g} on, but "
                f"{present_from:g} is wanted; prepare the file anew, or add --present-from {found:g}"
            )


def _folds(sources: Sequence[_Source], protocol: Protocol | None, seed: int, notes: list[str]) -> FoldSplits:
    subjects = {video: who for source in sources for video, who in source.subjects.items()}
    own: dict[str, list[str]] = {}
    for source in sources:
        for name, videos in source.split.items():
            own.setdefault(name, []).extend(videos)
    known = all(subjects.values())
    if protocol is not None and (known or not _fold_names(own)):
        made = make_splits(protocol, subjects, own, seed)
        if made.missing:
            notes.append(
                f"{len(made.missing)} people of the protocol are not in the files: {', '.join(made.missing)}"
            )
        return made
    folds = _fold_names(own)
    if not folds:
        raise ValueError(
            f"{sources[0].path}: holds no folds (fold1_train, fold1_test, …), it has {sorted(own)}; name a "
            "--protocol to make them"
        )
    splits = {name: own[name] for name in own if re.fullmatch(r"fold\d+_(train|test|fit|val)", name)}
    if known:
        for fold in folds:
            if f"{fold}_fit" not in splits:
                splits |= cut_validation(fold, splits[f"{fold}_train"], subjects, seed)
        check_exclusive(splits, subjects)
    else:
        notes.append(
            "who is seen is not known: the file's own folds were taken, and that they share nobody could not "
            "be checked; intervals are over videos"
        )
    return FoldSplits(splits, folds)


def _fold_names(own: dict[str, list[str]]) -> list[str]:
    found = [match[1] for name in own if (match := re.fullmatch(r"(fold\d+)_test", name))]
    return sorted((fold for fold in found if f"{fold}_train" in own), key=lambda fold: int(fold[4:]))


def _fold(name: str, made: FoldSplits, validate: bool, files: range) -> Fold:
    if validate and f"{name}_fit" not in made.splits:
        raise ValueError(
            f"{name}: has no {name}_fit and {name}_val, and trains on one person or on people who are not "
            "known, so that nobody can be held out to validate; add --no-validation-split"
        )
    return Fold(
        name=name,
        train_files=tuple(files),
        test_files=tuple(files),
        train=f"{name}_fit" if validate else f"{name}_train",
        validation=f"{name}_val" if validate else None,
        test=f"{name}_test",
    )


def _corpus_names(sources: Sequence[_Source]) -> list[str]:
    """Give each corpus a name that a folder can have."""
    names = [re.sub(r"[^\w+-]+", "_", source.corpus or Path(source.path).stem) for source in sources]
    return [name if names.count(name) == 1 else f"{name}_{i}" for i, name in enumerate(names, start=1)]


def _shared_units(sources: Sequence[_Source]) -> tuple[str, ...]:
    shared = [name for name in sources[0].au_names if all(name in source.au_names for source in sources)]
    if not shared:
        found = "; ".join(f"{source.path}: {', '.join(source.au_names)}" for source in sources)
        raise ValueError(f"no unit is labelled in all files ({found}); name the wanted ones with --au-set")
    return tuple(shared)
