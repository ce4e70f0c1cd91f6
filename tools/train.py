"""Train a model: python tools/train.py CONFIG [--validate] [--test-last] [--test-best] …

Logs, checkpoints, tables of scores and a TensorBoard log go to the work folder. With --resume a run goes on
from its newest whole checkpoint and ends with the weights that it would have had.
"""

import argparse
import sys

from fau3d.engine.command import add_run_arguments, run_tool
from fau3d.engine.launch import start_process_group
from fau3d.engine.runner_setup import RunOptions, build_train_runner, evaluate_checkpoint, load_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="an mmengine config, such as configs/posec3d/…/joint.py")
    parser.add_argument("--validate", action="store_true", help="score the validation split while training")
    parser.add_argument("--test-last", action="store_true", help="test the last checkpoint after training")
    parser.add_argument(
        "--test-best",
        action="store_true",
        help="test the checkpoint with the best mean F1 on validation; wants --validate",
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        metavar="CHECKPOINT",
        help="go on from a checkpoint; without a path from the newest whole one in the work folder",
    )
    parser.add_argument("--load-from", metavar="CHECKPOINT", help="start from these weights")
    parser.add_argument("--amp", action="store_true", help="mixed precision (bfloat16), where there is a GPU")
    add_run_arguments(parser, "optim_wrapper.optimizer.lr=0.1 train_cfg.max_epochs=3")
    args = parser.parse_args(argv)
    if args.test_best and not args.validate:
        parser.error("--test-best wants --validate: the best checkpoint is chosen on validation")
    return args


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    start_process_group(args.launcher)
    options = RunOptions(
        work_dir=args.work_dir,
        launcher=args.launcher,
        validate=args.validate,
        resume=args.resume,
        checkpoint=args.load_from,
        amp=args.amp,
        seed=args.seed,
        deterministic=args.deterministic,
        ann_file=args.ann_file,
        overrides=args.cfg_options,
    )
    runner = build_train_runner(load_config(args.config, options), options)
    runner.train()
    for which, wanted in (("last", args.test_last), ("best", args.test_best)):
        if wanted:
            evaluate_checkpoint(runner, which)


if __name__ == "__main__":
    sys.exit(run_tool(main))
