"""``@command``: a command of ``aischoco.py`` that belongs to a family of nodes, and how each command ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

OK, FAILED, USAGE = 0, 1, 2
"""Exit codes: it went well, it failed, it was not called right."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ``aischoco.py`` that belongs to a family of nodes, such as a login."""

    name: str
    help: str
    run: Callable[[Sequence[str], Path, Mapping[str, str]], int]
    """(arguments, project folder, environment) -> exit code: 0 ok, 1 failed, 2 not called right."""


commands: dict[str, Command] = {}
"""Command -> what it does; complete after ``load_all``."""


def command(name: str, help_: str) -> Callable[[F], F]:
    """Register a function as the command ``aischoco.py name``; its file stands with the nodes it is for."""

    def register(run: F) -> F:
        commands[name] = Command(name, help_, run)
        return run

    return register
