"""A neutral face that is given or found is taken away, in files, stills and live, and nowhere else."""

import json

import cv2
import numpy as np
import pytest

from fau3d.apis import AUInferencer
from fau3d.apis.live import LiveSession
from fau3d.apis.neutral import (
    FirstLook,
    NeutralSearch,
    check_neutral,
    less_neutral,
    neutral_face,
)
from fau3d.apis.results import FaceResult, FrameResult
from fau3d.cli import main
from fau3d.datasets.transforms import AlignEyes, SubtractNeutral
from fau3d.datasets.transforms.neutral import in_eye_distances
from fau3d.structures import FaceLandmarks
from fau3d.topology import resting_face

TOPOLOGY, AUTO = "mediapipe91", NeutralSearch()


def placed(points, degrees=0.0, scale=80.0, shift=(300.0, 200.0), z=None):
    """Give a face in eye distances as an extractor would, somewhere in an image."""
    turn = np.radians(degrees)
    matrix = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    flat = np.asarray(points) @ matrix + shift
    flat = flat if z is None else np.column_stack([flat, z])
    score = np.isfinite(flat).all(1).astype(np.float32)
    return FaceLandmarks(flat.astype(np.float32), score, np.zeros(4, np.float32), 0.9, TOPOLOGY)


def own_rest(seed=0):
    """Give somebody whose face rests otherwise than the common one."""
    return resting_face(TOPOLOGY) + np.random.default_rng(seed).normal(0, 0.03, (91, 2)).astype(np.float32)


def aligned(face):
    return in_eye_distances(face.points[None, None], face.topology)[0, 0]


class TestTakenAway:
    @pytest.mark.parametrize("degrees", [0, 35, -120])
    def test_who_rests_shows_the_common_face(self, degrees):
        neutral = neutral_face([placed(own_rest(), 10)], share=1.0)
        seen = neutral.taken_from(placed(own_rest(), degrees, 41.0, (50, 700)))
        np.testing.assert_allclose(aligned(seen), resting_face(TOPOLOGY), atol=2e-3)

    def test_a_share_goes_part_of_the_way(self):
        neutral = neutral_face([placed(own_rest())], share=0.5)
        half = (aligned(placed(own_rest())) + resting_face(TOPOLOGY)) / 2
        np.testing.assert_allclose(aligned(neutral.taken_from(placed(own_rest(), 20))), half, atol=2e-3)

    def test_as_training_does_it(self):
        """Differential: the transform that networks were trained with."""
        moved = own_rest() + np.random.default_rng(1).normal(0, 0.02, (91, 2))
        face, rest = placed(moved, 15), placed(own_rest())
        taken = neutral_face([rest], share=1.0).taken_from(face)
        results = {
            "keypoint": face.points[None, None],
            "keypoint_score": face.scores[None, None],
            "topology": TOPOLOGY,
            "neutral": aligned(rest),
            "neutral_topology": TOPOLOGY,
            "rng": np.random.default_rng(0),
        }
        align, subtract = AlignEyes(box=(1.0, 1.0), eye_height=0.0), SubtractNeutral("given")
        expected = subtract.transform(align.transform(results))["keypoint"][0, 0] - align.centre
        np.testing.assert_allclose(aligned(taken), expected, atol=0.02)
        assert np.abs(aligned(taken) - aligned(face)).max() > 0.05

    def test_depth_and_what_is_not_seen_stay(self):
        points = own_rest().copy()
        points[40] = np.nan
        face = placed(points, z=np.arange(91))
        taken = neutral_face([placed(own_rest(), z=np.zeros(91))]).taken_from(face)
        np.testing.assert_array_equal(taken.points[:40, 2], face.points[:40, 2])
        assert np.isnan(taken.points[40, :2]).all()
        assert taken.scores is face.scores

    def test_a_point_never_seen_at_rest_stays(self):
        rest = own_rest().copy()
        rest[50] = np.nan
        face = placed(own_rest(), 5)
        taken = neutral_face([placed(rest)]).taken_from(face)
        np.testing.assert_array_equal(taken.points[50], face.points[50])
        assert (taken.points[51] != face.points[51]).all()

    def test_a_face_without_eyes_stays(self):
        blind = FaceLandmarks(
            np.full((91, 2), np.nan, np.float32), np.zeros(91, np.float32), np.zeros(4), 0.1, TOPOLOGY
        )
        assert neutral_face([placed(own_rest())]).taken_from(blind) is blind

    def test_others_stay_as_they_are(self):
        faces = {0: placed(own_rest()), 3: placed(own_rest(1))}
        neutral = neutral_face([placed(own_rest())])
        some = less_neutral(faces, {3: neutral})
        assert some[0] is faces[0] and some[3] is not faces[3]
        assert all(face is not faces[i] for i, face in less_neutral(faces, neutral).items())

    def test_what_cannot_be(self):
        with pytest.raises(ValueError, match="no face"):
            neutral_face([])
        other = FaceLandmarks(
            np.zeros((68, 2), np.float32), np.ones(68, np.float32), np.zeros(4), 1.0, "ibug68"
        )
        with pytest.raises(ValueError, match="one extractor"):
            neutral_face([placed(own_rest())]).taken_from(other)


