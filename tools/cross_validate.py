"""Train and test every fold of a protocol, and report them together.

  python tools/cross_validate.py CONFIG --protocol bp4d-3fold --ann-file bp4d.pkl
  python tools/cross_validate.py CONFIG --ann-file corpus.pkl                       the file's own folds
  python tools/cross_validate.py CONFIG --leave-one-corpus-out a.pkl b.pkl c.pkl

Folds run one after another, or as the Slurm array job that --print-jobs prints. A fold that fails is told and
the others go on; with --resume a finished fold is not run again. The work folder gets report.md, report.csv,
report.tex and pooled.pkl (the predictions of all folds, for tools/analysis/compare_results.py).
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from mmengine.dist import is_main_process

from fau3d.apis.cross_validation import (
    Plan,
    job_script,
    plan_leave_one_corpus_out,
    plan_protocol,
    run_folds,
    write_report,
)
from fau3d.apis.cross_validation.run import run_settings, select_folds
from fau3d.engine.command import add_run_arguments, run_tool
from fau3d.engine.launch import start_process_group
from fau3d.engine.runner_setup import RunOptions
from fau3d.evaluation.protocols import PROTOCOLS
from fau3d.facs import AU_SETS

_NOT_PASSED_ON = ("--print-jobs", "--resume", "--report-only")


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, conflict_handler="resolve"
    )
    parser.add_argument("config", help="the config that each fold is trained with")
    parser.add_argument("--protocol", choices=PROTOCOLS, help="who is tested when (docs/protocols.md)")
    parser.add_argument("--folds", type=int, metavar="K", help="for subject-kfold")
    parser.add_argument(
        "--leave-one-corpus-out", nargs="+", metavar="FILE", help="annotation files, one a corpus"
    )
    parser.add_argument(
        "--no-validation-split",
        action="store_true",
        help="train on all of a fold's training set, as papers do: last checkpoint, threshold 0.5 only",
    )
    parser.add_argument("--au-set", nargs="+", metavar="NAME", help="a set or units, not the protocol's")
    parser.add_argument("--present-from", type=float, metavar="I", help="present from this intensity on")
    parser.add_argument("--fold", nargs="+", default=[], metavar="K", help="run these folds only")
    parser.add_argument("--resume", action="store_true", help="go on with what the work folder holds")
    parser.add_argument("--report-only", action="store_true", help="run nothing, report what is finished")
    parser.add_argument("--print-jobs", action="store_true", help="print a Slurm array job, and run nothing")
    parser.add_argument("--load-from", metavar="CHECKPOINT", help="start each fold from these weights")
    parser.add_argument("--amp", action="store_true", help="mixed precision (bfloat16), where there is a GPU")
    parser.add_argument("--samples", type=int, default=1000, help="resamples of the intervals (default 1000)")
    add_run_arguments(parser, "train_cfg.max_epochs=3")
    parser.add_argument("--ann-file", nargs="+", metavar="FILE", help="annotation files of one corpus")
    args = parser.parse_args(argv)
    if bool(args.ann_file) == bool(args.leave_one_corpus_out):
        parser.error("wanted either --ann-file FILE … or --leave-one-corpus-out FILE FILE …")
    if args.leave_one_corpus_out and args.protocol:
        parser.error("--leave-one-corpus-out is a protocol of its own; leave --protocol out")
    return args


def make_plan(args: argparse.Namespace, options: RunOptions) -> Plan:
    """Make the plan that the command line asks for."""
    named = args.au_set is not None and len(args.au_set) == 1 and args.au_set[0] in AU_SETS
    reading = {
        "validate": not args.no_validation_split,
        "au_set": args.au_set[0] if named else args.au_set,
        "present_from": args.present_from,
        "seed": args.seed or 0,
    }
    if args.leave_one_corpus_out:
        plan = plan_leave_one_corpus_out(args.config, args.leave_one_corpus_out, **reading)
    else:
        plan = plan_protocol(args.config, args.ann_file, args.protocol, args.folds, **reading)
    return replace(plan, settings=run_settings(args.config, options))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    start_process_group(args.launcher)
    options = RunOptions(
        launcher=args.launcher,
        checkpoint=args.load_from,
        amp=args.amp,
        seed=args.seed,
        deterministic=args.deterministic,
        overrides=args.cfg_options,
    )
    plan = make_plan(args, options)
    work_dir = Path(args.work_dir or f"work_dirs/{Path(args.config).stem}/{plan.protocol}")
    if args.print_jobs:
        words = [word for word in (sys.argv[1:] if argv is None else argv) if word not in _NOT_PASSED_ON]
        print(job_script(plan, work_dir, ["python", "tools/cross_validate.py", *words]), end="")
        return
    failed: dict[str, str] = {}
    if not args.report_only:
        failed = run_folds(plan, work_dir, options, select_folds(plan, args.fold), args.resume)
    if is_main_process():
        for name, reason in failed.items():
            print(f"{name} failed: {reason} (see {work_dir / name / 'error.txt'})", file=sys.stderr)
        if len(failed) < len(plan.folds):
            _, text = write_report(plan, work_dir, args.samples)
            print(f"\n{text}\nwritten to {work_dir}: report.md, report.csv, report.tex, pooled.pkl")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(run_tool(main))
