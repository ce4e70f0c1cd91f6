"""What each ingredient of the synthetic faces brought, measured with a small network of single frames.

    python benchmarks/ablation.py RENDERED [--shifted SHIFTED] [--clips FOLDER]
        [--blendshapes face_landmarker.task [--photographs PHOTOGRAPHS]] [--sections ABCDEFGH] [-o OUT]

RENDERED is a folder of `tools/synthetic/render_corpus.py`: its last people are held out, those before them
kept for others' choices, and a network learns from the rest. SHIFTED is another one, rendered with
`--shifted`. FOLDER holds real talking faces, as for `real_faces.py`, PHOTOGRAPHS images of which those count
that show one face, to the front. Every row is trained from several seeds by one recipe, and the tables give
means over them (real faces: ± standard deviation between seeds):

- held-out, shifted: mean area under the ROC curve (AUC) of 25 units on people with exact labels; `all`
  frames, and `marked`: present from intensity C, weaker ones left out. Held-out people are moved as the
  training people are, so that they say what a treatment costs, not whether real faces rest there; shifted
  ones as well, but each by a share of their own: it spreads by 0.3 more than the row's.
- real: mean AUC of the coded units of the demo clip, then that of AU04 alone, and the share of coded frames
  that 0.5 as threshold gets right. One clip: differences under 0.02 mean little.
- talkers, false: share of (frame, unit) in which a network says that one of ten units is there which neutral
  people who talk do not show. Less is better.
- calm, said: how many of the 25 units a network says are there on a photographed face whose brows, eyes and
  mouth are at rest, as MediaPipe's blendshapes say. Less is better.
- photographs: agreement with the blendshapes, a network of others. Mean AUC over seven units with which the
  15 % of the faces with the highest blendshape are told from the 60 % with the lowest. Rows that guess a
  resting face from several frames have no answer.

Where the photographed resting face was measured from PHOTOGRAPHS themselves, their calm faces lie about it by
construction: `calm, said` then favours the rows that rest there.

OUT gets `ablation.json`, `ablation.md` and `cache/`, what was found in clips and photographs; the next run
with it goes on where the last one stopped.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from ablation_adaptation import ADAPTATIONS
from ablation_bench import Bench, Clips, Row
from ablation_data import driving_actions, person_files, read_people, see
from ablation_model import Recipe
from ablation_photographs import read_photographs
from ablation_report import Report
from ablation_rest import BOTH
from ablation_units import explain_units
from coded_clip import CODING, read_coding, score_clip
from face_rivals import BlendshapeRival, Cache, Take
from tqdm import tqdm

from fau3d.synthetic.rendered_corpus import RestingShift, mean_rest
from fau3d.synthetic.resting import RESTING_FACES, resting_offset

DEMO = Path(__file__).resolve().parents[1] / "demo" / "face.mp4"
TALKERS = {
    "one speaker": ("grid_brbk7n_talking.mp4", "clean"),
    "right of two": ("grid_two_speakers_multi_face.mp4", "right-half"),
}
SECTIONS = {
    "A": "A. Corpus",
    "B": "B. Where everybody rests",
    "C": "C. Taking each person's resting face away",
    "D": "D. Geometry",
    "E": "E. Labels",
    "F": "F. Units and the canonical offset",
    "G": "G. Everybody spread along the way, and each resting face taken away",
    "H": "H. Adapted to the unlabelled frames that are asked",
}
QUICK = Recipe(steps=30, batch=64)


def plan(quick: bool = False) -> list[Row]:
    """List the rows."""
    sections = (
        _corpus_rows(),
        _population_rows(),
        _person_rows(),
        _geometry_rows(),
        _label_rows(),
        _joint_rows(),
        _adaptation_rows(),
    )
    return [row for rows in sections for row in (rows[:2] if quick else rows)]


def _corpus_rows() -> list[Row]:
    rows = []
    for corpus in ("rig", "rendered", "both"):
        for people in (100, 300, None):
            name = f"{corpus}, {people or 'all'} people"
            rows.append(Row(SECTIONS["A"], name, corpus=corpus, people=people))
    rows += [Row(SECTIONS["A"], f"rendered, {frames} frames a person", frames=frames) for frames in (4, 12)]
    return rows


def _population_rows() -> list[Row]:
    title = SECTIONS["B"]
    rows = [Row(title, "as rendered", share=0.0)]
    rows += [_place(title, "canonical", share) for share in (0.3, 0.5, 0.7, 1.0)]
    rows += [_place(title, "canonical", 0.5, 0.3)]
    rows += [_place(title, "photographed", share) for share in (0.5, 1.0)]
    rows += [_place(title, "photographed", 1.0, spread) for spread in (0.15, 0.3)]
    rows += [
        Row(title, f"photographed, share 1.0, displaced at random up to {bias}", bias=bias)
        for bias in (0.0, 0.01, 0.02, 0.04)
    ]
    return rows


def _place(title: str, face: str, share: float, spread: float = 0.0) -> Row:
    name = f"{face}, share {share}" + (f" ± {spread}" if spread else "")
    return Row(title, name, face=face, share=share, spread=spread)


def _person_rows() -> list[Row]:
    title = SECTIONS["C"]
    rows = [Row(title, "as it is")]
    kinds = ("oracle", "median", "least expressive", "learned", "running median", "running learned")
    for kind in (*kinds, "half median", "half learned", BOTH, f"half {BOTH}"):
        rows.append(Row(title, f"less {kind}", train_rest=(kind,), test_rest=kind))
    for kind in ("median", "learned", BOTH):
        for asked in ("raw", kind):
            name = f"learned from as it is and less {kind}; asked {'as it is' if asked == 'raw' else asked}"
            rows.append(Row(title, name, train_rest=("raw", kind), test_rest=asked))
    return rows


def _geometry_rows() -> list[Row]:
    return [
        Row(SECTIONS["D"], f"{geometry}, {kind}", geometry=geometry, train_rest=(kind,), test_rest=kind)
        for kind in ("raw", "oracle", "median")
        for geometry in ("2D", "3D")
    ]


def _label_rows() -> list[Row]:
    title = SECTIONS["E"]
    return [Row(title, "trace (A) is present"), Row(title, "trace (A) is not annotated", trace=False)]


def _joint_rows() -> list[Row]:
    title = SECTIONS["G"]
    kinds = ("learned", "running learned", "least expressive", BOTH, "half median")
    rows = [
        Row(title, f"share 1.0 ± 0.3, {kind}", spread=0.3, train_rest=(kind,), test_rest=kind)
        for kind in kinds
    ]
    return rows + [
        replace(row, name=f"{row.name}, 3D", geometry="3D")
        for row in (Row(title, "share 1.0 ± 0.3, raw", spread=0.3), *rows[:3])
    ]


def _adaptation_rows() -> list[Row]:
    title = SECTIONS["H"]
    return [
        Row(title, f"{place}; {kind if kind != 'raw' else 'as they are'}", share=share, test_rest=kind)
        for place, share in (("as rendered", 0.0), ("photographed", 1.0))
        for kind in ("raw", *ADAPTATIONS)
    ]


def read_bench(args: argparse.Namespace, recipe: Recipe) -> Bench:
    """Read everything that rows need."""
    actions = driving_actions()
    files = person_files(args.rendered)
    if len(files) <= args.test + args.val:
        raise ValueError(
            f"{args.rendered}: {len(files)} people; wanted more than --test + --val = {args.test + args.val}"
        )
    learned = read_people(tqdm(files[: len(files) - args.test - args.val][: args.people], "reading"))
    people = {
        "train": see(learned, actions),
        "held-out": see(read_people(files[len(files) - args.test :]), actions),
    }
    if args.shifted:
        people["shifted"] = see(read_people(person_files(args.shifted)), actions)
    cache = Cache(args.output / "cache")
    talkers = {
        name: cache.landmarks(args.clips / file, variant).keypoint[0]
        for name, (file, variant) in TALKERS.items()
        if args.clips and (args.clips / file).is_file()
    }
    photographs = None
    if args.photographs:
        photographs = read_photographs(args.photographs, args.blendshapes, cache.folder)
    demo = cache.landmarks(args.demo, "clean").keypoint[0]
    clips = Clips(demo, read_coding(args.coding), talkers, photographs)
    rest = mean_rest(learned.values())
    offsets = {face: resting_offset(rest, face) for face in RESTING_FACES}
    return Bench(people, offsets, clips, recipe, args.seeds)


def fill(report: Report, bench: Bench, rows: list[Row], sections: str) -> None:
    """Answer every row that is not there, and write the report after each: a stopped run can go on."""
    wanted = [row for letter in sections for row in rows if row.section[0] == letter]
    bar = tqdm([row for row in wanted if not report.has(row)], unit="row")
    for row in bar:
        bar.set_description(f"{row.section[0]}: {row.name[:30]}")
        report.add(row, *bench.score(row))
        report.write()
    if "B" in sections and not report.distances and bench.clips.resting("2D"):
        shifts = {row.shift: None for row in wanted if row.section[0] == "B" and not row.spread}
        report.distances = [_distances(bench, shift) for shift in shifts]
    if "F" in sections and not report.units:
        report.units = explain_units(bench)
    report.write()


def _distances(bench: Bench, shift: RestingShift) -> dict[str, float | str]:
    told = {
        f"{name}, {geometry}": value
        for geometry in ("2D", "3D")
        for name, value in bench.distance_to_real_rest(shift, geometry).items()
    }
    return {"face": shift.face if shift.share else "as rendered", "share": shift.share, **told}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rendered", type=Path, metavar="RENDERED")
    parser.add_argument("--shifted", type=Path, help="people rendered with --shifted")
    parser.add_argument("--clips", type=Path, metavar="FOLDER", help="real talking faces")
    parser.add_argument("--blendshapes", type=Path, metavar="TASK", help="face_landmarker.task: a row more")
    parser.add_argument(
        "--photographs", type=Path, metavar="FOLDER", help="images of people: two columns more"
    )
    parser.add_argument("--demo", type=Path, default=DEMO, help="the coded clip")
    parser.add_argument("--coding", type=Path, default=CODING)
    parser.add_argument("--sections", default="ABCDEFGH", help="tables, in order (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each row (default: %(default)s)")
    parser.add_argument("--people", type=int, help="learn from the first ones only")
    parser.add_argument("--test", type=int, default=100, help="people held out (default: %(default)s)")
    parser.add_argument("--val", type=int, default=60, help="people not used (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="few rows, hardly trained: does it run?")
    parser.add_argument("-o", "--output", type=Path, default=Path("ablation"), metavar="OUT")
    args = parser.parse_args(arguments)
    if args.photographs and not args.blendshapes:
        parser.error("--photographs needs --blendshapes, which say what the photographs show")
    recipe = QUICK if args.quick else Recipe()
    try:
        bench = read_bench(args, recipe)
        people, photographs = [len(p.numbers) for p in bench.people.values()], bench.clips.photographs
        shown = [len(photographs.calm), int(photographs.calm.sum())] if photographs else []
        report = Report(args.output, recipe, args.seeds, people, shown)
        report.resume()
        if args.blendshapes:
            table = BlendshapeRival(args.blendshapes, Cache(args.output / "cache")).answer(Take(args.demo))
            assert table is not None
            report.blendshapes = score_clip(table, bench.clips.coding)
        fill(report, bench, plan(args.quick), args.sections.upper())
    except (ValueError, OSError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    print(report.markdown())
    print(f"\nWritten: {args.output}/ablation.json, ablation.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
