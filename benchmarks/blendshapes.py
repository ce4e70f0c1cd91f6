"""MediaPipe's 52 blendshapes as a rival: how they are run, and which action unit each stands for.

Face Landmarker's blendshape network was made to move cartoon faces after Apple's ARKit shapes, not to code
FACS. `COUNTERPARTS` is the reading that favours it: a unit is the mean of left and right of the shape that
moves the same skin. Where that is loose:

- AU06 and AU07: cheekSquint raises the cheek as AU06 does, but the network hardly ever answers it; eyeSquint
  is the tight lid of AU07 and answers cheeks as well.
- AU23 and AU24: the shapes know pressed and rolled lips, not tight ones; AU23 is the mean of both.
- AU25: no shape says that lips are apart; see `opening`.
- AU26 and AU27: one shape, jawOpen, for both: it cannot tell a dropped jaw from a stretched mouth.
- AU43 and AU45: one shape, eyeBlink: a value of one frame knows no duration.
- AU11, AU13, AU38, AU39, tongue, neck, head and eye directions, and all one-sided units: left out.

A shape's value is no probability; it is read as one, and as present from `THRESHOLD`.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.extractors.quiet import quiet_native_log
from fau3d.io.video import Frame
from fau3d.structures import AUTable

THRESHOLD = 0.5
Shapes = Mapping[str, np.ndarray]


def _sides(shape: str) -> Callable[[Shapes], np.ndarray]:
    return lambda shapes: (shapes[f"{shape}Left"] + shapes[f"{shape}Right"]) / 2


def _one(*names: str) -> Callable[[Shapes], np.ndarray]:
    return lambda shapes: np.mean([shapes[name] for name in names], axis=0)


_roll = _one("mouthRollLower", "mouthRollUpper")
_press = _sides("mouthPress")


def opening(shapes: Shapes) -> np.ndarray:
    """Say how far the lips are apart: the jaw's part that closed lips do not undo, or lips drawn apart."""
    jaw = np.clip(shapes["jawOpen"] - shapes["mouthClose"], 0, 1)
    return np.max([jaw, _sides("mouthUpperUp")(shapes), _sides("mouthLowerDown")(shapes)], axis=0)


COUNTERPARTS: dict[str, Callable[[Shapes], np.ndarray]] = {
    "AU01": _one("browInnerUp"),
    "AU02": _sides("browOuterUp"),
    "AU04": _sides("browDown"),
    "AU05": _sides("eyeWide"),
    "AU06": _sides("cheekSquint"),
    "AU07": _sides("eyeSquint"),
    "AU09": _sides("noseSneer"),
    "AU10": _sides("mouthUpperUp"),
    "AU12": _sides("mouthSmile"),
    "AU14": _sides("mouthDimple"),
    "AU15": _sides("mouthFrown"),
    "AU16": _sides("mouthLowerDown"),
    "AU17": _one("mouthShrugLower"),
    "AU18": _one("mouthPucker"),
    "AU20": _sides("mouthStretch"),
    "AU22": _one("mouthFunnel"),
    "AU23": lambda shapes: (_press(shapes) + _roll(shapes)) / 2,
    "AU24": _press,
    "AU25": opening,
    "AU26": _one("jawOpen"),
    "AU27": _one("jawOpen"),
    "AU28": _roll,
    "AU43": _sides("eyeBlink"),
    "AU45": _sides("eyeBlink"),
}


def find_blendshapes(frames: Iterable[Frame], task: Path) -> pd.DataFrame:
    """Run Face Landmarker in VIDEO mode, for one face.

    Args:
        frames: Of one video, in time order.
        task: The bundle, `face_landmarker.task`.

    Returns:
        A row for each frame with the columns `frame`, `timestamp` and the 52 shapes in [0, 1]; NaN where no
        face was found.
    """
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(task)),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        num_faces=1,
    )
    rows = []
    last = -1
    with quiet_native_log(), vision.FaceLandmarker.create_from_options(options) as landmarker:
        for frame in frames:
            image = mp.Image(mp.ImageFormat.SRGB, np.ascontiguousarray(frame.image))
            last = max(last + 1, round(1000 * frame.timestamp))  # whole milliseconds that must rise
            found = landmarker.detect_for_video(image, last).face_blendshapes
            values = {shape.category_name: shape.score for shape in found[0]} if found else {}
            rows.append({"frame": frame.index, "timestamp": frame.timestamp, **values})
    return pd.DataFrame(rows)


def to_au_table(shapes: pd.DataFrame, source: str) -> AUTable:
    """Read blendshapes as action units.

    Args:
        shapes: As `find_blendshapes` gives them.
        source: Name of the video.

    Returns:
        `AU.._p` as the counterparts say, and `AU.._c` from `THRESHOLD`; NaN and `success` 0 without a face.
    """
    if "jawOpen" not in shapes:  # no frame shows a face
        names = [f"{unit}_{kind}" for kind in "pc" for unit in COUNTERPARTS]
        columns = pd.DataFrame(np.nan, shapes.index, names)
        seen = np.zeros(len(shapes), bool)
    else:
        values = {name: shapes[name].to_numpy(float) for name in shapes}
        seen = np.isfinite(values["jawOpen"])
        units = {unit: read(values) for unit, read in COUNTERPARTS.items()}
        columns = pd.DataFrame(
            {
                **{f"{unit}_p": value for unit, value in units.items()},
                **{f"{unit}_c": np.where(seen, value >= THRESHOLD, np.nan) for unit, value in units.items()},
            },
            index=shapes.index,
        )
    keys = pd.DataFrame(
        {
            "source": source,
            "frame": shapes["frame"],
            "face_id": 0,
            "timestamp": shapes["timestamp"],
            "confidence": seen.astype(float),
            "success": seen.astype(int),
        }
    )
    return AUTable(pd.concat([keys, columns], axis=1))
