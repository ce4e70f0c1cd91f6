"""The folds of a plan as jobs of a cluster."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from fau3d.apis.cross_validation.plan import Plan


def job_script(plan: Plan, work_dir: Path, command: Sequence[str]) -> str:
    """Give a Slurm array job, one task a fold; its comments give the same as plain commands.

    Args:
        plan: What is run.
        work_dir: Where; the tasks' output goes there too.
        command: The command line that runs all folds, without `--resume`.
    """
    line = shlex.join([*command, "--resume"])
    report = shlex.join([*command, "--report-only"])
    plain = [f"#   {line} --fold {number}" for number in range(1, len(plan.folds) + 1)]
    return "\n".join(
        [
            "#!/usr/bin/env bash",
            f"#SBATCH --job-name={plan.protocol}",
            f"#SBATCH --array=1-{len(plan.folds)}",
            "#SBATCH --gres=gpu:1",
            "#SBATCH --cpus-per-task=5",
            f"#SBATCH --output={work_dir}/slurm-%A_%a.out",
            f"# Slurm does not make the folder of the output: mkdir -p {work_dir}",
            "# A task that was stopped goes on where it was when it is submitted again. When all are done:",
            f"#   {report}",
            "# Without Slurm, each of these is one fold:",
            *plain,
            f'{line} --fold "${{SLURM_ARRAY_TASK_ID}}"',
            "",
        ]
    )
