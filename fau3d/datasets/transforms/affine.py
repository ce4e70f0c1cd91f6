"""Maps of the plane: exact on keypoints."""

from functools import lru_cache

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.transforms.drawing import check_probability, generator_of, require_unit
from fau3d.facs import mirror_index
from fau3d.registry import TRANSFORMS
from fau3d.topology import get_topology


@TRANSFORMS.register_module()
class RandomAffine(BaseTransform):
    """Turn, scale, stretch, shear and shift the face about the centre of its crop, one map a clip.

    Args:
        rotate: Largest turn either way, degrees.
        scale: Smallest and largest factor.
        aspect: Largest stretch of x against y either way: 0.1 means 1 / 1.1 to 1.1.
        shear: Largest shear either way, degrees.
        shift: Largest shift either way along each axis, as a share of the crop.
        prob: Chance that a clip is mapped at all.

    Raises:
        ValueError: If the scale is not a rising positive pair, or `prob` is no probability.
    """

    def __init__(
        self,
        rotate: float = 10.0,
        scale: tuple[float, float] = (0.9, 1.1),
        aspect: float = 0.0,
        shear: float = 0.0,
        shift: float = 0.04,
        prob: float = 1.0,
    ) -> None:
        if not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale is {scale}; wanted (smallest, largest), both above 0")
        self.rotate, self.scale, self.aspect = rotate, (float(scale[0]), float(scale[1])), aspect
        self.shear, self.shift, self.prob = shear, shift, check_probability("prob", prob)

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw a map.

        Returns:
            Matrix (2, 2) and shift (2,), float32, that act on points relative to the crop's centre.
        """
        turn, slant, stretch, x, y = rng.uniform(-1, 1, 5)
        angle, shear = np.deg2rad(self.rotate * turn), np.tan(np.deg2rad(self.shear * slant))
        scale = rng.uniform(*self.scale)
        ratio = (1 + self.aspect) ** (0.5 * stretch)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = scale * rotation @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag([ratio, 1 / ratio])
        return matrix.astype(np.float32), np.array([self.shift * x, self.shift * y], np.float32)

    def transform(self, results: dict) -> dict:
        """Map `keypoint` (M, T, V, C) in the unit square; z takes the scale.

        `crop_aspect` is the crop's height over its width, 1 by default.
        """
        rng = generator_of(results)
        if rng.random() >= self.prob:
            return results
        require_unit(results, "RandomAffine")
        matrix, shift = self.draw(rng)
        # Where the unit square stands for a tall box, a turn must be one of the face and not of the square.
        tall = np.float32(results.get("crop_aspect", 1.0))
        matrix = matrix * np.array([[1.0, tall], [1.0 / tall, 1.0]], np.float32)
        keypoint = results["keypoint"]
        # x' = a (x - 1/2) + b (y - 1/2) + shift + 1/2, one coordinate at a time: a product with a 2 x 2
        # matrix takes several times as long.
        offset = shift + np.float32(0.5) - matrix.sum(1) * np.float32(0.5)
        x, y = np.ascontiguousarray(keypoint[..., 0]), np.ascontiguousarray(keypoint[..., 1])
        mapped = np.empty(keypoint.shape, np.float32)
        for row in (0, 1):
            np.add(x * matrix[row, 0] + offset[row], y * matrix[row, 1], out=mapped[..., row])
        if keypoint.shape[-1] == 3:
            scale = np.float32(np.sqrt(abs(np.linalg.det(matrix))))
            np.multiply(keypoint[..., 2], scale, out=mapped[..., 2])
        results["keypoint"] = mapped
        return results


def mirror_labels(results: dict) -> None:
    """Swap the columns of one-sided units in `au_occurrence` and `au_intensity` (T, A)."""
    units = _mirrored_columns(tuple(results.get("au_names", ())))
    if units is not None:
        for key in ("au_occurrence", "au_intensity"):
            if key in results:
                results[key] = results[key].take(units, axis=1)


@lru_cache
def _mirrored_columns(names: tuple[str, ...]) -> np.ndarray | None:
    """Give where each unit's label comes from in a mirror, or None where nothing changes place."""
    units = np.asarray(mirror_index(names), np.int64)
    return None if np.array_equal(units, np.arange(len(units))) else units


@TRANSFORMS.register_module()
class MirrorFace(BaseTransform):
    """Swap left and right: the picture, the points' names, and the labels of one-sided units.

    Args:
        prob: Chance that a clip is mirrored.

    Raises:
        ValueError: If `prob` is no probability.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = check_probability("prob", prob)

    def transform(self, results: dict) -> dict:
        """Mirror what is there: `keypoint` (M, T, V, C), `keypoint_score`, `image` (T, H, W, C), a volume.

        Labels (T, A) of one-sided units change sides.

        Raises:
            ValueError: If a volume's maps have no mirror partners.
        """
        if generator_of(results).random() >= self.prob:
            return results
        if "heatmap" in results:
            self._mirror_volume(results)
        if "image" in results:
            results["image"] = results["image"][:, :, ::-1]
        if "keypoint" in results:
            self._mirror_points(results)
        mirror_labels(results)
        return results

    @staticmethod
    def _mirror_points(results: dict) -> None:
        points = get_topology(results["topology"]).mirror_index
        unit = results.get("space") == "unit"
        width = np.float32(1.0 if unit else results["img_shape"][1] - 1)
        keypoint = results["keypoint"].take(points, axis=2)
        np.subtract(width, keypoint[..., 0], out=keypoint[..., 0])
        results["keypoint"] = keypoint
        results["keypoint_score"] = results["keypoint_score"].take(points, axis=2)

    @staticmethod
    def _mirror_volume(results: dict) -> None:
        how = results.get("heatmap_info", {})
        if how.get("kind") != "joint":
            raise ValueError(
                f"{results.get('frame_dir')}: a volume of {how.get('kind')!r} maps cannot be mirrored; "
                "take MirrorFace out of the pipeline, or train from keypoints"
            )
        points = get_topology(how["topology"]).mirror_index
        results["heatmap"] = results["heatmap"].take(points, axis=0)[..., ::-1]
