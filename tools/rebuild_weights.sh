#!/usr/bin/env bash
# Rebuild weights from nothing: render people, make annotation files, train, test, export.
#
#   bash tools/rebuild_weights.sh SOURCE NAME [WORKERS]
#
# SOURCE is ICT-FaceKit's folder or an npz of its arrays; NAME is that of the weights:
#   transformer_synthetic41_mediapipe91, slowonly_synthetic41_mediapipe91, transformer_synthetic41_ibug68; or
#   stgcnpp_synthetic41_mediapipe91, which does not ship
# WORKERS processes render (2 by default). What is there already is kept, so a run that was stopped goes on. The
# weights go to work_dirs/NAME.pth. Rendering takes 20 to 40 minutes on two cores. The transformer for the 68 points
# trains for 10 minutes of one core. The other networks learn from others, which train first and which they share: the
# SlowOnly from the first transformer for MediaPipe (an hour and a half in all), the shipped transformer and STGCN++ from
# that one, the first STGCN++ and a SlowOnly on limbs (about five hours).
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 2; fi
source_head=$1 name=$2 workers=${3:-2}
cd "$(dirname "$0")/.."

case "$name" in
    stgcnpp_synthetic41_mediapipe91) config=configs/keypoint/stgcnpp_mediapipe91/more_people.py topology=mediapipe91 ;;
    transformer_synthetic41_mediapipe91) config=configs/keypoint/transformer_mediapipe91/more_people.py topology=mediapipe91 ;;
    slowonly_synthetic41_mediapipe91) config=configs/posec3d/dense48_small_mediapipe91/distilled.py topology=mediapipe91 ;;
    transformer_synthetic41_ibug68) config=configs/keypoint/transformer_ibug68/joint.py topology=ibug68 ;;
    *) echo "$name: no weights of that name; see docs/model_zoo.md" >&2; exit 2 ;;
esac

render() { # FOLDER FIRST PEOPLE
    python tools/synthetic/render_corpus.py "$source_head" "data/rendered/$1" --first-person "$2" --people "$3" \
        --workers "$workers"
}
annotate() { # FOLDER OUTPUT LAST_FILE [OPTIONS]
    if [ ! -e "data/rendered/$2/$3" ]; then
        python tools/synthetic/rendered_annotations.py "data/rendered/$1" "data/rendered/$2" --topology "$topology" "${@:4}"
    fi
}
train() { # CONFIG NAME [OPTIONS]
    bash tools/dist_train.sh "$1" 1 --work-dir "work_dirs/$2" --resume --validate --test-last "${@:3}"
    python tools/convert/export_checkpoint.py "$1" "$(cat "work_dirs/$2/last_checkpoint")" "work_dirs/$2.pth" \
        --half --fps 25 --licence Apache-2.0 --overwrite
}
teacher() { # CONFIG NAME [OPTIONS]
    if [ ! -e "work_dirs/teachers_mediapipe91/$2.pth" ]; then train "configs/$1.py" "teachers_mediapipe91/$2" "${@:3}"; fi
}

render faces 0 1160
annotate faces "$topology" test.pkl
if [ "$topology" = mediapipe91 ]; then
    for seed in 0 1; do
        teacher keypoint/transformer_mediapipe91/joint "joint_$seed" --seed "$seed"
        teacher keypoint/transformer_mediapipe91/as_seen "as_seen_$seed" --seed "$seed"
    done
    teacher keypoint/transformer_mediapipe91/distilled transformer --seed 0
    taught=(--cfg-options "custom_hooks.3.checkpoints=[work_dirs/teachers_mediapipe91/transformer.pth]")
    if [ "$name" = slowonly_synthetic41_mediapipe91 ]; then
        train "$config" "$name" --seed 0 "${taught[@]}"
        exit
    fi
    teacher keypoint/stgcnpp_mediapipe91/distilled stgcnpp --seed 0 "${taught[@]}"
    teacher posec3d/dense48_small_mediapipe91/limb limb --seed 0 "${taught[@]}"
    render more 1160 1000
    annotate more mediapipe91_only_more train.pkl --val 0 --test 0
    if [ ! -e data/rendered/mediapipe91_more/train.pkl ]; then
        python tools/data/merge_annotations.py data/rendered/{mediapipe91,mediapipe91_only_more}/train.pkl \
            data/rendered/mediapipe91_more/train.pkl
    fi
fi
train "$config" "$name" --seed 0
