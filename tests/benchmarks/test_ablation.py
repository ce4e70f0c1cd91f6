"""The ablation: its parts on what is known, and the command line on people of a rig."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fau3d.synthetic.actions import action_map
from fau3d.synthetic.appearance import Paint
from fau3d.synthetic.dynamics import Plan
from fau3d.synthetic.looks import Look
from fau3d.synthetic.performance import perform
from fau3d.synthetic.photographs import Portrait
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.rendered_corpus import RestingShift, mean_rest
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import RESTING_FACES, resting_offset
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


@pytest.mark.parametrize("face", RESTING_FACES)
def test_the_offset_moves_resting_faces_and_frames_alike(people: dict[int, SeenPerson], face: str) -> None:
    from ablation_data import make_faces, see

    seen = see(people, ACTIONS)
    offset = resting_offset(mean_rest(people.values()), face)
    for geometry in ("2D", "3D"):
        shifts = (RestingShift(face, share) for share in (0.0, 1.0))
        as_is, moved = (make_faces(seen, offset, shift, geometry) for shift in shifts)
        assert as_is.rest is not None and moved.rest is not None and as_is.points.shape == (6 * 48, 91, 2)
        way = (moved.points - as_is.points).mean(0)
        np.testing.assert_allclose((moved.rest - as_is.rest).mean(0), way, atol=0.006)
        assert 0.005 < np.sqrt((way**2).mean()) < 0.1


def test_shifted_people_rest_where_the_row_says_but_not_all_alike(people: dict[int, SeenPerson]) -> None:
    from ablation_bench import OTHERS_SPREAD, Bench, Clips, Row
    from ablation_data import make_faces, see
    from ablation_model import Recipe

    rest = mean_rest(people.values())
    offsets = {face: resting_offset(rest, face) for face in RESTING_FACES}
    seen = see(people, ACTIONS)
    nobody = Clips(np.empty((0, 478, 3)), {})
    bench = Bench({"train": seen, "held-out": seen, "shifted": seen}, offsets, nobody, Recipe(), 1)
    for row in (Row("B", "default"), Row("B", "canonical", face="canonical", share=0.5)):
        wanted = make_faces(seen, offsets[row.face], row.shift)
        for part in ("train", "held-out"):
            np.testing.assert_array_equal(bench.faces(part, row.shift, "2D").points, wanted.points)
        spread = make_faces(seen, offsets[row.face], replace(row.shift, spread=OTHERS_SPREAD))
        np.testing.assert_array_equal(bench.faces("shifted", row.shift, "2D").points, spread.points)
        assert np.abs(spread.points - wanted.points).max() > 0.005
    assert Row("B", "default").shift == RestingShift()


def test_a_turned_head_turned_to_the_front_is_as_before() -> None:
    from ablation_data import KEPT, frontal

    face = RIG.neutral[KEPT] * (1, -1, -1)
    turned = RIG.neutral[KEPT] @ rotation(0.4, -0.3, 0.2).T * (1, -1, -1)
    once, twice = frontal(np.stack([face, turned]))
    np.testing.assert_allclose(once, twice, atol=1e-5)


def test_resting_faces_are_guessed_as_their_names_say(people: dict[int, SeenPerson]) -> None:
    from ablation_data import make_faces, see
    from ablation_rest import KINDS, RestGuesser

    faces = make_faces(see(people, ACTIONS), np.zeros((478, 3)), RestingShift())
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


def test_a_set_of_faces_is_adapted_as_a_whole() -> None:
    from ablation_adaptation import ADAPTATIONS, MEAN, SPREAD, adapt

    rng = np.random.default_rng(0)
    known = rng.normal(0.0, 1.0, (4000, 91, 2)).cumsum(1)
    asked = 0.5 * known[:2000] + 0.3
    faces = {kind: adapt(asked, known, kind) for kind in ADAPTATIONS}
    for adapted in faces.values():
        np.testing.assert_allclose(adapted.mean(0), known.mean(0), atol=1e-4)
    np.testing.assert_allclose(faces[MEAN] - known.mean(0), asked - asked.mean(0), atol=1e-4)
    ratio = faces[SPREAD].std(0) / known.std(0)
    assert np.median(ratio) == pytest.approx(1.0, abs=0.05)
    with pytest.raises(ValueError, match="no adaptation 'none'"):
        adapt(asked, known, "none")


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


def make_portraits(count: int) -> list[Portrait]:
    """Make portraits, each with its place among them as every blendshape; the first two are calm."""
    rng = np.random.default_rng(3)
    calm = {"browInnerUp": 0.1, "eyeBlinkLeft": 0.1, "jawOpen": 0.01}
    sides = ("browOuterUp", "browDown", "eyeWide", "mouthSmile", "eyeBlink")
    names = ["browInnerUp", "jawOpen", *(f"{name}{side}" for name in sides for side in ("Left", "Right"))]
    return [
        Portrait(
            (8 * RIG.face(rng.normal(size=len(RIG.identities))) * (1, -1, -1) + 128).astype(np.float32),
            dict.fromkeys(names, k / count) | (dict.fromkeys(names, 0.0) | calm if k < 2 else {}),
        )
        for k in range(count)
    ]


def test_photographs_say_what_is_calm_and_which_faces_show_a_unit() -> None:
    from ablation_data import UNITS
    from ablation_photographs import COMPARED, gather, score_photographs

    photographs = gather(make_portraits(40))
    assert photographs.calm.tolist() == [True] * 2 + [False] * 38
    truth = photographs.faces("2D").occurrence
    column = UNITS.index("AU04")
    assert truth[:, column].tolist() == [0] * 24 + [-1] * 10 + [1] * 6
    assert (np.delete(truth, [UNITS.index(unit) for unit in COMPARED], axis=1) == -1).all()
    said = np.zeros(truth.shape)
    said[0, :3] = 0.9
    told = score_photographs(said, photographs)
    assert told["calm, said"] == 1.5 and told["photographs AU04"] < 0.5 and told["photographs AU12"] == 0.5
    assert score_photographs(np.where(truth == 1, 0.4, 0.3), photographs)["photographs"] == 1
    with pytest.raises(ValueError, match="give other photographs"):
        gather([])


def test_photographs_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ablation_photographs

    made = []

    def see(files: list[Path], *_: object) -> Iterator[Portrait]:
        made.append(len(list(files)))
        yield from make_portraits(5)

    extractor = nullcontext(SimpleNamespace(name="an extractor 1.0", extract=None))
    monkeypatch.setattr(ablation_photographs, "build_extractor", lambda *_, **__: extractor)
    monkeypatch.setattr(ablation_photographs, "still_shapes", nullcontext)
    monkeypatch.setattr(ablation_photographs, "see_portraits", see)
    (tmp_path / "one.png").write_bytes(b"1")
    task = tmp_path / "face_landmarker.task"
    task.write_bytes(b"task")
    first, again = (
        ablation_photographs.read_photographs(tmp_path, task, tmp_path / "cache") for _ in range(2)
    )
    assert made == [1]
    np.testing.assert_array_equal(first.points, again.points)
    assert first.shapes.keys() == again.shapes.keys() and first.calm.tolist() == again.calm.tolist()
    (tmp_path / "two.png").write_bytes(b"2")
    ablation_photographs.read_photographs(tmp_path, task, tmp_path / "cache")
    assert made == [1, 2]


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
    from ablation_photographs import gather

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
    monkeypatch.setattr(ablation, "read_photographs", lambda *_: gather(make_portraits(40)))
    monkeypatch.setattr(ablation, "BlendshapeRival", lambda *_: SimpleNamespace(answer=lambda _: landmarks))
    monkeypatch.setattr(ablation, "score_clip", lambda *_: [])
    coding = tmp_path / "coding.csv"
    coding.write_text("unit,first_frame,last_frame,value\nAU12,0,9,0\nAU12,20,39,1\n")
    (tmp_path / "grid_brbk7n_talking.mp4").touch()
    arguments = [
        str(tmp_path / "rendered"), "--shifted", str(tmp_path / "shifted"), "--clips", str(tmp_path),
        "--photographs", "photographs", "--blendshapes", "face_landmarker.task",
        "--coding", str(coding), "--test", "2", "--val", "1", "--seeds", "1", "--quick",
        "-o", str(tmp_path / "out"),
    ]  # fmt: skip
    assert ablation.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "### C. Taking each person's resting face away" in printed and "| one speaker, 2D |" in printed
    assert (
        "Photographed faces: 40, calm ones among them: 2" in printed and "| calm photographs, 2D |" in printed
    )
    told = json.loads((tmp_path / "out" / "ablation.json").read_text())
    assert [line["face"] for line in told["distances"]] == ["as rendered", "canonical"]
    by_name = {row["name"]: row["figures"] for row in told["rows"]}
    assert {"calm, said", "photographs"} <= by_name["as it is"].keys()
    assert "photographs" not in by_name["less oracle"]
    assert told["people"] == [3, 2, 6] and len(told["rows"]) == 14 and len(told["units"]) == 25
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
    with pytest.raises(SystemExit):
        ablation.main([arguments[0], "--photographs", "photographs"])
    assert "--photographs needs --blendshapes" in capsys.readouterr().err
    assert ablation.main([str(tmp_path / "rendered")]) == 1
    assert "wanted more than" in capsys.readouterr().err
