"""What the commands share: parsers, kinds of arguments, exit codes, and the progress bar."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OK, PARTLY, WRONG = 0, 1, 2


class Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=110)


class Parser(argparse.ArgumentParser):
    """A parser that can get its arguments when it is first used."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(args, namespace)


def add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show where in the code an error came from")


def positive(text: str) -> int:
    return _whole(text, least=1)


def natural(text: str) -> int:
    return _whole(text, least=0)


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number; wanted {least} or more") from None
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} is too small; wanted {least} or more")
    return value


def rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no frame rate; wanted frames per second")
    return value


@contextmanager
def progress_bar(quiet: bool) -> Iterator:  # type: ignore[type-arg]
    """Give a function that shows progress: one bar for each source, with its rate."""
    if quiet:
        yield lambda done, total, name: None
        return
    from tqdm import tqdm

    bars: dict[str, tqdm] = {}

    def show(done: int, total: int | None, name: str) -> None:
        if name not in bars:
            for bar in bars.values():
                bar.close()
            bars.clear()
            bars[name] = tqdm(total=total, desc=name, unit="frame", dynamic_ncols=True, smoothing=0.1)
        bars[name].update(done - bars[name].n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
