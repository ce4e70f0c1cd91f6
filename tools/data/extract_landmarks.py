"""Extract the face landmarks of a video, a folder tree or a list of videos into an annotation file."""

import argparse
import sys

from fau3d.apis.extraction import command


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=command.DESCRIPTION,
        epilog=command.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    return command.run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
