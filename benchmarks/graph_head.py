"""Images per second of the AU relation graph, against the same mathematics unit by unit and pair by pair.

The literal head has the same weights: a linear block for each unit in a loop, and for stage 2 a map of tokens
for every ordered pair, as the method is published. `differs` is the largest difference of probabilities.
On a CPU, time is that of the process, so that others on the machine count less; use OMP_NUM_THREADS=1.

Examples:
    OMP_NUM_THREADS=1 python benchmarks/graph_head.py
    python benchmarks/graph_head.py --device cuda --batch 64 --repeats 20
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.graph import EdgeFeatures, UnitMaps
from fau3d.models.heads import GraphAUHead
from fau3d.registry import MODELS

BACKBONES = {"ResNet-50": ({"type": "ResNetFeatures", "depth": 50}, 2048, 512)}


class LiteralUnits(nn.Module):
    """One linear block after another, their maps put together at the end."""

    def __init__(self, maps: UnitMaps) -> None:
        super().__init__()
        linear, norm, units = maps.block.linear, maps.block.norm, maps.units
        self.blocks = nn.ModuleList()
        for unit in range(units):
            rows = slice(unit * linear.in_features, (unit + 1) * linear.in_features)
            fc, bn = nn.Linear(linear.in_features, linear.in_features), nn.BatchNorm1d(linear.in_features)
            for own, whole, names in ((fc, linear, ("weight", "bias")), (bn, norm, ("weight", "bias"))):
                for name in names:
                    getattr(own, name).data.copy_(getattr(whole, name).data[rows])
            for name in ("running_mean", "running_var"):
                getattr(bn, name).copy_(getattr(norm, name)[rows])
            self.blocks.append(nn.ModuleList([fc, bn]))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (B, D, C) to (B, D, N, C)."""
        return torch.stack([bn(fc(tokens).transpose(1, 2)).relu() for fc, bn in self.blocks], 1).permute(
            0, 3, 1, 2
        )


class LiteralEdges(nn.Module):
    """A map for each pair, projected, normalised and averaged."""

    def __init__(self, edges: EdgeFeatures) -> None:
        super().__init__()
        self.edges, self.norm = edges, nn.BatchNorm2d(edges.units**2)
        self.norm.load_state_dict(edges.norm.state_dict())

    def forward(self, maps: Tensor, face: Tensor) -> Tensor:
        """Map (B, N, D, C) and (B, D, C) to (B, N, N, C)."""
        edges, units = self.edges, self.edges.units
        face = face[:, None].repeat(1, units, 1, 1)
        read = edges.face.weights(edges.face.query(maps), edges.face.key(face)) @ edges.face.value(face)
        ends = read.repeat_interleave(units, 1)
        starts = read.repeat(1, units, 1, 1)
        attended = edges.pair.weights(edges.pair.query(starts), edges.pair.key(ends)) @ edges.pair.value(ends)
        return self.norm(edges.project(attended)).mean(2).unflatten(1, (units, units))


def literal(head: GraphAUHead) -> GraphAUHead:
    """Give a head with the same weights whose slow parts are literal."""
    slow = GraphAUHead(
        head.shared.linear.in_features,
        head.au_names,
        channels=head.shared.linear.out_features,
        stage=head.stage,
    )
    slow.load_state_dict(head.state_dict())
    slow.units = LiteralUnits(head.units)
    if head.stage == 2:
        slow.edges = LiteralEdges(slow.edges)
    return slow


def seconds(run: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Time one call: the median of several, after one that does not count."""
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    times = []
    for attempt in range(repeats + 1):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        start = clock()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        if attempt:
            times.append(clock() - start)
    return float(np.median(times))


def step(head: GraphAUHead, features: Tensor) -> Callable[[], None]:
    """Give a forward and backward pass in training."""

    def run() -> None:
        head.train()
        head.zero_grad(set_to_none=True)
        F.binary_cross_entropy_with_logits(*_answer_and_target(head, features)).backward()

    return run


def _answer_and_target(head: GraphAUHead, features: Tensor) -> tuple[Tensor, Tensor]:
    answer = head(features, 1)["occurrence"]
    return answer, torch.zeros_like(answer)


def answer(module: nn.Module, *inputs: object) -> Callable[[], object]:
    """Give a forward pass in evaluation."""

    def run() -> object:
        with torch.inference_mode():
            return module(*inputs)

    return run


def compare(au_set: str, stage: int, in_channels: int, channels: int, args: argparse.Namespace) -> None:
    """Print the rows of one head: evaluation and training, fast and literal."""
    torch.manual_seed(0)
    device = torch.device(args.device)
    head = GraphAUHead(in_channels, au_set, channels=channels, stage=stage).to(device)
    slow = literal(head).to(device)
    features = torch.rand((args.batch, in_channels, 1, 7, 7), device=device)
    head.eval(), slow.eval()
    with torch.inference_mode():
        differs = max(
            float((a.sigmoid() - b.sigmoid()).abs().max())
            for a, b in [(m(features, 1)["occurrence"] for m in (head, slow))]
        )
    rates = [args.batch / seconds(answer(m, features, 1), device, args.repeats) for m in (head, slow)]
    name = f"{au_set}, stage {stage}"
    print(
        f"| {name} | answers | {rates[0]:.1f} | {rates[1]:.1f} | {rates[0] / rates[1]:.1f} | {differs:.0e} |"
    )
    if args.training:
        rates = [args.batch / seconds(step(m, features), device, args.repeats) for m in (head, slow)]
        print(
            f"| {name} | trains | {rates[0]:.1f} | {rates[1]:.1f} | {rates[0] / rates[1]:.1f} | |", flush=True
        )


def whole(au_set: str, stage: int, args: argparse.Namespace) -> None:
    """Print the rate of a whole network."""
    device = torch.device(args.device)
    for name, (backbone, in_channels, channels) in BACKBONES.items():
        head = {"type": "GraphAUHead", "in_channels": in_channels, "channels": channels}
        head.update(au_set=au_set, stage=stage)
        model = MODELS.build({"type": "AURecognizer", "backbone": backbone, "head": head}).to(device).eval()
        images = torch.rand((args.batch, 3, 1, 224, 224), device=device)
        alone = args.batch / seconds(answer(model.backbone, images), device, args.repeats)
        rate = args.batch / seconds(answer(model, images), device, args.repeats)
        print(f"| {name}, {au_set}, stage {stage} | {rate:.1f} | {alone:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=2, help="images at once (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="calls timed (default: %(default)s)")
    parser.add_argument("--au-sets", nargs="+", default=["opengraphau41", "bp4d"], help="units")
    parser.add_argument("--no-training", dest="training", action="store_false", help="leave training out")
    args = parser.parse_args()
    print("| head, ResNet-50's features | | images/s | literal | times | differs |")
    print("|---|---|---|---|---|---|")
    for au_set in args.au_sets:
        for stage in (1, 2):
            compare(au_set, stage, 2048, 512, args)
    print("\n| whole network, 224 x 224 | images/s | backbone alone |\n|---|---|---|")
    for stage in (1, 2):
        whole(args.au_sets[0], stage, args)


if __name__ == "__main__":
    main()
