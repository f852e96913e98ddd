"""Protocols of what the engine lends to a node; a node requests one with a keyword-only parameter of its type."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never, Protocol, TypeVar

from reactivex import Observable
from reactivex.abc import DisposableBase

from schemas.alarm import Alarm
from schemas.bus import Judged, TurnTold
from schemas.chat import Reason, ViewerEvent
from schemas.event import Event
from schemas.language import Language
from schemas.playback import Stop

In = TypeVar("In", bound=Event)
Out = TypeVar("Out", bound=Event)
T = TypeVar("T")
Content = TypeVar("Content", covariant=True)

Json = Mapping[str, Any] | list[Any]


class Clock(Protocol):
    """Seconds since the run started; monotonic, and virtual in tests and replays."""

    def now(self) -> float: ...


class Budget(Protocol):
    """How long viewers may wait for a turn, by the graph's ``budget_s``: a node that uses it can take a faster path."""

    def left(self, turn: str) -> float | None:
        """Return the seconds until the turn's first sound is due, counted from its first message; below 0 if overdue.

        None: no time is promised, or no viewer waits for this turn.
        """
        ...


class Pace(Protocol):
    """How long the show takes: ``sound_s`` from opening to first sound, as nine of ten turns lately kept (None before
    one); ``idle_s`` since anything was answered or said (0 while a turn is open)."""

    def sound_s(self) -> float | None: ...
    def idle_s(self) -> float: ...


class Spoken(Protocol):
    """The language in which what the node makes is spoken: that of the nearest voice behind it in the graph."""

    @property
    def language(self) -> Language: ...


class Worker(Protocol):
    """A worker thread and a way to wait."""

    def thread(self, call: Callable[..., T], *args: Any) -> Awaitable[T]:
        """Run a blocking call in the single thread of this worker, so that its calls never overlap."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Jobs(Worker, Protocol):
    """Runs a node's coroutines and blocking calls; the engine owns, bounds and ends them.

    A node never calls ``asyncio.create_task`` or starts a thread: what is started here ends with the node.
    """

    def each(
        self, work: Callable[[In], AsyncIterator[Out] | Awaitable[object]], stop: Observable[Stop] | None = None
    ) -> Callable[[Observable[In]], Observable[Out]]:
        """Operator: run ``work`` for one event after another and emit what it yields; a coroutine emits nothing.

        While it runs, later events wait in the node's edge. A yield waits while an out-edge is full. When the source
        completes, the running work finishes first. An exception ends the node as failed, and the event is named.

        ``stop`` (a feedback port, so that it overtakes the data) aborts the work for an event of its turn: the work is
        cancelled once and closed, and later events of that turn are skipped. Nothing more is emitted for the turn:
        every node that handles it gets the same stop. With ``after_sentence`` the running work finishes.
        """
        ...

    def source(self, produce: Callable[[], AsyncIterator[Out]], *, to_the_end: bool = False) -> Observable[Out]:
        """Emit what ``produce()`` yields, one event at a time; a yield waits while an out-edge is full.

        It is cancelled when the node's inputs complete. With ``to_the_end`` it then continues until it returns, for
        what must still be played or written. Either way it is cancelled when the node is closed by force.
        """
        ...

    def beside(self, work: Callable[[], Awaitable[object]], *, to_the_end: bool = False) -> Observable[Never]:
        """Run ``work`` beside the events; it emits nothing, completes when ``work`` returns and fails when it raises.

        It ends as a ``source`` does.
        """
        ...

    def worker(self, name: str) -> Worker:
        """Return a worker with its own thread, beside the node's, for a library that must not hold up another one."""
        ...

    def post(self, call: Callable[..., object], *args: Any) -> None:
        """From any thread: run ``call(*args)`` on the loop soon."""
        ...


class Preparation(Protocol):
    """Does work of a node before it is needed. It is no reason for a stand-in in virtual time, as ``Jobs`` is."""

    def ahead(self, call: Callable[..., object], *args: Any) -> None:
        """Run a blocking call once in a thread, from the start of the node on; nothing waits for its result."""
        ...


@dataclass(frozen=True, slots=True)
class Stopped:
    """Which word, as its list has it, kept a viewer's text or name from the character, or a sentence from being said.

    ``by`` names the list for a person. ``allow`` adds what was said to what the list lets pass and returns it (OSError:
    the file cannot be written, ValueError: it cannot hold that); None if there is no file for that.
    """

    word: str
    by: str
    allow: Callable[[], tuple[str, ...]] | None


class Verdicts(Protocol):
    """Records what became of each viewer event."""

    def drop(self, event: ViewerEvent, reason: Reason) -> None:
        """Record that the event will not be answered."""
        ...

    def stopped(self, event: Event, by: Stopped) -> None:
        """Record which word was found in a viewer event, or in a sentence; the ``drop``, if any, is separate."""
        ...

    def malformed(self, kind: str) -> None:
        """Count a payload that could not be read; ``kind`` says why (``json``, ``event``, ``field``). Never raises."""
        ...

    def follow(self, take: Callable[[Judged | TurnTold], object]) -> DisposableBase:
        """Follow all verdicts on viewer events that came in here, drops of others (not ``final``), and turns.

        The start of a turn is reported where its batch was made, its end where it was heard or failed.
        """
        ...


