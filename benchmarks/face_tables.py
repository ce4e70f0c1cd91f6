"""The checks of `real_faces.py`: from answers to the rows of its tables."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from clip_variants import INVARIANCE, LOOPS
from coded_clip import UnitScore, read_coding, score_clip
from face_checks import (
    compare,
    frozen_drift,
    occurrences,
    probabilities,
    repetition_difference,
    roughness,
    silence,
    unmirror,
)
from face_report import Sheet

from fau3d.io.video import VideoReader
from fau3d.structures import AUTable

FROZEN = ("frozen-25", "frozen-50", "frozen-75")
Answers = Mapping[str, AUTable | None]


def fill(sheet: Sheet, answers: Mapping[str, Answers], demo: Path, coding: Path, talkers: list[str]) -> None:
    """Make every check for every rival.

    Args:
        sheet: Takes the rows.
        answers: By rival and take.
        demo: The coded clip.
        coding: Its coding.
        talkers: Takes that show a neutral talking face; those that were not answered are left out.
    """
    coded = read_coding(coding)
    with VideoReader(demo) as reader:
        length, fps = len(reader), reader.fps
    for rival, given in answers.items():
        tables = {name: table for name, table in given.items() if table is not None}
        plain = probabilities(tables["clean"])
        check_coding(sheet, rival, tables["clean"], coded)
        mirror = compare(plain, unmirror(probabilities(tables["mirror"])))
        add_comparison(sheet, "2. Mirror", rival, mirror)
        for talker in talkers:
            if talker in tables:
                check_silence(sheet, rival, talker, tables[talker])
        check_drift(sheet, rival, tables, length, fps)
        for variant in INVARIANCE:
            check_variant(sheet, rival, variant, plain, tables[variant], coded)
        check_steadiness(sheet, rival, plain, tables.get("jittered"))


def check_coding(sheet: Sheet, rival: str, table: AUTable, coding: dict[str, dict[int, int]]) -> None:
    """Score the coded clip, by unit and in the mean over the units answered."""
    scores = score_clip(table, coding)
    for score in scores:
        for measure, key in (("right", "right"), ("hit", "hit"), ("rejected", "rejected"), ("AUC", "auc")):
            sheet.add("1. Coded clip", score.unit, measure, rival, getattr(score, key))
        sheet.add("1. Coded clip", score.unit, "missing", rival, score.missing / score.frames)
    for measure, value in mean_scores(scores).items():
        sheet.add("1. Coded clip", "mean", measure, rival, value)


def mean_scores(scores: list[UnitScore]) -> dict[str, float]:
    """Give the means over units; NaN where no unit has the score."""
    named = {"right": "right", "hit": "hit", "rejected": "rejected", "AUC": "auc"}
    means = {measure: _mean([getattr(s, key) for s in scores]) for measure, key in named.items()}
    return {**means, "missing": sum(s.missing for s in scores) / sum(s.frames for s in scores)}


def add_comparison(sheet: Sheet, check: str, rival: str, result: pd.DataFrame, of: str = "") -> None:
    """Add means, the worst unit's figures, and every unit as a detail."""
    prefix = f"{of}, " if of else ""
    sheet.add(check, f"{prefix}mean of units", "correlation", rival, _mean(result["correlation"]))
    sheet.add(check, f"{prefix}mean of units", "difference", rival, _mean(result["difference"]))
    sheet.add(check, f"{prefix}worst unit", "correlation", rival, result["correlation"].min())
    sheet.add(check, f"{prefix}worst unit", "difference", rival, result["difference"].max())
    for unit, row in result.iterrows():
        for measure in ("correlation", "difference"):
            sheet.add(check, f"{prefix}{unit}", measure, rival, row[measure], detail=True)


def check_silence(sheet: Sheet, rival: str, talker: str, table: AUTable) -> None:
    """Say what is claimed of a neutral face that talks."""
    check = f"3. Silence, {talker}"
    result = silence(occurrences(table), probabilities(table))
    quiet = result[result["group"] == "quiet"]
    sheet.add(check, "quiet units, mean", "share present", rival, quiet["share"].mean())
    sheet.add(check, "quiet units, most", "share present", rival, quiet["share"].max())
    sheet.add(check, "quiet units, mean", "probability", rival, quiet["probability"].mean())
    sheet.add(check, "quiet units, most", "probability", rival, quiet["probability"].max())
    for unit, row in result.sort_values("group", kind="stable").iterrows():
        item = f"{unit} ({row['group']})"
        sheet.add(check, item, "share present", rival, row["share"])
        sheet.add(check, item, "probability", rival, row["probability"], detail=True)


def check_drift(sheet: Sheet, rival: str, tables: Mapping[str, AUTable], length: int, fps: float) -> None:
    """Compare repetitions, and the ends of a held frame."""
    check = "4. Drift"
    result = repetition_difference(probabilities(tables["looped"]), length, LOOPS)["difference"]
    sheet.add(check, "repetition, mean of units", "difference", rival, _mean(result))
    sheet.add(check, "repetition, worst unit", "difference", rival, result.max())
    for play in FROZEN:
        held = frozen_drift(probabilities(tables[play]), fps)
        for measure in ("drift", "range"):
            sheet.add(check, f"{play}, mean of units", measure, rival, held[measure].mean())
            sheet.add(check, f"{play}, worst unit", measure, rival, held[measure].max())


def check_variant(
    sheet: Sheet,
    rival: str,
    variant: str,
    plain: pd.DataFrame,
    table: AUTable,
    coding: dict[str, dict[int, int]],
) -> None:
    """Compare a form of the coded clip with the plain one."""
    check = "5. Invariance"
    answer = probabilities(table)
    result = compare(plain, answer)
    sheet.add(check, variant, "faces found", rival, len(answer) / max(1, len(table.data)))
    sheet.add(check, variant, "correlation", rival, _mean(result["correlation"]))
    sheet.add(check, variant, "difference", rival, _mean(result["difference"]))
    auc = mean_scores(score_clip(table, coding))["AUC"] if len(answer) else np.nan
    sheet.add(check, variant, "AUC", rival, auc)
    for unit, row in result.iterrows():
        for measure in ("correlation", "difference"):
            sheet.add(check, f"{variant}, {unit}", measure, rival, row[measure], detail=True)


def check_steadiness(sheet: Sheet, rival: str, plain: pd.DataFrame, jittered: AUTable | None) -> None:
    """Say how much noise of the landmarks, and time alone, move the answers."""
    check = "6. Steadiness"
    if jittered is not None:
        add_comparison(sheet, check, rival, compare(plain, probabilities(jittered)), "landmarks with noise")
    steps = roughness(plain)
    sheet.add(check, "frame to frame, mean of units", "step", rival, steps.mean())
    sheet.add(check, "frame to frame, worst unit", "step", rival, steps.max())
    for unit, step in steps.items():
        sheet.add(check, f"frame to frame, {unit}", "step", rival, step, detail=True)


def _mean(values: object) -> float:
    """Give the mean of what is finite; NaN where nothing is."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")
