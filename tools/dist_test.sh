#!/usr/bin/env bash
# Test on several processes: bash tools/dist_test.sh CONFIG CHECKPOINT PROCESSES [arguments of tools/test.py]
# The scores do not depend on the number of processes. For several machines see docs/training.md.
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: [NNODES=… NODE_RANK=… MASTER_ADDR=… PORT=…] bash $0 CONFIG CHECKPOINT PROCESSES [arguments of tools/test.py]" >&2
    exit 2
fi
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
CONFIG="$1"
CHECKPOINT="$2"
PROCESSES="$3"
shift 3
wants_number PROCESSES "${PROCESSES}"
torchrun_tool "${PROCESSES}" "${ROOT}/tools/test.py" "${CONFIG}" "${CHECKPOINT}" "$@"
