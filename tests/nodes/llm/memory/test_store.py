"""The files of the memory: whatever happens in between, they can be read, and they hold what was saved."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nodes.llm._memory import store as module
from nodes.llm._memory.disk import Disk
from nodes.llm._memory.history import Source, Turn
from nodes.llm._memory.store import Changes, Found, State, Store
from nodes.llm._memory.summary import Piece
from nodes.llm._memory.viewers import Note
from schemas.chat import Withdrawn


def turn(serial: int) -> Turn:
    answer = f'{{"emotion":"happy","response":"대답 {serial}"}}'
    return Turn(serial, f'{{"n":1,"t":"질문 {serial}"}}', answer, 0, (Source(f"u{serial}"),))


def piece(number: int) -> Piece:
    return Piece(number, 0, f"이야기 {number}.", 0, (Source(f"u{number}", float(number)),), 7)


OLD = Changes(
    1,
    State((turn(3), turn(4)), (piece(1),), 2, (Note("하늘", "안녕", "네", 3, Source("u3")),)),
    made=(piece(1),),
)
NEW = Changes(
    2,
    State((turn(6), turn(7)), (piece(1), piece(2)), 5, (Note("바다", "잘 가", "네", 6, Source("u6")),)),
    made=(piece(2),),
)
GONE = Changes(3, State((turn(7),), (piece(2),), 5), forget=(Withdrawn(author_id="u1"), Withdrawn(author_id="u6")))


def test_what_was_saved_is_found(tmp_path: Path) -> None:
    assert Store(tmp_path / "history").read() == Found()
    store = Store(tmp_path / "history")
    assert store.save(OLD) == []
    assert Store(tmp_path / "history").read() == Found(OLD.state, 2)
    store.save(NEW)
    assert Store(tmp_path / "history").read() == Found(NEW.state, 3)
    assert json.loads((tmp_path / "history" / "summary.json").read_text("utf-8"))["summary"] == "이야기 1. 이야기 2."
    written = json.loads((tmp_path / "history" / "summary.json").read_text("utf-8"))
    assert (datetime.now(UTC) - datetime.fromisoformat(written["timestamp"])).total_seconds() < 60
    assert written["message_count"] == 14
    names = sorted(path.name for path in (tmp_path / "history" / "summaries").iterdir())
    today = f"summary_{datetime.now(UTC):%Y%m}"
    assert [(name[:14], name[23:]) for name in names] == [(today, f"_n{number:06}.json") for number in (1, 2)]


def test_the_time_of_a_summary_is_when_it_was_made_not_when_a_turn_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        days = 1

        @classmethod
        def now(cls, tz: Any = None) -> "Clock":
            return cls(2026, 11, cls.days, tzinfo=tz)

    monkeypatch.setattr(module, "datetime", Clock)
    store = Store(tmp_path)
    times: list[str] = []
    for days, changes in ((1, OLD), (2, replace(OLD, version=2)), (3, replace(NEW, version=3))):
        Clock.days = days
        store.save(changes)
        times.append(json.loads((tmp_path / "summary.json").read_text("utf-8"))["timestamp"])
    assert times == ["2026-11-01T00:00:00+00:00", "2026-11-01T00:00:00+00:00", "2026-11-03T00:00:00+00:00"]
    assert sorted(path.name for path in (tmp_path / "summaries").iterdir()) == [
        "summary_20261101_000000_n000001.json",
        "summary_20261103_000000_n000002.json",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize(
    ("more", "count"), [({"timestamp": "2026-02-15T10:15:00", "message_count": 42}, 42), ({"message_count": "x"}, 0)]
)
def test_a_summary_of_another_program_is_read_and_kept(
    tmp_path: Path, encoding: str, more: dict[str, Any], count: int
) -> None:
    path = tmp_path / "summary.json"
    theirs = json.dumps({"summary": "하늘님은 딸기를 좋아한다. ", **more}, ensure_ascii=False).encode(encoding)
    path.write_bytes(theirs)
    store = Store(tmp_path)
    found = store.read()
    assert found.state.pieces == (Piece(1, 0, "하늘님은 딸기를 좋아한다.", 0, (), count),)
    assert "summary.json.before" in found.lines[0]
    assert found.next_piece == 2
    assert path.read_bytes() == theirs, "nothing is written before there is something to write"
    store.save(Changes(1, found.state))
    assert (tmp_path / "summary.json.before").read_bytes() == theirs
    written = json.loads(path.read_text("utf-8"))
    assert (written["summary"], written["message_count"]) == ("하늘님은 딸기를 좋아한다.", count)
    assert Store(tmp_path).read() == Found(found.state, 2)


@pytest.mark.parametrize("text", ['{"summary": 5}', '{"summary": ["a"]}', '{"text": "a"}', '["a"]', "[" * 9999])
def test_what_is_no_summary_of_anyone_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "summary.json").write_text(text, "utf-8")
    assert Store(tmp_path).read().state == State()
    assert (tmp_path / "summary.json.broken").read_text("utf-8") == text


def test_an_empty_summary_of_another_program_is_no_piece(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"summary": " ", "message_count": 0}', "utf-8")
    assert Store(tmp_path).read().state == State()


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store()
    assert (store.save(OLD), store.read()) == ([], Found())
    assert list(tmp_path.iterdir()) == []


def test_an_older_state_never_takes_the_place_of_a_newer_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(NEW)
    store.save(OLD)
    assert Store(tmp_path).read().state == NEW.state


def test_a_file_that_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(OLD)
    before = {path: path.stat().st_ino for path in tmp_path.glob("*.json")}
    store.save(Changes(9, OLD.state))
    assert {path: path.stat().st_ino for path in tmp_path.glob("*.json")} == before


def test_viewers_are_only_written_where_they_are_kept(tmp_path: Path) -> None:
    Store(tmp_path).save(GONE)
    assert not (tmp_path / "viewers.json").exists()
    Store(tmp_path).save(OLD)
    Store(tmp_path).save(GONE)
    assert Store(tmp_path).read().state.viewers == ()


def test_turns_that_are_in_the_summary_are_passed_over(tmp_path: Path) -> None:
    Store(tmp_path).save(Changes(1, State((turn(3), turn(4), turn(5)), (piece(1),), 4)))
    assert Store(tmp_path).read().state.turns == (turn(5),)


@pytest.mark.parametrize("name", ["summary.json", "recent.json", "viewers.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1, 2]", b'{"version": 9}', b"\x00" * 100])
def test_a_file_that_cannot_be_understood_is_set_aside_and_said(tmp_path: Path, name: str, content: bytes) -> None:
    Store(tmp_path).save(OLD)
    (tmp_path / name).write_bytes(content)
    found = Store(tmp_path).read()
    (line,) = found.lines
    assert name in line
    assert "깨져" in line
    assert (tmp_path / f"{name}.broken").read_bytes() == content
    assert not (tmp_path / name).exists()
    assert found.next_piece == 2, "the archive is not written over"
    assert (found.state.turns == ()) == (name == "recent.json")
    assert Store(tmp_path).read().lines == ()


def test_a_file_that_cannot_be_opened_is_said_and_left_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "recent.json").mkdir()
    (line,) = Store(tmp_path).read().lines
    assert "recent.json" in line
    assert (tmp_path / "recent.json").is_dir()


class Locked(Disk):
    """Another program holds the summary when it is read."""

    def read(self, path: Path) -> bytes | None:
        if path.name == "summary.json":
            raise PermissionError(13, "in use")
        return super().read(path)


def test_a_file_that_another_program_held_is_kept_beside_what_takes_its_place(tmp_path: Path) -> None:
    Store(tmp_path).save(OLD)
    for number, name in enumerate(("summary.json.unread", "summary.json.unread2"), 1):
        before = (tmp_path / "summary.json").read_bytes()
        store = Store(tmp_path, Locked())
        (line,) = store.read().lines
        assert name in line
        store.save(Changes(1, State(through=number)))
        store.save(Changes(2, State(through=10 + number)))
        assert (tmp_path / name).read_bytes() == before
    assert Store(tmp_path).read().state.through == 12


def test_a_file_that_another_program_held_and_removed_leaves_nothing_to_keep(tmp_path: Path) -> None:
    Store(tmp_path).save(OLD)
    store = Store(tmp_path, Locked())
    store.read()
    (tmp_path / "summary.json").unlink()
    store.save(NEW)
    assert Store(tmp_path).read().state == NEW.state
    assert not list(tmp_path.glob("*.unread*"))


def test_what_was_damaged_before_is_not_lost_by_a_second_damage(tmp_path: Path) -> None:
    for content in ("{", "["):
        (tmp_path / "recent.json").write_text(content)
        Store(tmp_path).read()
    assert (tmp_path / "recent.json.broken").read_text() == "{"
    assert (tmp_path / "recent.json.broken2").read_text() == "["


def test_what_was_withdrawn_leaves_the_archive(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(OLD)
    store.save(NEW)
    (tmp_path / "summaries" / "000007.json").write_bytes(b"broken")
    (tmp_path / "summaries" / "summary_20260215_101500.json").write_text('{"summary": "다른 프로그램의 것"}', "utf-8")
    (tmp_path / "summaries" / "0notes.json").write_bytes(b"the streamer's own")
    store.save(GONE)
    notes, theirs, left = sorted(path.name for path in (tmp_path / "summaries").iterdir())
    assert (notes, theirs, left[-13:]) == ("0notes.json", "summary_20260215_101500.json", "_n000002.json")
    everything = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*.json"))
    assert "이야기 1" not in everything
    assert "질문 6" not in everything


class Killed(BaseException):
    """As SIGKILL: nothing that stands behind is done."""


class Mortal(Disk):
    """Is killed at its n-th operation; ``half``: in the middle of it, if that can be."""

    def __init__(self, operations: int, half: bool) -> None:
        self.left_over, self.half = operations, half

    def _step(self) -> bool:
        self.left_over -= 1
        if self.left_over < 0:
            raise Killed
        if self.left_over == 0 and self.half:
            return True
        if self.left_over == 0:
            raise Killed
        return False

    def write(self, path: Path, data: bytes) -> None:
        if self._step():
            path.write_bytes(data[: len(data) // 2])
            raise Killed
        super().write(path, data)

    def move(self, source: Path, target: Path) -> None:
        if self._step():
            os.replace(source, target)  # the name is there; the folder did not come to the disk
            raise Killed
        super().move(source, target)

    def remove(self, path: Path) -> None:
        if self._step():
            for each in path.rglob("*.json") if path.is_dir() else ():
                each.unlink()
                break
            raise Killed
        super().remove(path)

    def folder(self, path: Path) -> None:
        if self._step():
            raise Killed
        super().folder(path)


class Failing(Mortal):
    """Its n-th operation fails, as on a full disk, and all behind it."""

    def _step(self) -> bool:
        self.left_over -= 1
        if self.left_over <= 0:
            raise OSError(28, "No space left on device")
        return False


def until_it_succeeds(folder: Path, make: Callable[[int], Disk], work: Callable[[Store, Path], object]) -> list[Path]:
    """Do ``work`` in a fresh folder with the disk failing at operation 1, 2, 3 ...; the folders as they were left."""
    left: list[Path] = []
    for operations in range(1, 200):
        here = folder / str(operations)
        Store(here).save(OLD)
        left.append(here)
        try:
            work(Store(here, make(operations)), here)
        except (Killed, OSError):
            continue
        return left
    raise AssertionError("it never succeeds")


@pytest.mark.parametrize("half", [False, True])
def test_killed_between_or_within_any_two_operations_a_readable_state_is_left(tmp_path: Path, half: bool) -> None:
    folders = until_it_succeeds(tmp_path, lambda n: Mortal(n, half), lambda store, _: store.save(NEW))
    assert len(folders) > 9
    for here in folders:
        found = Store(here).read()
        assert found.lines == ()
        turns, pieces = found.state.turns, found.state.pieces
        assert pieces in (OLD.state.pieces, NEW.state.pieces)
        assert turns in (OLD.state.turns, NEW.state.turns, ())
        if pieces == OLD.state.pieces:
            assert turns == OLD.state.turns
        assert list(here.rglob("*.tmp")) == []
        Store(here).save(NEW)
        assert Store(here).read() == Found(NEW.state, 3)


def test_a_disk_that_is_full_leaves_the_old_state_and_the_next_save_brings_all(tmp_path: Path) -> None:
    def work(store: Store, here: Path) -> None:
        try:
            store.save(NEW)
        except OSError:
            store._disk = Disk()
            assert store.save(NEW) == []
            assert Store(here).read() == Found(NEW.state, 3)
            raise

    assert len(until_it_succeeds(tmp_path, lambda n: Failing(n, False), work)) > 9


def backups(folder: Path) -> list[Path]:
    return sorted((folder / "backups").iterdir()) if (folder / "backups").exists() else []


@pytest.mark.parametrize("name", ["DO_BACKUP", "DO_BACKUP.txt"])
def test_a_backup_that_was_asked_for_is_made_once(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    store.save(OLD)
    (tmp_path / name).touch()
    (line,) = store.save(NEW)
    assert "백업" in line
    assert store.save(None) == []
    (made,) = backups(tmp_path)
    assert not (tmp_path / name).exists()
    assert Store(made).read() == Found(NEW.state, 3)


def test_a_backup_can_be_asked_for_before_anything_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "DO_BACKUP").touch()
    assert len(Store(tmp_path).save(None)) == 1
    assert Store(backups(tmp_path)[0]).read() == Found()


@pytest.mark.parametrize("half", [False, True])
def test_killed_at_any_moment_of_a_backup_there_is_one_whole_copy_in_the_end(tmp_path: Path, half: bool) -> None:
    def work(store: Store, here: Path) -> None:
        (here / "DO_BACKUP").touch()
        store.save(None)

    for here in until_it_succeeds(tmp_path, lambda n: Mortal(n, half), work):
        for made in backups(here):
            if not made.name.startswith("."):
                assert Store(made).read() == Found(OLD.state, 2)
        Store(here).save(None)
        (made,) = backups(here)
        assert Store(made).read() == Found(OLD.state, 2)
        assert not (here / "DO_BACKUP").exists()


def test_a_backup_that_cannot_be_made_is_said_once_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.save(OLD)
    (tmp_path / "DO_BACKUP").touch()
    monkeypatch.setattr(store, "_disk", Failing(1, False))
    (line,) = store.save(None)
    assert "백업하지 못했어요" in line
    assert store.save(None) == []
    monkeypatch.undo()
    assert len(store.save(None)) == 1
    assert len(backups(tmp_path)) == 1


def test_a_person_can_read_the_files(tmp_path: Path) -> None:
    Store(tmp_path).save(OLD)
    text = (tmp_path / "recent.json").read_text("utf-8")
    parsed: dict[str, Any] = json.loads(text)
    assert "질문 3" in text
    assert parsed["version"] == 1


SAVING = """
import sys
from pathlib import Path
from tests.nodes.llm.memory.test_store import Changes, State, Store, piece, turn
store = Store(Path(sys.argv[1]))
for n in range(1, 100_000):
    (Path(sys.argv[1]) / "DO_BACKUP").touch()
    turns = tuple(turn(serial) for serial in range(n, n + 40))
    store.save(Changes(n, State(turns, (piece(n),), n - 1), made=(piece(n),) if n % 10 == 0 else ()))
    print(n, flush=True)
"""


@pytest.mark.component
@pytest.mark.parametrize("lines", [1, 4, 9])
def test_a_program_that_is_killed_while_it_saves_leaves_what_it_saved_last_or_a_moment_later(
    tmp_path: Path, lines: int
) -> None:
    root = Path(__file__).resolve().parents[4]
    with subprocess.Popen([sys.executable, "-c", SAVING, str(tmp_path)], stdout=subprocess.PIPE, cwd=root) as saving:
        assert saving.stdout is not None
        told = [int(saving.stdout.readline()) for _ in range(lines)]
        saving.kill()
        told += [int(line) for line in saving.stdout.read().splitlines() if line.strip().isdigit()]
    found = Store(tmp_path).read()
    assert found.lines == ()
    assert found.state.through in (told[-1] - 1, told[-1])
    assert {turn(serial) for serial in range(told[-1] + 1, told[-1] + 40)} <= set(found.state.turns)
    for made in backups(tmp_path):
        if not made.name.startswith("."):
            assert Store(made).read().lines == ()
