"""Logs a trouble once: one line for the operator when something goes wrong, and one when it works again."""

from abc import ABC, abstractmethod
from functools import cached_property

from schemas.light import Condition

MOST = 20
"""Remember at most this many texts for a trouble, so that one whose text keeps changing stays bounded."""


class Troubles(ABC):
    """The part of a ``Log`` that logs a trouble once, through its ``info`` and ``warning``."""

    @abstractmethod
    def info(self, text: str, **fields: object) -> None: ...

    @abstractmethod
    def warning(self, text: str, **fields: object) -> None: ...

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """What is wrong, awaited or well now, by the node's own names for it, such as ``disk``.

        Created on first use, so that a log needs no ``super()``.
        """
        return {}

    @cached_property
    def _standing(self) -> dict[str, tuple[str, ...]]:
        """Trouble -> the texts logged since it began."""
        return {}

    def trouble(self, what: str, text: str, **fields: object) -> None:
        """See ``nodes.services.Log``."""
        self.conditions[what] = Condition("bad", text)
        said = self._standing.get(what, ())
        if text not in said:
            self._standing[what] = (*said, text)[-MOST:]
            self.warning(text, **fields)

    def well(self, what: str, text: str = "", **fields: object) -> None:
        """See ``nodes.services.Log``."""
        self.conditions[what] = Condition("good")
        if self._standing.pop(what, None) is not None and text:
            self.info(text, **fields)

    def awaited(self, what: str, text: str = "") -> None:
        """See ``nodes.services.Log``."""
        self.conditions[what] = Condition("waiting", text)

    def absent(self, what: str) -> None:
        """See ``nodes.services.Log``."""
        self.conditions[what] = Condition("none")

    def begin_again(self) -> None:
        """Forget what was well: the instance that starts now has to find out for itself."""
        for what in [what for what, condition in self.conditions.items() if condition.state != "bad"]:
            del self.conditions[what]
