"""Make the pictures of docs/gallery.md: what `fau3d analyze --report` writes of the demo clip.

    python tools/analysis/gallery.py
    python tools/analysis/gallery.py my_video.mp4 -o pictures --seconds 4

The report page is photographed by a headless Chromium, and left out with a word where there is none.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from fau3d.apis import AnalysisOptions, AUInferencer, analyze
from fau3d.io.atomic import atomic_path
from fau3d.io.video import VideoReader

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
UNIT = "AU12"
WIDTH, QUALITY = 1100, 82


def write_picture(image: np.ndarray, path: Path) -> None:
    """Write a picture (H, W, 3), uint8 BGR, as JPEG of at most `WIDTH` pixels."""
    scale = min(1.0, WIDTH / image.shape[1])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    with atomic_path(path) as temporary:
        temporary.write_bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())
    print(f"wrote {path}")


def photograph(page: Path, picture: Path) -> bool:
    """Let a browser draw a page; tell whether there is one."""
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        return False
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1360,1130"]
    command = [browser, *flags, "--virtual-time-budget=5000", f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return picture.is_file()


def main(arguments: list[str] | None = None) -> int:
    """Analyse the clip and write its pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", nargs="?", type=Path, default=ROOT / "demo" / "face.mp4")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "images", metavar="DIR")
    parser.add_argument(
        "--seconds", type=float, default=13.0, metavar="F", help="which moment of the overlay is shown"
    )
    args = parser.parse_args(arguments)
    options = AnalysisOptions(overlay=True, plot=True, report=True, units=(UNIT,))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with AUInferencer() as inferencer:
            analyze(args.video, folder, inferencer, options)
        with VideoReader(folder / "overlay.mp4") as overlay:
            moment = min(round(args.seconds * overlay.fps), len(overlay) - 1)
            write_picture(overlay[moment][:, :, ::-1], args.output / "gallery_overlay.jpg")
        for stem in ("timing", f"timing_{UNIT}", "expression_map", "cooccurrence"):
            # A picture is missing where nothing was there to draw.
            if (picture := folder / f"{stem}.png").is_file():
                write_picture(cv2.imread(str(picture)), args.output / f"gallery_{stem}.jpg")
        if photograph(folder / "report.html", folder / "page.png"):
            write_picture(cv2.imread(str(folder / "page.png")), args.output / "gallery_report.jpg")
        else:
            print("no picture of report.html: no Chromium was found", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
