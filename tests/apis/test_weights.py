"""Shipped weights are found by name, described, and load."""

import pytest

from fau3d.apis.weights import DEFAULT_WEIGHTS, describe_weights, find_weights, shipped_weights


def test_what_is_neither_shipped_nor_a_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"nothing\.pth: no checkpoint there .* shipped: "):
        find_weights("nothing.pth")


def test_a_path_is_taken_as_it_is(checkpoint):
    assert find_weights(str(checkpoint)) == checkpoint


def test_description(checkpoint, kit):
    told = describe_weights(checkpoint)
    assert told["units"] == " ".join(kit.AU_NAMES)
    assert told["landmarks"] == "ibug68"
    assert told["licence"] == "none"


@pytest.mark.parametrize("name", shipped_weights() or ["none"])
def test_shipped_weights_load_and_have_a_card(name):
    from fau3d.apis import load_recognizer

    if name == "none":
        pytest.skip("no weights in this copy")
    path = shipped_weights()[name]
    assert path.with_suffix(".md").is_file()
    recognizer = load_recognizer(name, device="cpu")
    assert recognizer.au_names


def test_shipped_weights_stay_small_together():
    assert sum(path.stat().st_size for path in shipped_weights().values()) < 10e6


def test_the_default_is_there_when_weights_are():
    shipped = shipped_weights()
    if not shipped:
        pytest.skip("no weights in this copy")
    assert DEFAULT_WEIGHTS in shipped
    assert find_weights() == shipped[DEFAULT_WEIGHTS]
