"""What a family of nodes adds to the program: ``@command``, one of ``aischoco.py``; ``@visit``, a login for pages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ``aischoco.py`` that belongs to a family of nodes, such as a login."""

    name: str
    help: str
    run: Callable[[Sequence[str], Path, Mapping[str, str]], int]
    """(words, project folder, environment) -> exit code (``schemas.command``). ``argparse`` may exit from it."""


commands: dict[str, Command] = {}
"""Command -> what it does; complete after ``load_all``."""


class Desk(Protocol):
    """The page of ours from which a person logs in somewhere."""

    def warn(self, text: str, /) -> object:
        """Report what does not end the login."""

    def show(self, page: str, why: str = "") -> None:
        """Show the address on which the person agrees.

        Args:
            why: why the answer does not come back here by itself, or what is wrong with what was pasted.
        """

    async def pasted(self) -> str:
        """Wait for the address that the person pastes, to which the browser was sent back."""
        ...


Visit = Callable[[Mapping[str, str], Desk], Awaitable[str]]
"""Logs in: (environment, page of ours) -> who is logged in. Raises ``ValueError`` with what to do."""
visits: dict[str, Visit] = {}
"""Service -> how to log in there from a page; complete after ``load_all``."""


def command(name: str, help_: str) -> Callable[[F], F]:
    """Register a function as the command ``aischoco.py name``; its file belongs with the nodes it is for."""

    def register(run: F) -> F:
        commands[name] = Command(name, help_, run)
        return run

    return register


def visit(service: str) -> Callable[[F], F]:
    """Register a coroutine function as the login to a service."""

    def register(run: F) -> F:
        visits[service] = run
        return run

    return register
