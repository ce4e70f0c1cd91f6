"""Media of a tree are found by name, without going into folders of images."""

from fau3d.datasets.corpora.media import find_media, has_images, list_files, walk_folders


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def find(root, **options):
    found = find_media(
        root,
        lambda path: path.name if path.name.startswith("S") else None,
        lambda path: path.name if path.name.startswith("S") else None,
        **options,
    )
    return tuple(
        {name: path.relative_to(root).as_posix() for name, path in kind.items()}
        for kind in (found.folders, found.videos)
    )


def test_folders_and_videos(tmp_path):
    touch(
        tmp_path,
        "a/S1/1.jpg",
        "a/S1/S2/1.jpg",
        "S3.AVI",
        "a/b/S4.mp4",
        "a/S5/notes.txt",
        "a/S5/S6/1.PNG",
        "x.mp4",
    )
    folders, videos = find(tmp_path)
    assert folders == {"S1": "a/S1", "S6": "a/S5/S6"}  # S5 has no images; S1 is not gone into
    assert videos == {"S3": "S3.AVI", "S4": "a/b/S4.mp4"}


def test_the_highest_of_a_name_then_the_first(tmp_path):
    touch(tmp_path, "b/S1.mp4", "a/c/S1.mp4", "c/S1.mp4", "a/S2/1.jpg", "b/S2/1.jpg")
    assert find(tmp_path) == ({"S2": "a/S2"}, {"S1": "b/S1.mp4"})


def test_what_is_hidden_passed_by_or_too_deep_is_not_found(tmp_path):
    touch(tmp_path, "._S1.mp4", ".S2/1.jpg", "right/S3.mp4", "a/a/S4.mp4", "S5/._1.jpg")
    assert find(tmp_path, depth=2, skip=lambda name: name == "right") == ({}, {})
    assert not has_images(tmp_path / "S5")


def test_walking_and_listing(tmp_path):
    touch(tmp_path, "b/1.TXT", "b/._1.txt", "b/2.csv", "a/c/d/3.txt", ".h/4.txt")
    walked = [path.relative_to(tmp_path).as_posix() for path in walk_folders(tmp_path, depth=2)]
    assert walked == [".", "a", "b", "a/c"]
    assert [path.name for path in list_files(tmp_path / "b", ".txt")] == ["1.TXT"]
