"""The benchmark of reading curves runs, and its curves are readable ones."""

import numpy as np


def test_runs_on_a_minute(benchmarks, monkeypatch, capsys):
    import reading_curves

    monkeypatch.setattr(
        "sys.argv", ["reading_curves.py", "--minutes", "0.5", "--units", "4", "--repeats", "1"]
    )
    monkeypatch.setattr(reading_curves, "synchrony", lambda *people: None)
    reading_curves.main()
    printed = capsys.readouterr().out
    assert "events" in printed and "all but synchrony" in printed


def test_curves_are_intensities_with_gaps(benchmarks):
    from reading_curves import made_up_curves

    values, times = made_up_curves(1, 3, 30.0)
    assert values.shape == (1800, 3) and len(times) == 1800
    assert np.isnan(values).any() and np.nanmin(values) >= 0 and np.nanmax(values) <= 5
