"""`fau3d extract`: landmarks into an annotation file."""

import argparse

from fau3d.cli.common import Help, Parser, add_debug


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    # Its arguments live with the extraction, whose imports only those pay who use it.
    parser = commands.add_parser(
        "extract", help="extract landmarks into an annotation file, for training", formatter_class=Help
    )
    parser.fill = _fill


def _fill(parser: argparse.ArgumentParser) -> None:
    from fau3d.apis.extraction import command

    parser.description, parser.epilog = command.DESCRIPTION, command.EPILOG
    command.add_arguments(parser)
    add_debug(parser)
    parser.set_defaults(run=command.run)
