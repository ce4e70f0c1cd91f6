"""A cross-validation's scores as Markdown, as a table for CSV, and as LaTeX, in the papers' column order."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fau3d.evaluation.au_scores import paper_name
from fau3d.evaluation.fold_scores import CrossValidationScores, DecisionScores, mean_and_spread
from fau3d.evaluation.published import PublishedFigures

_DECISIONS = {"0.5": "threshold 0.5", "tuned": "thresholds tuned on validation"}
_PUBLISHED = "published by others"
# More columns than this say nothing at a glance; they are in the CSV.
_SHOWN_FOLDS = 5


def fold_table(scores: CrossValidationScores) -> pd.DataFrame:
    """Give every figure in one long table.

    Returns:
        Columns `figure` (`f1`, `auc`, `base_rate`, `f1_always_yes`, `threshold`), `thresholds` (`0.5`,
        `tuned`, or empty where the figure has none), `fold` (a fold's name, `mean` and `sd` over folds,
        `pooled` over all folds' frames, `pooled_low` and `pooled_high`), `au` (a unit or `mean`), `value`.
    """
    units = [*scores.au_names, "mean"]
    rows: list[dict] = []

    def add(figure: str, kind: str, fold: str, values: np.ndarray) -> None:
        rows.extend(
            {"figure": figure, "thresholds": kind, "fold": fold, "au": au, "value": float(value)}
            for au, value in zip(units, values)
        )

    for kind, decision in scores.decisions.items():
        for fold, values in zip(scores.folds, decision.f1):
            add("f1", kind, fold, values)
        for fold, values in zip(("mean", "sd"), mean_and_spread(decision.f1)):
            add("f1", kind, fold, values)
        for fold, values in zip(
            ("pooled", "pooled_low", "pooled_high"), (decision.pooled_f1, decision.low, decision.high)
        ):
            add("f1", kind, fold, values)
        for fold, values in zip(scores.folds, decision.thresholds):
            add("threshold", kind, fold, values)
    for fold, values in zip((*scores.folds, "mean", "sd"), (*scores.auc, *mean_and_spread(scores.auc))):
        add("auc", "", fold, values)
    add("base_rate", "", "pooled", scores.base_rate)
    add("f1_always_yes", "", "pooled", scores.always_f1)
    return pd.DataFrame(rows)


def markdown_fold_report(scores: CrossValidationScores, published: Sequence[PublishedFigures] = ()) -> str:
    """Give the report's tables in Markdown: F1 as papers print it, beside others' figures; then each unit.

    Args:
        scores: As `score_folds` gives them.
        published: Under the same protocol.
    """
    parts = [
        f"{scores.frames} annotated frames of {scores.videos} videos of {scores.people} people, "
        f"{len(scores.folds)} folds.",
        "## F1 (%) as papers print it: mean over folds",
        _paper_table(scores, published),
    ]
    parts += [f"- {figures.method}: {figures.source}" for figures in published]
    for kind, decision in scores.decisions.items():
        parts += [f"## F1 a unit, {_DECISIONS[kind]}", _decision_table(scores, decision)]
    parts += ["## ROC AUC and base rate", _auc_table(scores)]
    text = "\n\n".join(parts)
    return text.replace("\n\n- ", "\n- ") + "\n"


def latex_fold_table(scores: CrossValidationScores, published: Sequence[PublishedFigures] = ()) -> str:
    """Give F1 (%) as a LaTeX table (booktabs): others' figures, then the mean over folds with its deviation.

    Args:
        scores: As `score_folds` gives them.
        published: Under the same protocol.
    """
    head = ["Method", *(paper_name(name) for name in scores.au_names), "Avg."]
    lines = [
        r"\begin{tabular}{l" + "c" * len(scores.au_names) + "|c}",
        r"\toprule",
        " & ".join(_latex(cell) for cell in head) + r" \\",
        r"\midrule",
    ]
    for figures in published:
        lines.append(f"% {figures.source}")
        cells = [_percent(value, "--") for value in _of_units(scores, figures)]
        lines.append(" & ".join([f"{_latex(figures.method)} ({_PUBLISHED})", *cells]) + r" \\")
    if published:
        lines.append(r"\midrule")
    for kind, decision in scores.decisions.items():
        mean, spread = mean_and_spread(decision.f1)
        ours = [_percent(value, "--") for value in mean]
        moves = [rf"{{\scriptsize $\pm${_percent(value, '--')}}}" for value in spread]
        lines.append(" & ".join([f"Ours, {_DECISIONS[kind]}", *ours]) + r" \\")
        lines.append(" & ".join([r"\quad deviation over folds", *moves]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _paper_table(scores: CrossValidationScores, published: Sequence[PublishedFigures]) -> str:
    rows = [["F1 (%)", *(paper_name(name) for name in scores.au_names), "Avg"]]
    for kind, decision in scores.decisions.items():
        mean, spread = mean_and_spread(decision.f1)
        rows.append([f"**ours**, {_DECISIONS[kind]}", *(_percent(value) for value in mean)])
        rows.append(["standard deviation over folds", *(_percent(value) for value in spread)])
    for figures in published:
        values = _of_units(scores, figures)
        rows.append([f"*{_PUBLISHED}*: {figures.method}", *(_percent(value) for value in values)])
    return _markdown(rows)


def _decision_table(scores: CrossValidationScores, decision: DecisionScores) -> str:
    shown = len(scores.folds) if len(scores.folds) <= _SHOWN_FOLDS else 0
    mean, spread = mean_and_spread(decision.f1)
    rows = [["AU", *scores.folds[:shown], "mean ± sd over folds", "all frames", "95% over people"]]
    for column, name in enumerate([*scores.au_names, "mean"]):
        rows.append(
            [
                name,
                *(_fraction(values[column]) for values in decision.f1[:shown]),
                f"{_fraction(mean[column])} ± {_fraction(spread[column])}",
                _fraction(decision.pooled_f1[column]),
                f"{_fraction(decision.low[column])} to {_fraction(decision.high[column])}",
            ]
        )
    return _markdown(rows)


def _auc_table(scores: CrossValidationScores) -> str:
    mean, spread = mean_and_spread(scores.auc)
    shown = len(scores.folds) if len(scores.folds) <= _SHOWN_FOLDS else 0
    rows = [["AU", *scores.folds[:shown], "AUC, mean ± sd over folds", "base rate", "F1 of always yes"]]
    for column, name in enumerate([*scores.au_names, "mean"]):
        rows.append(
            [
                name,
                *(_fraction(values[column]) for values in scores.auc[:shown]),
                f"{_fraction(mean[column])} ± {_fraction(spread[column])}",
                _fraction(scores.base_rate[column]),
                _fraction(scores.always_f1[column]),
            ]
        )
    return _markdown(rows)


def _of_units(scores: CrossValidationScores, figures: PublishedFigures) -> list[float]:
    return [figures.f1.get(name, np.nan) / 100 for name in [*scores.au_names, "mean"]]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def _percent(value: float, missing: str = "–") -> str:
    return missing if np.isnan(value) else f"{100 * value:.1f}"


def _fraction(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _latex(text: str) -> str:
    return "".join(rf"\{letter}" if letter in "&%$#_{}" else letter for letter in text)
