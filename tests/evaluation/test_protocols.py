import itertools
import random

import pytest

from fau3d.evaluation.protocols import (
    PROTOCOLS,
    balanced_groups,
    check_exclusive,
    get_protocol,
    make_splits,
    refuse_shared_people,
)
from fau3d.facs import get_au_set

BP4D = [f"F{n:03d}" for n in range(1, 24)] + [f"M{n:03d}" for n in range(1, 19)]
DISFA = [f"SN{n:03d}" for n in range(1, 33) if n not in (14, 15, 19, 20, 22)]
PEOPLE = {
    "bp4d-3fold": BP4D,
    "disfa-3fold": DISFA,
    "bp4dplus-4fold": [f"F{n:03d}" for n in range(1, 83)] + [f"M{n:03d}" for n in range(1, 59)],
}


def corpus(people, recordings=3):
    return {f"{who}_T{n}": who for who in people for n in range(1, 1 + recordings)}


def protocol_and_subjects(name):
    protocol = get_protocol(name, 5 if name == "subject-kfold" else None)
    return protocol, corpus(PEOPLE.get(name, [f"P{n}" for n in range(25)]))


@pytest.mark.parametrize("name", PROTOCOLS)
def test_folds_never_share_a_person_and_lose_nobody(name):
    protocol, subjects = protocol_and_subjects(name)
    official = {"Train_Set": list(subjects)[:60], "Validation_Set": list(subjects)[60:]}
    made = make_splits(protocol, subjects, official)
    tested = []
    for fold in made.folds:
        train, test, fit, val = (made.splits[f"{fold}_{role}"] for role in ("train", "test", "fit", "val"))
        people = {
            role: {subjects[v] for v in made.splits[f"{fold}_{role}"]} for role in ("fit", "val", "test")
        }
        assert not any(a & b for a, b in itertools.combinations(people.values(), 2))
        assert sorted(fit + val) == sorted(train) and fit and val and test
        assert sorted(train + test) == sorted(subjects)
        tested += test
    if protocol.rule != "official":
        assert sorted(tested) == sorted(subjects)
    assert made.missing == ()
    if protocol.au_set:
        get_au_set(protocol.au_set)


def test_the_published_folds_are_as_published():
    bp4d, disfa = get_protocol("bp4d-3fold"), get_protocol("disfa-3fold")
    assert [len(group) for group in bp4d.tested] == [13, 14, 14]
    assert sorted(s for group in bp4d.tested for s in group) == sorted(BP4D)
    assert "F004" in bp4d.tested[0] and "F003" in bp4d.tested[1] and "F001" in bp4d.tested[2]
    assert [len(group) for group in disfa.tested] == [9, 9, 9]
    assert sorted(s for group in disfa.tested for s in group) == sorted(DISFA)
    assert "SN003" in disfa.tested[0] and "SN006" in disfa.tested[1] and "SN001" in disfa.tested[2]
    assert disfa.present_from == 2 and disfa.au_set == "disfa8"
    assert [len(group) for group in get_protocol("bp4dplus-4fold").tested] == [35] * 4


def test_subjects_are_found_however_their_numbers_are_written():
    made = make_splits(get_protocol("disfa-3fold"), {"a": "3", "b": "sn006", "c": "001", "d": "SN002"})
    assert made.splits["fold1_test"] == ["a"] and made.splits["fold3_test"] == ["c", "d"]
    assert "SN032" in made.missing and len(made.missing) == 23


def test_unknown_and_missing_people_are_named():
    protocol = get_protocol("bp4d-3fold")
    with pytest.raises(ValueError, match=r"F099 \(1 people\) are not in its lists of BP4D"):
        make_splits(protocol, corpus([*BP4D, "F099"]))
    assert make_splits(protocol, corpus(BP4D[1:])).missing == ("F001",)
    with pytest.raises(ValueError, match="fold2, fold3 would test nobody: the videos show 2 of 41"):
        make_splits(protocol, corpus(["F004", "F006"]))
    with pytest.raises(ValueError, match="v: has no subject"):
        make_splits(protocol, {"v": ""})
    with pytest.raises(ValueError, match="found 3 people for 10 groups"):
        make_splits(get_protocol("ckplus-10fold"), corpus("abc"))


def test_groups_are_balanced_and_the_same_everywhere():
    rng = random.Random(0)
    recordings = {f"P{n}": rng.randint(1, 30) for n in range(40)}
    groups = balanced_groups(recordings, 5)
    loads = [sum(recordings[who] for who in group) for group in groups]
    assert max(loads) - min(loads) <= 2
    shuffled = dict(rng.sample(list(recordings.items()), 40))
    assert balanced_groups(shuffled, 5) == groups
    assert balanced_groups(recordings, 5, seed=1) != groups
    # Not by Python's own hash, which another process draws anew.
    assert balanced_groups(dict.fromkeys("abcdef", 1), 2) == [["a", "e", "f"], ["b", "c", "d"]]


def test_official_splits():
    protocol, subjects = protocol_and_subjects("affwild2")
    videos = list(subjects)
    with pytest.raises(ValueError, match="no split 'Validation_Set', it has \\['Train_Set'\\]"):
        make_splits(protocol, subjects, {"Train_Set": videos})
    with pytest.raises(ValueError, match=r"P1 .*are in fold1_train and in fold1_test"):
        make_splits(protocol, subjects, {"Train_Set": videos[:4], "Validation_Set": videos[4:]})
    # What is in neither split is in no fold.
    made = make_splits(protocol, subjects, {"Train_Set": videos[:9], "Validation_Set": videos[9:12]})
    assert made.folds == ["fold1"] and len(made.splits["fold1_test"]) == 3


def test_a_fold_that_trains_on_one_person_has_no_validation():
    made = make_splits(get_protocol("loso"), corpus("ab"))
    assert sorted(made.splits) == ["fold1_test", "fold1_train", "fold2_test", "fold2_train"]


def test_splits_of_a_file_are_checked():
    with pytest.raises(ValueError, match=r"fold1: a .*fold1_val"):
        check_exclusive({"fold1_fit": ["v"], "fold1_val": ["w"], "train": ["v"]}, {"v": "a", "w": "a"})


def test_get_protocol():
    with pytest.raises(ValueError, match="unknown protocol 'bp4d'; known: bp4d-3fold"):
        get_protocol("bp4d")
    with pytest.raises(ValueError, match="wanted 2 or more"):
        get_protocol("subject-kfold")
    with pytest.raises(ValueError, match="fixed"):
        get_protocol("bp4d-3fold", 5)


def test_disfa_and_its_extension_never_meet():
    with pytest.raises(ValueError, match=r"b.pkl \(DISFA\+\) would be tested by a model trained on a.pkl"):
        refuse_shared_people({"a.pkl": "DISFA", "c.pkl": "BP4D"}, {"b.pkl": "DISFA+"})
    with pytest.raises(ValueError, match="the same people"):
        refuse_shared_people({"b.pkl": "DISFA plus"}, {"a.pkl": "disfa"})
    with pytest.raises(ValueError, match="the same people"):
        refuse_shared_people({"a.pkl": "BP4D"}, {"b.pkl": "BP4D"})
    assert refuse_shared_people({"a.pkl": "BP4D", "x.pkl": None}, {"b.pkl": "BP4D+"}) == ["x.pkl"]


def test_the_documentation_names_every_protocol(repo_root):
    page = (repo_root / "docs" / "protocols.md").read_text()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for name, protocol in PROTOCOLS.items():
        assert protocol.title in rows[name]
        if protocol.present_from:
            assert f"intensity {protocol.present_from:g}" in rows[name]
