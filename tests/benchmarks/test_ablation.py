"""The ablation: its parts on what is known, and the command line on people of a rig."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fau3d.synthetic.actions import action_map
from fau3d.synthetic.appearance import Paint
from fau3d.synthetic.dynamics import Plan
from fau3d.synthetic.looks import Look
from fau3d.synthetic.performance import perform
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.rig import load_rig
from fau3d.synthetic.seen_people import save_person

pytestmark = pytest.mark.usefixtures("benchmarks")
RIG, DRIVER = load_rig("mediapipe478"), load_rig("ibug68")
ACTIONS = action_map(DRIVER)
QUIET = Plan(quiet=1.0, speech=0.0, blinks_per_second=0.0)


def sight(rng: np.random.Generator, resting: np.ndarray, frames: int, plan: Plan) -> Sighting:
    """See a rig play, without any error of an extractor, from a camera far away."""
    performance = perform(rng, DRIVER, ACTIONS, np.arange(frames) / 10, plan)
    pose = (0.1, -0.2, 0.05)
    faces = RIG.pose(resting, performance.weights) @ rotation(*pose).T
    return Sighting(
        points=(8 * faces * (1, -1, -1) + 128).astype(np.float32),
        marks=np.zeros((frames, 68, 3), np.float32),
        poses=np.tile(np.float32(pose), (frames, 1)),
        index=np.arange(frames),
        performance=performance,
        size=256,
        scale=8.0,
        fps=10.0,
        occluded=False,
    )


def make_person(number: int) -> SeenPerson:
    rng = np.random.default_rng(number)
    modes = rng.normal(size=len(RIG.identities))
    resting = RIG.face(modes)
    sequences = tuple(sight(rng, resting, 24, replace(Plan(), quiet=0.0)) for _ in range(2))
    return SeenPerson(sight(rng, resting, 3, QUIET), sequences, Look(Paint(), 0.0, 0.0, 0.0), modes)


@pytest.fixture(scope="module")
def people() -> dict[int, SeenPerson]:
    return {number: make_person(number) for number in range(6)}


def test_the_canonical_offset_moves_resting_faces_and_frames_alike(people: dict[int, SeenPerson]) -> None:
    from ablation_data import make_faces, see

    from fau3d.synthetic.rendered_corpus import RestingShift, mean_rest
    from fau3d.synthetic.resting import canonical_offset

    seen = see(people, ACTIONS)
    offset = canonical_offset(mean_rest(people.values()))
    for geometry in ("2D", "3D"):
        as_is, moved = (make_faces(seen, offset, RestingShift(k, 0), geometry) for k in (0.0, 1.0))
        assert as_is.rest is not None and moved.rest is not None and as_is.points.shape == (6 * 48, 91, 2)
        way = (moved.points - as_is.points).mean(0)
        np.testing.assert_allclose((moved.rest - as_is.rest).mean(0), way, atol=0.004)
        assert 0.005 < np.sqrt((way**2).mean()) < 0.1


def test_a_turned_head_turned_to_the_front_is_as_before() -> None:
    from ablation_data import KEPT, frontal

    face = RIG.neutral[KEPT] * (1, -1, -1)
    turned = RIG.neutral[KEPT] @ rotation(0.4, -0.3, 0.2).T * (1, -1, -1)
    once, twice = frontal(np.stack([face, turned]))
    np.testing.assert_allclose(once, twice, atol=1e-5)


def test_resting_faces_are_guessed_as_their_names_say(people: dict[int, SeenPerson]) -> None:
    from ablation_data import make_faces, see
    from ablation_rest import KINDS, RestGuesser

    from fau3d.synthetic.rendered_corpus import RestingShift

    faces = make_faces(see(people, ACTIONS), np.zeros((478, 3)), RestingShift(0, 0))
    guesser = RestGuesser(faces, lambda: lambda points: points[:, :, 0])
    removed = {kind: guesser.remove(faces, kind) for kind in KINDS}
    own = faces.person == 2
    np.testing.assert_allclose(np.median(removed["median"][own], axis=0), guesser.base, atol=1e-6)
    half = (removed["raw"] + removed["median"]) / 2
    np.testing.assert_allclose(removed["half median"], half, atol=1e-6)
    first = np.flatnonzero(own)[0]  # a still keeps nearly all that it shows
    kept = removed["running median"][first] - guesser.base
    np.testing.assert_allclose(kept, (faces.points[first] - guesser.base) * 10 / 11, atol=1e-6)
    last = np.flatnonzero(own)[-1]
    np.testing.assert_allclose(removed["running learned"][last], removed["learned"][last], atol=1e-6)
    assert guesser.remove(replace(faces, rest=None), "oracle") is None
    with pytest.raises(ValueError, match="'mode'"):
        guesser.remove(faces, "mode")


def test_scores_leave_out_what_is_not_annotated() -> None:
    from ablation_data import UNITS, Faces
    from ablation_model import aucs, marked, score_clip, score_quiet

    truth = np.full((12, len(UNITS)), -1)
    truth[:10, 2] = [0] * 5 + [1] * 5
    said = np.zeros(truth.shape)
    said[:10, 2] = np.linspace(0.1, 0.9, 10)
    said[10:, 2] = [1, 0]
    found = aucs(said, truth)
    assert found[2] == 1 and np.isnan(np.delete(found, 2)).all()
    intensity = np.where(truth == 1, 2.0, 0.0)
    faces = Faces(np.zeros((12, 91, 2)), truth, intensity, np.zeros(12, int))
    assert (marked(faces)[5:10, 2] == -1).all() and (marked(faces)[:5, 2] == 0).all()
    assert score_clip(said, faces) == {"real": 1.0, "real right": 1.0, "real AU04": 1.0}
    assert score_quiet(said)["talkers, false"] == pytest.approx(6 / 120)


def test_an_offset_along_a_unit_is_found_and_random_ones_are_as_long() -> None:
    from ablation_data import KEPT, align
    from ablation_units import along, random_offsets

    rng = np.random.default_rng(0)
    movements = np.linalg.qr(rng.normal(size=(182, 2)))[0].T.reshape(2, 91, 2)
    np.testing.assert_allclose(along(-0.5 * movements[1], movements), [0, -0.5], atol=1e-9)
    base = align(RIG.neutral[KEPT][None] * (1, -1, -1))[0]
    for offset in random_offsets(base, 0.03, draws=2):
        assert np.sqrt((offset**2).mean()) == pytest.approx(0.03)
        np.testing.assert_allclose(align(((base + offset) * 100)[None])[0], base + offset, atol=0.01)


def test_frames_and_people_are_picked_evenly() -> None:
    from ablation_data import Faces, join, pick

    person = np.repeat([0, 1, 2], 5)
    faces = Faces(
        np.arange(15.0)[:, None, None] * np.ones((1, 91, 2)), person[:, None], person[:, None], person
    )
    few = pick(faces, people=2, frames=3)
    assert few.points[:, 0, 0].tolist() == [0, 2, 4, 5, 7, 9]
    assert join([few, few]).person.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


@pytest.mark.slow
def test_command_line(
    people: dict[int, SeenPerson],
    repo_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import ablation

    from fau3d.structures import VideoLandmarks

    for number, person in people.items():
        for folder in ("rendered", "shifted"):
            (tmp_path / folder / "people").mkdir(parents=True, exist_ok=True)
            save_person(tmp_path / folder / "people" / f"person{number:05d}.npz", person)
    found = sight(np.random.default_rng(1), RIG.neutral, 40, Plan()).points[None]
    ones = np.ones(found.shape[:3], np.float32)
    landmarks = VideoLandmarks(
        found, ones, np.ones((1, 40, 4), np.float32), ones[..., 0], np.arange(40), np.arange(40) / 25, 25.0,
        (256, 256), "mediapipe478", "made up",
    )  # fmt: skip
    monkeypatch.setattr(ablation.Cache, "landmarks", lambda *_: landmarks)
    coding = tmp_path / "coding.csv"
    coding.write_text("unit,first_frame,last_frame,value\nAU12,0,9,0\nAU12,20,39,1\n")
    (tmp_path / "grid_brbk7n_talking.mp4").touch()
    arguments = [
        str(tmp_path / "rendered"), "--shifted", str(tmp_path / "shifted"), "--clips", str(tmp_path),
        "--coding", str(coding), "--test", "2", "--val", "1", "--seeds", "1", "--quick",
        "-o", str(tmp_path / "out"),
    ]  # fmt: skip
    assert ablation.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "### C. Taking each person's resting face away" in printed and "| one speaker, 2D |" in printed
    told = json.loads((tmp_path / "out" / "ablation.json").read_text())
    assert told["people"] == [3, 2, 6] and len(told["rows"]) == 12 and len(told["units"]) == 25
    again = [row["figures"] for row in told["rows"]]
    other = tmp_path / "other"
    assert ablation.main([*arguments, "--sections", "C", "-o", str(other)]) == 0
    told = json.loads((other / "ablation.json").read_text())
    assert [row["figures"] for row in told["rows"]] == again[4:6]  # the same seeds, the same figures
    told["rows"][0]["figures"] = again[0]
    (other / "ablation.json").write_text(json.dumps(told))
    assert ablation.main([*arguments, "--sections", "CE", "-o", str(other)]) == 0
    went_on = json.loads((other / "ablation.json").read_text())["rows"]
    assert went_on[:2] == told["rows"] and len(went_on) == 4  # what was there was not made again
    assert ablation.main([*arguments, "--seeds", "2", "-o", str(other)]) == 1
    assert "of another run" in capsys.readouterr().err
    assert ablation.main([str(tmp_path / "rendered")]) == 1
    assert "wanted more than" in capsys.readouterr().err