class TestWanted:
    @pytest.mark.parametrize(
        "wanted, found",
        [
            (None, None),
            ("auto", NeutralSearch()),
            ("0-2", NeutralSearch(0, 2)),
            ("1.5-2.25", NeutralSearch(1.5, 2.25)),
            ((3, 4.5), NeutralSearch(3, 4.5)),
        ],
    )
    def test_what_users_say(self, wanted, found):
        assert check_neutral(wanted) == found

    def test_a_file_goes_before_a_part(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "0-2").write_bytes(b"")
        assert check_neutral("0-2").name == "0-2"

    @pytest.mark.parametrize("wanted", ["2-1", "1-1", (3, 2), "yes", 5, (1, 2, 3), "-1-2"])
    def test_neither(self, wanted):
        with pytest.raises(ValueError, match="neutral is"):
            check_neutral(wanted)

    @pytest.mark.parametrize("wanted", ["rest.jpg", "people/anna", "none.mp4"])
    def test_no_such_file(self, wanted):
        with pytest.raises(FileNotFoundError, match="at rest; check the path"):
            check_neutral(wanted)


def frames_of(moved, rest=None, fps=25.0, face_id=0):
    """Give answers whose mean probability is told; calm frames show `rest`, others something else."""
    rest = own_rest() if rest is None else rest
    for number, level in enumerate(moved):
        points = rest + (0.0 if level < 0.1 else 0.1 * np.sin(np.arange(182) + number).reshape(91, 2))
        face = FaceResult(placed(points), np.full(4, level), np.zeros(4), None)
        yield FrameResult(number, number / fps, {face_id: face}, source="a.mp4")


class TestFirstLook:
    def look(self, moved, search=AUTO, **kind):
        with FirstLook() as look:
            look.note_shape(0, (48, 64))
            look.extend(frames_of(moved, **kind))
            return look.neutrals(search)

    def test_calm_frames_are_found_and_trusted(self):
        moved = np.full(100, 0.6)
        moved[40:60] = 0.02
        neutral = self.look(moved, face_id=7)[7]
        assert neutral.share == 0.75
        assert len(neutral.seconds) == 10 and min(neutral.seconds) >= 1.6 and max(neutral.seconds) < 2.4
        np.testing.assert_allclose(neutral.points, aligned(placed(own_rest())), atol=2e-3)
        assert "10 frames of 1.6" in str(neutral) and "75%" in str(neutral)

    def test_what_is_hardly_calm_is_hardly_trusted(self):
        shares = [self.look(np.full(50, level)).get(0) for level in (0.05, 0.1, 0.14, 0.15, 0.5)]
        assert [face and round(face.share, 3) for face in shares] == [0.75, 0.375, 0.075, None, None]

    def test_of_few_frames_nothing_is_said(self):
        assert self.look(np.zeros(24)) == {}
        assert list(self.look(np.zeros(25))) == [0]

    def test_seconds_that_are_told(self):
        moved = np.full(50, 0.9)
        moved[10:20] = 0.0
        neutral = self.look(moved, NeutralSearch(0.4, 0.76))[0]
        assert (len(neutral.seconds), neutral.share) == (10, 0.75)
        np.testing.assert_allclose(neutral.points, aligned(placed(own_rest())), atol=2e-3)
        assert self.look(moved, NeutralSearch(3, 4)) == {}

    def test_frames_come_back(self):
        with FirstLook() as look:
            for number in (0, 1, 2):
                look.note_shape(number, (48, 64) if number < 2 else (96, 128))
            results = list(frames_of([0.1, 0.2, 0.3]))
            results[1] = FrameResult(1, 0.04, {}, source="a.mp4")
            look.extend(results)
            back = list(look.frames())
        assert [(frame.index, shape, list(faces)) for frame, shape, faces in back] == [
            (0, (48, 64), [0]), (1, (48, 64), []), (2, (96, 128), [0]),
        ]  # fmt: skip
        np.testing.assert_array_equal(back[2][2][0].points, results[2].faces[0].landmarks.points)
        assert back[2][2][0].confidence == pytest.approx(0.9)


