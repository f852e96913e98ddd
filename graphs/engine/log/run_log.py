"""Writes the log of one running graph: its lines, its failures, and the lines of each of its nodes.

Several graphs in a process write to the same ``Sinks``, each under its own name.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast, get_args

from pydantic import BaseModel
from reactivex.abc import DisposableBase

from graphs.engine.log.dead_letters import DeadLetters
from graphs.engine.log.listeners import Listeners
from graphs.engine.log.people import hidden_words, masked, without
from graphs.engine.log.redact import Redactor, secrets_in_settings
from nodes.phrases import changed, failure_of, phrase
from nodes.troubles import Troubles
from schemas.alarm import Alarm, AlarmKind
from schemas.chat import Withdrawn
from schemas.event import Event

REPEAT_S = 10.0
"""The same warning is written at most once in this time; the next one says how many were left out."""

_KEPT_ERRORS = 200
_KEPT_LINES = 500
_TOLD = 2_000
"""Tell at most this many characters of a failure."""


Line = tuple[str, str, bool]
"""What tells one line from another: node, text, and whether it is written into the files alone."""


class Repeats:
    """Counts lines that say the same; the watchdog and worker threads write too, hence the lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: OrderedDict[Line, list[float]] = OrderedDict()

    def missed(self, line: Line) -> int | None:
        """Return how many were left out since the last one that was written; None to leave out this one too."""
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

    def left(self) -> list[tuple[Line, int]]:
        """Return the lines that were left out and not reported yet, and forget them."""
        with self._lock:
            left = [(line, int(missed)) for line, (_, missed) in self._seen.items() if missed]
            self._seen.clear()
            return left


@dataclass(frozen=True, slots=True)
class Sinks:
    """Holds what all graphs of a process write to."""

    logger: logging.Logger
    redact: Redactor
    repeats: Repeats
    dead: DeadLetters | None
    mask: bool
    """Whether nicknames are masked."""


class RunLog(Troubles):
    """Implements the ``Log`` service of one running graph; it also records the failures of its nodes."""

    def __init__(self, sinks: Sinks, under: str = "") -> None:
        """
        Args:
            under: the name on every line; empty for none.
        """
        self.redact = sinks.redact
        self.errors: deque[dict[str, Any]] = deque(maxlen=_KEPT_ERRORS)
        """The last failures, oldest first: node, type, error, event."""
        self._sinks = sinks
        self._under = under
        self._logger = sinks.logger
        self._repeats = sinks.repeats
        self._dead = sinks.dead
        self._mask = sinks.mask
        self._alarms = Listeners[[Alarm]]()

    def follow(self, take: Callable[[Alarm], object]) -> DisposableBase:
        """The ``Alarms`` service of this graph."""
        return self._alarms.add(take)

    def info(self, text: str, **fields: object) -> None:
        self.line(logging.INFO, text, fields)

    def warning(self, text: str, **fields: object) -> None:
        self.line(logging.WARNING, text, fields)

    def note(self, text: str, **fields: object) -> None:
        """Warn in the files alone, of what tells a person at the terminal nothing."""
        self.line(logging.WARNING, text, fields, quiet=True)

    def under(self, name: str) -> "RunLog":
        """Return the log of one graph among several: it writes to the same places, each line under this name.

        Its failures and its troubles are its own.
        """
        return RunLog(self._sinks, f"{self._under}/{name}" if self._under else name)

    def of(self, node: str, type_: str) -> "NodeLog":
        """Return the log that a node gets: its lines carry its name and go to the file of its family."""
        return NodeLog(self, node, type_.partition(".")[0])

    def failure(self, node: str, type_: str, event: Event | None, error: BaseException) -> None:
        """Record that a node failed, perhaps on an event."""
        hidden = hidden_words(event, mask=self._mask)
        told = changed(failure_of(error), lambda text: without(self.redact.text(text), hidden)[:_TOLD])
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
        text = phrase("({type}) failed: {why}", type=type_, why=told)
        self.line(logging.ERROR, text, {}, node, type_.partition(".")[0], error, hidden)

    def name(self, nickname: str) -> str:
        """Return a viewer's nickname as it may stand in a line."""
        return masked(nickname) if self._mask else nickname

    def forget(self, withdrawn: Withdrawn) -> None:
        """Remove what was withdrawn from the files; blocks, so call it in a worker thread."""
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
        *,
        quiet: bool = False,
    ) -> None:
        """Write a line; a warning or error that says the same as one just before is only counted.

        Args:
            quiet: not on the terminal.
            hidden: what must not appear in the traceback of ``error`` -> what appears instead.
        """
        if (kind := fields.get("alarm")) in get_args(AlarmKind):
            over = level < logging.WARNING
            self._alarms.tell(Alarm(cast(AlarmKind, kind), node, self.redact.text(text), over))
        if self._under:
            node = f"{self._under}/{node}" if node else self._under
        if level >= logging.WARNING:
            missed = self._repeats.missed((node, text, quiet))
            if missed is None:
                return
            if missed:
                text = phrase("{text} ({count} more of the same in between)", text=text, count=missed)
        self._logger.log(
            level,
            "%s",
            text,
            exc_info=error,
            extra={"node": node, "family": family, "fields": fields, "hidden": hidden or {}, "quiet": quiet},
        )


class NodeLog(Troubles):
    """Implements the ``Log`` service of one node; it outlives a failed instance, so the next one repeats no trouble."""

    def __init__(self, log: RunLog, node: str, family: str) -> None:
        self._log = log
        self._node = node
        self._family = family

    def info(self, text: str, **fields: object) -> None:
        self._log.line(logging.INFO, text, fields, self._node, self._family)

    def warning(self, text: str, **fields: object) -> None:
        self._log.line(logging.WARNING, text, fields, self._node, self._family)

    def hide(self, secret: str) -> None:
        self._log.hide(secret)
