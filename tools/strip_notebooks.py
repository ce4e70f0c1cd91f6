"""Remove stored outputs and execution counts from notebooks: `python tools/strip_notebooks.py NOTEBOOK ...`.

Exits with 1 if a notebook had to be changed, so that a commit stops and the change is seen.
"""

import argparse
import sys
from pathlib import Path

import nbformat


def strip(path: Path) -> bool:
    """Strip one notebook in place; say whether it had anything to strip."""
    book = nbformat.read(path, as_version=4)
    dirty = [c for c in book.cells if c.cell_type == "code" and (c.outputs or c.execution_count)]
    for cell in dirty:
        cell.outputs, cell.execution_count = [], None
    if dirty:
        nbformat.write(book, path)
    return bool(dirty)


def main() -> int:
    """Strip every notebook named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path)
    changed = [path for path in parser.parse_args().notebooks if strip(path)]
    for path in changed:
        print(f"{path}: outputs removed; add it again")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
