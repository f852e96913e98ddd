"""One line an event worth reading: to the terminal for a person, to rotating files as JSON, never with a secret in it.

What a viewer wrote is never in a line either, and nicknames are masked unless LOG_MASK_NAMES=0; only the dead letters
hold the text of an event, until it is withdrawn.

Files under history/logs/: app.log (all), error.log (failures), and by the family of the node chat.log, ai.log, tts.log
and vtuber.log. Warnings and errors of libraries go to the terminal, app.log and error.log too. A disk that cannot be
written costs one line on the terminal and nothing else.
"""

import logging
import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import BaseModel

from graphs.engine.log.dead_letters import DeadLetters
from graphs.engine.log.lines import Console, LogFile
from graphs.engine.log.people import hidden_words, masked, without
from graphs.engine.log.redact import Redactor, secrets_in_environment, secrets_in_settings
from nodes import bad_requests
from nodes.troubles import Troubles
from schemas.chat import Withdrawn
from schemas.event import Event

FAMILIES: dict[str, tuple[str, ...]] = {
    "chat": ("chat",),
    "ai": ("llm", "reply"),
    "tts": ("speech", "audio"),
    "vtuber": ("avatar", "pose", "overlay"),
}
"""File -> the node families whose lines it takes."""
REPEAT_S = 10.0
"""The same warning is written at most once in this time; the next one tells how many were left out."""
MAX_MB, BACKUPS = 10.0, 5

_VARIES = re.compile(r"0x[0-9a-fA-F]+|\d+")
"""What differs in lines of a library that say the same: addresses, ids, times."""
_SAME = 300
"""Characters of such a line that are compared."""
_KEPT_ERRORS = 200
_KEPT_LINES = 500


