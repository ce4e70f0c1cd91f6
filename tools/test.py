"""Test a checkpoint: python tools/test.py CONFIG CHECKPOINT [--eval f1_score …] [--out result.pkl]

Scores every frame of the test split's videos once, overlapping windows averaged. `--out` writes the
predictions: `au_names` and, a face each, `frame_dir, person, frame_index, pred_occurrence, pred_intensity,
gt_occurrence, gt_intensity`.
"""

import argparse
import sys

from fau3d.engine.command import add_run_arguments, run_tool
from fau3d.engine.launch import start_process_group
from fau3d.engine.runner_setup import RunOptions, build_test_runner, load_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="the config that the checkpoint was trained with")
    parser.add_argument("checkpoint", help="weights to test")
    parser.add_argument(
        "--eval",
        nargs="+",
        default=[],
        metavar="METRIC",
        help="f1_score mean_average_precision roc_auc precision recall accuracy top_k_accuracy "
        "mean_class_accuracy base_rate ece pcc icc mae; all by default",
    )
    parser.add_argument("--out", metavar="FILE", help="write the predictions to this pickle")
    add_run_arguments(parser, "test_dataloader.dataset.split=fold1_test")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    start_process_group(args.launcher)
    options = RunOptions(
        work_dir=args.work_dir,
        launcher=args.launcher,
        checkpoint=args.checkpoint,
        seed=args.seed,
        deterministic=args.deterministic,
        ann_file=args.ann_file,
        overrides=args.cfg_options,
        metrics=args.eval,
        out_file=args.out,
    )
    build_test_runner(load_config(args.config, options), options).test()


if __name__ == "__main__":
    sys.exit(run_tool(main))
