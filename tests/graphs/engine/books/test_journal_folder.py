import json
import os
import sys

import pytest

from graphs.engine.books import journal_folder as module
from graphs.engine.books.journal_folder import aside, hold, inherit
from graphs.engine.books.journal_lines import OnAir, line

TAKEN = line(graph="b", sources=["net"], event={"id": "x"})
STRANGE = line(graph="demo", sources=["file"], event={"id": "y"})


def takes(left):
    return OnAir("a", frozenset({"net"})).takes(left)


@pytest.fixture
def files(tmp_path):
    return tmp_path / "a.jsonl", tmp_path / "b.jsonl"


def test_lines_that_are_taken_move_and_all_others_stay(files):
    own, other = files
    own.write_bytes(b'{"torn')
    other.write_bytes(STRANGE + TAKEN + b"no JSON\n" + b"[]\n")
    inherit(own, takes)
    assert own.read_bytes() == b'{"torn\n' + TAKEN
    assert other.read_bytes() == STRANGE + b"no JSON\n" + b"[]\n"


def test_what_is_done_moves_nowhere(files):
    own, other = files
    other.write_bytes(TAKEN + line(done="x"))
    before = other.read_bytes()
    inherit(own, takes)
    assert not own.exists()
    assert other.read_bytes() == before


def test_the_journal_of_a_run_that_goes_on_is_left_alone(files):
    own, other = files
    other.write_bytes(TAKEN)
    held = hold(other)
    assert held is not None
    assert hold(other) is None
    inherit(own, takes)
    assert other.read_bytes() == TAKEN
    os.close(held)
    inherit(own, takes)
    assert (own.read_bytes(), other.read_bytes()) == (b"\n" + TAKEN, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes among its files")
@pytest.mark.timeout(10)
def test_a_pipe_keeps_no_start_waiting_and_the_others_move(files):
    own, other = files
    other.write_bytes(TAKEN)
    os.mkfifo(own.with_name("a-pipe.jsonl"))
    os.mkfifo(own.with_name("a-pipe.aside.jsonl"))
    inherit(own, takes)
    assert own.read_bytes() == b"\n" + TAKEN
    assert aside(own.parent) == set()


def test_what_was_set_aside_is_nobodys(files):
    own, other = files
    other.with_suffix(".unread.jsonl").write_bytes(TAKEN)
    inherit(own, takes)
    assert not own.exists()


def test_a_disk_that_fails_at_any_write_loses_nothing(files, monkeypatch):
    own, other = files
    real = os.fsync
    for fail_at in range(3):
        own.unlink(missing_ok=True)
        other.write_bytes(TAKEN)
        left = iter(range(fail_at, -1, -1))

        def fsync(fd, left=left):
            if next(left, 0) == 0:
                raise OSError(28, "full")
            real(fd)

        monkeypatch.setattr(module.os, "fsync", fsync)
        try:
            inherit(own, takes)
        except OSError:
            assert fail_at < 2
        held = own.read_bytes() + other.read_bytes()
        assert "x" in [json.loads(each)["event"]["id"] for each in held.split(b"\n") if each]
        held_again = hold(other)
        assert held_again is not None
        os.close(held_again)


def test_a_folder_that_cannot_be_made_holds_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    assert hold(tmp_path / "file" / "a.jsonl") is None