class Alarms(Protocol):
    """Reports what the operator should hear of: the lines of any node that were logged with ``alarm=``."""

    def follow(self, take: Callable[[Alarm], object]) -> DisposableBase:
        """Call ``take`` on the loop for each from now on. Never log an alarm from it."""
        ...


class Secrets(Protocol):
    """Knows the keys and tokens of this run, and reveals none."""

    def told_by(self, text: str) -> bool:
        """Whether a text contains one of them, or most of one, even with other characters or blanks in between."""
        ...


class WatchedText(Protocol[Content]):
    """The parsed content of a file: always the last valid one."""

    @property
    def value(self) -> Content: ...
    @property
    def path(self) -> Path:
        """Return the absolute path of the file."""
        ...


class Files(Protocol):
    """Reads the files that settings name."""

    def watch(self, path: Path, parse: Callable[[str], T]) -> WatchedText[T]:
        """Read and parse ``path`` now, and again whenever it changes; after a later error the last good value stays.

        Raises:
            OSError: the file cannot be read now.
            ValueError: ``parse`` did not accept it; ``nodes.written.WrongLine`` where the line is known.
        """
        ...

    def session(self) -> Path:
        """Return the folder of this run under history/sessions/, created on first use."""
        ...


class Channel(Protocol):
    """A WebSocket address to which any number of pages connect."""

    @property
    def clients(self) -> int:
        """Return the number of pages connected now."""
        ...

    def send(self, message: Json | bytes) -> None:
        """Send JSON text or binary to every page. Never waits; a page that cannot keep up is disconnected."""
        ...

    def send_to(self, client: str, message: Json | bytes) -> None:
        """Send to one page, by the id passed to ``received``."""
        ...

    def dispose(self) -> None: ...


class Web(Protocol):
    """The only local web server of the run; every path belongs to one node at a time."""

    @property
    def url(self) -> str:
        """Return the address, such as ``http://127.0.0.1:8765``, without a trailing slash."""
        ...

    def folder(self, prefix: str, folder: Path) -> DisposableBase:
        """Serve the files of ``folder`` under ``prefix`` (``/`` serves index.html)."""
        ...

    def data(self, prefix: str, find: Callable[[str], tuple[bytes, str] | None]) -> DisposableBase:
        """Answer GET under ``prefix`` with (content, Content-Type) for the rest of the path; neither ever changes."""
        ...

    def get(self, path: str, answer: Callable[[Mapping[str, str]], Json | Awaitable[Json]]) -> DisposableBase:
        """Answer GET with JSON, now or when it is ready; the argument is the query. See ``nodes.refused``."""
        ...

    def post(
        self, path: str, take: Callable[[Mapping[str, Any]], Json | Awaitable[Json]], *, body_bytes: int = 64 * 1024
    ) -> DisposableBase:
        """Take a POST of a JSON object of at most this size and with the page's token. See ``nodes.refused``."""
        ...

    def channel(
        self,
        path: str,
        *,
        hello: Callable[[], Iterable[Json | bytes]],
        received: Callable[[str, Mapping[str, Any]], None],
        gone: Callable[[str], None],
    ) -> Channel:
        """Open a WebSocket address: ``hello`` greets a page, ``received`` takes (page, JSON), ``gone`` who left."""
        ...


class Kept(Protocol):
    """State that survives the node: that of its type that replaces it on a reload finds it, unless the node failed."""

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """Return the object of this name; ``make`` creates it the first time."""
        ...


class Log(Protocol):
    """Logs lines that are worth reading for the operator.

    A warning with ``alarm="chat"`` (see ``schemas.alarm``) is also an ``Alarm`` that begins, an info one that is over.
    """

    def info(self, text: str, **fields: object) -> None: ...
    def warning(self, text: str, **fields: object) -> None: ...

    def trouble(self, what: str, text: str, **fields: object) -> None:
        """Warn that ``what`` (a name of the node's own: ``disk``, ``server``) is wrong, once until it is well again.

        A different text is logged too, once. The instance that the engine starts after a failure knows what was logged;
        one started by a reload does not: a person who has changed something wants to see whether it helped.
        """
        ...

    def well(self, what: str, text: str = "", **fields: object) -> None:
        """Note that ``what`` works: its next trouble is logged again. Log the text only if there was a trouble."""
        ...

    def awaited(self, what: str, text: str = "") -> None:
        """Note, without a line, that ``what`` is neither wrong nor known to work; ``text`` says what is waited for.

        Where ``what`` is the node's light (``@node(..., light="voice")``), they switch it on the pages: ``trouble`` to
        red with its text, ``well`` to green, this to amber, as any other trouble of the node does.
        """
        ...

    def absent(self, what: str) -> None:
        """Note, without a line, that the graph does without ``what``; as the node's light it is then not lit."""
        ...

    def hide(self, secret: str) -> None:
        """Never write this value to a log, whichever code logs it; for a token that was obtained while running."""
        ...
