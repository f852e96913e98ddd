"""Keeps donations and subscriptions on disk until they have their verdict, so none is lost when the program is killed.

One JSON object per line: ``{"v": 1, "at": ..., "graph": "live", "sources": ["chat.chzzk#..."], "node": "parse",
"type": "Donation", "event": {...}}`` when an event has come out of its source, ``{"v": 1, "done": "<id>"}`` when its
verdict is in. The file is named after the graph that the run began with; ``graph`` and ``sources`` say what was on
air. The next run in the folder whose graph has these sources answers the event (see ``OnAir.takes``); until then it
stays.

A line is written to the file before any node sees the event, so it survives the process however that ends: the
operating system has it. ``fsync`` follows immediately in a worker thread; only what came in the milliseconds before a
power loss is at risk.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from graphs.engine.books.journal_folder import ASIDE, UNREAD, aside, forget, free, hold, inherit, write, write_file
from graphs.engine.books.journal_lines import OnAir, adapter, event_of, line, record
from graphs.engine.books.journal_reading import Found, found_in
from graphs.engine.books.ledger import Verdict
from graphs.engine.books.under_way import Died, UnderWay, read
from nodes.phrases import phrase
from nodes.shared_file import sync_folder
from schemas.chat import ViewerEvent, Withdrawn

LARGEST = 1_000_000
"""Above this many bytes the file is rewritten with only the events that still wait."""
RETRY_S = 5.0
"""Seconds after which a failed write is tried again."""
_BINARY = getattr(os, "O_BINARY", 0)


class Journal:
    """The file of one graph. Its methods are called on the loop and never raise because of the file."""

    def __init__(self, path: Path, say: Callable[[str], None], *, largest: int = LARGEST, retry_s: float = RETRY_S):
        """
        Args:
            path: named after the graph; what is left in the other journals of its folder may be taken over too.
            say: called once when the file cannot be written, once when it can be again, and with what could not be
                read.
        """
        self._place(path)
        self._say = say
        self._largest = largest
        self._due = largest
        self._retry_s = retry_s
        self._waiting: dict[str, bytes] = {}
        self._authors: dict[str, str] = {}
        """Maps every event that the file holds, done or not, to its author."""
        self._withdrawn: list[Withdrawn] = []
        """Withdrawals whose events may still be in the file and must be removed."""
        self.died: dict[str, Died] = {}
        """The events on which runs died, with how often."""
        self.given_up: list[ViewerEvent] = []
        """The events that this run found and does not answer, because runs died on them again and again."""
        self._known_aside: set[str] = set()
        self._under_way = UnderWay()
        self._unread: list[bytes] = []
        self._behind: list[bytes] | None = None
        """Lines that arrive while the file is being rewritten; None otherwise."""
        self._fd: int | None = None
        self._size = 0
        self._unsynced = False
        self._broken = False
        self._off = True
        self._keeping: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._held: int | None = None
        self.on_air: Callable[[], OnAir] = lambda: OnAir(path.stem)
        """Gives the graph that runs now."""
        self.stopping = False
        """The run is ending: what that interrupts is not done; the next run answers it."""

    def open(self) -> list[tuple[str, ViewerEvent]]:
        """Read the events earlier runs left without a verdict as (name of the source, event), and start writing."""
        try:
            self._bytes()
        except OSError as error:
            unread = self._path
            self._place(free(unread))
            other = self._path.name
            what = phrase("what is in it stays for a later run, this one writes to {file}", file=other)
            self._fails(unread, error, what)
        self._held = hold(self._path)
        try:
            if self._held is not None:
                inherit(self._path, self.on_air().takes)
        except OSError as error:
            self._fails(self._path.parent, error, phrase("what other runs left there is not answered now"))
        self._known_aside = aside(self._path.parent)
        try:
            found = found_in(self._bytes(), self._path.stem, self.on_air(), read(self._path))
        except OSError as error:  # it could be read a moment ago
            self._fails(self._path, error, phrase("donations of this run do not survive a crash"))
            return []
        self._off = False
        left = self._take(found)
        try:
            self._rewrite(list(self._waiting.values()))
            self._swap()
            self._under_way.open(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            self._trouble(error)
        return left

    def _place(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_suffix(".tmp")
        self._unreadable = path.with_suffix(UNREAD)
        self.aside = path.with_suffix(ASIDE)
        """Where the events are kept on which runs died again and again."""

    def _bytes(self) -> bytes:
        try:
            return self._path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):  # if no file can exist there, writing will report it
            return b""

    def received(self, node: str, event: ViewerEvent) -> None:
        """Record an event that came out of the node; one that ``open`` gave is on disk already."""
        self._record(node, event)
        self.begun([event.id])

    def _record(self, node: str, event: ViewerEvent) -> None:
        if self._off or event.id in self._waiting:
            return
        try:
            text = line(
                at=datetime.now().astimezone().isoformat(timespec="milliseconds"),
                graph=(on_air := self.on_air()).graph,
                sources=sorted(on_air.sources),
                node=node,
                type=type(event).__name__,
                event=adapter(type(event)).dump_python(event, mode="json"),
            )
        except ValueError as error:
            what = phrase("{type} {id} cannot be written to it", type=type(event).__name__, id=event.id)
            self._fails(self._path, error, what)
            return
        self._waiting[event.id] = text
        self._authors[event.id] = event.author_id
        self._append(text)

    def judged(self, event_id: str, verdict: Verdict) -> None:
        """Record the verdict of an event: no later run has to answer it."""
        self._under_way.rests(event_id)
        lost = verdict.reason == "unaccounted" or (self.stopping and verdict.reason is not None)
        if not lost and self._waiting.pop(event_id, None) is not None:
            self._append(line(done=event_id))

    def forget(self, withdrawn: Withdrawn) -> None:
        """Remove what was withdrawn from the file soon; no later run answers it."""
        beside = self._unreadable.exists() or self.aside.exists()
        if self._off or not (withdrawn.author_id in self._authors.values() or beside):
            return
        for event_id, text in list(self._waiting.items()):
            if self._authors.get(event_id) == withdrawn.author_id and withdrawn.covers(event_of(record(text))):
                del self._waiting[event_id]
                self._under_way.rests(event_id)
        self._withdrawn.append(withdrawn)
        self._keep_soon()

    def begun(self, ids: Iterable[str]) -> None:
        """Note that these events are being answered: if the process dies now, it dies on them."""
        self._under_way.begun(each for each in ids if each in self._waiting)

    def heard(self, ids: Iterable[str]) -> None:
        """Note that something of the answer to these events was heard."""
        self._under_way.heard(ids)

    def rests(self, event_id: str) -> None:
        """Note that an event waits for its turn."""
        self._under_way.rests(event_id)

    def refuses(self, event_id: str) -> bool:
        """Whether an event was set aside, and is not taken in again when its source delivers it once more."""
        return event_id in self._known_aside

    def stop(self) -> None:
        """Note that the run is ending: what that interrupts is not done, and no run died on it."""
        self.stopping = True
        self._under_way.close()

    async def close(self) -> None:
        """Wait until everything is safe on disk."""
        self._off = True
        self._under_way.close()
        if self._retry is not None:
            self._retry.cancel()
        if self._keeping is not None:
            await self._keeping
        for fd in (self._fd, self._held):
            if fd is not None:
                os.close(fd)
        self._fd = self._held = None

    def _take(self, found: Found) -> list[tuple[str, ViewerEvent]]:
        """Take over what was found, and set aside what runs died on again and again."""
        for text in found.told(self._path, self._unreadable):
            self._say(text)
        lethal = found.lethal()
        try:
            if new := [found.waiting[name] for name in lethal if name not in self._known_aside]:
                write_file(self.aside, new, os.O_APPEND)
        except OSError as error:
            self._fails(self.aside, error, phrase("what is meant for it stays in {file}", file=self._path.name))
            for name in lethal:
                del found.events[name]
            lethal = []
        self._known_aside.update(lethal)
        self.given_up = found.softened(lethal)
        self.died, self._waiting, self._authors, self._unread = found.died, found.waiting, found.authors, found.unread
        return list(found.events.values())

    def _append(self, line: bytes) -> None:
        if self._behind is not None:
            self._behind.append(line)
        if self._fd is None or self._broken or self._off:
            return
        try:
            write(self._fd, line)
        except OSError as error:
            self._trouble(error)
            return
        self._size += len(line)
        self._unsynced = True
        self._keep_soon()

    def _keep_soon(self) -> None:
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.get_running_loop().create_task(self._keep(), name="journal")

    async def _keep(self) -> None:
        """Flush what was written to disk, and rewrite the file when due, one after the other."""
        in_thread = asyncio.get_running_loop().run_in_executor
        try:
            while self._unsynced or self._broken or self._withdrawn:
                self._unsynced = False
                if self._broken or self._withdrawn or self._size > self._due:
                    self._behind = []
                    self._authors = {id_: author for id_, author in self._authors.items() if id_ in self._waiting}
                    withdrawn, self._withdrawn = self._withdrawn, []
                    await in_thread(None, forget, self._path, withdrawn)
                    await in_thread(None, self._rewrite, list(self._waiting.values()))
                    self._swap()
                    await in_thread(None, sync_folder, self._path.parent)
                    if self._broken:
                        self._broken = False
                        self._say(f"{self._path} is written again")
                elif self._fd is not None:
                    await in_thread(None, os.fsync, self._fd)
        except OSError as error:
            self._trouble(error)
        finally:
            self._behind = None

    def _rewrite(self, lines: list[bytes]) -> None:
        """Write the lines to a file beside the journal and flush it to disk."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._unread:
            write_file(self._unreadable, self._unread, os.O_APPEND)
            self._unread = []
        write_file(self._temporary, lines, os.O_TRUNC)

    def _swap(self) -> None:
        """Replace the old file with the new one, and write what arrived meanwhile."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)  # Windows cannot replace an open file
        self._temporary.replace(self._path)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY, 0o600)
        behind, self._behind = self._behind or [], None
        write(self._fd, b"".join(behind))
        self._size = os.fstat(self._fd).st_size
        self._due = max(self._largest, 2 * self._size)
        self._unsynced = bool(behind)

    def _fails(self, path: Path, error: Exception, what: str) -> None:
        self._say(phrase("{file}: {why}; {what}", file=path, why=error, what=what))

    def _trouble(self, error: OSError) -> None:
        if not self._broken:
            self._broken = True
            self._fails(self._path, error, phrase("until it can be written, new donations do not survive a crash"))
        if not self._off:
            self._retry = asyncio.get_running_loop().call_later(self._retry_s, self._keep_soon)
