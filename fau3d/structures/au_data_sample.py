"""The data sample that travels with a clip through mmengine's pipelines, models and metrics."""

from mmengine.structures import BaseDataElement


class AUDataSample(BaseDataElement):
    """Labels and predictions of one clip of one video.

    Data fields (torch tensors; T frames, A action units):
        gt_occurrence: Shape (T, A), int8: 1, 0, -1 = not annotated.
        gt_intensity: Shape (T, A), float32: 0 to 5, NaN = not annotated.
        pred_occurrence: Shape (T, A), float32 probabilities in [0, 1].
        pred_intensity: Shape (T, A), float32: 0 to 5; absent where the model has no intensity output.

    Metainfo:
        frame_dir: The video's name in its annotation file.
        frame_inds: Shape (T,), int64 array: rows of the annotation's time axis; -1 where the clip is padding.
        total_frames: Length of that time axis.
        person: Row of M that the clip shows.
    """
