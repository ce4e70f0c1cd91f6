"""Each corpus from its tree, as distributed, to an annotation file, a fold, an epoch, a test and a report."""

import importlib.util

import numpy as np
import pytest

from fau3d.datasets.corpora import CORPORA, open_corpus
from fau3d.engine import load_exported  # noqa: F401 - the scope 'fau3d'
from fau3d.engine.runner_setup import RunOptions, build_train_runner, evaluate_checkpoint, load_config
from fau3d.io.annotation import load_annotations
from fau3d.io.validation import validate
from fau3d.topology import get_topology

CONFIG = """
pipeline = [
    *SELECT, dict(type='AlignEyes', box=(1.6, 2.4), eye_height=0.3),
    dict(type='FillMissing'), dict(type='PackFaceInputs')]
_dataset = dict(type='FaceKeypointDataset', ann_file='FILE', au_set=UNITS, topology=POINTS,
               clip=dict(length=4), pipeline=pipeline)
_loader = dict(batch_size=2, num_workers=0, collate_fn=dict(type='face_collate'))
model = dict(
    type='AURecognizer',
    data_preprocessor=dict(type='KeypointPreprocessor'),
    backbone=dict(type='KeypointTransformer', num_points=NUMBER, channels=16, depth=1, heads=2),
    head=dict(type='DenseAUHead', in_channels=16, au_set=UNITS, grid=(1, 1)))
train_dataloader = dict(
    sampler=dict(type='ClipSampler', shuffle=True), dataset=dict(split='TRAIN', **_dataset), **_loader)
test_dataloader = dict(
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='TEST', test_mode=True, **_dataset), **_loader)
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)
test_cfg = dict()
test_evaluator = dict(type='AUMetric')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.001))
"""


def prepare(repo_root, arguments):
    spec = importlib.util.spec_from_file_location(
        "prepare", repo_root / "tools" / "data" / "prepare_corpus.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main([*map(str, arguments), "--no-progress"])


def write_openface_points(root):
    """Give HRM's children, whose images are withheld, the 68 points that OpenFace would have seen."""
    rng = np.random.default_rng(0)
    for path in sorted((root / "openface").rglob("*.csv")):
        head = [
            "frame",
            "timestamp",
            "confidence",
            "success",
            *(f"{axis}_{i}" for axis in "xy" for i in range(68)),
        ]
        rows = [[n, n / 25, 0.9, 1, *rng.uniform(0, 200, 136).round(1)] for n in range(1, 31)]
        path.write_text("\n".join(",".join(map(str, row)) for row in [head, *rows]))


@pytest.mark.parametrize("name", sorted(CORPORA))
def test_from_tree_to_report(name, repo_root, build_tree, face_media, tmp_path):
    root, output = build_tree(name, face_media), tmp_path / f"{name}.pkl"
    if name == "hrm":
        write_openface_points(root)
    assert prepare(repo_root, [name, root, output, "--workers", 0]) == 0
    assert prepare(repo_root, [name, root, output, "--workers", 0]) == 2  # it is there: refused
    file = load_annotations(output)
    # Some people of FG2020's published lists are in both of them; folds share nobody.
    own = ("split train and test",) if name == "fg2020" else ()
    assert [str(fault) for fault in validate(file) if fault.sample not in own] == []
    assert file.au_names == open_corpus(name, root).au_names
    if "fold1_train" not in file.split:  # too few people in the small tree for the usual number of folds
        again = ["--overwrite", "--landmarks", output, "--protocol", "subject-kfold", "--folds", "2"]
        assert prepare(repo_root, [name, root, output, *again]) == 0
        file = load_annotations(output)
    train, test = "fold1_train", "fold1_test"
    subjects = {a["frame_dir"]: a["subject"] for a in file.annotations}
    assert {subjects[v] for v in file.split[train]}.isdisjoint({subjects[v] for v in file.split[test]})

    config = tmp_path / "config.py"
    # A corpus without pictures brings landmarks of its own, 68 points.
    points = "ibug68" if file.metainfo["topology"] == "ibug68" else "mediapipe91"
    select = "" if points == "ibug68" else "dict(type='SelectPoints', topology='mediapipe91'),"
    text = CONFIG.replace("FILE", str(output)).replace("UNITS", repr(list(file.au_names)))
    text = text.replace("*SELECT,", select).replace("POINTS", repr(points))
    text = text.replace("NUMBER", str(get_topology(points).num_points))
    config.write_text(text.replace("TRAIN", train).replace("TEST", test))
    options = RunOptions(work_dir=str(tmp_path / "work"))
    runner = build_train_runner(load_config(config, options), options)
    runner.train()
    scores = evaluate_checkpoint(runner, "last")
    assert any(key.startswith("au/") for key in scores)
    table = (tmp_path / "work" / "test_scores.md").read_text()
    assert all(f"| {unit} |" in table for unit in file.au_names)
