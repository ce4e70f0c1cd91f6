import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest

from fau3d.engine import load_exported, read_checkpoint
from fau3d.io.safe_pickle import safe_load


@pytest.fixture
def tool(repo_root):
    def load(name):
        path = repo_root / "tools" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"tool_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def shell(repo_root, script, *arguments, **environment):
    return subprocess.run(
        ["bash", str(repo_root / "tools" / script), *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_train_test_export(tool, tiny_config, tiny_corpus, tmp_path):
    work = tmp_path / "work dir"
    # Any config runs on another annotation file by one switch.
    corpus = shutil.copy(tiny_corpus, tmp_path / "other file.pkl")
    tiny_config.write_text(tiny_config.read_text().replace(str(tiny_corpus), "nowhere.pkl"))
    common = ["--ann-file", str(corpus), "--work-dir", str(work), "--seed", "3"]
    tool("train").main([str(tiny_config), "--validate", "--test-last", "--test-best", *common])
    table = (work / "test_scores.md").read_text()
    assert table.count("| AU12 |") == 1

    best = next(work.glob("best_au_mean_f1_*.pth"))
    out = tmp_path / "result.pkl"
    # The best checkpoint was tested last: the test tool says the same of it.
    tool("test").main([str(tiny_config), str(best), "--out", str(out), *common])
    assert (work / "test_scores.md").read_text() == table
    assert [face["frame_dir"] for face in safe_load(out)["results"]] == ["video_07", "video_08", "video_09"]

    exported = tmp_path / "exported.pth"
    export = tool("convert/export_checkpoint").main
    export([str(tiny_config), str(best), str(exported), "--licence", "Apache-2.0", "--half"])
    meta = load_exported(exported)["meta"]
    assert meta["au_names"] == ["AU01", "AU06", "AU12"] and meta["topology"] == "ibug68"
    assert meta["clip"]["length"] == 8 and meta["test_pipeline"][0]["type"] == "FaceCrop"
    with pytest.raises(SystemExit, match="--overwrite"):
        export([str(tiny_config), str(best), str(exported)])


def test_the_best_checkpoint_wants_validation(tool, capsys):
    with pytest.raises(SystemExit):
        tool("train").parse_args(["config.py", "--test-best"])
    assert "--validate" in capsys.readouterr().err


def test_resume_takes_a_path_or_none(tool):
    parse = tool("train").parse_args
    assert parse(["c.py"]).resume is None
    assert parse(["c.py", "--resume"]).resume == "auto"
    assert parse(["c.py", "--resume", "x.pth"]).resume == "x.pth"


@pytest.mark.slow
def test_processes_do_not_change_the_scores(repo_root, tiny_config, tmp_path):
    work = tmp_path / "a folder"
    options = ["--validate", "--test-last", "--work-dir", work, "--cfg-options", "model.head.dropout=0.2"]
    done = shell(repo_root, "dist_train.sh", tiny_config, 2, *options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert read_checkpoint(work / "epoch_3.pth")["meta"]["epoch"] == 3
    # 13 windows in batches of 3: neither batches nor samples divide by two or three.
    for processes in (1, 2, 3):
        done = shell(
            repo_root,
            "dist_test.sh",
            tiny_config,
            work / "epoch_3.pth",
            processes,
            *["--eval", "f1_score", "mean_average_precision", "top_k_accuracy", "mean_class_accuracy"],
            *["--out", tmp_path / f"result {processes}.pkl", "--work-dir", tmp_path / f"test{processes}"],
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert re.search(r"au/mean_f1: \d", done.stdout + done.stderr)
    one, *others = [(tmp_path / f"result {n}.pkl").read_bytes() for n in (1, 2, 3)]
    assert all(other == one for other in others)
    one, *others = [(tmp_path / f"test{n}" / "test_scores.csv").read_bytes() for n in (1, 2, 3)]
    assert all(other == one for other in others)


@pytest.fixture
def recorder(tmp_path):
    """A stand-in for python and srun that writes its arguments, one a line."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python", "srun"):
        script = folder / name
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/{name}.txt"\n')
        script.chmod(0o755)
    return folder


def test_arguments_reach_the_tool_as_they_are(repo_root, recorder, tmp_path):
    more = ["--cfg-options", "a.b=c d", "--work-dir", "x y", "--seed", "1"]
    environment = {"PYTHON": str(recorder / "python")}
    cluster = {"NNODES": "2", "NODE_RANK": "1", "MASTER_ADDR": "10.0.0.5", "PORT": "29777"}
    done = shell(repo_root, "dist_train.sh", "my config.py", 4, *more, **environment, **cluster)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "python.txt").read_text().splitlines()
    for expected in ("--nnodes=2", "--node_rank=1", "--master_addr=10.0.0.5", "--master_port=29777"):
        assert expected in lines
    assert lines[-9:] == ["my config.py", *more, "--launcher", "pytorch"]
    assert "--nproc_per_node=4" in lines

    done = shell(repo_root, "dist_test.sh", "c.py", "a b.pth", 2, "--out", "r 1.pkl", **environment)
    lines = (tmp_path / "python.txt").read_text().splitlines()
    assert "--standalone" in lines
    assert lines[-6:] == ["c.py", "a b.pth", "--out", "r 1.pkl", "--launcher", "pytorch"]


def test_slurm_arguments(repo_root, recorder, tmp_path):
    environment = {"PYTHON": "python", "PATH": f"{recorder}:{os.environ['PATH']}", "GPUS": "4"}
    environment["SRUN_ARGS"] = "--time=1:00:00 --qos=low"
    done = shell(repo_root, "slurm_train.sh", "gpu", "my job", "c.py", "--validate", **environment)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "srun.txt").read_text().splitlines()
    for expected in ("--job-name=my job", "--ntasks=4", "--ntasks-per-node=4", "--gres=gpu:4", "--qos=low"):
        assert expected in lines
    assert lines[-4:] == ["c.py", "--validate", "--launcher", "slurm"]
    done = shell(
        repo_root, "slurm_test.sh", "gpu", "job", "c.py", "x.pth", "--eval", "f1_score", **environment
    )
    lines = (tmp_path / "srun.txt").read_text().splitlines()
    assert lines[-6:] == ["c.py", "x.pth", "--eval", "f1_score", "--launcher", "slurm"]


@pytest.mark.parametrize(
    "script, arguments",
    [("dist_train.sh", ["c.py"]), ("dist_test.sh", ["c.py", "x.pth"]), ("slurm_train.sh", [])],
)
def test_too_few_arguments_show_the_usage(repo_root, script, arguments):
    done = shell(repo_root, script, *arguments)
    assert done.returncode == 2 and "usage:" in done.stderr


def test_a_wrong_number_of_processes_is_named(repo_root):
    done = shell(repo_root, "dist_train.sh", "c.py", "two")
    assert done.returncode == 2 and "PROCESSES is 'two'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_missing_annotation_file_is_one_sentence(repo_root, tmp_path, processes):
    config = repo_root / "configs" / "posec3d" / "slowonly_r50_affwild_xsub" / "joint.py"
    options = ["--validate", "--ann-file", tmp_path / "none.pkl", "--work-dir", tmp_path / "run"]
    done = shell(repo_root, "dist_train.sh", config, processes, *options)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("no such annotation file") == 1
    assert "--ann-file FILE" in done.stderr and len(done.stderr.splitlines()) < 6, done.stderr
    assert not (tmp_path / "run").exists()
