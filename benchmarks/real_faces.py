"""AU weights against reality, where one coarse coding is all the labels there are.

    python benchmarks/real_faces.py [--checkpoint NAME_OR_PATH ...] [--neutral auto] [--clips FOLDER]
        [--blendshapes face_landmarker.task] [-o OUTDIR]

A column for each checkpoint, with --neutral another one less how each face rests (`fau3d analyze --neutral`),
all on the same landmarks, and one for MediaPipe's blendshapes (`blendshapes.py` says how they are read and
what they lack). Means and worst units are over the units that all columns answer.
Shares, probabilities and differences lie in [0, 1]. An answer that hardly moves gets small differences for
nothing, so that `relative` gives them in standard deviations of the unit on the plain clip; it and
correlations are over the units whose deviation there is at least 0.02. Checks:

1. Coded clip: the demo clip against its coding (`coded_clip.py`). Share of coded frames right, of those
   coded as there (hit), of those coded as not there (rejected), by each rival's own thresholds, 0.5 for
   blendshapes; area under the ROC curve. More is better. Missing: coded frames without an answer.
2. Mirror: the same clip mirrored and extracted anew; left units against right ones. Correlation over time
   (more is better) and mean absolute difference (less is better). The extractor too errs otherwise in a
   mirror; `landmarks mirrored` leaves its part out.
3. Silence: neutral people who talk. Share of frames in which a unit is said to be there, and its mean
   probability. Less is better for quiet units: all but those that speech moves (AU10, AU16 to AU18, AU20,
   AU22 to AU28) and blinks (AU43, AU45), which are listed apart and have no right value. One who never says
   anything is silent too: read it beside the hits of check 1.
4. Drift: the clip three times in a row, last repetition against first; and one frame, at a quarter, half and
   three quarters of the clip, held for ten seconds: last second against first (drift), largest minus smallest
   answer (range), and the same without first and last second (inner range). Less is better. Where the video
   begins and ends, a window sees other neighbours, and a tracker settles.
5. Invariance: the same clip smaller, cropped, shifted, every second frame, blurred (Gaussian, sd 1.5 pixels),
   as JPEG of quality 30; each extracted anew. Against the plain clip: mean correlation and mean absolute
   difference; AUC on the coding; share of frames with a face.
6. Steadiness: mean absolute change when the landmarks get noise (sd 0.5 % of the distance between the outer
   eye corners, independent for each point and frame, seeded), and mean absolute step from frame to frame on
   the plain clip. Less is better, but true movement has steps as well: read it beside check 1.

OUTDIR gets `real_faces.json`, `.csv` and `.md` with all units, and `cache/`, the landmarks and blendshapes
found, which the next run uses again. Clips other than the demo clip are looked for in --clips by their names:
`grid_brbk7n_talking.mp4`, `grid_two_speakers_multi_face.mp4` (GRID corpus, CC BY 4.0; each half of the second
is one speaker, the left one the same recording as the first, so that it says only whether the file matters).
A check whose clip is absent is left out, and said to be.
"""

import argparse
import sys
from pathlib import Path

from clip_variants import INVARIANCE
from face_report import Sheet
from face_rivals import ON_LANDMARKS, BlendshapeRival, Cache, CheckpointRival, Rival, Take
from face_tables import FROZEN, fill
from tqdm import tqdm

from fau3d.structures import AUTable

ROOT = Path(__file__).resolve().parents[1]
TALKERS = (
    ("one speaker", "grid_brbk7n_talking.mp4", "clean"),
    ("left of two", "grid_two_speakers_multi_face.mp4", "left-half"),
    ("right of two", "grid_two_speakers_multi_face.mp4", "right-half"),
)


def plan(demo: Path, clips: Path | None) -> tuple[dict[str, Take], list[str]]:
    """List what each rival is asked, by name, and the clips that are not there."""
    takes = {name: Take(demo, name) for name in ("clean", "mirror", *INVARIANCE)}
    takes |= {name: Take(demo, "clean", name) for name in ("looped", *FROZEN, *ON_LANDMARKS)}
    absent = []
    for name, file, variant in TALKERS:
        path = clips / file if clips else Path(file)
        if clips and path.is_file():
            takes[name] = Take(path, variant)
        else:
            absent.append(f"{file} ({name})")
    return takes, absent


def ask(rivals: list[Rival], takes: dict[str, Take]) -> dict[str, dict[str, AUTable | None]]:
    """Ask each rival everything: answers by rival and take."""
    answers: dict[str, dict[str, AUTable | None]] = {rival.name: {} for rival in rivals}
    with tqdm(total=len(rivals) * len(takes), unit="take", delay=2) as bar:
        for rival in rivals:
            for name, take in takes.items():
                bar.set_description(f"{rival.name}: {name}")
                answers[rival.name][name] = rival.answer(take)
                bar.update()
    return answers


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", nargs="+", default=[None], help="shipped weights by name, or files")
    parser.add_argument(
        "--neutral", choices=["auto"], help="a column more for each: less how each face rests"
    )
    parser.add_argument("--clips", type=Path, help="folder of the talking faces")
    parser.add_argument("--blendshapes", type=Path, metavar="TASK", help="face_landmarker.task: a rival more")
    parser.add_argument("--demo", type=Path, default=ROOT / "demo" / "face.mp4", help="the coded clip")
    parser.add_argument("--coding", type=Path, default=ROOT / "demo" / "face_coding.csv")
    parser.add_argument("-o", "--output", type=Path, default=Path("real_faces"), metavar="OUTDIR")
    parser.add_argument("--details", action="store_true", help="print every unit of every check")
    args = parser.parse_args(arguments)
    try:
        for path in filter(None, (args.blendshapes, args.demo, args.coding)):
            if not path.is_file():
                raise FileNotFoundError(f"{path}: no such file")
        cache = Cache(args.output / "cache")
        rivals: list[Rival] = [CheckpointRival(checkpoint, cache) for checkpoint in args.checkpoint]
        if args.neutral:
            rivals += [CheckpointRival(checkpoint, cache, args.neutral) for checkpoint in args.checkpoint]
        if args.blendshapes:
            rivals.append(BlendshapeRival(args.blendshapes, cache))
        distinguish(rivals, args.checkpoint * (2 if args.neutral else 1))
        takes, absent = plan(args.demo, args.clips)
        sheet = Sheet([rival.name for rival in rivals])
        fill(sheet, ask(rivals, takes), args.demo, args.coding, [name for name, *_ in TALKERS])
    except (ValueError, OSError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    if absent:
        sheet.notes.append(f"Left out, for want of the clip in --clips: {', '.join(absent)}.")
    print(sheet.markdown(args.details))
    sheet.write(args.output)
    print(f"\nWritten: {args.output}/real_faces.json, .csv, .md")
    return 0


def distinguish(rivals: list[Rival], checkpoints: list[str | None]) -> None:
    """Give checkpoints of one name their paths as headings."""
    names = [rival.name for rival in rivals]
    for rival, checkpoint in zip(rivals, checkpoints):
        if names.count(rival.name) > 1 and checkpoint is not None:
            rival.name = str(checkpoint) + rival.name.removeprefix(Path(checkpoint).stem)
    if len({rival.name for rival in rivals}) < len(rivals):
        raise ValueError(f"a checkpoint is named twice: {names}; name each once")


if __name__ == "__main__":
    sys.exit(main())
