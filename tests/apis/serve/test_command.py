"""`fau3d serve`: what its arguments mean, what it says, and how it ends."""

import sys

import pytest

from fau3d.cli import main


@pytest.fixture
def served_with(monkeypatch):
    """Give the settings that the command would serve with."""
    found = []

    def serve(settings, ready):
        found.append(settings)
        ready(f"http://{settings.host}:{settings.port}/")

    monkeypatch.setattr("fau3d.apis.serve.server.serve", serve)
    return found


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as end:
        main(["serve", "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    for word in ("examples:", "no password", "Ctrl-C", "--keep-minutes", "ssh -L", "fau3d[serve]"):
        assert word in said


def test_this_machine_only_unless_told_otherwise(served_with, capsys):
    assert main(["serve", "--max-mb", "3", "--max-minutes", "0.5", "--keep-minutes", "2"]) == 0
    (settings,) = served_with
    assert (settings.host, settings.local) == ("127.0.0.1", True)
    assert (settings.max_bytes, settings.max_seconds, settings.keep_seconds) == (3_000_000, 30, 120)
    said = capsys.readouterr()
    assert "http://127.0.0.1:8000/" in said.out and "deleted" in said.out
    assert "warning" not in said.err


def test_a_network_is_warned_of(served_with, capsys):
    assert main(["serve", "--host", "0.0.0.0", "--name", "lab.example"]) == 0
    assert served_with[0].names == ("lab.example",)
    assert "no password" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--max-mb", "0"], ["--keep-minutes", "-1"], ["--max-minutes", "nan"]]
)
def test_arguments_that_are_none(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(["serve", *arguments])
    assert end.value.code == 2
    assert "wanted" in capsys.readouterr().err


def test_a_taken_port_is_a_sentence(client, capsys):
    port = client.host.split(":")[1]
    assert main(["serve", "--port", port]) == 2
    said = capsys.readouterr().err
    assert f"port {port}" in said and "--port" in said and "Traceback" not in said


def test_without_its_packages(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve"]) == 2
    assert 'pip install "fau3d[serve]"' in capsys.readouterr().err
