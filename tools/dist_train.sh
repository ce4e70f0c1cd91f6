#!/usr/bin/env bash
# Train on several processes: bash tools/dist_train.sh CONFIG PROCESSES [arguments of tools/train.py]
# One process a GPU, or, without GPUs, any number over gloo. For several machines see docs/training.md.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: [NNODES=… NODE_RANK=… MASTER_ADDR=… PORT=…] bash $0 CONFIG PROCESSES [arguments of tools/train.py]" >&2
    exit 2
fi
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
CONFIG="$1"
PROCESSES="$2"
shift 2
wants_number PROCESSES "${PROCESSES}"
torchrun_tool "${PROCESSES}" "${ROOT}/tools/train.py" "${CONFIG}" "$@"
