"""Fusion of AU tables, by hand figures, and what must not be averaged."""

import json

import numpy as np
import pandas as pd
import pytest

from fau3d.apis.table_fusion import fuse_tables, read_weights
from fau3d.cli import main
from fau3d.io.table import read_au_table, write_au_table
from fau3d.structures import AUTable


def table(frames, source="face", x=10.0, **units):
    rows = {
        "source": source, "frame": frames, "face_id": 0, "timestamp": np.array(frames) / 25,
        "confidence": 0.9,
        "success": 1, "box_x": x, "box_y": 5.0, "box_w": 20.0, "box_h": 30.0,
    }  # fmt: skip
    return AUTable(pd.DataFrame({**rows, **units}))


FIRST = table([0, 1, 2], AU01_p=[0.2, 0.4, 0.6], AU01_c=[0, 0, 1], AU12_p=[0.5, np.nan, 0.5])
SECOND = table([1, 2, 3], AU01_p=[0.8, 0.8, 0.8], AU01_c=[1, 1, 1], AU43_r=[1.0, 2.0, 3.0])


def test_means_by_hand():
    data = fuse_tables([FIRST, SECOND]).data
    assert data["frame"].tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(data["AU01_p"], [0.2, 0.6, 0.7, 0.8])
    np.testing.assert_array_equal(data["AU01_c"], [0, 1, 1, 1])  # tied at frame 1: 0.6 decides
    np.testing.assert_allclose(data["AU12_p"], [0.5, np.nan, 0.5, np.nan])
    np.testing.assert_allclose(data["AU43_r"], [np.nan, 1, 2, 3])
    np.testing.assert_allclose(data["timestamp"], [0, 0.04, 0.08, 0.12])


def test_weights_by_table_and_by_unit():
    np.testing.assert_allclose(fuse_tables([FIRST, SECOND], [3, 1]).data["AU01_p"], [0.2, 0.5, 0.65, 0.8])
    by_unit = fuse_tables([FIRST, SECOND], {"AU01": [0, 1]}).data
    np.testing.assert_allclose(
        by_unit["AU01_p"], [0.2, 0.8, 0.8, 0.8]
    )  # where the second is silent: the first


@pytest.mark.parametrize(
    ("tables", "weights", "text"),
    [
        ([FIRST], None, "at least two"),
        ([FIRST, table([0], source="other")], None, "one source"),
        ([FIRST, table([0, 1, 2], x=200.0)], None, "lie elsewhere"),
        ([FIRST, SECOND], [1, 2, 3], "one for each"),
        ([FIRST, SECOND], [0, 0], "not all 0"),
    ],
)
def test_what_must_not_be_averaged(tables, weights, text):
    with pytest.raises(ValueError, match=text):
        fuse_tables(tables, weights)


def test_command_with_learned_weights(tmp_path, capsys):
    for name, each in (("a", FIRST), ("b", SECOND)):
        write_au_table(each, tmp_path / f"{name}.csv")
    learned = tmp_path / "learned.json"
    learned.write_text(json.dumps({"weights": {"AU01": [0.25, 0.75]}}))
    tables = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    command = ["fuse", *tables, "-o", str(tmp_path / "fused.csv"), "--weights"]
    assert main([*command, str(learned)]) == 0
    np.testing.assert_allclose(read_au_table(tmp_path / "fused.csv").data["AU01_p"], [0.2, 0.7, 0.75, 0.8])
    assert main([*command, "1", "1"]) == 2 and "overwrite" in capsys.readouterr().err
    learned.write_text("{}")
    assert main([*command, str(learned), "--overwrite"]) == 2 and "--learn" in capsys.readouterr().err
    with pytest.raises(ValueError, match="one for each model"):
        learned.write_text(json.dumps({"weights": {"AU01": [1]}}))
        read_weights(learned, 2)
