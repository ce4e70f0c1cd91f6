"""The command: what it writes, what it says of bad input, and its exit codes."""

import importlib.util
import pickle
import struct
import subprocess
import sys
import time
import warnings
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from fau3d.cli import main


@pytest.fixture(scope="session")
def kit():
    """The tiny recogniser of the tests of `fau3d.apis`."""
    path = Path(__file__).parent / "apis" / "tiny_recognizer.py"
    spec = importlib.util.spec_from_file_location("tiny_recognizer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def checkpoint(kit, tmp_path_factory):
    return kit.save_checkpoint(tmp_path_factory.mktemp("weights") / "tiny.pth", kit.tiny_meta())


@pytest.fixture
def analyze(checkpoint, tmp_path, capsys):
    """Run `fau3d analyze` with the tiny model; give the exit code, the output folder, and what was said."""

    def run(source, *options, output="out", model=checkpoint, extractor="WhiteSquares"):
        arguments = ["analyze", str(source), "-o", str(tmp_path / output), "--quiet", "--device", "cpu"]
        code = main([*arguments, "--checkpoint", str(model), "--extractor", extractor, *map(str, options)])
        said = capsys.readouterr()
        return code, tmp_path / output, said.out + said.err

    return run


def one_sentence(said: str) -> bool:
    return said.startswith("fau3d: error: ") and said.count("\n") == 1 and "Traceback" not in said


class TestHelp:
    def test_is_quick_and_imports_nothing_heavy(self):
        code = (
            "import sys; from fau3d.cli import main\n"
            "try: main(['analyze', '--help'])\n"
            "except SystemExit: pass\n"
            "assert not {'torch', 'numpy', 'cv2', 'mmengine', 'pandas'} & set(sys.modules), 'heavy imports'"
        )
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "examples:" in done.stdout
        assert time.perf_counter() - begin < 3  # 0.1 s on an idle machine; tests run on busy ones

    def test_every_command_has_help(self, capsys):
        for command in ([], ["analyze"], ["extract"], ["models"]):
            with pytest.raises(SystemExit) as end:
                main([*command, "--help"])
            assert end.value.code == 0
            assert "fau3d" in capsys.readouterr().out

    def test_version(self, capsys):
        with pytest.raises(SystemExit):
            main(["--version"])
        assert capsys.readouterr().out.startswith("fau3d 0.")

    @pytest.mark.parametrize(
        "bad",
        [["--max-faces", "0"], ["--max-faces", "two"], ["--smooth", "-1"], ["--fps", "0"], ["--fps", "x"],
         ["--nonsense"]],
    )  # fmt: skip
    def test_wrong_options_end_with_2(self, bad, capsys):
        with pytest.raises(SystemExit) as end:
            main(["analyze", "x.mp4", "-o", "out", *bad])
        assert end.value.code == 2
        said = capsys.readouterr().err
        assert "error" in said and "invalid _" not in said  # argparse would show the name of our function


class TestAnalyze:
    def test_video_gives_table_and_pictures(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "clip.mp4", kit.square_frames(30, gone=(4,)))
        code, out, said = analyze(video, "--overlay", "--plot")
        assert code == 0, said
        assert sorted(p.name for p in out.iterdir()) == ["au.csv", "overlay.mp4", "timing.png"]
        table = pd.read_csv(out / "au.csv")
        assert table["frame"].tolist() == list(range(30))
        assert table["success"].tolist() == [1] * 4 + [0] + [1] * 25
        assert table["AU12_c"].dropna().isin([0, 1]).all()
        from fau3d.io.video import VideoReader

        with VideoReader(out / "overlay.mp4") as overlay:
            assert len(overlay) == 30
        assert "frames/s" in said
        assert "wrote" in said

    def test_refuses_to_overwrite_unless_told(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "clip.mp4", kit.square_frames(9))
        assert analyze(video)[0] == 0
        code, out, said = analyze(video)
        assert code == 2
        assert one_sentence(said)
        assert "--overwrite" in said
        assert analyze(video, "--overwrite")[0] == 0
        assert [p.name for p in out.iterdir()] == ["au.csv"]

    def test_image(self, kit, analyze, tmp_path):
        cv2.imwrite(str(tmp_path / "two.png"), kit.square_frames(1, faces=2)[0])
        code, out, said = analyze(tmp_path / "two.png", "--overlay", "--max-faces", 2)
        assert code == 0, said
        assert len(pd.read_csv(out / "au.csv")) == 2
        assert cv2.imread(str(out / "overlay.png")) is not None

    def test_folder_of_stills_is_one_table(self, kit, analyze, tmp_path):
        folder = tmp_path / "stills"
        folder.mkdir()
        for number, frame in enumerate(kit.square_frames(3)):
            size = (96 + 8 * number, 64 + 4 * number)
            cv2.imwrite(str(folder / f"{number}.png"), cv2.resize(frame, size))
        (folder / "broken.jpg").write_bytes(b"not an image")
        code, out, said = analyze(folder, "--plot")
        assert code == 1
        table = pd.read_csv(out / "au.csv")
        assert table["source"].tolist() == ["0.png", "1.png", "2.png"]
        assert table["success"].tolist() == [1, 1, 1]
        assert "broken.jpg" in (out / "failures.csv").read_text()
        assert "no timing diagram" in said

    def test_overlays_of_stills_are_named_for_them(self, kit, analyze, tmp_path):
        folder = tmp_path / "stills"
        folder.mkdir()
        for name in ("1.png", "2.png", "2.jpg"):
            cv2.imwrite(str(folder / name), kit.square_frames(1)[0])
        code, out, said = analyze(folder, "--overlay")
        assert code == 0, said
        found = sorted(path.name for path in (out / "overlay").iterdir())
        assert found == ["1_overlay.png", "2.jpg_overlay.png", "2.png_overlay.png"]

    def test_folder_as_a_sequence_is_one_video(self, kit, analyze, tmp_path):
        folder = tmp_path / "frames"
        folder.mkdir()
        for number, frame in enumerate(kit.square_frames(12)):
            cv2.imwrite(str(folder / f"frame_{number}.png"), frame)
        code, out, said = analyze(folder, "--sequence", "--fps", 10, "--overlay")
        assert code == 0, said
        table = pd.read_csv(out / "au.csv")
        assert table["frame"].tolist() == list(range(12))
        assert table["timestamp"].tolist() == pytest.approx([n / 10 for n in range(12)])

    def test_folder_of_videos_goes_on_after_a_failure_and_where_it_was(self, kit, analyze, tmp_path):
        folder = tmp_path / "videos"
        (folder / "deeper").mkdir(parents=True)
        kit.write_video(folder / "a.mp4", kit.square_frames(9))
        (folder / "b.mp4").write_bytes(b"this is not a video")
        kit.write_video(folder / "deeper" / "c.mp4", kit.square_frames(10))
        code, out, said = analyze(folder)
        assert code == 1
        assert "b.mp4" in said
        assert len(pd.read_csv(out / "a" / "au.csv")) == 9
        assert len(pd.read_csv(out / "deeper" / "c" / "au.csv")) == 10
        assert pd.read_csv(out / "failures.csv")["source"].str.endswith("b.mp4").tolist() == [True]
        code, _, said = analyze(folder)
        assert code == 1
        assert "skipped 2" in said

    def test_damaged_videos_of_a_folder_are_listed(self, kit, analyze, tmp_path, monkeypatch):
        from fau3d.io.video import VideoReader, VideoWarning

        frames = VideoReader.frames

        def damaged(reader, *args):
            yield from frames(reader, *args)
            if reader.path.name == "b.mp4":
                warnings.warn("b.mp4: cut short", VideoWarning, stacklevel=2)

        monkeypatch.setattr(VideoReader, "frames", damaged)
        for name in ("a.mp4", "b.mp4"):
            kit.write_video(tmp_path / "videos" / name, kit.square_frames(9))
        code, out, said = analyze(tmp_path / "videos", "--overlay")
        assert code == 0, said
        assert said.count("damaged: b.mp4: cut short") == 1
        listed = pd.read_csv(out / "failures.csv")
        assert listed["source"].str.endswith("b.mp4").tolist() == [True]
        assert listed["reason"].tolist() == ["b.mp4: cut short"]
        (tmp_path / "videos" / "c.mp4").write_bytes(b"no video")
        assert analyze(tmp_path / "videos")[0] == 1
        listed = pd.read_csv(out / "failures.csv")["source"]
        assert sorted(Path(name).name for name in listed) == ["b.mp4", "c.mp4"]
        kit.write_video(tmp_path / "videos" / "c.mp4", kit.square_frames(9))
        monkeypatch.undo()
        assert analyze(tmp_path / "videos", "--overwrite")[0] == 0
        assert not (out / "failures.csv").exists()

    def test_images_beside_videos_do_not_keep_a_stopped_run_from_going_on(self, kit, analyze, tmp_path):
        folder = tmp_path / "mixed"
        kit.write_video(folder / "a.mp4", kit.square_frames(9))
        cv2.imwrite(str(folder / "thumbnail.png"), kit.square_frames(1)[0])
        code, out, said = analyze(folder)
        assert code == 0, said
        assert len(pd.read_csv(out / "au.csv")) == 1
        kit.write_video(folder / "late.mp4", kit.square_frames(9))
        code, _, said = analyze(folder)
        assert code == 0, said
        assert "skipped 2" in said
        assert (out / "late" / "au.csv").is_file()

    def test_what_a_killed_run_left_half_written_is_removed(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "clip.mp4", kit.square_frames(9))
        half = [
            tmp_path / "out" / f".{name}" for name in ("au.0123abcd.part.csv", "overlay.0123abcd.part.mp4")
        ]
        half[0].parent.mkdir()
        for path in half:
            path.write_bytes(b"half")
        code, out, said = analyze(video)
        assert code == 0, said
        assert [path.name for path in out.iterdir()] == ["au.csv"]

    def test_videos_of_one_name_do_not_collide(self, kit, analyze, tmp_path):
        folder = tmp_path / "videos"
        folder.mkdir()
        kit.write_video(folder / "a.mp4", kit.square_frames(9))
        (folder / "a.m4v").write_bytes((folder / "a.mp4").read_bytes())
        code, out, said = analyze(folder)
        assert code == 0, said
        assert sorted(p.name for p in out.iterdir()) == ["a.m4v", "a.mp4"]

    def test_no_face_is_said_and_is_no_error(self, kit, analyze, tmp_path):
        code, _, said = analyze(
            kit.write_video(tmp_path / "dark.mp4", kit.square_frames(9, gone=tuple(range(9)))),
            "--overlay",
            "--plot",
        )
        assert code == 0, said
        assert "no face was found" in said

    def test_name_with_spaces_and_other_letters(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "mein Gesicht – 顔 é.mp4", kit.square_frames(9))
        code, out, said = analyze(video, "--overlay", output="Ausgabe ö 出力")
        assert code == 0, said
        assert set(pd.read_csv(out / "au.csv")["source"]) == {video.name}

    @pytest.mark.parametrize("size", [(96, 64), (2160, 3840), (63, 95)], ids=["portrait", "4K", "odd"])
    def test_sizes(self, kit, analyze, tmp_path, size):
        video = kit.write_video(tmp_path / "clip.mp4", kit.square_frames(2, size=size))
        code, out, said = analyze(video, "--overlay")
        assert code == 0, said
        assert pd.read_csv(out / "au.csv")["success"].tolist() == [1, 1]

    def test_gray_and_variable_rate(self, kit, analyze, tmp_path):
        import av

        times = [0.0, 0.04, 0.08, 0.3, 0.34, 1.0]
        path = tmp_path / "gray.mkv"
        with av.open(str(path), "w") as target:
            stream = target.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "gray"
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
            for time_, image in zip(times, kit.square_frames(len(times))):
                frame = av.VideoFrame.from_ndarray(image[..., 0], format="gray")
                frame.pts, frame.time_base = round(time_ * 1000), Fraction(1, 1000)
                target.mux(stream.encode(frame))
            target.mux(stream.encode(None))
        code, out, said = analyze(path, "--overlay")
        assert code == 0, said
        table = pd.read_csv(out / "au.csv")
        assert table["timestamp"].tolist() == pytest.approx(times, abs=2e-3)
        assert table["success"].tolist() == [1] * len(times)
        from fau3d.io.video import VideoReader

        with VideoReader(out / "overlay.mp4") as overlay:
            assert overlay.timestamps.tolist() == pytest.approx(times, abs=2e-3)

    def test_rotated_video_is_turned_upright(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "turned.mp4", kit.square_frames(5))
        content = bytearray(video.read_bytes())
        # The display matrix of the track: a quarter turn, in 16.16 fixed point.
        matrix = content.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
        content[matrix : matrix + 36] = struct.pack(
            ">9i", 0, 0x10000, 0, -0x10000, 0, 0, 64 << 16, 0, 0x40000000
        )
        video.write_bytes(bytes(content))
        code, out, said = analyze(video, "--overlay")
        assert code == 0, said
        from fau3d.io.video import VideoReader

        with VideoReader(video) as reader:
            assert reader.img_shape == (96, 64)
        table = pd.read_csv(out / "au.csv")
        # Squares stand 10 pixels from the upper edge: turned clockwise, from the right edge of 64 pixels.
        assert (64 - table["box_x"] - table["box_w"]).tolist() == pytest.approx([10] * 5, abs=2)

    def test_a_cut_video_gives_the_frames_it_has(self, kit, analyze, tmp_path):
        frames = np.random.default_rng(0).integers(0, 255, (60, 64, 96, 3), np.uint8)
        frames = np.where(kit.square_frames(60) > 0, 255, frames // 3).astype(np.uint8)
        whole = kit.write_video(tmp_path / "whole.mp4", frames)
        import av

        from fau3d.io.video import VideoReader  # remux to a form that survives being cut

        cut = tmp_path / "cut.ts"
        with av.open(str(whole)) as source, av.open(str(cut), "w", format="mpegts") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
        content = cut.read_bytes()
        cut.write_bytes(content[: len(content) // 2])
        code, out, said = analyze(cut, "--overlay")
        assert code == 0, said
        with VideoReader(cut) as reader:
            assert 0 < len(pd.read_csv(out / "au.csv")) <= len(reader) < 60


class TestBadInput:
    @pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"plain text"], ids=["empty", "zeros", "text"])
    def test_what_is_no_video(self, analyze, tmp_path, content):
        video = tmp_path / "bad.mp4"
        video.write_bytes(content)
        code, out, said = analyze(video)
        assert code == 2
        assert one_sentence(said)
        assert "bad.mp4" in said
        assert not (out / "au.csv").exists()

    def test_truncated_mp4(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "half.mp4", kit.square_frames(40))
        video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
        code, _, said = analyze(video)
        assert code == 2
        assert one_sentence(said)

    def test_audio_only(self, analyze, tmp_path):
        import av

        path = tmp_path / "speech.mp4"
        with av.open(str(path), "w") as target:
            stream = target.add_stream("aac", rate=16000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 16000
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                target.mux(packet)
        code, _, said = analyze(path)
        assert code == 2
        assert one_sentence(said)
        assert "speech.mp4" in said

    def test_missing_source_empty_folder_and_output_that_is_a_file(self, kit, analyze, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "file").write_text("x")
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        for source, output, message in (
            ("missing.mp4", "out", "missing.mp4: no such file"),
            (tmp_path / "empty", "out", "holds neither videos nor images"),
            (video, "file", "is a file"),
        ):
            code, _, said = analyze(source, output=output)
            assert code == 2
            assert one_sentence(said), said
            assert message in said

    def test_no_such_camera(self, analyze):
        code, _, said = analyze("99")
        assert code == 2
        assert "camera 99" in said
        assert "Traceback" not in said

    def test_no_such_extractor(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        code, _, said = analyze(video, extractor="facebook")
        assert code == 2
        assert one_sentence(said)
        assert "mediapipe" in said

    def test_checkpoint_for_other_landmarks(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        model = kit.save_checkpoint(tmp_path / "other.pth", kit.tiny_meta(topology="wholebody133"))
        code, _, said = analyze(video, model=model)
        assert code == 2
        assert one_sentence(said)
        assert all(word in said for word in ("ibug68", "wholebody133", "--extractor", "--checkpoint"))

    def test_checkpoint_for_another_au_set(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        model = kit.save_checkpoint(tmp_path / "other.pth", kit.tiny_meta())
        content = torch.load(model, weights_only=True)
        content["meta"]["au_names"] = ["AU01", "AU02"]
        torch.save(content, model)
        code, _, said = analyze(video, model=model)
        assert code == 2
        assert one_sentence(said)
        assert "AU02" in said
        assert "AU25" in said

    def test_weights_that_do_not_fit(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        model = kit.save_checkpoint(tmp_path / "other.pth", kit.tiny_meta())
        content = torch.load(model, weights_only=True)
        content["state_dict"].pop("backbone.conv1.conv.weight")
        torch.save(content, model)
        code, _, said = analyze(video, model=model)
        assert code == 2
        assert one_sentence(said)
        assert "do not fit" in said

    def test_checkpoint_that_names_an_unknown_part(self, kit, analyze, tmp_path):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        for number, change in enumerate(({"type": "FaceCropp"}, {"type": "FaceCrop", "margn": 0.1})):
            meta = kit.tiny_meta()
            model = kit.save_checkpoint(tmp_path / f"{number}.pth", meta)
            content = torch.load(model, weights_only=True)
            content["meta"]["test_pipeline"][0] = change
            torch.save(content, model)
            code, _, said = analyze(video, model=model)
            assert code == 2
            assert one_sentence(said), said
            assert "cannot be built" in said

    @pytest.mark.parametrize("kind", ["pickle", "torch", "type", "text", "no such"])
    def test_checkpoints_that_are_none_or_would_run_code(self, kit, analyze, tmp_path, kind):
        video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(3))
        model, trace = tmp_path / "evil.pth", tmp_path / "ran"

        class Evil:
            def __reduce__(self):
                return (Path.touch, (trace,))

        if kind == "pickle":
            model.write_bytes(pickle.dumps(Evil()))
        elif kind == "torch":
            torch.save({"state_dict": {}, "meta": Evil()}, model)
        elif kind == "type":
            meta = kit.tiny_meta()
            kit.save_checkpoint(model, meta)
            content = torch.load(model, weights_only=True)
            content["meta"]["test_pipeline"] = [{"type": "subprocess.Popen", "args": ["touch", str(trace)]}]
            torch.save(content, model)
        elif kind == "text":
            model.write_text("weights")
        code, _, said = analyze(video, model=model)
        assert code == 2
        assert one_sentence(said), said
        assert "evil.pth" in said
        assert not trace.exists()


def test_extract_is_the_extraction_of_landmarks(kit, tmp_path, capsys):
    video = kit.write_video(tmp_path / "v.mp4", kit.square_frames(9))
    arguments = ["--extractor", "WhiteSquares", "--workers", "0", "--no-progress"]
    assert main(["extract", str(video), str(tmp_path / "out.pkl"), *arguments]) == 0
    from fau3d.io.annotation import load_annotations

    (annotation,) = load_annotations(tmp_path / "out.pkl").annotations
    assert annotation["keypoint"].shape[1:3] == (9, 68)
    assert main(["extract", str(tmp_path / "missing.mp4"), str(tmp_path / "none.pkl"), *arguments]) != 0
    assert "missing.mp4" in "".join(capsys.readouterr())


def test_models_lists_what_is_shipped(capsys):
    assert main(["models"]) == 0
    assert capsys.readouterr().out