@pytest.fixture
def build(checkpoint):
    """Build inferencers that are closed at the end."""
    made = []

    def inferencer(extractor="WhiteSquares", **settings):
        made.append(AUInferencer(checkpoint, extractor, "cpu", **settings))
        return made[-1]

    yield inferencer
    for each in made:
        each.close()


class TestInference:
    def moved(self, kit, neutral):
        class Moved(kit.WhiteSquares):
            """Faces less a rest, as they are found."""

            def extract(self, images, timestamps=None):
                return [
                    [neutral.taken_from(f) for f in faces] for faces in super().extract(images, timestamps)
                ]

        return Moved()

    def same(self, table, other):
        for kind in ("probability", "intensity"):
            np.testing.assert_allclose(table.values(kind), other.values(kind), atol=1e-5)

    def test_seconds(self, kit, build):
        frames = kit.square_frames(40, gone=(20, 21))
        asked = build(neutral=(0.2, 0.5))
        table = asked(frames, fps=25)
        calm = [kit.WhiteSquares()._faces(frame)[0] for frame in frames[5:13]]
        self.same(table, build(self.moved(kit, neutral_face(calm)))(frames, fps=25))
        plain = build()(frames, fps=25)
        assert np.nanmax(np.abs(plain.values("probability") - table.values("probability"))) > 1e-3
        for column in ("frame", "timestamp", "face_id", "success", "box_x", "box_w", "source"):
            np.testing.assert_array_equal(table.data[column], plain.data[column])
        np.testing.assert_allclose(table.data["confidence"], plain.data["confidence"])
        assert list(asked.neutrals) == [0]

    def test_landmarks_in_tables_are_those_seen(self, kit, build):
        frames = kit.square_frames(20)
        seen, plain = build(neutral=(0, 1), landmarks=True)(frames), build(landmarks=True)(frames)
        np.testing.assert_allclose(seen.data["x_30"], plain.data["x_30"])

    def test_looked_for(self, kit, build, monkeypatch):
        frames = kit.square_frames(40)
        asked, plain = build(neutral="auto"), build()(frames, fps=25)
        monkeypatch.setattr("fau3d.apis.neutral.look._CALM", 0.0)  # random weights say much
        monkeypatch.setattr("fau3d.apis.neutral.look._MOVED", 2.0)
        table, calm = asked(frames, fps=25), plain.values("probability").mean(1).argsort()[:4]
        assert sorted(asked.neutrals[0].seconds) == pytest.approx(sorted(calm / 25))
        self.same(table, build(self.moved(kit, asked.neutrals[0]))(frames, fps=25))
        monkeypatch.setattr("fau3d.apis.neutral.look._MOVED", 1e-9)
        self.same(asked(frames, fps=25), plain)

    def test_a_picture_serves_videos_and_stills(self, kit, build, tmp_path):
        frames = kit.square_frames(12)
        path = tmp_path / "rest.png"
        cv2.imwrite(str(path), frames[3])
        asked = build(neutral=path)
        expected = build(self.moved(kit, neutral_face(kit.WhiteSquares()._faces(frames[3]), 0.5)))
        self.same(asked(frames), expected(frames))
        (still,), (same,) = asked.stills([("a", frames[5])]), expected.stills([("a", frames[5])])
        np.testing.assert_allclose(still.faces[0].probability, same.faces[0].probability, atol=1e-5)
        video = kit.write_video(tmp_path / "rest.mp4", frames[3:4].repeat(5, axis=0))
        assert build(neutral=str(video))(frames).values("probability").shape == (12, 4)

    def test_refusals(self, kit, build, tmp_path):
        path = tmp_path / "black.png"
        cv2.imwrite(str(path), np.zeros((64, 96, 3), np.uint8))
        with pytest.raises(ValueError, match="shows no face"):
            build(neutral=path)
        with pytest.raises(ValueError, match="2 faces are followed"):
            build(neutral=path, max_faces=2)
        with pytest.raises(ValueError, match="is seen once"):
            list(build(neutral="auto").results(kit.square_frames(3), keep_images=True))

    def test_each_face_has_its_own(self, kit, build):
        asked = build(neutral=(0, 1), max_faces=2)
        asked(kit.square_frames(30, faces=2), fps=25)
        assert sorted(asked.neutrals) == [0, 1]


