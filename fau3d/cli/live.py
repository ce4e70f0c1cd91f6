"""`fau3d live`: the action units of a camera as it runs."""

import argparse
from pathlib import Path

from fau3d.cli.common import (
    OK,
    WRONG,
    Help,
    Parser,
    add_debug,
    add_model_options,
    inferencer_settings,
    positive,
    share_cores,
)

_EPILOG = """\
examples:
  fau3d live                                    webcam 0 in a window
  fau3d live 1 --record sessions                the second webcam, kept in sessions/<time>/
  fau3d live face.mp4                           a file, played at its own rate
  fau3d live rtsp://camera.local/stream         the address of a stream that OpenCV opens
  fau3d live 0 --checkpoint A.pth B.pth         two models as one: the units of both
  fau3d live 0 --no-window --record sessions    on a machine without a display

keys in the window: q (or Esc) ends, r starts and stops a recording, n says that your face was at rest for
the last second, which is taken away from then on (n again forgets it)

A recording is a folder named for the time: video.mp4 (frames as the camera gave them, at their true times),
au.csv (a row for each face and frame of that video). Both can be read whatever happens to the program.
`fau3d analyze` on that video.mp4 gives the answers of a finished video, which know what comes after a frame.

Frames that come while another is being answered are dropped: the picture never lags behind. Nothing is sent
over a network and nothing listens on one.
"""


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    parser = commands.add_parser(
        "live",
        help="find the action units of a webcam, a stream or a playing file as it runs",
        description="Show landmarks and action units of a camera's newest frame, and keep them on demand.",
        epilog=_EPILOG,
        formatter_class=Help,
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        default="0",
        help="a webcam's number (default 0), a video file, or an address such as rtsp://…",
    )
    add_model_options(parser)
    parser.add_argument(
        "--every",
        metavar="K",
        type=positive,
        default=1,
        help="ask the model about each K-th frame only (default 1); for slow machines",
    )
    outputs = parser.add_argument_group("output")
    outputs.add_argument(
        "--record", metavar="DIR", type=Path, help="keep video and table in DIR/<time>/ from the start"
    )
    outputs.add_argument("--overlay", action="store_true", help="recordings keep the pictures shown, too")
    outputs.add_argument(
        "--panel", action="store_true", help="show every unit, one-sided ones too, with its probability"
    )
    outputs.add_argument("--no-window", action="store_true", help="open no window; text only")
    outputs.add_argument("--frames", metavar="N", type=positive, help="end after N frames")
    outputs.add_argument("--quiet", action="store_true", help="no line of text while it runs")
    add_debug(parser)
    parser.set_defaults(run=_live)


def _live(args: argparse.Namespace) -> int:
    """Run `fau3d live`."""
    from fau3d.apis.inferencer import AUInferencer
    from fau3d.apis.live import LiveSession, Recorder, open_live
    from fau3d.apis.live.screen import TextLine, Window, no_window_because
    from fau3d.apis.sources import Interruptible

    share_cores()
    why = "--no-window" if args.no_window else no_window_because()
    if why and not args.no_window:
        print(f"note: no window: {why}; the text below and --record DIR show what is seen")
    source = int(args.source) if args.source.isdecimal() and not Path(args.source).exists() else args.source
    with (
        open_live(source) as camera,
        Interruptible(camera) as frames,
        AUInferencer(**inferencer_settings(args)) as inferencer,
        Recorder(args.record or Path("recordings"), inferencer, camera.fps, args.overlay) as recorder,
    ):
        session = LiveSession(inferencer, args.every, args.panel, not why or args.overlay)
        window = None if why else Window(f"fau3d live: {args.source}")
        if args.record:
            recorder.toggle()
        with TextLine(inferencer.recognizer.au_names, session.statistics, args.quiet) as text:
            for shown in session.run(frames, lambda: frames.stopped):
                recorder.append(shown)
                session.note = "  ".join(filter(None, [recorder.note, "less rest" * session.at_rest]))
                text.show(shown, session.note)
                key = "" if window is None else window.show(shown.drawn)
                if key == "r":
                    recorder.toggle()
                if key == "n":
                    _toggle_rest(session)
                if key == "q" or session.statistics.frames == args.frames:
                    break
    print(session.statistics)
    for folder, number in recorder.kept:
        print(f"wrote {folder}: {number} frames")
    return OK if session.statistics.frames else WRONG


def _toggle_rest(session) -> None:  # type: ignore[no-untyped-def]
    try:
        session.toggle_rest()
    except ValueError as error:  # no reason to end what is shown and recorded
        print(f"note: {error}")
