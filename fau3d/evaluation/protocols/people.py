"""Corpora that show the same people: none of them is trained on where another is tested."""

from collections.abc import Mapping

_SAME_PEOPLE = (frozenset({"DISFA", "DISFA+"}),)
"""The nine people of DISFA+ (001 003 004 007 009 010 013 025 027) are of DISFA's 27."""


def _key(title: str) -> str:
    text = "".join(title.upper().split()).replace("-", "").replace("_", "")
    return text.removesuffix("PLUS") + "+" if text.endswith("PLUS") else text


def same_corpus(first: str, second: str) -> bool:
    """Tell whether two titles mean one corpus: `BP4D+` and `bp4d plus`."""
    return _key(first) == _key(second)


def refuse_shared_people(trained: Mapping[str, str | None], tested: Mapping[str, str | None]) -> list[str]:
    """Refuse to train on one corpus and test on another that shows the same people.

    Args:
        trained: Annotation file to its corpus's title (`metainfo['corpus']`); None = it does not say.
        tested: The same for what is tested.

    Returns:
        The files that do not say which corpus they hold, which nothing could be checked for.

    Raises:
        ValueError: If a corpus is on both sides, or two are that share people; both files are named.
    """
    for test_file, test_title in tested.items():
        for train_file, train_title in trained.items():
            if test_title is None or train_title is None:
                continue
            pair = {_key(test_title), _key(train_title)}
            if len(pair) == 1 or any(pair <= group for group in _SAME_PEOPLE):
                raise ValueError(
                    f"{test_file} ({test_title}) would be tested by a model trained on {train_file} "
                    f"({train_title}), which shows the same people; leave one of them out"
                )
    return sorted({file for side in (trained, tested) for file, title in side.items() if title is None})
