"""Keep the facts of trained models beside their configs, and make docs/model_zoo.md from them.

    python tools/analysis/model_zoo.py time WEIGHTS [--device cuda] -o cpu.json
    python tools/analysis/model_zoo.py collect CONFIG --name NAME --weights WEIGHTS
        [--not-shipped] [--held-out test_scores.csv] [--shifted test_scores.csv] [--real real_faces.json]
        [--groups groups.json] [--speed cpu.json gpu.json] [--recipe COMMAND …] [--fails SENTENCE …] …
    python tools/analysis/model_zoo.py page [--check]

`collect` writes one entry of `metafile.yml` in the config's folder; what is not given stays as it is there.
`page` writes the page, or with --check only says whether it is as the metafiles want it (exit status 1: not).
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from fau3d.evaluation.model_zoo import group_measures, model_page, real_measures, scores_of_table
from fau3d.facs import AU_SETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "model_zoo.md"
_MAKE_PAGE = "python tools/analysis/model_zoo.py page"
_TEXTS = ("network", "data", "licence")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    timing = commands.add_parser("time", help="time a clip from landmarks to answers")
    timing.add_argument("weights", help="self-contained checkpoint, or the name of shipped weights")
    timing.add_argument("--device", default="cpu")
    timing.add_argument("--batch", type=int, default=16, help="clips at once for the rate")
    timing.add_argument("--machine", help="what it ran on; by default what the system says")
    timing.add_argument("-o", "--output", type=Path, required=True, metavar="JSON")
    collect = commands.add_parser("collect", help="write a model's entry")
    collect.add_argument("config", type=Path, help="within the repository")
    collect.add_argument("--name", help="by default that of the weights")
    collect.add_argument(
        "--weights", type=Path, help="self-contained checkpoint; size and form are read off it"
    )
    collect.add_argument("--not-shipped", action="store_true", help="do not link the weights")
    for name, what in (("held-out", "people in no other file"), ("shifted", "rendered people")):
        collect.add_argument(f"--{name}", type=Path, metavar="CSV", help=f"test_scores.csv: {what}")
        collect.add_argument(f"--{name}-data", metavar="TEXT", help="sentence above that table")
    collect.add_argument("--real", type=Path, metavar="JSON", help="of benchmarks/real_faces.py")
    collect.add_argument("--rival", help="its column there; by default the model's name")
    collect.add_argument("--groups", type=Path, metavar="JSON", help="of benchmarks/groups.py")
    collect.add_argument("--speed", type=Path, nargs="+", metavar="JSON", help="of `time`")
    collect.add_argument("--recipe", nargs="+", metavar="COMMAND", help="data, training, export, with seeds")
    collect.add_argument("--fails", nargs="+", metavar="SENTENCE", help="where it fails")
    collect.add_argument("--training-time", metavar="TEXT")
    collect.add_argument("--training-machine", metavar="TEXT")
    for name in _TEXTS:
        collect.add_argument(f"--{name}", metavar="TEXT")
    page = commands.add_parser("page", help="write docs/model_zoo.md")
    page.add_argument("--check", action="store_true", help="write nothing; fail where the page is stale")
    return parser.parse_args(arguments)


def time_clip(weights: str, device: str, batch: int, machine: str | None) -> dict[str, Any]:
    """Time windows of made-up landmarks through pipeline and model: the fastest of 20 after two."""
    import numpy as np
    import torch

    from fau3d.apis.face_windows import Window
    from fau3d.apis.recognizer import WindowContext, load_recognizer
    from fau3d.topology import get_topology

    recognizer = load_recognizer(weights, device=device)
    shape = (recognizer.window_length, get_topology(recognizer.topology).num_points, 3)
    keypoint = np.random.default_rng(0).normal(200, 40, shape).astype(np.float32)
    window = Window(keypoint, np.ones(shape[:2], np.float32), 0, shape[0], None)  # type: ignore[arg-type]
    context = WindowContext("made up", (400, 400), recognizer.fps or 25.0, recognizer.topology)

    def seconds(count: int) -> float:
        taken = []
        for _ in range(22):
            start = time.perf_counter()
            recognizer.predict([window] * count, context)  # answers come as NumPy: the device is done
            taken.append(time.perf_counter() - start)
        return min(taken[2:])

    kind = "gpu" if device.startswith("cuda") else "cpu"
    if machine is None:
        machine = torch.cuda.get_device_name(device) if kind == "gpu" else _cpu_name()
        machine += "" if kind == "gpu" else f", {torch.get_num_threads()} thread(s)"
    single, many = seconds(1), seconds(batch)
    rate = max(batch / many, 1 / single)
    return {f"{kind}_ms": round(1000 * single, 1), f"{kind}_clips_per_s": round(rate, 1), kind: machine}


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "CPU"


def collect_entry(args: argparse.Namespace, entry: dict[str, Any], name: str) -> dict[str, Any]:
    """Bring what the command line gives into an entry.

    Raises:
        ValueError: If a file is not what it should be, or an entry lacks what every one needs.
    """
    entry = {"name": name, "config": _within(args.config), **entry}
    if args.weights:
        entry |= _read_off(args.weights, shipped=not args.not_shipped)
    for key in ("held_out", "shifted"):
        if table := getattr(args, key):
            entry.setdefault("scores", {})[key] = {"units": scores_of_table(pd.read_csv(table))}
        if told := getattr(args, f"{key}_data"):
            entry["scores"][key] = {"data": told, "units": entry["scores"][key]["units"]}
    if args.real:
        entry["real"] = real_measures(json.loads(args.real.read_text()), args.rival or name)
    if args.groups:
        entry["groups"] = group_measures(json.loads(args.groups.read_text()))
    for path in args.speed or ():
        entry.setdefault("speed", {}).update(json.loads(path.read_text()))
    for key in ("recipe", "fails", *_TEXTS):
        if getattr(args, key):
            entry[key] = getattr(args, key)
    for key in ("time", "machine"):
        if told := getattr(args, f"training_{key}"):
            entry.setdefault("training", {})[key] = told
    if "reads" not in entry:
        raise ValueError(f"{name}: nothing is known of its weights; name them with --weights")
    return entry


def _read_off(weights: Path, shipped: bool) -> dict[str, Any]:
    from fau3d.engine.checkpoint import load_exported
    from fau3d.registry import MODELS

    meta = load_exported(weights)["meta"]
    names = tuple(meta["au_names"])
    model = MODELS.build(dict(meta["model"]))
    told = {"weights": _within(weights)} if shipped else {}
    return told | {
        "size_mb": round(weights.stat().st_size / 1e6, 2),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "reads": {
            "topology": meta["topology"],
            "frames": int(meta["clip"]["length"]),
            **({"fps": float(meta["fps"])} if meta.get("fps") else {}),
        },
        "answers": next((key for key, aus in AU_SETS.items() if aus == names), " ".join(names)),
    }


def _within(path: Path) -> str:
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        raise ValueError(f"{path}: is not in the repository; use --not-shipped for other weights") from None


def metafiles() -> list[Path]:
    """Find the metafiles."""
    return sorted((ROOT / "configs").rglob("metafile.yml"))


def write_entry(args: argparse.Namespace) -> Path:
    """Write a model's entry into the metafile beside its config."""
    if not args.config.is_file():
        raise ValueError(f"{args.config}: no such config")
    name = args.name or (args.weights.stem if args.weights else None)
    if name is None:
        raise ValueError("which model? Give --name, or --weights, whose name it then has")
    path = args.config.parent / "metafile.yml"
    models = yaml.safe_load(path.read_text())["models"] if path.is_file() else []
    known = {model["name"]: model for model in models}
    known[name] = collect_entry(args, known.get(name, {}), name)
    text = yaml.dump(
        {"models": list(known.values())}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=200
    )
    path.write_text(f"# Written by tools/analysis/model_zoo.py; docs/model_zoo.md is made from it.\n{text}")
    return path


