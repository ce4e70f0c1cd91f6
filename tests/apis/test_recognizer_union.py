"""Several models as one: by the single runs' tables, and what must not answer together."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from fau3d.apis import AUInferencer
from fau3d.apis.face_crops import split_image_steps
from fau3d.apis.live import LiveAnswers
from fau3d.apis.recognizer_union import RecognizerUnion, load_recognizers
from fau3d.apis.serve.settings import ServeSettings
from fau3d.apis.serve.work import Models
from fau3d.cli import main
from fau3d.cli.common import unit_set
from fau3d.facs import AU_SETS
from fau3d.io.table import read_au_table

FIVE = ("AU06", "AU10", "AU12", "AU14", "AU43")
FIFTEEN = AU_SETS["finegrained15"]


@pytest.fixture(scope="module")
def tiny(kit, tmp_path_factory):
    """Give a function that makes a checkpoint of some units."""
    folder, made = tmp_path_factory.mktemp("union"), []

    def make(units, intensity=True, threshold=0.5, **changes):
        meta = kit.tiny_meta(au_names=list(units), **changes)
        meta["model"]["head"] |= {"au_set": list(units), "intensity": intensity}
        made.append(meta)
        path = kit.save_checkpoint(folder / f"model{len(made)}.pth", meta, seed=len(made))
        saved = torch.load(path, weights_only=True)
        saved["state_dict"]["head.thresholds"].fill_(threshold)
        torch.save(saved, path)
        return path

    return make


@pytest.fixture(scope="module")
def twelve(tiny):
    return tiny(AU_SETS["disfa12"], threshold=0.4)


@pytest.fixture(scope="module")
def five(tiny):
    return tiny(FIVE, threshold=0.7)


@pytest.fixture(scope="module")
def frames(kit):
    return kit.square_frames(21, gone=(9,))


@pytest.fixture(scope="module")
def analysed(frames):
    """Give a function that analyses the frames with one model, or several."""

    def analyse(*models, **options):
        with AUInferencer(list(models), "WhiteSquares", "cpu", **options) as inferencer:
            return inferencer(frames).data, inferencer.recognizer

    return analyse


def test_values_are_weighted_means_of_the_single_runs(analysed, twelve, five):
    (first, _), (second, _) = analysed(twelve), analysed(five)
    both, union = analysed(twelve, five, weights=[2, 1])
    assert union.name == f"{twelve.name} + {five.name}"
    assert union.au_names == (*AU_SETS["disfa12"], "AU10", "AU14", "AU43")
    for unit in union.au_names:
        for kind in ("p", "r"):
            column = f"{unit}_{kind}"
            own = [(run[column], w) for run, w in ((first, 2), (second, 1)) if column in run]
            expected = sum(values * w for values, w in own) / sum(w for _, w in own)
            np.testing.assert_allclose(both[column], expected, atol=1e-6)
    thresholds = dict(zip(union.au_names, union.thresholds))
    assert thresholds["AU01"] == pytest.approx(0.4) and thresholds["AU43"] == pytest.approx(0.7)
    assert thresholds["AU12"] == pytest.approx((2 * 0.4 + 0.7) / 3)
    seen = both["success"] == 1
    np.testing.assert_array_equal(both["AU12_c"][seen], both["AU12_p"][seen] >= thresholds["AU12"])


def test_weights_by_unit_and_of_nothing(analysed, twelve, five, tmp_path):
    first, second = analysed(twelve)[0], analysed(five)[0]
    learned = tmp_path / "learned.json"
    # Of 43 only the second model speaks: a weight of 0 does not silence it.
    learned.write_text(json.dumps({"weights": {"AU06": [0.25, 0.75], "AU43": [1, 0]}}))
    for weights in (learned, {"6": [0.25, 0.75], "AU43": [1, 0]}):
        both = analysed(twelve, five, weights=weights)[0]
        np.testing.assert_allclose(both["AU06_p"], first["AU06_p"] / 4 + second["AU06_p"] * 0.75, atol=1e-6)
        np.testing.assert_allclose(both["AU12_p"], (first["AU12_p"] + second["AU12_p"]) / 2, atol=1e-6)
        np.testing.assert_allclose(both["AU43_r"], second["AU43_r"], atol=1e-6)


def test_units_in_the_order_asked_for(analysed, twelve, five):
    whole = analysed(twelve, five)[0]
    fifteen, union = analysed(twelve, five, units="finegrained15")
    assert union.au_names == FIFTEEN and len(FIFTEEN) == 15
    np.testing.assert_array_equal(fifteen[[f"{n}_r" for n in FIFTEEN]], whole[[f"{n}_r" for n in FIFTEEN]])
    alone, one = analysed(five, units=["AU43", "6"])
    assert one.au_names == ("AU43", "AU06")
    np.testing.assert_array_equal(alone["AU06_p"], analysed(five)[0]["AU06_p"])
    assert unit_set("AU12") == ["AU12"] and unit_set("1, 2") == ["1", "2"] and unit_set("bp4d") == "bp4d"


def test_units_without_intensities(analysed, twelve, tiny):
    silent = tiny(FIVE, intensity=False)
    first, second = analysed(twelve)[0], analysed(silent)[0]
    both, union = analysed(silent, twelve)
    assert union.has_intensity and "AU12_r" not in second
    np.testing.assert_array_equal(both["AU12_r"], first["AU12_r"])
    assert both["AU43_r"].isna().all() and both["AU43_p"].notna().sum() == 20
    np.testing.assert_array_equal(both["AU43_p"], second["AU43_p"])
    assert not analysed(silent, twelve, units=["AU43"])[1].has_intensity


def test_live_answers(kit, twelve, tiny):
    union = load_recognizers([twelve, tiny(FIVE, intensity=False)], device="cpu")
    live = LiveAnswers(union, "ibug68", 25.0)
    for number, frame in enumerate(kit.square_frames(4)):
        (face,) = live.push(number / 25, (64, 96), {0: kit.WhiteSquares()._faces(frame)[0]}).values()
    assert face.probability.shape == (15,) and np.isfinite(face.probability).all()
    assert np.isfinite(face.intensity).sum() == 12


class TestCommand:
    @pytest.fixture
    def analyze(self, tmp_path, capsys):
        def run(source, *options, output="out"):
            words = ["--quiet", "--device", "cpu", "--extractor", "WhiteSquares", *map(str, options)]
            code = main(["analyze", "-o", str(tmp_path / output), *words, str(source)])
            said = capsys.readouterr()
            return code, tmp_path / output, said.out + said.err

        return run

    def test_a_report_of_twelve_units_and_five(self, kit, analyze, twelve, tiny, tmp_path):
        video = kit.write_video(tmp_path / "face.mp4", kit.square_frames(25))
        silent = tiny(FIVE, intensity=False, threshold=0.3)
        options = ["--report", "--report-smoothing", "mean", "--units", "finegrained15"]
        code, folder, said = analyze(
            video, *options, "--weights", 2, 1, "--checkpoint", twelve, silent
        )  # the video stands behind the checkpoints
        assert code == 0, said
        table = read_au_table(folder / "au.csv")
        assert table.au_names == FIFTEEN
        events = pd.read_csv(folder / "events.csv").query("kind == 'unit'")
        assert len(events) and set(events["name"]) <= set(FIFTEEN)
        summary = json.loads((folder / "summary.json").read_text())
        units = summary["faces"][0]["units"]
        assert list(units) == list(FIFTEEN)
        assert units["AU43"]["time_share"] is not None and units["AU43"]["mean_shown"] is None
        assert units["AU01"]["neutral_level"] is not None
        assert "model" in summary and twelve.name in str(summary)
        assert (folder / "report.html").stat().st_size > 10_000

    def test_one_checkpoint_before_the_source(self, kit, analyze, five, tmp_path):
        video = kit.write_video(tmp_path / "face.mp4", kit.square_frames(9))
        assert analyze(video, "--checkpoint", five)[0] == 0
        assert read_au_table(tmp_path / "out" / "au.csv").au_names == FIVE
        code, _, said = analyze(video, "--checkpoint", five, "--weights", "2", output="other")
        assert code == 2 and "one model" in said
        code, _, said = analyze(video, "--checkpoint", five, "--units", "all15", output="other")
        assert code == 2 and "finegrained15" in said

    def test_the_web_app_offers_the_union(self, kit, twelve, five):
        given = [str(twelve), str(five)]
        models = Models(ServeSettings(checkpoint=given, units="disfa12", extractor="WhiteSquares"))
        name = next(iter(models.offered))
        assert name == f"{twelve.stem} + {five.stem}"
        assert models.get(name, 1).recognizer.au_names == AU_SETS["disfa12"]
        models.close()


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"clip": {"length": 16}}, ("windows of 8 frames", "windows of 16 frames", "length")),
            ({"topology": "mediapipe91"}, ("'ibug68'", "'mediapipe91' or 'mediapipe478'", "points")),
            ({"fps": 50.0}, ("25 frames/s", "50 frames/s", "rate")),
        ],
    )
    def test_models_that_see_different_windows(self, tiny, changes, words):
        first, second = tiny(FIVE, fps=25.0), tiny(FIVE, **{"fps": 25.0, **changes})
        with pytest.raises(ValueError, match="fau3d fuse") as refused:
            load_recognizers([first, second], device="cpu")
        assert all(word in str(refused.value) for word in (*words, first.name, second.name))

    def test_a_model_that_takes_any_rate_goes_along(self, tiny, five):
        for models in ([five, tiny(FIVE, fps=25.0)], [tiny(FIVE, fps=25.0), five]):
            union = load_recognizers(models, device="cpu")
            assert (union.fps, union.interval(50.0), union.fill(12.5)) == (25.0, 2, 2)

    def test_the_shortest_stride_counts(self, tiny):
        models = [tiny(FIVE, clip={"length": 8, "stride": stride}) for stride in (6, 2)]
        assert load_recognizers(models, device="cpu").stride == 2

    def test_two_ways_to_cut_faces_out(self, five):
        points, first, alike, other = (load_recognizers(five, device="cpu") for _ in range(4))
        for model, margin in ((first, 0.1), (alike, 0.1), (other, 0.2)):
            steps = [{"type": "LoadFaceImage"}, {"type": "CropToBox", "margin": margin}]
            model.cropper = split_image_steps(steps, "some.pth")[0]
        assert RecognizerUnion([points, first, alike]).cropper is first.cropper
        with pytest.raises(ValueError, match=r"0\.1.*0\.2.*pictures"):
            RecognizerUnion([points, first, other])

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"weights": [1, 2, 3]}, "3.0] for 2 models; wanted one for each"),
            ({"weights": [0, 0]}, "not all 0"),
            ({"weights": {"AU12": [1]}}, "AU12: weights"),
            ({"units": ["AU12", "AU99"]}, "not known"),
            ({"units": "synthetic24"}, "cannot answer AU07 AU11"),
        ],
    )
    def test_weights_and_units_that_do_not_fit(self, twelve, five, options, text):
        with pytest.raises(ValueError) as refused:
            load_recognizers([twelve, five], device="cpu", **options)
        assert text in str(refused.value)

    def test_no_model_and_another_extractor(self, twelve, five):
        with pytest.raises(ValueError, match="no model in the list"):
            load_recognizers([])
        with pytest.raises(ValueError, match=f"{twelve.name} reads 'ibug68'"):
            AUInferencer([twelve, five], "mediapipe", "cpu")
