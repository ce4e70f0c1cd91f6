"""The pictures of the gallery are made by a script, for any clip."""

import importlib.util
import shutil

import cv2
import pytest


@pytest.mark.slow
def test_it_writes_what_the_page_shows(repo_root, clips_dir, tmp_path):
    spec = importlib.util.spec_from_file_location("gallery", repo_root / "tools" / "analysis" / "gallery.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.main([str(clips_dir / "grid_brbk7n_talking.mp4"), "-o", str(tmp_path), "--seconds", "1"]) == 0
    page = (repo_root / "docs" / "gallery.md").read_text(encoding="utf-8")
    written = {path.name for path in tmp_path.iterdir()}
    assert {name for name in written if f"images/{name}" not in page} == set()
    assert {"gallery_overlay.jpg", "gallery_timing.jpg", "gallery_timing_AU12.jpg"} <= written
    if any(map(shutil.which, tool.BROWSERS)):
        picture = cv2.imread(str(tmp_path / "gallery_report.jpg"))
        assert picture.shape[1] == tool.WIDTH and picture.std() > 20  # something is drawn
