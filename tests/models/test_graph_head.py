"""The AU relation graph: what is fast computes what is written, pair by pair and unit by unit."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fau3d.facs import get_au_set
from fau3d.models.graph import EdgeFeatures, GatedGraph, SimilarityGraph, UnitMaps
from fau3d.models.heads import GraphAUHead
from fau3d.models.losses import UnitPairLoss
from fau3d.structures import AUDataSample

UNITS, TOKENS, CHANNELS = 3, 5, 8


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def shaken(module):
    """Give norms weights and statistics that matter."""
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            nn.init.normal_(layer.weight, 1.0, 0.2)
            nn.init.normal_(layer.bias, 0.0, 0.2)
            layer.running_mean.normal_(0.0, 0.3)
            layer.running_var.uniform_(0.5, 2.0)
    return module


def test_unit_maps_are_a_linear_block_for_each_unit():
    maps = shaken(UnitMaps(CHANNELS, UNITS))
    tokens = torch.randn(2, TOKENS, CHANNELS)
    for mode in (True, False):
        maps.train(mode)
        found = maps(tokens)
        assert found.shape == (2, TOKENS, UNITS, CHANNELS)
        for unit in range(UNITS):
            rows = slice(unit * CHANNELS, (unit + 1) * CHANNELS)
            linear, norm = maps.block.linear, maps.block.norm
            flat = F.linear(tokens, linear.weight[rows], linear.bias[rows]).transpose(1, 2)
            if mode:
                wanted = F.batch_norm(flat, None, None, norm.weight[rows], norm.bias[rows], True)
            else:
                statistics = norm.running_mean[rows], norm.running_var[rows]
                wanted = F.batch_norm(flat, *statistics, norm.weight[rows], norm.bias[rows])
            torch.testing.assert_close(found[:, :, unit], wanted.relu().transpose(1, 2))
    with torch.no_grad():
        torch.testing.assert_close(maps(tokens), found)


def literal_edges(edges, norm, maps, face):
    """As published: a map for every pair, in a loop."""
    read = []
    for unit in range(UNITS):
        weights = (edges.face.query(maps[:, unit]) * edges.face.scale) @ edges.face.key(face).transpose(1, 2)
        read.append(weights.softmax(-1) @ edges.face.value(face))
    pairs = []
    for i in range(UNITS):
        for j in range(UNITS):
            weights = (edges.pair.query(read[j]) * edges.pair.scale) @ edges.pair.key(read[i]).transpose(1, 2)
            pairs.append(edges.project(weights.softmax(-1) @ edges.pair.value(read[i])))
    return norm(torch.stack(pairs, 1)).mean(2).unflatten(1, (UNITS, UNITS))


@pytest.mark.parametrize("training", [True, False])
def test_features_of_pairs_need_no_map_of_a_pair(training):
    edges = shaken(EdgeFeatures(CHANNELS, UNITS)).double().train(training)
    norm = nn.BatchNorm2d(UNITS**2).double().train(training)
    norm.load_state_dict(edges.norm.state_dict())
    maps = torch.randn(2, UNITS, TOKENS, CHANNELS, dtype=torch.float64, requires_grad=True)
    face = torch.randn(2, TOKENS, CHANNELS, dtype=torch.float64, requires_grad=True)
    # What is fast casts to float32 inside; float64 tells the formulas apart from rounding.
    wanted = literal_edges(edges, norm, maps, face)
    found = edges.float()(maps.float(), face.float())
    torch.testing.assert_close(found.double(), wanted, atol=2e-5, rtol=1e-4)
    torch.testing.assert_close(edges.norm.running_mean.double(), norm.running_mean, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(edges.norm.running_var.double(), norm.running_var, atol=1e-5, rtol=1e-4)
    assert edges.norm.num_batches_tracked == norm.num_batches_tracked
    direction = torch.randn_like(wanted)
    gradients = torch.autograd.grad((found.double() * direction).sum(), (maps, face))
    edges.double()
    wanted = literal_edges(edges, norm, maps, face)
    literal = torch.autograd.grad((wanted * direction).sum(), (maps, face))
    for gradient, known in zip(gradients, literal, strict=True):
        torch.testing.assert_close(gradient, known, atol=1e-4, rtol=1e-3)


def test_similar_nodes_are_joined():
    graph = SimilarityGraph(2, 4, neighbours=2)
    nodes = torch.tensor([[[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 3.0]]])
    joined = graph.adjacency(nodes)[0] > 0
    assert joined.int().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]
    torch.testing.assert_close(graph.adjacency(nodes)[0, 0, 1], torch.tensor(0.5))
    # Whoever is as similar as the last is joined too.
    assert (graph.adjacency(torch.ones(1, 4, 2)) == 0.25).all()
    with pytest.raises(ValueError, match="neighbours is 5; wanted 1 to 4"):
        SimilarityGraph(2, 4, neighbours=5)


def test_gates_let_through_by_softmax_over_neighbours():
    graph = shaken(GatedGraph(CHANNELS, UNITS, layers=1)).eval()
    layer = graph.layers[0]
    nodes, edges = torch.randn(2, UNITS, CHANNELS), torch.randn(2, UNITS, UNITS, CHANNELS)
    found, after = graph(nodes, edges)
    for i in range(UNITS):
        gathered = 0
        gates = after[:, i].sigmoid().exp()
        for j in range(UNITS):
            gathered = gathered + gates[:, j] / gates.sum(1) * layer.others(nodes[:, j]) / UNITS
        norm = layer.node_norm
        change = (layer.own(nodes[:, i]) + gathered - norm.running_mean[i]) * norm.weight[i]
        change = change / (norm.running_var[i] + norm.eps).sqrt() + norm.bias[i]
        torch.testing.assert_close(found[:, i], nodes[:, i] + change.relu())
    update = layer.from_end(nodes[:, 1]) + layer.from_start(nodes[:, 2]) + layer.from_edge(edges[:, 1, 2])
    norm, place = layer.edge_norm, UNITS + 2
    update = (update - norm.running_mean[place]) / (norm.running_var[place] + norm.eps).sqrt()
    update = update * norm.weight[place] + norm.bias[place]
    torch.testing.assert_close(after[:, 1, 2], edges[:, 1, 2] + update.relu())
    with pytest.raises(ValueError, match="unknown rectify 'both'; known: 'update', 'sum'"):
        GatedGraph(CHANNELS, UNITS, rectify="both")


def head(**options):
    return GraphAUHead(
        **{"in_channels": 6, "channels": CHANNELS, "au_set": "disfa8", "neighbours": 3, **options}
    )


@pytest.mark.parametrize("stage", [1, 2])
def test_frames_of_a_clip_are_so_many_images(stage):
    graph = shaken(head(stage=stage)).eval()
    features = torch.randn(2, 6, 3, 2, 2)
    answers = graph(features, 3)["occurrence"]
    assert answers.shape == (2, 3, 8)
    torch.testing.assert_close(graph(features[1:, :, 2:], 1)["occurrence"][0, 0], answers[1, 2])
    with pytest.raises(ValueError, match="gives 3 maps for 6 frames"):
        graph(features, 6)


def test_probabilities_are_cosines():
    graph = shaken(head()).eval()
    features = torch.randn(2, 6, 1, 2, 2)
    nodes, _ = graph.describe(features[:, :, 0].flatten(2).transpose(1, 2))
    wanted = F.cosine_similarity(nodes, graph.vectors.relu(), dim=-1)
    found = torch.stack([sample.pred_occurrence[0] for sample in graph.predict(features, 1)])
    torch.testing.assert_close(found, wanted)
    # Both ends have logits.
    graph.vectors.data = nodes[0].detach()
    assert torch.isfinite(graph(features, 1)["occurrence"]).all()


def test_one_sided_units_use_the_node_of_their_two_sided_one():
    units = get_au_set("opengraphau41")
    for shared, twelve in ((None, "AU12"), ({"AU12": "AU11"}, "AU11")):
        graph = head(au_set="opengraphau41", shared_nodes=shared)
        assert graph.node_names == units[:27]
        nodes = dict(zip(units, (units[i] for i in graph.node_of.tolist()), strict=True))
        assert nodes["AU12"] == "AU12"
        assert nodes["AU12_L"] == nodes["AU12_R"] == twelve
        assert nodes["AU14_R"] == "AU14"
    assert graph.node_of[35:].tolist() == [7, 7, 8, 8, 11, 11]
    with pytest.raises(ValueError, match="AU12_L needs the node of AU12, which the AU set has not"):
        head(au_set=["AU01", "AU12_L"], neighbours=1)


def test_pairs_are_asked_how_their_units_occur_together():
    target = torch.tensor([[1, 0, -1]])
    logits = torch.zeros(1, 3, 3, 4)
    logits[0, 0, 0, 3] = logits[0, 0, 1, 2] = logits[0, 1, 0, 1] = logits[0, 1, 1, 0] = 50.0
    loss = UnitPairLoss(weight=0.5)
    assert loss(logits, target) == 0
    # Pairs with the unit that nobody annotated do not count, whatever they say.
    logits[0, 2] = torch.randn(3, 4) * 9
    assert loss(logits, target) == 0
    logits[0, 0, 1] = 0.0
    torch.testing.assert_close(loss(logits, target), 0.5 * torch.tensor(4.0).log() / 4)
    assert loss(logits, torch.full((1, 3), -1)) == 0


def test_stage_2_takes_over_what_stage_1_learned():
    first, second = head(), head(stage=2, loss_relation={"type": "UnitPairLoss", "weight": 0.05})
    left = second.load_state_dict(first.state_dict(), strict=False)
    assert {name.split(".")[0] for name in left.missing_keys} == {"edges", "graph", "relation"}
    sample = AUDataSample(gt_occurrence=torch.randint(-1, 2, (1, 8), dtype=torch.int8))
    losses = second.loss(torch.randn(1, 6, 1, 2, 2), 1, [sample])
    assert set(losses) == {"loss_occurrence", "loss_relation"}
    sum(losses.values()).backward()
    assert all(parameter.grad is not None for parameter in second.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"intensity": True}, "answers occurrence only"),
        ({"stage": 3}, "stage is 3; known: 1"),
        ({"loss_relation": {"type": "UnitPairLoss"}}, "set stage=2"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        head(**options)
