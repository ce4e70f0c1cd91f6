"""Files of several classifiers: frames by number, classes by name."""

import importlib.util

import numpy as np
import pytest

from fau3d.apis.expression_voting import VoteError, vote_files


@pytest.fixture
def files(tmp_path):
    first, second, third = (tmp_path / f"{name}.csv" for name in "abc")
    first.write_text("frame,happy,sad\n3,0.8,0.2\n1,0.5,0.5\n2,,\n")
    # Another order of classes, another set of frames.
    second.write_text("frame, sad, happy\n1,0.5,0.5\n3,0.9,0.1\n7,1,0\n")
    third.write_text("frame,happy,sad\n2,,\n")
    return [first, second, third]


def test_frames_and_classes_are_matched(files):
    vote = vote_files(files)
    assert vote.classes == ("happy", "sad") and vote.frames.tolist() == [1, 2, 3, 7]
    np.testing.assert_allclose(vote.probabilities[[0, 2, 3]], [[0.5, 0.5], [0.45, 0.55], [0, 1]])
    assert vote.chosen.tolist() == [0, -1, 1, 1] and vote.ties.tolist() == [True, False, False, False]
    assert vote.voters.tolist() == [2, 0, 2, 1]
    assert vote_files(files[:2], [3, 1]).chosen.tolist() == [0, -1, 0, 1]


def test_the_command(repo_root, files, tmp_path, capsys):
    path = repo_root / "tools" / "analysis" / "vote_expressions.py"
    spec = importlib.util.spec_from_file_location("vote", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    out = tmp_path / "vote.csv"
    command = [*map(str, files), "-o", str(out)]
    assert tool.main(command) == 0
    assert "3 frames done (1 ties, 4 without some classifier), 1 skipped" in capsys.readouterr().out
    lines = out.read_text().splitlines()
    assert lines[:3] == ["frame,happy,sad,expression,tie,voters", "1,0.5000,0.5000,happy,1,2", "2,,,,0,0"]
    assert tool.main(command) == 2 and "--overwrite" in capsys.readouterr().err
    assert tool.main([*command, "--overwrite", "--weights", "1"]) == 2
    assert "found 1 weights for 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"x\.csv:1: found nothing"),
        ("frame,glad,sad\n1,1,0\n", "names the classes glad, sad"),
        ("frame,happy,sad\n1,0.9,0.9\n", r"x\.csv:2: .* no distribution"),
        ("frame,happy,sad\n1,1,0\n1,1,0\n", r"x\.csv:3: frame 1 is there again"),
        ("frame,happy,sad\n1,yes,no\n", r"x\.csv:2: found '1,yes,no'"),
        ("frame,happy,sad\n1,1\n", r"x\.csv:2: has 2 cells; wanted 3"),
    ],
)
def test_bad_files(files, tmp_path, text, message):
    bad = tmp_path / "x.csv"
    bad.write_text(text)
    with pytest.raises(VoteError, match=message):
        vote_files([files[0], bad])
