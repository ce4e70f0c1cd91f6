"""Log lines of C++ are dropped, and nothing else."""

import os

import pytest

from fau3d.extractors.quiet import quiet_native_log


def test_log_lines_go_and_others_stay(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_native_log():
        os.write(2, b"W0000 00:00:1 1 some.cc:1] a warning\nINFO: Created TensorFlow Lite XNNPACK delegate\n")
        os.write(2, b"E0000 00:00:1 1 some.cc:1] an error\n")
        os.write(2, b"a plain line\n")
    os.write(2, b"W0000 later\n")
    assert capfd.readouterr().err == "E0000 00:00:1 1 some.cc:1] an error\na plain line\nW0000 later\n"


def test_an_exception_passes(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), quiet_native_log():
        raise RuntimeError
    os.write(2, b"still here\n")
    assert capfd.readouterr().err == "still here\n"
