"""Class weights and priors of the loss, from the training split."""

from typing import Any

from mmengine.hooks import Hook

from fau3d.registry import HOOKS


@HOOKS.register_module()
class SetClassWeightsHook(Hook):
    """Gives the occurrence loss how often each unit is shown and annotated in the training split.

    The data set says so through `au_statistics()`, the loss takes it through `set_class_weights`: for class
    weights, positive weights and logit adjustment. They are rates of the split as it is, whichever clips
    `sampling` draws from it. A head or a loss without class weights is left alone.
    """

    priority = "HIGH"

    def before_train(self, runner: Any) -> None:
        """Count the training split's labels and set the weights, in the model and in its running average."""
        dataset = runner.train_dataloader.dataset
        while not hasattr(dataset, "au_statistics") and hasattr(dataset, "dataset"):
            dataset = dataset.dataset  # a wrapper, such as RepeatDataset
        statistics = getattr(dataset, "au_statistics", None)
        if statistics is None:
            runner.logger.warning(
                f"{type(dataset).__name__} has no au_statistics(): class weights stay as they are"
            )
            return
        counts = statistics()
        positives, annotated = counts["positives"], counts["annotated"]
        for model in models_of(runner):
            loss: Any = getattr(getattr(model, "head", None), "loss_occurrence", None)
            if hasattr(loss, "set_class_weights"):
                loss.set_class_weights(positives, annotated)
        rates = [p / a if a else float("nan") for p, a in zip(positives, annotated)]
        names = (getattr(dataset, "metainfo", None) or {}).get("au_names") or [""] * len(rates)
        shown = ", ".join(f"{name} {rate:.3f}" for name, rate in zip(names, rates))
        runner.logger.info(f"base rates of the training split: {shown}")


def models_of(runner: Any) -> list[Any]:
    """Give the model and, where a hook averages its weights, the average."""
    models = [getattr(runner.model, "module", runner.model)]
    for hook in runner.hooks:
        averaged = getattr(hook, "ema_model", None)
        if averaged is not None:
            models.append(averaged.module)
    return models
