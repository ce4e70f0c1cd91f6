"""What the backbones on keypoints share: reading their volume, and standardising its points."""

import torch
from torch import Tensor, nn

# A hundredth of the spread of all points: what a point does below it is noise.
_LEAST_VARIANCE = 1e-4
_MOMENTUM = 0.01


def read_points(volume: Tensor, num_points: int) -> tuple[Tensor, Tensor]:
    """Take the volume of the backbones on keypoints apart.

    Args:
        volume: Shape (B, 3, T, V, 1), as `KeypointPreprocessor` gives it.
        num_points: V that is wanted.

    Returns:
        Places (B, 2, T, V) and scores (B, 1, T, V), float32.

    Raises:
        ValueError: If it is not such a volume, or has another number of points.
    """
    if volume.ndim != 5 or volume.shape[1] != 3 or volume.shape[4] != 1:
        raise ValueError(
            f"the volume has shape {tuple(volume.shape)}; wanted (B, 3, T, V, 1): "
            "give the recognizer a KeypointPreprocessor"
        )
    if volume.shape[3] != num_points:
        raise ValueError(
            f"the clip has {volume.shape[3]} points, but the backbone reads {num_points}; name the "
            "topology that the annotation file was extracted with, or that SelectPoints leaves"
        )
    return volume[:, :2, ..., 0].float(), volume[:, 2:, ..., 0].float()


class PointNorm(nn.Module):
    """Standardise every point by the mean and the variance of where it was seen in training.

    Batch normalisation would count a point that was not seen as one at the face's middle. Here it is left
    out, and stands at its mean afterwards. The running statistics are used in training too: nothing is learnt
    before them, so that training and testing may see the same.

    Args:
        num_points: V.
    """

    mean: Tensor
    variance: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_points: int) -> None:
        super().__init__()
        self.num_points = num_points
        self.register_buffer("mean", torch.zeros(2, num_points))
        self.register_buffer("variance", torch.ones(2, num_points))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))

    def forward(self, volume: Tensor) -> Tensor:
        """Standardise the places; the score stays.

        Args:
            volume: Shape (B, 3, T, V, 1), as `KeypointPreprocessor` gives it.

        Returns:
            Shape (B, 3, T, V), float32.

        Raises:
            ValueError: If it is not such a volume, or has another number of points.
        """
        place, score = read_points(volume, self.num_points)
        seen = (score > 0).to(place.dtype)
        if self.training:
            self._track(place.detach(), seen)
        spread = (self.variance + _LEAST_VARIANCE).sqrt()
        return torch.cat([(place - self.mean[:, None]) / spread[:, None] * seen, score], dim=1)

    @torch.no_grad()
    def _track(self, place: Tensor, seen: Tensor) -> None:
        """Follow the statistics of (B, 2, T, V), over what (B, 1, T, V) says was seen."""
        count = seen.sum((0, 2))
        divisor = count.clamp_min(1.0)
        mean = (place * seen).sum((0, 2)) / divisor
        variance = ((place - mean[:, None]).square() * seen).sum((0, 2)) / divisor
        # A plain average at the start, a running one later.
        share = (1.0 / (self.num_batches_tracked + 1.0)).clamp_min(_MOMENTUM) * (count > 0)
        self.mean.lerp_(mean, share.expand_as(mean))
        self.variance.lerp_(variance, share.expand_as(variance))
        self.num_batches_tracked += 1
