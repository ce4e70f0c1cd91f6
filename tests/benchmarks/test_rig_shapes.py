"""The rig beside a regression: the same movements are found alike, others are not."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.synthetic.actions import SYNTHETIC_AUS, action_map
from fau3d.synthetic.rig import load_rig

pytestmark = pytest.mark.usefixtures("benchmarks")


@pytest.fixture
def regression(tmp_path: Path) -> Path:
    """A regression that moves as the rig does, but takes AU12 for AU15."""
    rig = load_rig("mediapipe478")
    actions = action_map(rig)
    units = ["AU04", "AU12", "AU15", "AU43"]
    played = ["AU04", "AU15", "AU15", "AU43"]
    ways = [
        np.tensordot(actions.matrix[SYNTHETIC_AUS.index(au)].sum(0), rig.expressions, 1).T.ravel()
        for au in played
    ]
    path = tmp_path / "regression.npz"
    np.savez(
        path,
        input_columns=np.array(["pitch", *units]),
        au_columns=np.array(units),
        coef=np.stack([np.zeros_like(ways[0]), *ways]),
        intercept=rig.neutral.T.ravel(),
    )
    return path


def test_movements_are_compared_unit_by_unit(regression: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import rig_shapes

    table = rig_shapes.compare(
        rig_shapes.regression_movements(regression), rig_shapes.rig_movements(load_rig("mediapipe478"))
    ).set_index("unit")
    assert table.loc[["AU04", "AU15", "AU43"], "cosine"].min() > 0.999
    assert table.loc["AU12", "cosine"] < 0.5 and table.loc["AU12", "nearest"] == "AU15"
    assert rig_shapes.main([str(regression)]) == 0
    assert "nearest in 3 of 4" in capsys.readouterr().out


def test_another_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import rig_shapes

    np.savez(tmp_path / "other.npz", something=np.zeros(3))
    assert rig_shapes.main([str(tmp_path / "other.npz")]) == 1
    assert "no such regression" in capsys.readouterr().err
