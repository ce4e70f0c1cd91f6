#!/usr/bin/env bash
# Rebuild weights from nothing: render people, make annotation files, train, test, export.
#
#   bash tools/rebuild_weights.sh SOURCE NAME [WORKERS]
#
# SOURCE is ICT-FaceKit's folder or an npz of its arrays; NAME is that of the weights:
#   slowonly_synthetic41_mediapipe91, transformer_synthetic41_mediapipe91, transformer_synthetic41_ibug68; or
#   stgcnpp_synthetic41_mediapipe91, which does not ship
# WORKERS processes render (2 by default). What is there already is kept, so a run that was stopped goes on. The
# weights go to work_dirs/NAME.pth. Rendering takes about 20 minutes on two cores, training 6 to 45 (STGCN++ 90): the
# transformer for MediaPipe learns from four of its kind, which are trained first. SlowOnly and STGCN++ learn from that
# transformer as it ships: to have everything from nothing, rebuild that one first and put it into its place.
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; fi
source_head=$1 name=$2 workers=${3:-2}
cd "$(dirname "$0")/.."

case "$name" in
    slowonly_synthetic41_mediapipe91) config=configs/posec3d/dense48_small_mediapipe91/distilled.py topology=mediapipe91 ;;
    transformer_synthetic41_mediapipe91) config=configs/keypoint/transformer_mediapipe91/distilled.py topology=mediapipe91 ;;
    stgcnpp_synthetic41_mediapipe91) config=configs/keypoint/stgcnpp_mediapipe91/distilled.py topology=mediapipe91 ;;
    transformer_synthetic41_ibug68) config=configs/keypoint/transformer_ibug68/joint.py topology=ibug68 ;;
    *) echo "$name: no weights of that name; see docs/model_zoo.md" >&2; exit 2 ;;
esac

python tools/synthetic/render_corpus.py "$source_head" data/rendered/faces --people 1160 --workers "$workers"
if [ ! -e "data/rendered/$topology/test.pkl" ]; then
    python tools/synthetic/rendered_annotations.py data/rendered/faces "data/rendered/$topology" --topology "$topology"
fi
train() { # CONFIG NAME [SEED]
    bash tools/dist_train.sh "$1" 1 --work-dir "work_dirs/$2" --resume --validate --test-last --seed "${3:-0}"
    python tools/convert/export_checkpoint.py "$1" "$(cat "work_dirs/$2/last_checkpoint")" "work_dirs/$2.pth" \
        --half --fps 25 --licence Apache-2.0 --overwrite
}
if [ "$name" = transformer_synthetic41_mediapipe91 ]; then
    for kind in joint as_seen; do
        for seed in 0 1; do
            if [ ! -e "work_dirs/teachers_mediapipe91/${kind}_$seed.pth" ]; then
                train "configs/keypoint/transformer_mediapipe91/$kind.py" "teachers_mediapipe91/${kind}_$seed" "$seed"
            fi
        done
    done
fi
train "$config" "$name"
