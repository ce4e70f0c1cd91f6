"""The page of trained models, from the facts in their metafiles; and the facts, from files of scores."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fau3d.evaluation.au_scores import FIGURES
from fau3d.facs import split_side

# What a metafile keeps of a table of scores; the others follow from these or are in the table.
KEPT = ("f1", "auc", "ap", "pcc", "icc", "mae", "ece", "base_rate", "threshold")
_HEADINGS = {**FIGURES, "threshold": "Threshold"}
_WEAK_AUC = 0.7
_SETS = {"held_out": "Held-out people", "shifted": "Shifted people"}
_UNIT = re.compile(r"A[UD]\d|AU2X")

_INTRODUCTION = """# Model zoo

Trained models: what they were trained on, how well they do, where they fail. The page is made from the
`metafile.yml` beside each config by `python tools/analysis/model_zoo.py page`; [metrics](metrics.md) says
what the figures mean. Held-out people are synthetic people like those of the training, but none of them;
shifted people are synthetic too, and differ in ways that the sentence above their table names. Both say how
well the task was learned; real faces say how far it transfers. Means in the first table are over two-sided
units, so that models with and without one-sided ones can be compared.
"""


def scores_of_table(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Take from a table of scores what a metafile keeps.

    Args:
        table: As `AUScores.table` gives it, and `test_scores.csv` holds it: `au`, figures, `threshold`; the
            last row is the mean.

    Returns:
        Unit, or `mean`, to figure to value with four decimals; what is undefined is left out.

    Raises:
        ValueError: If it is no such table.
    """
    if "au" not in table.columns or "f1" not in table.columns or "mean" not in set(table["au"]):
        raise ValueError(
            f"the table has columns {', '.join(map(str, table.columns))}; wanted a test_scores.csv that "
            "tools/test.py left in its work folder"
        )
    return {
        str(row["au"]): {key: round(float(row[key]), 4) for key in KEPT if pd.notna(row.get(key))}
        for row in table.to_dict("records")
    }


