"""Finding misspelt keys in a config before anything is built."""

import difflib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import Registry, root
from mmengine.runner import Runner, set_random_seed
from mmengine.utils.dl_utils import set_multi_processing
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader

import fau3d.registry as fau3d_registries

_RUNNER_KEYS = set(inspect.signature(Runner.__init__).parameters) - {"self", "cfg"}
# Read by mmengine from the config itself, or by fau3d.
_OTHER_KEYS = {
    "activation_checkpointing",
    "compile",
    "custom_imports",
    "efficient_conv_bn_eval",
    "find_unused_parameters",
    "model_wrapper_cfg",
    "runner_type",
    "sync_bn",
    "gpu_ids",
    "metainfo",
}
KNOWN_KEYS = frozenset(_RUNNER_KEYS | _OTHER_KEYS)
# Names that configs give to what they use twice; others are allowed where their value is used, or with a
# leading underscore.
HELPER_KEYS = frozenset(
    {
        "ann_file",
        "ann_file_test",
        "ann_file_train",
        "ann_file_val",
        "ann_files",
        "au_names",
        "au_set",
        "base_lr",
        "batch_size",
        "clip",
        "clip_len",
        "clip_length",
        "data_root",
        "dataset_type",
        "ema",
        "epochs",
        "fps",
        "heatmap",
        "img_size",
        "label_type",
        "max_epochs",
        "max_iters",
        "num_aus",
        "num_workers",
        "sigma",
        "size",
        "source_topology",
        "split",
        "test_pipeline",
        "topology",
        "train_pipeline",
        "val_pipeline",
    }
)
# Consumed by whoever builds the type, before it is called.
_BUILDER_ARGUMENTS = {
    "type",
    "_scope_",
    "_delete_",
    "priority",
    "constructor",
    "paramwise_cfg",
    "convert_to_iter_based",
    "by_epoch",
    "persistent_workers",
    "train_cfg",
    "test_cfg",
    "init_cfg",
    "data_preprocessor",
}
_LOADER_KEYS = {
    *inspect.signature(DataLoader.__init__).parameters,
    "num_batch_per_epoch",
} - {"self"}
_CLIP_KEYS = {*inspect.signature(clip_grad_norm_).parameters, "clip_value", "type"} - {"parameters"}
# Dicts without a type, of which mmengine reads what it knows and passes over the rest.
_PLAIN_KEYS: dict[str, set[str]] = {
    "train_dataloader": _LOADER_KEYS,
    "val_dataloader": _LOADER_KEYS,
    "test_dataloader": _LOADER_KEYS,
    "optim_wrapper.clip_grad": _CLIP_KEYS,
    "auto_scale_lr": {"enable", "base_batch_size"},
    "randomness": set(inspect.signature(set_random_seed).parameters),
    "env_cfg": {"cudnn_benchmark", "mp_cfg", "dist_cfg", "resource_limit"},
    "env_cfg.mp_cfg": set(inspect.signature(set_multi_processing).parameters),
}
_DEFAULT_HOOKS = {"runtime_info", "timer", "sampler_seed", "logger", "param_scheduler", "checkpoint"}
# Layers take these apart in ways of their own.
_LAYER_CONFIGS = {"norm_cfg", "conv_cfg", "act_cfg", "init_cfg", "upsample_cfg"}


# Which registry is searched for the types at and below a key; the innermost key decides.
_KINDS = {
    "model": "model",
    "dataset": "dataset",
    "pipeline": "transform",
    "transforms": "transform",
    "sampler": "data sampler",
    "batch_sampler": "data sampler",
    "collate_fn": "function",
    "default_hooks": "hook",
    "custom_hooks": "hook",
    "optim_wrapper": "optim_wrapper",
    "optimizer": "optimizer",
    "param_scheduler": "parameter scheduler",
    "val_evaluator": "metric",
    "test_evaluator": "metric",
    "train_cfg": "loop",
    "val_cfg": "loop",
    "test_cfg": "loop",
    "visualizer": "visualizer",
    "vis_backends": "vis_backend",
    "log_processor": "log_processor",
}
# Its other registries name packages that it does not have.
_MMACTION_KINDS = {"model", "transform", "dataset", "metric", "hook", "data sampler"}


class ConfigError(ValueError):
    """A config names something that does not exist; the message lists each fault and the nearest name."""


def check_config(config: Config | Mapping[str, Any]) -> None:
    """Check a config's top-level keys and the arguments of every registered type, without building any.

    Args:
        config: The config, bases merged.

    Raises:
        ConfigError: If a top-level key is neither known nor used by another, a type is not registered, or a
            type does not take an argument.
    """
    tree = config.to_dict() if isinstance(config, Config) else dict(config)
    faults = [*_top_level_faults(tree), *_plain_faults(tree)]
    for key in tree:
        if key in KNOWN_KEYS:
            faults += _argument_faults(tree[key], key)
    if faults:
        raise ConfigError("the config does not fit:\n- " + "\n- ".join(faults))


def check_overrides(overrides: Mapping[str, Any]) -> None:
    """Refuse changes from the command line that would change nothing.

    A name like `ann_file` at the top of a config is used while its file is read; the keys that got its value
    keep it whatever happens to the name later.

    Args:
        overrides: Config keys with dots to values.

    Raises:
        ConfigError: If a key is such a name.
    """
    for key in overrides:
        name = key.partition(".")[0]
        if name in KNOWN_KEYS or not (name in HELPER_KEYS or name.startswith("_")):
            continue
        instead = (
            "use --ann-file FILE"
            if name.startswith("ann_file")
            else f"change the keys that use it, such as train_dataloader.dataset.{name} or model.head.{name}"
        )
        raise ConfigError(
            f"{key!r} is used while the config file is read, so changing it here changes nothing; {instead}"
        )


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name is meant, or list them where none is near."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"


