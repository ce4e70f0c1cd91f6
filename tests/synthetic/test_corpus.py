"""The corpus: the same by seed, valid as an annotation file, people kept apart."""

from dataclasses import replace

import numpy as np
import pytest

from fau3d.io.annotation import AnnotationFile
from fau3d.io.validation import validate
from fau3d.synthetic.corpus import CorpusConfig, Stage, corpus_metainfo, make_corpus, make_person, set_stage
from fau3d.synthetic.labels import LABELLED_AUS
from fau3d.synthetic.rig import FaceRig, load_rig
from fau3d.topology import get_topology

SMALL = CorpusConfig(people=3, sequences_per_person=2, frames=20, seed=4)


@pytest.fixture(scope="module")
def stage(rig: FaceRig) -> Stage:
    subset = get_topology("mediapipe91")
    return set_stage(rig, SMALL, subset.parent_index, "mediapipe91")


def test_corpus_is_a_valid_annotation_file(stage: Stage) -> None:
    annotations = make_corpus(stage, progress=False)
    names = [annotation["frame_dir"] for annotation in annotations]
    assert len(set(names)) == 6 and len({a["subject"] for a in annotations}) == 3
    file = AnnotationFile({"train": names}, annotations, corpus_metainfo(stage))
    assert validate(file) == []
    for annotation in annotations:
        assert annotation["keypoint"].shape == (1, 20, 91, 3)
        assert annotation["keypoint"].dtype == np.float32
        assert annotation["au_occurrence"].shape == annotation["au_intensity"].shape == (20, 41)


def test_corpus_depends_on_the_seed_alone(stage: Stage) -> None:
    alone = make_corpus(stage, progress=False)
    shared = make_corpus(stage, workers=2, progress=False)
    for first, second in zip(alone, shared):
        np.testing.assert_array_equal(first["keypoint"], second["keypoint"])
        np.testing.assert_array_equal(first["au_occurrence"], second["au_occurrence"])
    other = make_corpus(replace(stage, config=replace(SMALL, seed=5)), progress=False)
    assert not np.array_equal(alone[0]["keypoint"], other[0]["keypoint"])


def test_later_people_are_others(stage: Stage) -> None:
    first = {a["subject"] for a in make_corpus(stage, progress=False)}
    later = {a["subject"] for a in make_corpus(stage, progress=False, first_person=3)}
    assert not first & later
    np.testing.assert_array_equal(
        make_person(stage, 2)[0]["keypoint"],
        make_corpus(stage, progress=False, first_person=2)[0]["keypoint"],
    )


def test_faces_look_like_faces(rig: FaceRig) -> None:
    stage = set_stage(rig, replace(SMALL, people=10))
    for annotation in make_corpus(stage, progress=False):
        face = annotation["keypoint"][0, ..., :2]
        width = np.linalg.norm(face[:, 263] - face[:, 33], axis=-1)
        assert (face[:, 152, 1] > face[:, 10, 1]).all() and (width > 8).all()
        assert np.abs(np.diff(face, axis=0)).max() < 0.6 * width.max()


def test_closed_lids_are_labelled_where_the_lids_are_closed(rig: FaceRig) -> None:
    stage = set_stage(rig, replace(SMALL, people=12, frames=96))
    lids = LABELLED_AUS.index("AU43")
    opening: dict[int, list[float]] = {0: [], 1: []}
    for annotation in make_corpus(stage, progress=False):
        face = annotation["keypoint"][0, ..., :2]
        gap = np.linalg.norm(face[:, [159, 386]] - face[:, [145, 374]], axis=-1).max(1)
        gap /= np.linalg.norm(face[:, 263] - face[:, 33], axis=-1)
        for label in opening:
            opening[label] += gap[annotation["au_occurrence"][:, lids] == label].tolist()
    assert opening[1] and np.median(opening[1]) < 0.5 * np.median(opening[0])


def test_a_rig_without_canonical_face_works_too() -> None:
    stage = set_stage(load_rig("ibug68"), SMALL)
    assert not stage.offset.any()
    assert make_person(stage, 0)[0]["keypoint"].shape == (1, 20, 68, 3)


def test_bad_arguments_are_named(rig: FaceRig) -> None:
    with pytest.raises(ValueError, match="people is 0"):
        CorpusConfig(people=0)
    with pytest.raises(ValueError, match="name of their topology"):
        set_stage(rig, SMALL, np.arange(3))
