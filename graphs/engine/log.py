"""One line an event worth reading, to the terminal; errors are kept for the report."""

import logging
import sys
from collections import deque
from typing import Any

from schemas.event import Event

_KEPT_ERRORS = 200


class EngineLog:
    """The ``Log`` service and the place where failures of nodes are taken down."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._logger = logging.getLogger("aischoco")
        self._logger.propagate = False
        self._logger.setLevel(logging.WARNING if quiet else logging.INFO)
        self._logger.handlers[:] = [_handler()]
        self.errors: deque[dict[str, Any]] = deque(maxlen=_KEPT_ERRORS)
        """The last failures, oldest first: node, type, error, event."""

    def info(self, text: str, **fields: object) -> None:
        self._logger.info(_line(text, fields))

    def warning(self, text: str, **fields: object) -> None:
        self._logger.warning(_line(text, fields))

    def failure(self, node: str, type_: str, event: Event | None, error: BaseException) -> None:
        """A node failed, perhaps on an event."""
        self.errors.append(
            {
                "node": node,
                "type": type_,
                "error": f"{type(error).__name__}: {error}",
                "event": None if event is None else f"{type(event).__name__} {getattr(event, 'id', '')}".strip(),
            }
        )
        self._logger.error("%s (%s) failed", node, type_, exc_info=error)


def _handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname).1s %(message)s", "%H:%M:%S"))
    return handler


def _line(text: str, fields: dict[str, object]) -> str:
    return " ".join([text, *(f"{key}={value}" for key, value in fields.items())])
