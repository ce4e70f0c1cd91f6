"""Cut the faces of a corpus out of its videos, for training on images.

ANNOTATIONS says where the eyes are; SOURCE is the folder that the landmarks were extracted from, or with
--corpus a corpus as distributed. Crops go to OUTPUT/<video>/<frame>.jpg; `LoadFaceCrops` reads them.
"""

import argparse
import sys
from pathlib import Path

from fau3d.apis.crop_corpus import crop_corpus
from fau3d.apis.extraction.sources import list_sources
from fau3d.datasets.corpora import CORPORA, CorpusError, open_corpus
from fau3d.functional.face_crop import FaceCrop
from fau3d.io.annotation import load_annotations


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 if all was cut, 1 if a video failed, 2 if nothing could be begun."""
    defaults = FaceCrop()
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: %(prog)s disfa.pkl DISFA/ data/disfa/crops --corpus disfa --workers 4",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("annotations", type=Path, metavar="ANNOTATIONS", help="annotation file (.pkl)")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="the videos or images")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="folder for the crops")
    parser.add_argument("--corpus", choices=sorted(CORPORA), metavar="NAME", help="whose tree SOURCE is")
    parser.add_argument("--size", type=int, default=defaults.size, help="pixels (default: %(default)s)")
    parser.add_argument(
        "--span", type=float, default=defaults.span, help="side in eye distances (default: %(default)s)"
    )
    parser.add_argument(
        "--eye-height",
        type=float,
        default=defaults.eye_height,
        help="share of the side (default: %(default)s)",
    )
    parser.add_argument("--keep-tilt", action="store_true", help="do not turn faces until the eyes are level")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--resume", action="store_true", help="go on where an earlier run stopped")
    parser.add_argument("--overwrite", action="store_true", help="begin anew")
    args = parser.parse_args(arguments)
    try:
        crop = FaceCrop(args.size, args.span, args.eye_height, not args.keep_tilt)
        if args.corpus:
            recordings = open_corpus(args.corpus, args.source).listing().recordings
            media = {recording.name: recording.media for recording in recordings if recording.media}
        else:
            media = list_sources(args.source)
        file = load_annotations(args.annotations)
        report = crop_corpus(file, media, args.output, crop, args.workers, args.resume, args.overwrite)
    except (CorpusError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
