"""Rows for every frame, whatever they come from; answers that do not depend on how frames arrive."""

import numpy as np
import pytest

from fau3d.apis import AUInferencer
from fau3d.io.video import VideoError, VideoReader
from fau3d.structures import AUTable


@pytest.fixture
def inferencer(kit, checkpoint):
    with AUInferencer(checkpoint, "WhiteSquares", "cpu") as built:
        yield built


def test_table_has_every_column_and_a_row_for_every_frame(kit, inferencer):
    table = inferencer(kit.square_frames(21, gone=(5, 6)))
    assert table.au_names == kit.AU_NAMES
    assert table.data["frame"].tolist() == list(range(21))
    assert table.data["timestamp"].tolist() == pytest.approx([n / 30 for n in range(21)])
    gone = table.data["success"] == 0
    assert np.flatnonzero(gone).tolist() == [5, 6]
    for kind in ("probability", "occurrence", "intensity"):
        values = table.values(kind)
        assert np.isnan(values[gone]).all()
        assert np.isfinite(values[~gone]).all()
    assert table.data.loc[gone, "confidence"].tolist() == [0, 0]
    assert table.data.loc[0, ["box_x", "box_y", "box_w", "box_h"]].tolist() == [4, 10, 24, 24]
    probability = table.values("probability")[~gone]
    assert ((probability >= 0) & (probability <= 1)).all()
    np.testing.assert_array_equal(table.values("occurrence")[~gone], probability >= 0.5)


def test_answers_vary_with_the_face(kit, inferencer):
    assert np.ptp(inferencer(kit.square_frames(21)).values("probability"), axis=0).min() > 1e-3


@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_batches_and_streaming_do_not_change_answers(kit, checkpoint, inferencer, batch_size):
    frames = kit.square_frames(70, gone=tuple(range(30, 50)))
    expected = inferencer(frames).data
    with AUInferencer(checkpoint, kit.WhiteSquares(), "cpu", batch_size=batch_size) as other:
        chunks = list(other.stream(iter(frames)))
    assert len(chunks) > 1
    assert all(isinstance(chunk, AUTable) for chunk in chunks)
    found = np.concatenate([chunk.data.drop(columns="source").to_numpy(float) for chunk in chunks])
    np.testing.assert_allclose(found, expected.drop(columns="source").to_numpy(float), atol=1e-5)


def test_path_reader_and_array_agree(kit, inferencer, tmp_path):
    path = kit.write_video(tmp_path / "a clip, with ümlaut.mp4", kit.square_frames(20))
    table = inferencer(path)
    assert set(table.data["source"]) == {path.name}
    assert table.data["timestamp"].tolist() == pytest.approx([n / 25 for n in range(20)], abs=1e-3)
    with VideoReader(path) as reader:
        again = inferencer(reader)
        images = np.stack([frame.image for frame in reader.frames()])
    np.testing.assert_array_equal(table.values("probability"), again.values("probability"))
    np.testing.assert_array_equal(
        table.values("probability"), inferencer(images, fps=25).values("probability")
    )


def test_offline_windows_give_the_same_answer(kit, inferencer):
    """Differential: cut, answered and averaged by hand."""
    from fau3d.apis.face_windows import Lane, Window
    from fau3d.apis.recognizer import WindowContext
    from fau3d.functional.windows import average_windows, window_starts, window_weights

    frames = kit.square_frames(27)
    faces = [kit.WhiteSquares()._faces(frame)[0] for frame in frames]
    points, scores = np.stack([f.points for f in faces]), np.stack([f.scores for f in faces])
    starts = window_starts(27, 8, 4)
    lane, context = Lane(8, 4), WindowContext("x", (64, 96), 30.0, "ibug68")
    windows = [Window(points[s : s + 8], scores[s : s + 8], s, 8, lane) for s in starts]
    values = average_windows(inferencer.recognizer.predict(windows, context), starts, 27, window_weights(8))
    np.testing.assert_allclose(inferencer(frames).values("probability"), values[:, :4], atol=1e-5)
    np.testing.assert_allclose(inferencer(frames).values("intensity"), values[:, 4:], atol=1e-5)


@pytest.mark.parametrize("total", [1, 2, 7, 8, 9])
def test_short_videos_are_padded(kit, inferencer, total):
    table = inferencer(kit.square_frames(total))
    assert len(table.data) == total
    assert np.isfinite(table.values("probability")).all()


def test_an_image_is_a_video_of_one_frame(kit, inferencer):
    image = kit.square_frames(1)[0]
    (still,) = inferencer.stills([("image", image)])
    np.testing.assert_array_equal(inferencer(image).values("probability")[0], still.faces[0].probability)


def test_several_faces_and_one_that_leaves_and_returns(kit, checkpoint):
    frames = kit.square_frames(60, faces=2)
    frames[20:30, :, 46:] = 0
    with AUInferencer(checkpoint, "WhiteSquares", "cpu", max_faces=2) as inferencer:
        table = inferencer(frames)
    assert len(table.face(0).data) == 60
    assert table.face(1).data["frame"].tolist() == [n for n in range(60) if not 20 <= n < 30]
    assert np.isfinite(table.values("probability")).all()


def test_no_face_at_all(kit, inferencer):
    table = inferencer(np.zeros((40, 32, 32, 3), np.uint8))
    assert table.data["success"].tolist() == [0] * 40
    assert table.au_names == kit.AU_NAMES
    assert np.isnan(table.values("probability")).all()


