"""The notebook runs from top to bottom, and is committed clean."""

import json
from pathlib import Path

import pytest

from fau3d.apis import shipped_weights


@pytest.fixture(name="notebook")
def _notebook(repo_root: Path) -> Path:
    return repo_root / "demo" / "vis_skeleton.ipynb"


def test_it_holds_no_outputs_and_no_absolute_paths(notebook):
    for cell in json.loads(notebook.read_text())["cells"]:
        source = "".join(cell["source"])
        assert not cell.get("outputs") and not cell.get("execution_count")
        assert '"/' not in source and "'/" not in source


@pytest.mark.slow
def test_it_runs(notebook):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("mediapipe")
    if not shipped_weights():
        pytest.skip("no weights are shipped")
    book = nbformat.read(notebook, as_version=4)
    nbclient.NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(notebook.parent)}}
    ).execute()
    pictures = [
        output
        for cell in book.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 8
