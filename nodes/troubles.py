"""Logs a trouble once: one line for the operator when something goes wrong, and one when it works again."""

from abc import ABC, abstractmethod
from functools import cached_property

MOST = 20
"""Remember at most this many texts for a trouble, so that one whose text keeps changing stays bounded."""


class Troubles(ABC):
    """The part of a ``Log`` that logs a trouble once, through its ``info`` and ``warning``."""

    @abstractmethod
    def info(self, text: str, **fields: object) -> None: ...

    @abstractmethod
    def warning(self, text: str, **fields: object) -> None: ...

    @cached_property
    def _standing(self) -> dict[str, tuple[str, ...]]:
        """Trouble -> the texts logged since it began; created on first use, so that a log needs no ``super()``."""
        return {}

    def trouble(self, what: str, text: str, **fields: object) -> None:
        """See ``nodes.services.Log``."""
        said = self._standing.get(what, ())
        if text not in said:
            self._standing[what] = (*said, text)[-MOST:]
            self.warning(text, **fields)

    def well(self, what: str, text: str = "", **fields: object) -> None:
        """See ``nodes.services.Log``."""
        if self._standing.pop(what, None) is not None and text:
            self.info(text, **fields)
