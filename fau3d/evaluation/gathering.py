"""Scoring where several processes evaluate: everything is brought to the first, duplicates and all."""

from mmengine.dist import broadcast_object_list, gather_object, is_main_process
from mmengine.evaluator import BaseMetric


def evaluate_gathered(metric: BaseMetric) -> dict:
    """Score what a metric has kept in all processes, and forget it.

    mmengine's own collection drops samples by their place in the list, which is only right where every
    process has as many as the next; here nothing is dropped: `compute_metrics` tells duplicates by name.

    Args:
        metric: With `results` of plain values and arrays.

    Returns:
        Key, the metric's prefix in front, to figure: the same in every process.
    """
    gathered = gather_object(list(metric.results))
    metric.results.clear()
    metrics: list[dict | None] = [None]
    if is_main_process():
        figures = metric.compute_metrics([item for part in gathered or [] for item in part])
        metrics = [{f"{metric.prefix}/{key}": value for key, value in figures.items()}]
    broadcast_object_list(metrics)
    return metrics[0] or {}
