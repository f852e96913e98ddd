"""``@exam``: how ``aischoco.py doctor`` looks at what a node type needs on air."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nodes.services import Clock, Log, Worker
from schemas.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``aischoco.py doctor``."""

    ok: bool
    what: str
    """What was looked at and how it is: Korean, then English behind a slash. No secret."""
    remedy: str = ""
    """What to do where it is not ok."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What an exam is lent."""

    worker: Worker
    clock: Clock
    log: Log
    """Nobody reads it; ``hide`` tells it secrets, so that no line of the report shows them."""
    graph: tuple[Settings, ...]
    """The settings of all nodes of the graph."""
    dated: Callable[[str], object]
    """Is given the ``Date`` of an answer over HTTP, to see whether this machine's clock is right."""


@dataclass(frozen=True, slots=True)
class Exam:
    """How one node type is looked at."""

    run: Callable[[Any, Probe], Awaitable[Sequence[Finding]]]
    within_s: float
    """It is cancelled after this long, which is a finding too."""


exams: dict[str, Exam] = {}
"""Node type -> its exam, where it has one; complete after ``load_all``."""
Looking = TypeVar("Looking", bound=Callable[[Any, Probe], Awaitable[Sequence[Finding]]])


def exam(*types: str, within_s: float = 5.0) -> Callable[[Looking], Looking]:
    """Register an async function as the exam of node types: from the settings of a node to findings.

    It looks at what the node will need on air (a login, a server, a device) without changing anything, and stops at
    the first thing that is wrong where the next one depends on it: each broken thing turns one line red.
    """

    def register(run: Looking) -> Looking:
        exams.update((type_, Exam(run, within_s)) for type_ in types)
        return run

    return register
