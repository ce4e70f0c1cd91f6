"""Where the videos of an unfinished corpus are kept until they are merged."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fau3d.io.annotation import AnnotationFile, load_annotations, save_annotations
from fau3d.io.atomic import atomic_path, remove_leftovers

_SETTINGS = "settings.json"


class PartStore:
    """One small annotation file for each finished video, in the folder `OUTPUT.parts`.

    Each is written in one step, so what is there is whole, whenever the writer was killed.

    Args:
        output: The annotation file that they will become.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self.folder = output.with_name(output.name + ".parts")

    def exists(self) -> bool:
        """Whether an extraction has been started, and has finished a video."""
        return (self.folder / _SETTINGS).is_file() and any(self.folder.glob("[!.]*.pkl"))

    def remove_leftovers(self) -> None:
        """Remove what a killed writer has left half written beside the output."""
        remove_leftovers(self._output)

    def start(self, settings: Mapping[str, Any]) -> None:
        """Make the folder and note what the parts are made with."""
        with atomic_path(self.folder / _SETTINGS) as temporary:
            temporary.write_text(json.dumps(settings, indent=2, sort_keys=True), encoding="utf-8")

    def settings(self) -> dict[str, Any]:
        """Give what the parts are made with."""
        return json.loads((self.folder / _SETTINGS).read_text(encoding="utf-8"))

    def path(self, name: str) -> Path:
        """Give the file of a video; any name makes a valid and unique one."""
        readable = quote(name, safe=" ()[],;@#+-_.=")
        if len(readable) > 150 or readable.startswith("."):
            digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:24]
            readable = f"{readable[:100].lstrip('.')}~{digest}"
        return self.folder / f"{readable}.pkl"

    def has(self, name: str) -> bool:
        """Whether a video is finished."""
        return self.path(name).is_file()

    def save(self, name: str, annotation: Mapping[str, Any], metainfo: Mapping[str, Any]) -> None:
        """Keep a finished video."""
        save_annotations(self.path(name), {}, [annotation], metainfo)

    def load(self, name: str) -> AnnotationFile:
        """Give a finished video as an annotation file of one."""
        return load_annotations(self.path(name))

    def remove(self) -> None:
        """Delete the folder; a half deleted one never looks like a whole one."""
        if self.folder.is_dir():
            doomed = self.folder.with_name(f".{self.folder.name}.removed")
            shutil.rmtree(doomed, ignore_errors=True)
            self.folder.rename(doomed)
            shutil.rmtree(doomed)
