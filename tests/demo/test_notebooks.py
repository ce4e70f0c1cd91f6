"""The notebooks run from top to bottom, and are committed clean."""

import json
from pathlib import Path

import pytest

from fau3d.apis import shipped_weights


@pytest.fixture(name="notebook", params=["vis_skeleton", "statistics"])
def _notebook(repo_root: Path, request: pytest.FixtureRequest) -> Path:
    return repo_root / "demo" / f"{request.param}.ipynb"


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
    shown = [output.get("data", {}) for cell in book.cells for output in cell.get("outputs", [])]
    if notebook.stem == "vis_skeleton":
        assert sum("image/png" in data for data in shown) >= 8
    else:
        tables = [data["text/html"] for data in shown if "text/html" in data]
        assert len(tables) >= 4 and "AU06" in tables[-1] and "nan" not in tables[-1]
