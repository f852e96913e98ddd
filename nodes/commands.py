"""``@command``: registers a command of ``aischoco.py`` that belongs to a family of nodes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

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


def command(name: str, help_: str) -> Callable[[F], F]:
    """Register a function as the command ``aischoco.py name``; its file belongs with the nodes it is for."""

    def register(run: F) -> F:
        commands[name] = Command(name, help_, run)
        return run

    return register