class EngineLog(Troubles):
    """The ``Log`` service and the place where failures of nodes are taken down."""

    def __init__(
        self,
        *,
        quiet: bool = False,
        history: Path | None = None,
        env: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            quiet: nothing below a warning on the terminal.
            history: the folder that gets ``logs/`` and ``dead_letters.jsonl``; None for the terminal alone.
            env: LOG_CONSOLE_LEVEL (INFO), LOG_MAX_MB (10), LOG_BACKUP_COUNT (5) and LOG_MASK_NAMES (1); its secrets are
                never written.
        """
        env = env or {}
        self.redact = Redactor()
        self.redact.hide(secrets_in_environment(env))
        self.errors: deque[dict[str, Any]] = deque(maxlen=_KEPT_ERRORS)
        """The last failures, oldest first: node, type, error, event."""
        self._repeats = _Repeats(clock)
        self._told = False
        self._mask = env.get("LOG_MASK_NAMES", "").strip().lower() not in ("0", "false", "no", "off")
        self._logger = logging.getLogger("aischoco")
        self._logger.propagate = False
        self._logger.setLevel(logging.INFO)
        self._console = Console(self.redact, tracebacks=history is None)
        self._files: list[logging.Handler] = []
        self._shared: list[logging.Handler] = []
        self._dead: DeadLetters | None = None
        self._logger.handlers[:] = [self._console]
        level = logging.getLevelNamesMapping().get(env.get("LOG_CONSOLE_LEVEL", "INFO").strip().upper())
        self._console.setLevel(logging.WARNING if quiet else level or logging.INFO)
        if level is None:
            self.warning("LOG_CONSOLE_LEVEL must be DEBUG, INFO, WARNING or ERROR; INFO is used")
        if history is not None:
            self._dead = DeadLetters(history / "dead_letters.jsonl", self.redact, self._trouble, mask=self._mask)
            self._open(history / "logs", env)

    def info(self, text: str, **fields: object) -> None:
        self.line(logging.INFO, text, fields)

    def warning(self, text: str, **fields: object) -> None:
        self.line(logging.WARNING, text, fields)

    def of(self, node: str, type_: str) -> "NodeLog":
        """The log that a node gets: its lines carry its name and go to the file of its family."""
        return NodeLog(self, node, type_.partition(".")[0])

    def failure(self, node: str, type_: str, event: Event | None, error: BaseException) -> None:
        """A node failed, perhaps on an event."""
        hidden = hidden_words(event, mask=self._mask)
        told = without(self.redact.text(f"{type(error).__name__}: {error}"), hidden)
        self.errors.append(
            {
                "node": node,
                "type": type_,
                "error": told,
                "event": None if event is None else f"{type(event).__name__} {getattr(event, 'id', '')}".strip(),
            }
        )
        if event is not None and self._dead is not None:
            self._dead.add(node, type_, event, error)
        self.line(logging.ERROR, f"({type_}) failed: {told}", {}, node, type_.partition(".")[0], error, hidden)

    def name(self, nickname: str) -> str:
        """A viewer's nickname as it may stand in a line."""
        return masked(nickname) if self._mask else nickname

    def forget(self, withdrawn: Withdrawn) -> None:
        """Take what was withdrawn out of what was written down; blocks, for a worker thread."""
        if self._dead is not None:
            self._dead.forget(withdrawn)

    def hide(self, secret: str) -> None:
        self.redact.hide([secret])

    def hide_settings(self, settings: BaseModel) -> None:
        """Never write down the secrets among a node's settings."""
        self.redact.hide(secrets_in_settings(settings))

    def line(
        self,
        level: int,
        text: str,
        fields: Mapping[str, object],
        node: str = "",
        family: str = "",
        error: BaseException | None = None,
        hidden: Mapping[str, str] | None = None,
    ) -> None:
        """Write a line; a warning or error that says the same as one just before is only counted.

        Args:
            hidden: what must not stand in the traceback of ``error`` -> what stands there for it.
        """
        if level >= logging.WARNING:
            missed = self._repeats.missed((node, text))
            if missed is None:
                return
            if missed:
                text = f"{text} ({missed} more of the same in between)"
        self._logger.log(
            level,
            "%s",
            text,
            exc_info=error,
            extra={"node": node, "family": family, "fields": fields, "hidden": hidden or {}},
        )

    def close(self) -> None:
        """Tell what was left out, and close the files."""
        for (node, text), missed in self._repeats.left():
            self._logger.warning("%s", f"{text} ({missed} more of the same)", extra={"node": node})
        root = logging.getLogger()
        for handler in self._shared:
            handler.removeFilter(self._no_flood)
            root.removeHandler(handler)
        for handler in self._files:
            self._logger.removeHandler(handler)
            handler.close()
        self._files.clear()
        self._shared.clear()
        self._console.drain()

    def _open(self, folder: Path, env: Mapping[str, str]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._trouble(f"no log files: {error}")  # until the folder can be made
        size = int(self._number(env, "LOG_MAX_MB", MAX_MB) * 1024 * 1024)
        backups = int(self._number(env, "LOG_BACKUP_COUNT", BACKUPS))

        def file(name: str, level: int) -> logging.Handler:
            handler = LogFile(folder / f"{name}.log", size, backups, self.redact, self._trouble)
            handler.setLevel(level)
            self._files.append(handler)
            self._logger.addHandler(handler)
            return handler

        self._shared += [self._console, file("app", logging.INFO), file("error", logging.ERROR)]
        for name, families in FAMILIES.items():
            file(name, logging.INFO).addFilter(_of_family(families))
        for handler in self._shared:
            handler.addFilter(self._no_flood)
            logging.getLogger().addHandler(handler)
        logging.getLogger("aiohttp.server").addFilter(bad_requests.keep)

    def _no_flood(self, record: logging.LogRecord) -> bool:
        """Whether to write a line of a library, such as asyncio's own errors; all handlers get the same answer."""
        if record.name == "aischoco":
            return True
        kept: bool | None = getattr(record, "kept", None)
        if kept is None:
            same = _VARIES.sub("#", record.getMessage()[:_SAME]).partition("\n")[0]
            missed = self._repeats.missed((record.name, same))
            kept = record.kept = missed is not None
            if missed:
                record.msg, record.args = f"{record.getMessage()} ({missed} more like it in between)", None
        return kept

    def _number(self, env: Mapping[str, str], name: str, default: float) -> float:
        try:
            number = float(env.get(name) or default)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1e6:
            self.warning(f"{name} must be a number from 0; {default:g} is used")
            return default
        return number

    def _trouble(self, text: str) -> None:
        """Tell once, on the terminal alone, that something cannot be written."""
        if not self._told:
            self._told = True
            self._console.handle(self._logger.makeRecord("aischoco", logging.WARNING, "", 0, "%s", (text,), None))


class NodeLog(Troubles):
    """The ``Log`` service of one node; it outlives an instance that failed, so the next one repeats no trouble."""

    def __init__(self, log: EngineLog, node: str, family: str) -> None:
        self._log = log
        self._node = node
        self._family = family

    def info(self, text: str, **fields: object) -> None:
        self._log.line(logging.INFO, text, fields, self._node, self._family)

    def warning(self, text: str, **fields: object) -> None:
        self._log.line(logging.WARNING, text, fields, self._node, self._family)

    def hide(self, secret: str) -> None:
        self._log.hide(secret)


class _Repeats:
    """Counts lines that say the same; the watchdog and worker threads write too, hence the lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def missed(self, line: tuple[str, str]) -> int | None:
        """How many were left out since the last one that was written; None to leave out this one too."""
        with self._lock:
            now = self._clock()
            seen = self._seen.setdefault(line, [now - REPEAT_S, 0])
            self._seen.move_to_end(line)
            if len(self._seen) > _KEPT_LINES:
                self._seen.popitem(last=False)
            if now - seen[0] < REPEAT_S:
                seen[1] += 1
                return None
            missed, seen[:] = int(seen[1]), [now, 0]
            return missed

    def left(self) -> list[tuple[tuple[str, str], int]]:
        """Lines that were left out and not told of yet; asking forgets them."""
        with self._lock:
            left = [(line, int(missed)) for line, (_, missed) in self._seen.items() if missed]
            self._seen.clear()
            return left


def _of_family(families: tuple[str, ...]) -> Callable[[logging.LogRecord], bool]:
    return lambda record: getattr(record, "family", "") in families
