"""Ratings from sequences: padding and missing values change nothing, statistics are of known values."""

import pytest
import torch

from fau3d.models import RatingHead, RatingRegressor, SequencePreprocessor
from fau3d.models.backbones import SequenceRecurrent, SequenceTransformer
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

F, T = 5, 9
BACKBONES = {
    "gru": {"type": "SequenceRecurrent"},
    "lstm": {"type": "SequenceRecurrent", "cell": "lstm"},
    "transformer": {"type": "SequenceTransformer", "depth": 1, "heads": 2},
}


def build(kind, **options):
    torch.manual_seed(0)
    backbone = {"num_inputs": F, "channels": 8, **BACKBONES[kind], **options}
    width = 16 if options.get("both_ways") else 8
    return MODELS.build(
        {
            "type": "RatingRegressor",
            "data_preprocessor": {"type": "SequencePreprocessor", "num_inputs": F},
            "backbone": backbone,
            "head": {"type": "RatingHead", "in_channels": width},
        }
    )


def batch(size=3, frames=T, seed=0):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(size, frames, F, generator=generator)
    samples = []
    for number in range(size):
        sample = AUDataSample(metainfo={"frame_dir": f"w{number}"})
        sample.set_data(
            {"gt_rating": torch.tensor([float(number)]), "rater_variance": torch.tensor([0.1 * number])}
        )
        samples.append(sample)
    inputs = {"values": values, "known": torch.ones_like(values), "frames": torch.ones(size, frames)}
    return {"inputs": inputs, "data_samples": samples}


@pytest.mark.parametrize("kind", BACKBONES)
@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_padding_changes_nothing(kind, pooling):
    model = build(kind).eval()
    model.head.pooling = pooling
    short, long = batch(frames=6), batch(frames=6)
    rest = torch.full((3, 3, F), 77.0)
    long["inputs"] = {
        "values": torch.cat([short["inputs"]["values"], rest], 1),
        "known": torch.cat([short["inputs"]["known"], torch.zeros_like(rest)], 1),
        "frames": torch.cat([short["inputs"]["frames"], torch.zeros(3, 3)], 1),
    }
    with torch.no_grad():
        first, second = (torch.cat([s.pred_rating for s in model.test_step(b)]) for b in (short, long))
    torch.testing.assert_close(first, second)


def test_padding_is_not_read_backwards_either():
    model = build("gru", both_ways=True).eval()
    data = batch()
    data["inputs"]["frames"][:, 5:] = 0
    with torch.no_grad():
        before = torch.cat([s.pred_rating for s in model.test_step(data)])
        data["inputs"]["values"][:, 5:] = -3
        after = torch.cat([s.pred_rating for s in model.test_step(data)])
    torch.testing.assert_close(before, after)


@pytest.mark.parametrize("kind", BACKBONES)
def test_it_learns_a_batch(kind):
    model = build(kind, dropout=0.0)
    model.head.answer[0].p = 0.0
    optimizer = torch.optim.Adam(model.parameters(), 0.03)
    data = batch()
    for _ in range(60):
        processed = model.data_preprocessor(data, True)
        loss = model(**processed, mode="loss")["loss_rating"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    answers = torch.cat([s.pred_rating for s in model.test_step(data)])
    torch.testing.assert_close(answers, torch.arange(3.0), atol=0.15, rtol=0)


def test_statistics_are_of_known_values():
    preprocessor = SequencePreprocessor(2, limit=2.0)
    values = torch.tensor([[[1.0, 0.0], [3.0, 9.0]]])
    known = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
    data = {"inputs": {"values": values, "known": known, "frames": torch.ones(1, 2)}}
    result = preprocessor(data, True)["inputs"]["values"]
    assert preprocessor.mean.tolist() == [2.0, 0.0] and preprocessor.variance.tolist() == [1.0, 1.0]
    torch.testing.assert_close(result[0], torch.tensor([[-1.0, 0, 1, 0], [1.0, 0, 1, 0]]), atol=1e-5, rtol=0)
    data["inputs"]["values"] = values * 100
    assert preprocessor(data)["inputs"]["values"].abs().max() == 2.0
    assert preprocessor.mean.tolist() == [2.0, 0.0]


def test_raters_who_are_apart_count_less():
    head = RatingHead(4, delta=100.0, floor=0.5, dropout=0.0)
    features, frames = torch.zeros(2, 3, 4), torch.ones(2, 3)
    samples = []
    for rating, variance in ((3.0, 0.0), (2.0, 0.5)):
        sample = AUDataSample()
        sample.set_data({"gt_rating": torch.tensor([rating]), "rater_variance": torch.tensor([variance])})
        samples.append(sample)
    # The answer is the bias, 2; errors are 1 and 0; weights 1 and 1/2.
    loss = head.loss(features, frames, samples)["loss_rating"]
    assert loss.item() == pytest.approx(0.5 * 1 / 1.5)
    head.floor = None
    assert head.loss(features, frames, samples)["loss_rating"].item() == pytest.approx(0.25)


def test_predictions_stay_on_the_scale():
    head = RatingHead(1, dropout=0.0)
    torch.nn.init.constant_(head.answer[1].weight, 1.0)
    predicted = head.predict(torch.tensor([[[9.0]], [[-9.0]]]), torch.ones(2, 1))
    assert [s.pred_rating.item() for s in predicted] == [4.0, 0.0]


def test_errors_name_the_way_out():
    model = build("gru")
    with pytest.raises(ValueError, match="num_inputs of data_preprocessor"):
        data = batch()
        data["inputs"] = {k: v[..., :3] if v.ndim == 3 else v for k, v in data["inputs"].items()}
        model.data_preprocessor(data)
    with pytest.raises(ValueError, match="inputs hold"):
        model.data_preprocessor({"inputs": {"keypoint": torch.zeros(1)}})
    with pytest.raises(ValueError, match="the backbone reads 5"):
        SequenceRecurrent(5, cell="lstm")(torch.zeros(1, 2, 8), torch.ones(1, 2))
    with pytest.raises(ValueError, match="in_channels"):
        RatingHead(3)(torch.zeros(1, 2, 4), torch.ones(1, 2))
    with pytest.raises(ValueError, match="unknown pooling"):
        RatingHead(3, pooling="max")
    with pytest.raises(ValueError, match="rating_range"):
        RatingHead(3, rating_range=(4, 0))
    with pytest.raises(ValueError, match="shared among 3 heads"):
        SequenceTransformer(5, channels=8, heads=3)
    with pytest.raises(ValueError, match="built for up to 4"):
        SequenceTransformer(5, channels=8, longest=4)(torch.zeros(1, 5, 10), torch.ones(1, 5))
    with pytest.raises(ValueError, match="w0: has no gt_rating"):
        empty = [AUDataSample(metainfo={"frame_dir": "w0"})]
        RatingHead(4).loss(torch.zeros(1, 2, 4), torch.ones(1, 2), empty)
    inputs = {"values": torch.zeros(1, 2, 10), "frames": torch.ones(1, 2)}
    for mode, message in (("loss", "needs data_samples"), ("guess", "unknown mode")):
        with pytest.raises(ValueError, match=message):
            model(inputs, mode=mode)
    assert isinstance(model, RatingRegressor) and isinstance(model.backbone, SequenceRecurrent)
    assert model(inputs).shape == (1,)
