# Sourced by the scripts beside it; not to be run.
# Finds the Python to use: PYTHON if set, else the active environment's, else the repository's .venv.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export PYTHONPATH="${ROOT}${PYTHONPATH:+:${PYTHONPATH}}"

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        printf '%s\n' "${PYTHON}"
    elif [ -n "${VIRTUAL_ENV:-}" ]; then
        printf '%s\n' "${VIRTUAL_ENV}/bin/python"
    elif [ -x "${ROOT}/.venv/bin/python" ]; then
        printf '%s\n' "${ROOT}/.venv/bin/python"
    else
        command -v python3 || command -v python
    fi
}

# torchrun_tool PROCESSES SCRIPT ARGUMENT...: start SCRIPT on PROCESSES processes of this machine.
# One machine: any free port. Several: the same NNODES, MASTER_ADDR and PORT on each, its own NODE_RANK.
torchrun_tool() {
    local processes="$1"
    shift
    local nodes="${NNODES:-1}"
    local rendezvous
    if [ "${nodes}" = 1 ] && [ -z "${PORT:-}" ]; then
        rendezvous=(--standalone)
    else
        rendezvous=(
            --node_rank="${NODE_RANK:-0}"
            --master_addr="${MASTER_ADDR:-127.0.0.1}"
            --master_port="${PORT:-29500}"
        )
    fi
    # What torchrun and mmengine would set by themselves, each with a warning.
    export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
    export MKL_NUM_THREADS="${MKL_NUM_THREADS:-${OMP_NUM_THREADS}}"
    exec "$(find_python)" "${ROOT}/tools/_torchrun.py" \
        --nnodes="${nodes}" --nproc_per_node="${processes}" "${rendezvous[@]}" \
        "$@" --launcher pytorch
}

# wants_number NAME VALUE: stop where VALUE is not a positive whole number.
wants_number() {
    case "$2" in
        '' | *[!0-9]* | 0)
            echo "$0: $1 is '$2'; wanted a positive number" >&2
            exit 2
            ;;
    esac
}

# srun_tool PARTITION JOB_NAME SCRIPT ARGUMENT...: start SCRIPT as a slurm job, one task a GPU.
srun_tool() {
    local partition="$1" job="$2"
    shift 2
    local gpus="${GPUS:-8}"
    local per_node="${GPUS_PER_NODE:-8}"
    wants_number GPUS "${gpus}"
    wants_number GPUS_PER_NODE "${per_node}"
    if [ "${gpus}" -lt "${per_node}" ]; then
        per_node="${gpus}"
    fi
    # SRUN_ARGS is a list of words, like "--time=8:00:00 --qos=low".
    local more=()
    read -r -a more <<< "${SRUN_ARGS:-}"
    exec srun -p "${partition}" --job-name="${job}" --gres="gpu:${per_node}" --ntasks="${gpus}" \
        --ntasks-per-node="${per_node}" --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
        ${more[@]+"${more[@]}"} \
        "$(find_python)" -u "$@" --launcher slurm
}
