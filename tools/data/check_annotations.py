"""Check an annotation file: name every fault, and print what the file holds."""

import argparse
import sys
from pathlib import Path

from fau3d.io.annotation import AnnotationError, load_annotations
from fau3d.io.safe_pickle import BrokenPickleError, UnsafePickleError
from fau3d.io.statistics import annotation_statistics, format_statistics
from fau3d.io.validation import validate


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 for a good file, 1 for faults, 2 where it cannot be read."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Exit status: 0 no faults, 1 faults, 2 not readable. Nothing in the file is executed.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="annotation file (.pkl)")
    parser.add_argument(
        "--max-faults", type=int, default=50, metavar="N", help="print at most N (default 50)"
    )
    options = parser.parse_args(arguments)
    try:
        file = load_annotations(options.file)
    except (AnnotationError, UnsafePickleError, BrokenPickleError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    faults = validate(file)
    for fault in faults[: options.max_faults]:
        print(fault, file=sys.stderr)
    if len(faults) > options.max_faults:
        print(f"and {len(faults) - options.max_faults} more; --max-faults shows them", file=sys.stderr)
    if faults:
        print(
            f"{options.file}: {len(faults)} faults; numbers are printed for a file without any",
            file=sys.stderr,
        )
        return 1
    print(f"{options.file}: no faults; topology {file.metainfo['topology']}\n")
    print(format_statistics(annotation_statistics(file)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
