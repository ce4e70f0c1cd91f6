"""The documentation is true: links lead somewhere, named files and commands exist."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fau3d.io.annotation import load_annotations, save_annotations
from fau3d.io.validation import validate

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = {".venv", ".venv-numpy2", ".git", "node_modules", ".pytest_cache"}
PAGES = sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
# The head must be a folder of the repository; what is made by a command (data, output) is not looked for.
NAMED = re.compile(r"\b((?:tools|benchmarks|configs|fau3d|tests)/[\w./-]*\.(?:py|sh|md))\b")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text()
    links = [link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    assert not missing, f"{page.name} names what does not exist: {missing}"


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_every_page_is_reachable_from_the_readme() -> None:
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop().resolve()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        todo += [page.parent / link for link in LINK.findall(page.read_text()) if "://" not in link]
    lost = [
        str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md") if page.resolve() not in seen
    ]
    assert not lost, f"no way leads from the README to {lost}"


def test_the_example_that_adds_labels_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "annotation_file.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page.split("## Adding labels and splits")[1], re.DOTALL)
    monkeypatch.chdir(tmp_path)
    sample = load_annotations(ROOT / "data" / "sample" / "sample_mediapipe478.pkl")
    (tmp_path / "labels").mkdir()
    for annotation in sample.annotations:
        for key in ("au_occurrence", "au_intensity", "label", "subject"):
            del annotation[key]
        annotation["frame_index"] = np.arange(annotation["total_frames"]) * 2
        table = pd.DataFrame({"AU12": [1, 0, np.nan] * 9}, index=pd.RangeIndex(27, name="frame"))
        table.to_csv(tmp_path / "labels" / f"{annotation['frame_dir']}.csv")
    save_annotations("landmarks.pkl", {}, sample.annotations, sample.metainfo | {"au_names": []})
    exec(compile(example, "annotation_file.md", "exec"), {})
    labelled = load_annotations("labelled.pkl")
    assert validate(labelled) == []
    column = labelled.annotations[0]["au_occurrence"][:, labelled.au_names.index("AU12")]
    assert column[:6].tolist() == [1, -1, 0, 1, -1, 0] and set(column[14:]) == {-1}
    assert labelled.split["train"] and labelled.split["test"]
