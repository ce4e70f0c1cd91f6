"""`fau3d serve`: a web page on this machine that analyses what is dropped on it."""

import argparse
import contextlib
import sys

from fau3d.cli.common import (
    OK,
    Help,
    Parser,
    add_debug,
    add_union_options,
    checkpoints,
    model_weights,
    positive,
)

_EPILOG = """\
examples:
  fau3d serve                            then open http://127.0.0.1:8000 in a browser
  fau3d serve --open                     open it at once
  fau3d serve --port 0                   on any port that is free; the address is printed
  fau3d serve --checkpoint my_model.pth  offer a model of your own beside the shipped ones
  fau3d serve --checkpoint A.pth B.pth --weights 2 1    offer two as one
  fau3d serve --max-mb 2000 --max-minutes 60
  ssh -L 8000:localhost:8000 machine     the app of another machine, safely: start it there as it is

Drop a video or image on the page, or take a picture with the webcam. Nothing leaves this machine. Uploads are
deleted when they are analysed, results when nobody looks at them for --keep-minutes, and all of it when the
app stops (Ctrl-C).

The app has no password. It answers this machine only, unless --host says otherwise; then everybody who
reaches the address can use it, and what they send travels unencrypted. A webcam works in browsers only on
http://localhost or behind https.

It needs two more packages: pip install "fau3d[serve]"
"""


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    parser = commands.add_parser(
        "serve",
        help="analyse videos and images on a web page of this machine",
        description="Serve a web page that finds the action units in what is dropped on it.",
        epilog=_EPILOG,
        formatter_class=Help,
    )
    network = parser.add_argument_group("address")
    network.add_argument(
        "--port", metavar="N", type=_port, default=8000, help="default 8000; 0: any that is free"
    )
    network.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1",
        help="address to listen on (default 127.0.0.1: this machine only); 0.0.0.0 is every network",
    )  # fmt: skip
    network.add_argument(
        "--name", metavar="NAME", action="append", default=[],
        help="with --host: a name under which browsers ask for this machine; may be repeated",
    )  # fmt: skip
    network.add_argument("--open", action="store_true", help="open the page in the browser")
    models = parser.add_argument_group("model")
    models.add_argument(
        "--checkpoint", metavar="FILE", action="append",
        help="a checkpoint to offer beside the shipped weights, or several that answer together",
    )  # fmt: skip
    add_union_options(models)
    models.add_argument(
        "--extractor", default="mediapipe", help="landmark extractor: mediapipe (default) or face-alignment"
    )
    models.add_argument(
        "--device", default="auto", help="auto (default: a GPU where there is one), cpu, cuda"
    )
    limits = parser.add_argument_group("limits")
    limits.add_argument(
        "--max-mb", metavar="N", type=positive, default=500, help="size of a file (default 500)"
    )
    limits.add_argument(
        "--max-minutes", metavar="F", type=_minutes, default=10.0, help="length of a video (default 10)"
    )
    limits.add_argument(
        "--max-waiting", metavar="N", type=positive, default=4,
        help="uploads that may wait for their turn (default 4); one is analysed at a time",
    )  # fmt: skip
    limits.add_argument(
        "--keep-minutes", metavar="F", type=_minutes, default=30.0,
        help="how long results stay when nobody looks at them (default 30)",
    )  # fmt: skip
    add_debug(parser)
    parser.set_defaults(run=_serve)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; wanted 1 to 65535, or 0 for any that is free")
    return int(text)


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time; wanted minutes, above 0")
    return value


def _serve(args: argparse.Namespace) -> int:
    """Run `fau3d serve`."""
    from fau3d.apis.serve.settings import ServeSettings

    settings = ServeSettings(
        host=args.host,
        port=args.port,
        names=tuple(args.name),
        checkpoint=checkpoints(args.checkpoint),
        weights=model_weights(args.weights),
        units=args.units,
        extractor=args.extractor,
        device=args.device,
        max_bytes=args.max_mb * 1_000_000,
        max_seconds=args.max_minutes * 60,
        max_waiting=args.max_waiting,
        keep_seconds=args.keep_minutes * 60,
    )
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f'{error.name} is not installed; `pip install "fau3d[serve]"` brings what the web app needs',
            name=error.name,
        ) from error
    from fau3d.apis.serve.server import serve
    from fau3d.cli.analyze import share_cores

    share_cores()

    def ready(address: str) -> None:
        if not settings.local:
            print(
                f"fau3d: warning: listening on {settings.host}: everybody who reaches this machine over the "
                "network can use the app, there is no password, and videos travel unencrypted; an ssh tunnel "
                "(fau3d serve --help) is safer",
                file=sys.stderr,
            )
        print(f"fau3d serve: {address}  (Ctrl-C stops it and deletes all uploads and results)", flush=True)
        if args.open:
            import webbrowser

            webbrowser.open(address)

    with contextlib.suppress(KeyboardInterrupt):  # the server has ended well by then
        serve(settings, ready)
    print("stopped; uploads and results are deleted")
    return OK
