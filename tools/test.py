"""Test a checkpoint: python tools/test.py CONFIG CHECKPOINT [--eval f1_score …] [--out result.pkl]

Scores every frame of the test split's videos once, overlapping windows averaged. `--out` writes the
predictions: `au_names` and, a face each, `frame_dir, person, frame_index, pred_occurrence, pred_intensity,
gt_occurrence, gt_intensity`.
"""

import argparse

from mmengine.config import DictAction

from fau3d.engine.launch import LAUNCHERS, start_process_group, stop_process_group
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
        "mean_class_accuracy base_rate pcc icc mae; all by default",
    )
    parser.add_argument("--out", metavar="FILE", help="write the predictions to this pickle")
    parser.add_argument("--seed", type=int, help="of everything random; the config's or 0 by default")
    parser.add_argument("--deterministic", action="store_true", help="deterministic algorithms only")
    parser.add_argument("--work-dir", help="folder of the logs; work_dirs/<config> by default")
    parser.add_argument("--ann-file", help="annotation file for every data set, instead of the config's")
    parser.add_argument("--launcher", choices=LAUNCHERS, default="none", help="who starts the processes")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=DictAction,
        default={},
        metavar="KEY=VALUE",
        help="change keys of the config: test_dataloader.dataset.split=fold1_test",
    )
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    start_process_group(args.launcher)
    try:
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
    finally:
        stop_process_group()


if __name__ == "__main__":
    main()