def _top_level_faults(tree: Mapping[str, Any]) -> Iterator[str]:
    used = [value for key, value in tree.items() if key in KNOWN_KEYS]
    for key, value in tree.items():
        if key in KNOWN_KEYS or key in HELPER_KEYS or key.startswith("_"):
            continue
        misspelt = difflib.get_close_matches(key, KNOWN_KEYS, n=1, cutoff=0.87)
        if misspelt or not any(_contains(part, value) for part in used):
            yield f"unknown key {key!r}, which nothing uses; {nearest(key, KNOWN_KEYS | HELPER_KEYS)}"


def _plain_faults(tree: Mapping[str, Any]) -> Iterator[str]:
    for where, known in _PLAIN_KEYS.items():
        node: Any = tree
        for name in where.split("."):
            node = node.get(name) if isinstance(node, Mapping) else None
        if isinstance(node, Mapping):
            wrong = [key for key in node if key not in known and key != "_delete_"]
            yield from (f"{where}: unknown key {key!r}; {nearest(key, known)}" for key in wrong)
    for key, hook in (tree.get("default_hooks") or {}).items():
        # A hook of another name is an additional one, if it says what it is.
        typed = isinstance(hook, Mapping) and "type" in hook
        misspelt = difflib.get_close_matches(key, _DEFAULT_HOOKS, n=1, cutoff=0.8)
        if key not in _DEFAULT_HOOKS and hook is not None and (misspelt or not typed):
            yield f"default_hooks: unknown hook {key!r}; {nearest(key, _DEFAULT_HOOKS)}"


def _contains(tree: Any, value: Any) -> bool:
    if type(tree) is type(value) and tree == value:
        return True
    children: Iterable[Any] = ()
    if isinstance(tree, Mapping):
        children = tree.values()
    elif isinstance(tree, (list, tuple)):
        children = tree
    return any(_contains(child, value) for child in children)


def _argument_faults(node: Any, where: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "type" in node:
            yield from _type_faults(node, where)
        for key, value in node.items():
            if key not in _LAYER_CONFIGS:
                yield from _argument_faults(value, f"{where}.{key}")
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _argument_faults(value, f"{where}[{index}]")


def _type_faults(node: Mapping[str, Any], where: str) -> Iterator[str]:
    name = node["type"]
    candidates = [name] if callable(name) else _registered(str(name))
    if not candidates:
        yield f"{where}: no registered type {name!r}; {_nearest_types(str(name), where)}"
        return
    given = [key for key in node if key not in _BUILDER_ARGUMENTS]
    faults = []
    for candidate in candidates:
        accepted, open_ended = _accepted_arguments(candidate)
        wrong = [key for key in given if key not in accepted]
        if open_ended:
            wrong = [key for key in wrong if difflib.get_close_matches(key, accepted, n=1, cutoff=0.87)]
        if not wrong:
            return
        faults.append([f"{where}: {name} takes no {key!r}; {nearest(key, accepted)}" for key in wrong])
    yield from min(faults, key=len)


def _accepted_arguments(candidate: Any) -> tuple[set[str], bool]:
    """Give the names of a callable's arguments, and whether it takes any others as well."""
    if not inspect.isclass(candidate):
        return _names_of(candidate)
    names: set[str] = set()
    for base in candidate.__mro__:
        if "__init__" not in vars(base) or base is object:
            continue
        own, open_ended = _names_of(vars(base)["__init__"])
        names |= own - {"self"}
        if not open_ended:
            return names, False
        if base.__module__.startswith("torch.nn.modules.module"):
            # nn.Module takes anything by signature, and nothing in fact.
            return names, True
    return names, True


def _names_of(function: Any) -> tuple[set[str], bool]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return set(), True
    named = {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    return named, any(p.kind == p.VAR_KEYWORD for p in parameters)


def _registries() -> list[Registry]:
    found: list[Registry] = []
    for module in (fau3d_registries, root):
        for value in vars(module).values():
            if isinstance(value, Registry) and all(value is not other for other in found):
                found.append(value)
    return found


def _registered(name: str) -> list[Any]:
    scope, dot, short = name.rpartition(".")
    if dot and scope not in ("fau3d", "mmengine", "mmaction"):
        return []
    found: list[Any] = []
    for registry in _registries():
        if registry.scope == "fau3d":
            registry.import_from_location()
        if scope == "mmaction":
            if registry.scope == "mmengine" and registry.name in _MMACTION_KINDS:
                found.append(registry.get(name))
        elif short in registry.module_dict and scope in ("", registry.scope):
            found.append(registry.module_dict[short])
    return [entry for entry in found if entry is not None]


def _nearest_types(name: str, where: str) -> str:
    """Say which type is meant at a place of a config, or list the registry searched there, nearest first."""
    places = [part.partition("[")[0] for part in reversed(where.split("."))]
    kind = next((_KINDS[place] for place in places if place in _KINDS), None)
    known = {n for r in _registries() if kind in (None, r.name) for n in r.module_dict}
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    likeness = {n: difflib.SequenceMatcher(None, name.lower(), n.lower()).ratio() for n in known}
    ordered = sorted(known, key=lambda n: (-likeness[n], n))
    return f"known to the registry {kind or 'of any kind'!r}, nearest first: {', '.join(ordered)}"
