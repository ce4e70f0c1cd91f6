"""Turn an annotation file into memory-mapped arrays, once, whoever asks first."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fau3d.datasets.store_arrays import write_arrays
from fau3d.io.annotation import require_annotation_file

FORMAT = 2


def locate_store(ann_file: Path, cache_dir: Path | None = None) -> Path:
    """Give the folder with the arrays of an annotation file; build it where there is none.

    Safe when many processes ask at once: one builds behind a file lock while the others wait, and a finished
    folder appears by one rename.

    Args:
        ann_file: Annotation file.
        cache_dir: Where to keep the arrays; see `KeypointStore`.

    Returns:
        A complete folder.

    Raises:
        FileNotFoundError: If there is no such file.
        OSError: If no cache folder can be written.
    """
    require_annotation_file(ann_file)
    roots = _cache_roots(ann_file, cache_dir)
    key = _content_key(ann_file, roots)
    for root in roots:
        if (root / key / "meta.json").is_file():
            return root / key
    # Lazily: looking whether a folder can be written makes it.
    root = next(filter(_is_writable, roots), ann_file)
    if root == ann_file:
        raise OSError(f"{ann_file}: none of {[str(r) for r in roots]} can be written; set cache_dir")
    with _locked(root / f"{key}.lock"):
        if not (root / key / "meta.json").is_file():
            _build(ann_file, root, key)
    _write_stamp(root, ann_file, key)
    return root / key


def _cache_roots(ann_file: Path, cache_dir: Path | None) -> list[Path]:
    """Folders to look in, best first."""
    place = hashlib.sha256(str(ann_file.resolve()).encode()).hexdigest()[:12]
    name = f"{ann_file.name}-{place}"
    if cache_dir is not None:
        return [cache_dir / name]
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    uid = os.getuid() if hasattr(os, "getuid") else "user"
    return [
        ann_file.with_name(ann_file.name + ".fau3d-cache"),
        user / "fau3d" / name,
        Path(tempfile.gettempdir()) / f"fau3d-cache-{uid}" / name,
    ]


def _is_writable(root: Path) -> bool:
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return True
    except OSError:
        return False


def _content_key(ann_file: Path, roots: list[Path]) -> str:
    """Name the file's content; a stamp of size and time spares reading it again."""
    stat = ann_file.stat()
    for root in roots:
        with contextlib.suppress(OSError, ValueError, KeyError):
            stamp = json.loads((root / "stamp.json").read_text(encoding="utf-8"))
            same = (stamp["size"], stamp["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns)
            if same and stamp["key"].startswith(f"v{FORMAT}-"):  # else another version of fau3d wrote it
                return str(stamp["key"])
    digest = hashlib.blake2b(digest_size=12)
    with ann_file.open("rb") as stream:
        while block := stream.read(1 << 22):
            digest.update(block)
    key = f"v{FORMAT}-{digest.hexdigest()}"
    for root in roots:
        if (root / key / "meta.json").is_file():
            _write_stamp(root, ann_file, key, stat)
            break
    return key


def _write_stamp(root: Path, ann_file: Path, key: str, stat: os.stat_result | None = None) -> None:
    stat = ann_file.stat() if stat is None else stat
    content = json.dumps({"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "key": key})
    # A shared corpus may lie in a folder that others filled: then the stamp is theirs to write.
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=root)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(name).replace(root / "stamp.json")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock; where the file system has none, the rename alone keeps the folder whole."""
    with path.open("a") as stream:
        try:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        except (ImportError, OSError):
            pass
        yield


def _build(ann_file: Path, root: Path, key: str) -> None:
    work = Path(tempfile.mkdtemp(prefix=f"{key}.part-", dir=root))
    try:
        write_arrays(ann_file, work)
        work.chmod(0o755)
        work.rename(root / key)
    except OSError:
        if not (root / key / "meta.json").is_file():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