def two_sided_mean(units: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Average the figures of the units that are not of one side, each over the units for which it is defined.

    Args:
        units: As `scores_of_table` gives them; its `mean` is left out.
    """
    rows = [row for au, row in units.items() if au != "mean" and not split_side(au)[1]]
    return {
        key: float(np.mean([row[key] for row in rows if key in row]))
        for key in KEPT
        if key != "threshold" and any(key in row for row in rows)
    }


def real_measures(told: Mapping[str, Any], rival: str) -> list[list[Any]]:
    """Take from `real_faces.json` what a metafile keeps: means, and each unit of the coded clip.

    Args:
        told: `rivals`, and `figures`: `check`, `item`, `measure` and a value for each rival.
        rival: Whose.

    Returns:
        Check, item, measure, value with four decimals, for each figure that there is.

    Raises:
        ValueError: If the file says nothing of the rival.
    """
    if rival not in told["rivals"]:
        raise ValueError(
            f"the file speaks of {', '.join(told['rivals'])}, not of {rival!r}; name one of them"
        )
    kept = []
    for row in told["figures"]:
        coded = row["measure"] == "AUC" and row["check"].startswith("1.")
        detail = _UNIT.search(row["item"]) or "worst" in row["item"] or row["measure"] == "relative"
        if row.get(rival) is not None and (coded or not detail):
            kept.append([row["check"], row["item"], row["measure"], round(float(row[rival]), 4)])
    return kept


def group_measures(told: Mapping[str, Any]) -> list[list[Any]]:
    """Take kind, group, people, frames and mean AUC (None = none) from what `benchmarks/groups.py` wrote."""
    return [[row[key] for key in ("kind", "group", "people", "frames", "auc")] for row in told["groups"]]


def model_page(models: Sequence[Mapping[str, Any]]) -> str:
    """Give the page in Markdown, links as seen from `docs/`.

    Args:
        models: Entries of metafiles, in the order in which they are to stand.
    """
    parts = [_INTRODUCTION, _overview(models), *map(_section, models)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _overview(models: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "| model | reads | answers | weights | CPU, ms | held out: F1, AUC | shifted: F1, AUC | real: AUC |",
        "|---" * 8 + "|",
    ]
    for model in models:
        means = [_mean(model, name) for name in _SETS]
        real = next((row[3] for row in model.get("real", []) if row[1:3] == ["mean", "AUC"]), None)
        cells = [
            f"[{model['name']}](#{model['name']})",
            _reads(model),
            str(model["answers"]),
            f"{model['parameters'] / 1e6:.2f} M, {model['size_mb']:.1f} MB",
            _number(model.get("speed", {}).get("cpu_ms"), 0),
            *(", ".join(_number(mean.get(key)) for key in ("f1", "auc")) if mean else "–" for mean in means),
            _number(real),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _section(model: Mapping[str, Any]) -> str:
    parts = [f"## {model['name']}", "", *_facts(model)]
    if model.get("recipe"):
        parts += ["", "### Recipe", "", "```bash", *model["recipe"], "```"]
    for name, title in _SETS.items():
        if name in model.get("scores", {}):
            parts += ["", f"### {title}", "", *_score_table(model["scores"][name])]
    if model.get("real"):
        parts += ["", "### Real faces", ""]
        parts += ["[benchmarks/real_faces.py](../benchmarks/real_faces.py) says what is measured.", ""]
        parts += ["| check | what | measured |", "|---|---|---|"]
        told: dict[tuple[str, str], list[str]] = {}
        for check, item, measure, value in model["real"]:
            told.setdefault((check, item), []).append(f"{measure} {_number(value)}")
        parts += [f"| {check} | {item} | {', '.join(all_of)} |" for (check, item), all_of in told.items()]
    if model.get("groups"):
        parts += ["", "### Groups of rendered people", ""]
        parts += ["Mean AUC over the units that are defined in all groups of a kind; – : too few frames.", ""]
        parts += ["| kind | group | people | frames | AUC |", "|---|---|---|---|---|"]
        parts += [f"| {k} | {g} | {p} | {f} | {_number(v)} |" for k, g, p, f, v in model["groups"]]
    fails = [*model.get("fails", []), *_weak_units(model)]
    if fails:
        parts += ["", "### Where it fails", "", *(f"- {line}" for line in fails)]
    return "\n".join(parts)


def _facts(model: Mapping[str, Any]) -> list[str]:
    weights, config = model.get("weights"), model["config"]
    speed, training = model.get("speed", {}), model.get("training", {})
    rows = {
        "network": model.get("network"),
        "config": f"[{config}](../{config})",
        "weights": f"[{weights}](../{weights})" if weights else "not shipped; the recipe makes them",
        "size": f"{model['parameters'] / 1e6:.2f} M parameters, {model['size_mb']:.2f} MB",
        "reads": _reads(model),
        "answers": model["answers"],
        "trained on": model.get("data"),
        "training": ", ".join(str(v) for v in (training.get("time"), training.get("machine")) if v),
    }
    for device in ("cpu", "gpu"):
        if speed.get(f"{device}_ms") is not None:
            rows[f"speed, {device.upper()}"] = (
                f"{speed[f'{device}_ms']:g} ms for {model['reads']['frames']} frames, "
                f"{speed[f'{device}_clips_per_s']:g} clips/s ({speed[device]})"
            )
    rows["licence"] = model.get("licence")
    return ["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows.items() if value)]


def _score_table(scores: Mapping[str, Any]) -> list[str]:
    units = scores["units"]
    shown = [key for key in KEPT if any(key in row for row in units.values())]
    lines = [f"{scores['data']}", ""] if scores.get("data") else []
    lines += [
        "| unit | " + " | ".join(_HEADINGS[key] for key in shown) + " |",
        "|---" * (len(shown) + 1) + "|",
    ]
    rows = {("**mean**" if au == "mean" else au): row for au, row in units.items()}
    if any(au != "mean" and split_side(au)[1] for au in units):
        rows["**mean, two-sided**"] = two_sided_mean(units)
    lines += [
        f"| {name} | " + " | ".join(_number(row.get(key)) for key in shown) + " |"
        for name, row in rows.items()
    ]
    return lines


def _weak_units(model: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, title in _SETS.items():
        units = model.get("scores", {}).get(name, {}).get("units", {})
        weak = [
            (row["auc"], au) for au, row in units.items() if au != "mean" and row.get("auc", 1) < _WEAK_AUC
        ]
        if weak:
            told = ", ".join(f"{au} ({auc:.2f})" for auc, au in sorted(weak))
            lines.append(f"Units with an AUC below {_WEAK_AUC} ({title.lower()}): {told}.")
    return lines


def _mean(model: Mapping[str, Any], name: str) -> dict[str, float]:
    return two_sided_mean(model.get("scores", {}).get(name, {}).get("units", {}))


def _reads(model: Mapping[str, Any]) -> str:
    reads = model["reads"]
    rate = f" at {reads['fps']:g} frames/s" if reads.get("fps") else ""
    return f"{reads['topology']}, {reads['frames']} frames{rate}"


def _number(value: float | None, decimals: int = 3) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"