def test_fast_sources_are_read_at_the_models_rate(kit, tmp_path):
    path = kit.save_checkpoint(tmp_path / "fps.pth", kit.tiny_meta(fps=30.0))
    frames = kit.square_frames(20)
    with AUInferencer(path, "WhiteSquares", "cpu") as inferencer:
        slow = inferencer(frames, fps=30).values("probability")
        fast = inferencer(np.repeat(frames, 2, axis=0), fps=60).values("probability")
    np.testing.assert_allclose(fast[::2], slow, atol=1e-5)
    np.testing.assert_allclose(fast[1::2], slow, atol=1e-5)


def test_landmarks_smoothing_and_stride(kit, checkpoint, inferencer):
    frames = kit.square_frames(40)
    with AUInferencer(checkpoint, "WhiteSquares", "cpu", landmarks=True, smoothing=3) as other:
        table = other(frames)
    assert {"x_0", "x_67", "y_0", "y_67"} <= set(table.data.columns)
    from fau3d.functional.smoothing import smooth

    np.testing.assert_allclose(
        table.values("probability"), smooth(inferencer(frames).values("probability"), 3), atol=1e-5
    )
    with AUInferencer(checkpoint, "WhiteSquares", "cpu", stride=8) as other:
        assert len(other(frames).data) == 40


def test_repeat_recipes_answer_each_frame_alone(kit, tmp_path):
    path = kit.save_checkpoint(tmp_path / "repeat.pth", kit.tiny_meta(clip={"length": 4, "mode": "repeat"}))
    with AUInferencer(path, "WhiteSquares", "cpu") as inferencer:
        whole = inferencer(kit.square_frames(9)).values("probability")
        alone = inferencer(kit.square_frames(9)[5]).values("probability")
    np.testing.assert_allclose(whole[5], alone[0], atol=1e-5)


def test_thresholds_of_the_checkpoint_decide(kit, tmp_path):
    import torch

    path = kit.save_checkpoint(tmp_path / "t.pth", kit.tiny_meta())
    content = torch.load(path, weights_only=True)
    content["state_dict"]["head.thresholds"] = torch.tensor([0.0, 1.1, 0.5, 0.5])
    torch.save(content, path)
    with AUInferencer(path, "WhiteSquares", "cpu") as inferencer:
        occurrence = inferencer(kit.square_frames(3)).values("occurrence")
    assert occurrence[:, 0].tolist() == [1, 1, 1]
    assert occurrence[:, 1].tolist() == [0, 0, 0]


def test_models_without_intensity_have_no_such_columns(kit, tmp_path):
    meta = kit.tiny_meta()
    meta["model"]["head"]["intensity"] = False
    with AUInferencer(kit.save_checkpoint(tmp_path / "o.pth", meta), "WhiteSquares", "cpu") as inferencer:
        table = inferencer(kit.square_frames(3))
    assert not [name for name in table.data.columns if name.endswith("_r")]


def test_stopping_a_stream_early_stops_the_threads(kit, inferencer):
    import threading

    def endless():
        frames = kit.square_frames(8)
        while True:
            yield from frames

    before = threading.enumerate()  # threads of other tests
    stream = inferencer.stream(endless())
    next(stream), next(stream)
    stream.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("fau3d") and t not in before]


def test_an_error_in_the_source_reaches_the_caller(kit, inferencer):
    def broken():
        yield from kit.square_frames(3)
        raise OSError("the cable was pulled")

    with pytest.raises(OSError, match="cable"):
        inferencer(broken())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.zeros((3, 8, 8), np.float32), "wanted"),
        (np.zeros((0, 8, 8, 3), np.uint8), "no video"),
        (iter([]), "no frame"),
        (iter([np.zeros((4, 4), np.uint8)]), r"frame 0 is an array of shape \(4, 4\)"),
        (3.5, "cannot read frames from a float"),
        ("missing.mp4", "missing.mp4: no such file"),
    ],
)
def test_what_is_no_source_is_named(inferencer, source, message):
    with pytest.raises((ValueError, VideoError), match=message):
        inferencer(source)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_faces": 0}, "max_faces is 0"),
        ({"stride": 9}, "stride between windows is 9"),
        ({"stride": 0}, "stride is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"smoothing": -1}, "radius is -1"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
        ({"device": "cuda:7"}, "device 'cuda:7' is not there"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(checkpoint, options, message):
    with pytest.raises(ValueError, match=message):
        AUInferencer(checkpoint, "WhiteSquares", **options)


def test_a_training_checkpoint_with_its_config(kit, checkpoint, inferencer, tmp_path):
    import torch

    meta = kit.tiny_meta()
    dataset = {"topology": "ibug68", "pipeline": meta["test_pipeline"], "clip": {"length": 8, "stride": 4}}
    config = tmp_path / "tiny.py"
    config.write_text(f"model = {meta['model']!r}\ntest_dataloader = dict(dataset={dataset!r})\n")
    trained = tmp_path / "epoch_1.pth"
    torch.save({"state_dict": torch.load(checkpoint, weights_only=True)["state_dict"], "meta": {}}, trained)
    with AUInferencer(trained, "WhiteSquares", "cpu", config=config) as other:
        frames = kit.square_frames(20)
        np.testing.assert_array_equal(
            other(frames).values("probability"), inferencer(frames).values("probability")
        )
