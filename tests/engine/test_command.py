import numpy as np
import pytest
import torch

from fau3d.engine.checkpoint import read_checkpoint
from fau3d.engine.command import run_tool


def test_an_error_of_ours_is_one_sentence(capsys, tmp_path):
    assert run_tool(lambda: read_checkpoint(tmp_path / "none.pth")) == 1
    error = capsys.readouterr().err
    assert "error:" in error and "none.pth: no such checkpoint" in error and error.count("\n") == 1


def test_a_file_that_cannot_be_opened_is_one_sentence(capsys, tmp_path):
    assert run_tool(lambda: (tmp_path / "folder" / "x").write_text("")) == 1
    assert "x'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "fault", [lambda: torch.zeros(2) @ torch.zeros(3), lambda: np.zeros(2).reshape(3), lambda: {}["key"]]
)
def test_a_fault_keeps_its_traceback(fault):
    with pytest.raises((RuntimeError, ValueError, KeyError)):
        run_tool(fault)


def test_done(capsys):
    assert run_tool(lambda: None) == 0
    assert not capsys.readouterr().err
