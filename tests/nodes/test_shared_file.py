import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from nodes import shared_file
from nodes.shared_file import locked, patiently, replace, sync_folder


def test_one_at_a_time_has_a_file_until_it_closes_it(tmp_path):
    path = tmp_path / "lock"
    with path.open("ab") as one, path.open("ab") as other:
        assert locked(one)
        assert not locked(other)
        one.close()
        assert locked(other)


@pytest.mark.parametrize(("refusals", "there"), [(0, True), (2, True), (3, False)])
def test_a_refusal_that_passes_is_waited_for_and_one_that_lasts_is_told(monkeypatch, refusals, there):
    monkeypatch.setattr(shared_file, "BUSY_TRIES", 3)
    monkeypatch.setattr(shared_file, "BUSY_PAUSE_S", 0.001)
    left = [PermissionError("in use")] * refusals

    def read():
        if left:
            raise left.pop()
        return "read"

    if there:
        assert patiently(read) == "read"
    else:
        with pytest.raises(PermissionError, match="in use"):
            patiently(read)


def test_any_other_error_is_told_at_once(monkeypatch):
    monkeypatch.setattr(shared_file, "BUSY_PAUSE_S", 60.0)
    monkeypatch.setattr(shared_file, "BUSY_TRIES", 3)
    with pytest.raises(FileNotFoundError):
        patiently(lambda: Path("/nowhere/at/all").read_text("utf-8"))


def test_a_file_is_replaced_whole_and_belongs_to_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "file"
    replace(path, b"one")
    with path.open("rb") as reader:
        replace(path, b"two", durable=False)
        assert (reader.read(), path.read_bytes()) == (b"one", b"two")
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("call", ["fdopen", "fsync", "replace"])
def test_a_write_that_fails_leaves_what_was_there_and_no_rubbish(tmp_path, monkeypatch, call):
    path = tmp_path / "file"
    replace(path, b"one")

    def full(*given):
        if call == "fdopen":
            os.close(given[0])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if call == "replace" else os, call, full)
    with pytest.raises(OSError, match="No space"):
        replace(path, b"two")
    monkeypatch.undo()
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="has no such call")
@pytest.mark.parametrize(
    ("durable", "expected"), [(False, []), (True, ["file, renamed: False", "folder, renamed: True"])]
)
def test_file_and_folder_are_on_the_disk_when_it_returns_if_that_is_asked_for(tmp_path, monkeypatch, durable, expected):
    path, synced = tmp_path / "file", []

    def noted(descriptor):
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append(f"{kind}, renamed: {path.exists()}")

    monkeypatch.setattr(os, "fsync", noted)
    replace(path, b"one", durable=durable)
    assert synced == (["file, renamed: False", "folder, renamed: True"] if durable else [])


def test_a_folder_is_not_synced_where_there_is_no_such_thing(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(shared_file, "os", SimpleNamespace(name="nt", fsync=synced.append))
    sync_folder(tmp_path)
    assert synced == []


def test_a_file_whose_name_has_no_room_for_an_ending_is_replaced_too(tmp_path):
    path = tmp_path / ("가" * 85)
    for data in (b"one", b"two"):
        replace(path, data)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("가" * 85, b"two")]
