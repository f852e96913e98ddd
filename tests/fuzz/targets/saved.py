"""Fuzzes the program's own files, which a crash, a full disk or a person may have damaged; the first line says which.

``page`` (the overlay), ``journal``, ``letters`` (events that a node failed on), ``recent``, ``summary``, ``viewers``
(the memory), ``login`` (of CHZZK), ``grants`` (of the stage), ``permits`` (of VTube Studio).
"""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from graphs.engine.books.journal import Journal
from graphs.engine.log import dead_letters
from nodes.avatar._stage.grants import Grants
from nodes.avatar._vts.tokens import TokenFile
from nodes.chat._chzzk.tokens import TokenStore
from nodes.llm._memory.memory import Memory
from nodes.llm._memory.opened import Opened
from nodes.llm._memory.store import Changes, Store
from nodes.llm._memory.tokens import TokenCounter
from nodes.overlay import _state as state
from nodes.overlay._page import Known, Page
from nodes.overlay._settings import Overlay
from schemas.chat import ChatBatch, ChatMessage, ViewerEvent, Withdrawn
from schemas.playback import Heard
from tests.fuzz.targets._laws import must, wire, writable

_GONE = Withdrawn(author_id="u1", sent_at=1.7e9, received_at=1.0)
_WALL = 1.7e9
_EVENT = ChatMessage(id="e", author="가나", author_id="u2", text="안녕", received_at=2.0)
_BATCH = ChatBatch(turn="t", lane="chat", events=(_EVENT,))


def check(data: bytes) -> None:
    kind, _, content = data.partition(b"\n")
    if (read := _KINDS.get(kind.decode("utf-8", "replace"))) is None:
        return
    with tempfile.TemporaryDirectory(prefix="fuzz-saved-") as folder:
        read(Path(folder), content)


class _Time:
    def now(self) -> float:
        return 100.0


def _page(_: Path, content: bytes) -> None:
    known = Known()
    page = Page(Overlay(), _Time(), known, batches=True)
    try:
        page.load(content.decode(), _WALL)
    except ValueError as error:
        must(str(error), "it does not say why")
        must(known.shown == state.empty() and not known.viewers and not known.images.urls, "half of it was taken")
        return
    for message in (*page.hello(), page.answer()):
        wire(message)
    for change in page.withdrew(_GONE):
        wire(page.apply(change))
    again = Known()
    Page(Overlay(), _Time(), again, batches=True).load(page.dump(_WALL), _WALL)
    must(again.shown["lines"] == known.shown["lines"], "written and read it differs")


def _journal(folder: Path, content: bytes) -> None:
    path = folder / "journal.jsonl"
    path.write_bytes(content)
    said: list[str] = []
    found = _opened(path, said)
    for _, event in found:
        writable(f"{event.id}{event.author}{event.author_id}{event.text}")
        must(event.received_at == 0.0, event)
    must(len(said) <= 1 and all(len(line) < 2000 for line in said), "it says too much:", said)
    again: list[str] = []
    must(_opened(path, again) == found and not again, "read twice it differs", again)


def _opened(path: Path, said: list[str]) -> list[tuple[str, ViewerEvent]]:
    journal = Journal(path, said.append)
    found = journal.open()
    with suppress(StopIteration):  # it never waits
        journal.close().send(None)
    return found


def _letters(folder: Path, content: bytes) -> None:
    path = folder / "letters.jsonl"
    path.write_bytes(content)
    for withdrawn in (_GONE, replace(_GONE, sent_at=None)):
        dead_letters.forget_lines(path, lambda line, gone=withdrawn: dead_letters._is_about(line, gone))
    must(b"u1" not in path.read_bytes(), "what was withdrawn stands there still")


def _memory(name: str) -> Callable[[Path, bytes], None]:
    def read(folder: Path, content: bytes) -> None:
        (folder / name).write_bytes(content)
        store = Store(folder)
        found = store.read()
        must(len(found.lines) == (not (folder / name).exists()), "set aside without a word:", found.lines)
        must(found.next_piece >= 1, found.next_piece)
        must(store.save(Changes(1, found.state, forget=(_GONE,))) == [], "a backup that nobody asked for")
        again = Store(folder).read()
        must(again.state == found.state and not again.lines, "written and read it differs")
        memory = Memory()
        memory.begin(Opened(TokenCounter(), store, found))
        wire([asdict(message) for message in memory.prompt(_BATCH, "초코").messages])
        memory.withdraw(_GONE)
        memory.heard(Heard(turn="t", sentence=0, text="안녕!", fraction=1.0, ended=True))
        changes = memory.changed()
        must(changes is not None and store.save(changes) == [], "what changed is not written")

    return read


def _login(folder: Path, content: bytes) -> None:
    path, said = folder / "chzzk.json", list[str]()
    path.write_bytes(content)
    path.chmod(0o600)
    tokens = TokenStore(folder, warn=said.append).load()
    must((tokens is None) == (not path.exists()) and len(said) == (tokens is None), "it is neither read nor set aside")
    if tokens is not None:
        must(tokens.renew_at <= tokens.expires_at, tokens)
        must(type(tokens).read(writable(tokens.written())) == tokens, "written and read it differs")


def _grants(folder: Path, content: bytes) -> None:
    path = folder / "grants.json"
    path.write_bytes(content)
    grants = Grants(path)
    known = grants.load()
    must(grants.good(("a", "b"), grants.grant(("a", "b"))), "a plugin that was allowed just now is not")
    grants.save()
    again = Grants(path)
    must(again.load() and len(again) == len(grants) <= 65, "written and read it differs", known)


def _permits(folder: Path, content: bytes) -> None:
    path = folder / "vts.txt"
    path.write_bytes(content)
    tokens = TokenFile(path)
    token = tokens.get("localhost:8001")
    must(token is None or token.split() == [token], "no token:", token)
    try:
        tokens.put("localhost:8001", "new")
    except OSError:
        must(path.read_bytes() == content, "what could not be read was written over")
        must(content.decode("utf-8", "replace").encode() != content, "it could be read")
        return
    must(tokens.get("localhost:8001") == "new", "what was written is not there")
    tokens.drop("localhost:8001", "new")
    must(tokens.get("localhost:8001") != "new" or b"new" in content, "what was dropped is there still")


_KINDS: dict[str, Callable[[Path, bytes], None]] = {
    "page": _page,
    "journal": _journal,
    "letters": _letters,
    "recent": _memory("recent.json"),
    "summary": _memory("summary.json"),
    "viewers": _memory("viewers.json"),
    "login": _login,
    "grants": _grants,
    "permits": _permits,
}
