"""`fau3d models`: the weights that come with fau3d."""

import argparse

from fau3d.cli.common import OK, Help, Parser, add_debug


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    parser = commands.add_parser(
        "models", help="list the weights that come with fau3d", formatter_class=Help,
        description="List the weights that come with fau3d: what they answer, and which landmarks they read.",
    )  # fmt: skip
    add_debug(parser)
    parser.set_defaults(run=_models)


def _models(args: argparse.Namespace) -> int:
    """Run `fau3d models`."""
    from fau3d.apis.weights import DEFAULT_WEIGHTS, describe_weights, shipped_weights

    found = shipped_weights()
    if not found:
        print("no weights come with this copy of fau3d; give a checkpoint file with --checkpoint")
    for name, path in found.items():
        print(f"{name}{'  (default)' if name == DEFAULT_WEIGHTS else ''}")
        for key, value in describe_weights(path).items():
            print(f"  {key:<10} {value}")
    return OK
