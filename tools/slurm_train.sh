#!/usr/bin/env bash
# Train under slurm: bash tools/slurm_train.sh PARTITION JOB_NAME CONFIG [arguments of tools/train.py]
# GPUS (all, default 8), GPUS_PER_NODE (default 8), CPUS_PER_TASK (default 5), SRUN_ARGS (more arguments of srun).
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: [GPUS=… GPUS_PER_NODE=… CPUS_PER_TASK=… SRUN_ARGS=…] bash $0 PARTITION JOB_NAME CONFIG [arguments of tools/train.py]" >&2
    exit 2
fi
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
PARTITION="$1"
JOB_NAME="$2"
CONFIG="$3"
shift 3
srun_tool "${PARTITION}" "${JOB_NAME}" "${ROOT}/tools/train.py" "${CONFIG}" "$@"
