from pathlib import Path

import pytest

from nodes.chat._chzzk import shared_file
from nodes.chat._chzzk.shared_file import locked, patiently


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
