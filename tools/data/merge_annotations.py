"""Put annotation files of one corpus together, such as the shards of an extraction."""

import argparse
import sys
from pathlib import Path

from fau3d.io.annotation import load_annotations, merge_annotations, save_annotations


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", metavar="PART", nargs="+", type=Path, help="annotation files, read in this order"
    )
    parser.add_argument("output", metavar="OUTPUT", type=Path, help="the annotation file to write")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it exists")
    arguments = parser.parse_args()
    if arguments.output.exists() and not arguments.overwrite:
        print(f"error: {arguments.output} exists; --overwrite replaces it (the output is the last argument)")
        return 2
    try:
        merged = merge_annotations([load_annotations(part) for part in arguments.parts])
    except (OSError, ValueError) as error:
        print(f"error: {error}")
        return 2
    save_annotations(arguments.output, merged.split, merged.annotations, merged.metainfo)
    print(f"{len(merged.annotations)} videos of {len(arguments.parts)} files written: {arguments.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
