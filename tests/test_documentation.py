"""The documentation is true: links lead somewhere, named files and commands exist."""

import re
from pathlib import Path

import pytest

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
