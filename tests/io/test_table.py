"""AU tables as CSV files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fau3d.io.table import AUTableWriter, TableError, read_au_table, write_au_table
from fau3d.structures import AUTable


def table(rows: int = 4, start: int = 0) -> AUTable:
    frame = np.arange(start, start + rows)
    data = pd.DataFrame({"source": "NA, ü.mp4", "frame": frame, "face_id": 0, "timestamp": frame / 23.976})
    data["confidence"] = np.float32(0.987654321)
    data["success"] = (frame != 1).astype(int)
    data["box_x"] = np.float32(12.3456)
    data["AU01_p"] = np.where(frame == 1, np.nan, 1 / 3)
    data["AU01_c"] = np.where(frame == 1, np.nan, 1)
    data["AU12_L_r"] = np.where(frame == 1, np.nan, np.pi)
    return AUTable(data)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "au.csv"
    write_au_table(table(), path)
    found = read_au_table(path)
    assert list(found.data.columns) == list(table().data.columns)
    assert found.data["source"].unique().tolist() == ["NA, ü.mp4"]
    np.testing.assert_allclose(found.values("probability"), np.round(table().values("probability"), 4))
    assert np.isnan(found.values("occurrence")[1, 0])
    assert found.au_names == ("AU01", "AU12_L")
    assert [p.name for p in path.parent.iterdir()] == ["au.csv"]


def test_numbers_are_short(tmp_path: Path) -> None:
    write_au_table(table(2), tmp_path / "au.csv")
    lines = (tmp_path / "au.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "source,frame,face_id,timestamp,confidence,success,box_x,AU01_p,AU01_c,AU12_L_r"
    assert lines[1] == '"NA, ü.mp4",0,0,0.0,0.9877,1,12.35,0.3333,1,3.142'
    assert lines[2] == '"NA, ü.mp4",1,0,0.0417,0.9877,0,12.35,,,'


def test_pieces_make_one_table(tmp_path: Path) -> None:
    with AUTableWriter(tmp_path / "a.csv") as writer:
        for start in range(0, 30, 10):
            writer.append(table(10, start))
        assert not (tmp_path / "a.csv").exists() and writer.num_rows == 30
    write_au_table(table(30), tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), AUTableWriter(path) as writer:
        writer.append(table())
        raise RuntimeError("stop")
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_rows_that_do_not_fit(tmp_path: Path) -> None:
    other = AUTable(table().data.rename(columns={"AU01_p": "AU02_p"}))
    with AUTableWriter(tmp_path / "a.csv") as writer:
        writer.append(table())
        with pytest.raises(TableError, match=r"AU01_p.*AU02_p"):
            writer.append(other)


def test_an_empty_table_has_its_header(tmp_path: Path) -> None:
    with AUTableWriter(tmp_path / "a.csv"):
        pass
    assert len(read_au_table(tmp_path / "a.csv").data) == 0


def test_files_that_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text in ("", "a,b\n1,2\n", "\x00\x01"):
        path.write_text(text)
        with pytest.raises(TableError, match=r"a\.csv: is no AU table"):
            read_au_table(path)
    write_au_table(table(), path)
    path.write_text(path.read_text().replace("0.3333", "many"))
    with pytest.raises(TableError, match="many"):
        read_au_table(path)
    with pytest.raises(FileNotFoundError):
        read_au_table(tmp_path / "gone.csv")
