"""The order of the house: imports go down the floors, and some things are done in one place or nowhere."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

FLOOR = {
    "registry": 0, "facs": 0, "topology": 0, "functional": 0,
    "structures": 1, "io": 1,
    "synthetic": 2, "extractors": 2, "datasets": 2, "models": 2, "evaluation": 2, "visualization": 2,
    "engine": 2,
    "apis": 3, "cli": 4, "__main__": 5,
}  # fmt: skip
# Readers and writers give and take structures; the registry is a name for everyone.
ALLOWED = {("io", "structures")}
PACKAGE = Path(__file__).resolve().parents[1] / "fau3d"
FILES = sorted(PACKAGE.rglob("*.py"))
TOOLS = sorted(path for top in ("tools", "benchmarks") for path in (PACKAGE.parent / top).rglob("*.py"))


def _imported(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def _calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        assert not _imported(ast.parse(path.read_text())), "importing fau3d must import nothing"
        return
    assert room in FLOOR, f"{room} has no floor"
    for name in _imported(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] != "fau3d" or len(parts) < 2 or parts[1] in (room, "registry", "__version__"):
            continue
        lower = FLOOR[parts[1]] < FLOOR[room]
        assert lower or (room, parts[1]) in ALLOWED, f"{room} (floor {FLOOR[room]}) imports {name}"


@pytest.mark.parametrize("path", [*FILES, *TOOLS], ids=lambda path: str(path.relative_to(PACKAGE.parent)))
def test_nothing_unsafe(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {name.split(".")[0] for name in _imported(tree)}
    assert not imported & {"torchvision", "timm"}
    for name, call in _calls(tree):
        keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert name not in ("pickle.load", "pickle.loads", "eval", "exec", "os.system"), f"{name} in {path}"
        assert keywords.get("shell") != "True", f"shell string in {path}"
        if name == "torch.load":
            assert keywords.get("weights_only") == "True", f"line {call.lineno}: unsafe torch.load"
        if name in ("np.load", "numpy.load"):
            assert keywords.get("allow_pickle", "False") == "False", f"line {call.lineno}: pickles in np.load"


def test_there_is_no_utils_room() -> None:
    assert not [path for path in FILES if "utils" in path.stem or "utils" in path.parent.name]


def test_import_is_silent_and_light() -> None:
    code = "import sys, fau3d; print(sorted({'torch', 'numpy', 'cv2', 'mmengine'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