class TestCommand:
    def run(self, checkpoint, capsys, *arguments):
        code = main(
            ["analyze", *map(str, arguments), "--checkpoint", str(checkpoint), "--extractor", "WhiteSquares"]
        )
        said = capsys.readouterr()
        return code, said.out, said.err

    def test_which_frames_were_taken_is_said(self, kit, checkpoint, capsys, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(30))
        code, out, err = self.run(checkpoint, capsys, video, "-o", tmp_path / "o", "--neutral", "0-0.4")
        assert code == 0 and "v.mp4: face 0: 11 frames of 0.0 to 0.4 s are taken for rest, 75%" in out
        assert "first look at v.mp4" in err
        code, out, _ = self.run(checkpoint, capsys, video, "-o", tmp_path / "p", "--neutral", "5-6")
        assert code == 0 and "no face is known to rest" in out
        cv2.imwrite(str(tmp_path / "rest.png"), kit.square_frames(1)[0])
        options = ["-o", tmp_path / "q", "--neutral", tmp_path / "rest.png", "--report"]
        code, out, _ = self.run(checkpoint, capsys, video, *options)
        assert code == 0 and "every face: a given face is taken for rest" in out
        summary = json.loads((tmp_path / "q" / "summary.json").read_text())
        assert "50% of which is taken away" in summary["rest"][0]
        assert "Every face: a given face" in (tmp_path / "q" / "report.html").read_text()

    def test_it_can_be_stopped_at_the_first_look(self, kit, build, tmp_path):
        from fau3d.apis.analysis import analyze

        def stop(done, total, name):
            assert name == "first look at v.mp4"
            raise KeyboardInterrupt

        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(30))
        with pytest.raises(KeyboardInterrupt):
            analyze(video, tmp_path / "o", build(neutral="auto"), progress=stop)
        assert not list((tmp_path / "o").glob("*"))

    def test_stills_say_nothing_of_rest(self, kit, checkpoint, capsys, tmp_path):
        cv2.imwrite(str(tmp_path / "a.png"), kit.square_frames(1)[0])
        code, out, _ = self.run(
            checkpoint, capsys, tmp_path / "a.png", "-o", tmp_path / "o", "--neutral", "auto"
        )
        assert code == 0 and "stills are answered as they are" in out

    def test_a_wrong_word_is_told_before_anything_is_done(self, kit, checkpoint, capsys, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        code, _, err = self.run(checkpoint, capsys, video, "-o", tmp_path / "o", "--neutral", "yes")
        assert code == 2 and "wanted 'auto', the seconds" in err and not (tmp_path / "o").exists()


class Camera:
    """Frames in memory that come at once."""

    fps = 25.0

    def __init__(self, images):
        self.images = images

    def frames(self, start=0, stop=None, step=1):
        from fau3d.io.video import Frame

        for index, image in enumerate(self.images):
            yield Frame(index, index / self.fps, image)


def test_live_the_last_second_is_taken_and_forgotten(kit, build):
    from fau3d.apis.live.answers import LiveAnswers

    inferencer = build()
    answers = LiveAnswers(inferencer.recognizer, "ibug68", 25.0)
    faces = [kit.WhiteSquares()._faces(image)[0] for image in kit.square_frames(3)]
    for number in range(3):
        plain = answers.push(number / 25, (64, 96), {0: faces[number]})[0].probability
    assert answers.rest() == 1
    rested = answers.push(3 / 25, (64, 96), {5: faces[2]})  # whoever follows
    assert list(rested) == [5] and np.abs(rested[5].probability - plain).max() > 1e-3

    session = LiveSession(inferencer, draw=False)
    session.toggle_rest()
    assert not session.at_rest
    for number, _ in enumerate(session.run(Camera(kit.square_frames(1)))):
        assert number == 0
        session.toggle_rest()
        assert session.at_rest
        session.toggle_rest()
        assert not session.at_rest