class _Dumper(yaml.SafeDumper):
    """Writes a row of figures in one line, sentences and commands in a line each."""


def _represent(dumper: yaml.SafeDumper, values: Any) -> yaml.Node:
    row = list(values.values()) if isinstance(values, dict) else list(values)
    in_line = not any(isinstance(value, dict | list) or len(str(value)) > 40 for value in row)
    if isinstance(values, dict):
        return dumper.represent_mapping("tag:yaml.org,2002:map", values.items(), flow_style=in_line)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=in_line)


_Dumper.add_representer(dict, _represent)
_Dumper.add_representer(list, _represent)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where something is wrong or the page is stale."""
    args = parse_arguments(arguments)
    try:
        if args.command == "time":
            told = time_clip(args.weights, args.device, args.batch, args.machine)
            args.output.write_text(json.dumps(told) + "\n")
            print(told)
        elif args.command == "collect":
            print(f"{write_entry(args)}: written; now run `{_MAKE_PAGE}`")
        else:
            models = [model for path in metafiles() for model in yaml.safe_load(path.read_text())["models"]]
            models.sort(key=lambda model: ("weights" not in model, model["name"]))
            page = model_page(models)
            if args.check:
                fresh = PAGE.is_file() and PAGE.read_text() == page
                print("fresh" if fresh else f"{PAGE.name} is stale: run `{_MAKE_PAGE}`")
                return 0 if fresh else 1
            PAGE.write_text(page)
            print(f"{PAGE.relative_to(ROOT)}: {len(models)} models")
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
