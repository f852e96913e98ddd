"""Writes one line for each event worth reading: to the terminal for a person, to rotating files as JSON, no secrets.

A line never contains what a viewer wrote either, and nicknames are masked unless LOG_MASK_NAMES=0; only the dead
letters hold the text of an event, until it is withdrawn.

Files under history/logs/: app.log (everything), error.log (failures), and one per node family: chat.log, ai.log,
tts.log and vtuber.log. Warnings and errors of libraries go to the terminal, app.log and error.log too. If the disk
cannot be written, one line on the terminal says so and nothing else happens.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from graphs.engine.log.dead_letters import DeadLetters
from graphs.engine.log.lines import Console, LogFile
from graphs.engine.log.redact import Redactor, secrets_in_environment
from graphs.engine.log.run_log import Repeats, RunLog, Sinks
from nodes import bad_requests
from nodes.phrases import phrase

FAMILIES: dict[str, tuple[str, ...]] = {
    "chat": ("chat",),
    "ai": ("llm", "reply"),
    "tts": ("speech", "audio"),
    "vtuber": ("avatar", "pose", "overlay"),
}
"""File -> the node families whose lines it takes."""
MAX_MB, BACKUPS = 10.0, 5

_VARIES = re.compile(r"0x[0-9a-fA-F]+|\d+")
"""What differs between library lines that say the same thing: addresses, ids, times."""
_SAME = 300
"""Characters of such a line that are compared."""


class EngineLog(RunLog):
    """The log of a process: opens the terminal and the files that its graphs write to."""

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
            history: the folder for ``logs/`` and ``dead_letters.jsonl``; None for the terminal alone.
            env: LOG_CONSOLE_LEVEL (INFO), LOG_MAX_MB (10), LOG_BACKUP_COUNT (5) and LOG_MASK_NAMES (1); its secrets are
                never written.
        """
        env = env or {}
        redact = Redactor()
        redact.hide(secrets_in_environment(env))
        mask = env.get("LOG_MASK_NAMES", "").strip().lower() not in ("0", "false", "no", "off")
        dead = None
        if history is not None:
            dead = DeadLetters(history / "dead_letters.jsonl", redact, self._trouble, mask=mask)
        super().__init__(Sinks(logging.getLogger("aischoco"), redact, Repeats(clock), dead, mask))
        self._told = False
        self._logger.propagate = False
        self._logger.setLevel(logging.INFO)
        self._console = Console(self.redact, tracebacks=history is None)
        self._files: list[logging.Handler] = []
        self._shared: list[logging.Handler] = []
        self._logger.handlers[:] = [self._console]
        level = logging.getLevelNamesMapping().get(env.get("LOG_CONSOLE_LEVEL", "INFO").strip().upper())
        self._console.setLevel(logging.WARNING if quiet else level or logging.INFO)
        if level is None:
            self.warning(phrase("LOG_CONSOLE_LEVEL must be DEBUG, INFO, WARNING or ERROR; INFO is used"))
        if history is not None:
            self._open(history / "logs", env)

    def close(self) -> None:
        """Report what was left out, and close the files."""
        for (node, text, quiet), missed in self._repeats.left():
            told = phrase("{text} ({count} more of the same)", text=text, count=missed)
            self._logger.warning("%s", told, extra={"node": node, "quiet": quiet})
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
        """Whether to write a line of a library, such as asyncio's own errors; every handler gets the same answer."""
        if record.name == "aischoco":
            return True
        kept: bool | None = getattr(record, "kept", None)
        if kept is None:
            same = _VARIES.sub("#", record.getMessage()[:_SAME]).partition("\n")[0]
            missed = self._repeats.missed((record.name, same, False))
            kept = record.kept = missed is not None
            if missed:
                record.msg, record.args = (
                    phrase("{text} ({count} more of the same in between)", text=record.getMessage(), count=missed),
                    None,
                )
        return kept

    def _number(self, env: Mapping[str, str], name: str, default: float) -> float:
        try:
            number = float(env.get(name) or default)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1e6:
            text = phrase("{name} must be a number from 0; {default} is used", name=name, default=f"{default:g}")
            self.warning(text)
            return default
        return number

    def _trouble(self, text: str) -> None:
        """Report once, only on the terminal, that something cannot be written."""
        if not self._told:
            self._told = True
            self._console.handle(self._logger.makeRecord("aischoco", logging.WARNING, "", 0, "%s", (text,), None))


def _of_family(families: tuple[str, ...]) -> Callable[[logging.LogRecord], bool]:
    return lambda record: getattr(record, "family", "") in families
