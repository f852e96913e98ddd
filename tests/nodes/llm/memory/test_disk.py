"""Files are replaced as a whole or not at all."""

from pathlib import Path

import pytest

from nodes.llm._memory.disk import Disk


class Half(Disk):
    """Is killed in the middle of a write."""

    def write(self, path: Path, data: bytes) -> None:
        super().write(path, data[: len(data) // 2])
        raise KeyboardInterrupt


def test_what_is_put_can_be_read_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    disk = Disk()
    disk.folder(tmp_path / "a" / "b")
    disk.folder(tmp_path / "a" / "b")
    path = tmp_path / "a" / "b" / "x.json"
    assert disk.read(path) is None
    disk.put(path, b"old")
    disk.put(path, b"new")
    assert disk.read(path) == b"new"
    assert [each.name for each in path.parent.iterdir()] == ["x.json"]


def test_a_write_that_is_cut_leaves_the_old_file_and_a_rest_that_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    Disk().put(path, b"old content")
    with pytest.raises(KeyboardInterrupt):
        Half().put(path, b"new content")
    assert Disk().read(path) == b"old content"
    (left,) = Disk().left(tmp_path)
    Disk().remove(left)
    assert list(Disk().left(tmp_path)) == []


def test_files_and_folders_are_removed_and_need_not_be_there(tmp_path: Path) -> None:
    disk = Disk()
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "x").write_bytes(b"")
    disk.remove(tmp_path / "f")
    disk.remove(tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_can_be_moved(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    Disk().move(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").is_dir()
