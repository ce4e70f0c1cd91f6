"""The command line of an extraction, for the tool and for `fau3d extract`."""

import argparse
import sys
from typing import Any

DESCRIPTION = "Extract the face landmarks of videos into an annotation file."
EPILOG = """examples:
  %(prog)s videos/ landmarks.pkl --workers 4
  %(prog)s videos.txt landmarks.pkl --extractor face-alignment --device cuda
  %(prog)s videos/ landmarks.pkl --shard ${SLURM_ARRAY_TASK_ID}/16 --resume
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of an extraction to a parser."""
    parser.add_argument(
        "source", metavar="SOURCE", help="a video, a folder tree, or a text file with one path a line"
    )
    parser.add_argument("output", metavar="OUTPUT", help="the annotation file (.pkl)")
    parser.add_argument(
        "--extractor",
        default="mediapipe",
        metavar="NAME",
        help="mediapipe (478 points, CPU), "
        "face-alignment (68 points), or a registered class (default: %(default)s)",
    )
    parser.add_argument(
        "--extractor-options",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="more arguments of the extractor, such as min_presence=0.7 or detector=blazeface",
    )
    parser.add_argument("--device", help="cpu, cuda, cuda:1, mps: for extractors that have a choice")
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes (default: 1; 0: this one)"
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="work on a Ray cluster (auto, local, or its address), "
        "N tasks at once; SOURCE and OUTPUT must be on a file system that all its machines see",
    )
    parser.add_argument("--fps", type=float, help="thin the frames to this rate (default: all frames)")
    parser.add_argument("--max-faces", type=int, default=1, metavar="M", help="persons kept (default: 1)")
    parser.add_argument(
        "--single-face", choices=("largest", "most-present"), help="keep one person of several"
    )
    parser.add_argument(
        "--max-gap",
        type=float,
        default=1.0,
        metavar="SECONDS",
        help="longest absence after which a face keeps its identity (default: 1)",
    )
    parser.add_argument(
        "--shard", metavar="I/N", help="do the I-th of N parts, I from 0, into NAME.I-of-N.pkl"
    )
    parser.add_argument("--resume", action="store_true", help="go on where an earlier run stopped")
    parser.add_argument("--overwrite", action="store_true", help="begin anew and replace OUTPUT")
    parser.add_argument("--no-progress", action="store_true", help="show no progress bar")


def run(arguments: argparse.Namespace) -> int:
    """Run the extraction that the arguments ask for and print its report.

    Returns:
        0 if every video was read, 1 if one failed, 2 if nothing could be begun, 130 if it was interrupted.
    """
    from fau3d.apis.extraction.corpus import ExtractorError, extract_corpus
    from fau3d.apis.extraction.sources import parse_shard
    from fau3d.apis.extraction.workers import ray_executor

    try:
        report = extract_corpus(
            arguments.source,
            arguments.output,
            extractor={"type": arguments.extractor, **parse_options(arguments.extractor_options)},
            device=arguments.device,
            workers=arguments.workers,
            fps=arguments.fps,
            max_faces=arguments.max_faces,
            single_face=arguments.single_face,
            max_gap=arguments.max_gap,
            shard=None if arguments.shard is None else parse_shard(arguments.shard),
            resume=arguments.resume,
            overwrite=arguments.overwrite,
            progress=not arguments.no_progress,
            make_executor=None if arguments.ray is None else ray_executor(arguments.ray),
        )
    except KeyboardInterrupt:
        print("interrupted; the same command with --resume goes on from here", file=sys.stderr)
        return 130
    except (ExtractorError, OSError, ValueError, KeyError, ImportError) as error:
        print(f"error: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 2
    print(report)
    return 1 if report.failed else 0


def parse_options(pairs: list[str]) -> dict[str, Any]:
    """Read `KEY=VALUE` arguments; values are numbers, true, false, none, or text.

    Raises:
        ValueError: If one has no key.
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not (key and equals):
            raise ValueError(f"extractor option {pair!r}: wanted KEY=VALUE, such as min_presence=0.7")
        options[key] = _value(text)
    return options


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
