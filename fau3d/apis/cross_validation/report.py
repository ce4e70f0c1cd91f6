"""The report of a cross-validation, from the predictions of its finished folds."""

import json
from pathlib import Path

from fau3d.apis.cross_validation.plan import Fold, Plan
from fau3d.apis.cross_validation.planning import LEAVE_ONE_CORPUS_OUT
from fau3d.apis.cross_validation.run import DONE, ERROR, TEST, VALIDATION
from fau3d.evaluation import write_results
from fau3d.evaluation.fold_scores import CrossValidationScores, FoldPredictions, score_folds
from fau3d.evaluation.fold_tables import fold_table, latex_fold_table, markdown_fold_report
from fau3d.evaluation.protocols import PROTOCOLS
from fau3d.evaluation.published import PublishedFigures, published_figures
from fau3d.io.atomic import atomic_path
from fau3d.io.safe_pickle import safe_load


def write_report(
    plan: Plan, work_dir: Path, samples: int = 1000, seed: int = 0
) -> tuple[CrossValidationScores, str]:
    """Score the finished folds and write `report.md`, `report.csv`, `report.tex` and `pooled.pkl`.

    Args:
        plan: What was to be run.
        work_dir: Where it was.
        samples: Resamples of the intervals.
        seed: Of the resampling.

    Returns:
        The scores, and the text of `report.md`.

    Raises:
        ValueError: If no fold is finished, or folds answer different units.
    """
    finished = [fold for fold in plan.folds if (work_dir / fold.name / DONE).is_file()]
    if not finished:
        raise ValueError(f"{work_dir}: no fold is finished; there is nothing to report")
    contents = {fold.name: safe_load(work_dir / fold.name / TEST) for fold in finished}
    units = {tuple(content["au_names"]) for content in contents.values()}
    if len(units) > 1:
        raise ValueError(f"{work_dir}: folds answer different units: {sorted(units)}; run them anew")
    au_names = units.pop()
    folds, subjects, pooled = [], {}, []
    for fold in finished:
        test = [_placed(face, plan, fold) for face in contents[fold.name]["results"]]
        path = work_dir / fold.name / VALIDATION
        validation = safe_load(path)["results"] if fold.validation is not None else None
        folds.append(FoldPredictions(fold.name, test, validation))
        subjects.update({face["frame_dir"]: face["subject"] or face["frame_dir"] for face in test})
        pooled += test
    scores = score_folds(folds, au_names, subjects, samples, seed)
    published = published_figures(plan.protocol)
    text = f"{_heading(plan, work_dir, finished, published)}\n{markdown_fold_report(scores, published)}"
    write_results(work_dir / "pooled.pkl", au_names, pooled)
    for name, content in (
        ("report.md", text),
        ("report.csv", fold_table(scores).to_csv(index=False)),
        ("report.tex", latex_fold_table(scores, published)),
    ):
        with atomic_path(work_dir / name) as temporary:
            temporary.write_text(content, encoding="utf-8")
    return scores, text


def _placed(face: dict, plan: Plan, fold: Fold) -> dict:
    """Give a face with its fold and subject; corpora may call different videos by one name."""
    subject = plan.subject_of(fold).get(face["frame_dir"], "")
    before = f"{fold.name}/" if plan.protocol == LEAVE_ONE_CORPUS_OUT else ""
    return {
        **face,
        "frame_dir": before + face["frame_dir"],
        "fold": fold.name,
        "subject": before + subject if subject else "",
    }


def _heading(plan: Plan, work_dir: Path, finished: list[Fold], published: list[PublishedFigures]) -> str:
    protocol = PROTOCOLS.get(plan.protocol)
    lines = [f"# Cross-validation: {plan.protocol}", "", f"- config: `{plan.config}`"]
    lines.append(f"- annotation files: {', '.join(f'`{Path(path).name}`' for path in plan.ann_files)}")
    if protocol is not None:
        lines.append(f"- people: {protocol.source}")
    if plan.present_from is not None:
        lines.append(f"- a unit counts as present from intensity {plan.present_from:g} on")
    if any(fold.validation for fold in plan.folds):
        lines.append(
            "- a fifth of the people of each fold's training set chose the checkpoint and the thresholds, "
            "and were not trained on"
        )
    else:
        lines.append("- the last checkpoint of each fold; all of its training set was trained on")
    lines += [f"- **note**: {note}" for note in plan.notes]
    for fold in plan.folds:
        if fold not in finished:
            lines.append(f"- **{fold.name} is not in the figures**: {_why(work_dir / fold.name)}")
    if published and protocol is not None and protocol.rule == "groups":
        lines.append("- what others published is on another division of the people")
    for fold in finished:
        done = json.loads((work_dir / fold.name / DONE).read_text(encoding="utf-8"))
        lines.append(f"- {fold.name}: {done['checkpoint']}, {done['epochs']} epochs, {done['seconds']} s")
    return "\n".join(lines) + "\n"


def _why(folder: Path) -> str:
    """Give the last line of what went wrong in a fold."""
    if not (folder / ERROR).is_file():
        return "it was begun and is not finished" if folder.exists() else "it has not been run"
    text = (folder / ERROR).read_text(encoding="utf-8").strip()
    return f"it failed: {text.splitlines()[-1] if text else 'nothing was said'}"
