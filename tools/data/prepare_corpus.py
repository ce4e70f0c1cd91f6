"""Make an annotation file, with folds, of a published corpus's folder as it was distributed.

Landmarks are extracted (resumable, parallel, in shards), labels are joined by frame number, and what does not
match is told. `--labels-only` checks the tree in seconds, without touching a picture. docs/corpora.md says
for each corpus what to request, where it goes, and which tree is expected.
"""

import argparse
import sys
from pathlib import Path

from fau3d.datasets.corpora import CORPORA, CodingRules, CorpusError, open_corpus
from fau3d.datasets.corpora.base import FILLERS, SIDES, UNGRADED
from fau3d.facs import AU_SETS

_EPILOG = """examples:
  %(prog)s disfa DISFA/ --labels-only
  %(prog)s disfa DISFA/ data/disfa/disfa_mediapipe478.pkl --workers 4
  %(prog)s bp4d BP4D/ data/bp4d/bp4d_ibug68.pkl --extractor face-alignment --device cuda --resume
  %(prog)s bp4d BP4D/ data/bp4d/bp4d.pkl --shard ${SLURM_ARRAY_TASK_ID}/16 --resume  # then without
  %(prog)s hrm HRM/ data/hrm/hrm.pkl --landmarks own.pkl
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", choices=sorted(CORPORA), metavar="CORPUS", help=", ".join(sorted(CORPORA)))
    parser.add_argument("root", type=Path, metavar="ROOT", help="the corpus's folder, as distributed")
    parser.add_argument(
        "output", type=Path, nargs="?", metavar="OUTPUT", help="annotation file to write (.pkl)"
    )
    parser.add_argument("--labels-only", action="store_true", help="read and check the labels, write nothing")
    coding = parser.add_argument_group("how the coding is read (the corpus's usual protocol by default)")
    coding.add_argument(
        "--au-set", nargs="+", metavar="AU", help=f"units of the columns: AUs, or one of {', '.join(AU_SETS)}"
    )
    coding.add_argument(
        "--present-from",
        type=float,
        metavar="INTENSITY",
        help="a graded unit is present from here on (DISFA: 2)",
    )
    coding.add_argument("--ungraded", choices=UNGRADED, help="what a unit coded without a grade is")
    coding.add_argument(
        "--sides", choices=SIDES, help="a unit on one side: the unit; or sided columns too; or not annotated"
    )
    coding.add_argument(
        "--filler", choices=FILLERS, help="what a unit is that a list with fillers (999) does not name"
    )
    coding.add_argument("--protocol", metavar="NAME", help="whose folds are added (docs/protocols.md)")
    coding.add_argument("--folds", type=int, metavar="K", help="for --protocol subject-kfold")
    source = parser.add_argument_group("landmarks")
    source.add_argument(
        "--landmarks", type=Path, metavar="FILE", help="annotation file whose landmarks serve"
    )
    source.add_argument("--extractor", default="mediapipe", metavar="NAME", help="default: %(default)s")
    source.add_argument("--extractor-options", nargs="+", default=[], metavar="KEY=VALUE")
    source.add_argument("--device", help="cpu, cuda, mps: for extractors that have a choice")
    source.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default: 1)")
    source.add_argument("--shard", metavar="I/N", help="extract the I-th of N parts only, I from 0")
    source.add_argument("--resume", action="store_true", help="go on where an earlier run stopped")
    source.add_argument("--overwrite", action="store_true", help="begin anew and replace OUTPUT")
    parser.add_argument("--no-progress", action="store_true", help="show no progress bar")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 if all went well, 1 if something was left out, 2 if nothing was done."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.output is None) != options.labels_only:
        parser.error("give either OUTPUT or --labels-only")
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("interrupted; the same command with --resume goes on from here", file=sys.stderr)
        return 130
    except (CorpusError, ValueError, OSError, RuntimeError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    from fau3d.apis.corpora import extract_shard, prepare_corpus, read_labels
    from fau3d.apis.extraction.command import parse_options
    from fau3d.apis.extraction.sources import parse_shard
    from fau3d.evaluation.protocols import get_protocol

    units = options.au_set
    rules = CodingRules(
        au_set=units[0] if units and units[0] in AU_SETS else units,
        present_from=options.present_from,
        ungraded=options.ungraded,
        sides=options.sides,
        filler=options.filler,
    )
    corpus = open_corpus(options.corpus, options.root, rules)
    progress = not options.no_progress
    if options.labels_only:
        labels, _ = read_labels(corpus, progress)
        print(labels)
        return 1 if labels.failed else 0
    extraction = {
        "extractor": {"type": options.extractor, **parse_options(options.extractor_options)},
        "device": options.device,
        "workers": options.workers,
        "resume": options.resume,
        "overwrite": options.overwrite,
    }
    if options.shard is not None:
        shard = parse_shard(options.shard)
        print(extract_shard(corpus, options.output, shard=shard, progress=progress, **extraction))
        return 0
    protocol = get_protocol(options.protocol, options.folds) if options.protocol else None
    report = prepare_corpus(
        corpus, options.output, options.landmarks, protocol, progress=progress, **extraction
    )
    print(report)
    return 1 if report.failed or report.labels.failed else 0


if __name__ == "__main__":
    sys.exit(main())
