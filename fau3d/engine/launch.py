"""Starting one of many processes: torchrun or slurm, NCCL where there are GPUs, gloo where there are none."""

import datetime
import inspect
import os
import subprocess

import torch
import torch.distributed as torch_dist

LAUNCHERS = ("none", "pytorch", "slurm")
_TORCHRUN_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


def start_process_group(launcher: str, timeout_seconds: float = 1800) -> None:
    """Join the process group before the runner is built.

    mmengine's own start asks for a CUDA device first and so cannot run without one; it leaves alone a group
    that is there.

    Args:
        launcher: `none`, `pytorch` (torchrun) or `slurm` (srun).
        timeout_seconds: After which a process that waits for the others gives up.

    Raises:
        ValueError: If the launcher is unknown.
        RuntimeError: If its environment variables are missing.
    """
    if launcher not in LAUNCHERS:
        raise ValueError(f"unknown launcher {launcher!r}; known: {', '.join(LAUNCHERS)}")
    if launcher == "none" or torch_dist.is_initialized():
        return
    if launcher == "slurm":
        _take_slurm_environment()
    missing = [name for name in _TORCHRUN_VARIABLES if name not in os.environ]
    if missing:
        raise RuntimeError(
            f"launcher 'pytorch' needs the environment variables {', '.join(missing)}, which torchrun sets; "
            "start with `bash tools/dist_train.sh CONFIG PROCESSES`, or leave out --launcher"
        )
    backend = "gloo"
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
        backend = "nccl"
    torch_dist.init_process_group(backend, timeout=datetime.timedelta(seconds=timeout_seconds))


def stop_process_group() -> None:
    """Leave the process group, if there is one."""
    if torch_dist.is_available() and torch_dist.is_initialized():
        torch_dist.destroy_process_group()


def model_wrapper_config(find_unused_parameters: bool = False) -> dict:
    """Give the `model_wrapper_cfg` for this machine: without a GPU the wrapper takes no device ids."""
    # The newer name, where torch has it, warns less.
    known = inspect.signature(torch.nn.parallel.DistributedDataParallel.__init__).parameters
    config = {
        "type": "MMDistributedDataParallel",
        "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers": False,
        "find_unused_parameters": find_unused_parameters,
    }
    if not torch.cuda.is_available():
        config["device_ids"] = None
    return config


def _take_slurm_environment() -> None:
    """Translate srun's variables to torchrun's."""
    try:
        process, tasks = os.environ["SLURM_PROCID"], os.environ["SLURM_NTASKS"]
        nodes = os.environ["SLURM_NODELIST"]
    except KeyError as error:
        raise RuntimeError(
            f"launcher 'slurm' needs the environment variable {error}, which srun sets; start with "
            "`bash tools/slurm_train.sh PARTITION JOB_NAME CONFIG`, or use torchrun"
        ) from error
    os.environ["RANK"], os.environ["WORLD_SIZE"] = process, tasks
    os.environ.setdefault("LOCAL_RANK", os.environ.get("SLURM_LOCALID", "0"))
    os.environ.setdefault("MASTER_PORT", os.environ.get("PORT", "29500"))
    if "MASTER_ADDR" not in os.environ:
        answer = subprocess.run(
            ["scontrol", "show", "hostnames", nodes], capture_output=True, text=True, check=True
        )
        os.environ["MASTER_ADDR"] = answer.stdout.split()[0]
