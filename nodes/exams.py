"""``@exam``: registers how ``aischoco.py doctor`` checks what a node type needs on air."""

import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from nodes.services import Clock, Log, Worker
from schemas.settings import Settings


@dataclass(frozen=True, slots=True)
class Tried:
    """Another value of a setting, and what it does here."""

    path: tuple[str | int, ...]
    """Where it stands in the settings of the node: ``("voices", 1, "threads")``."""
    set_to: Any
    """The value that the graph has."""
    value: Any
    first_sound_s: tuple[float, float]
    """With the value that the graph has, and with this one."""

    def under(self, *path: str | int) -> "Tried":
        """Return the same for settings that stand deeper in those of a node."""
        return replace(self, path=(*path, *self.path))


@dataclass(frozen=True, slots=True)
class Mend:
    """What a page may do about a finding at one press."""

    text: str
    """What is on the button."""
    settings: Mapping[str, Any]
    """Settings of the node, and what they are set to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``aischoco.py doctor``."""

    ok: bool
    what: str
    """What was checked and its state: Korean, then English after a slash. Never a secret."""
    remedy: str = ""
    """What to do if it is not ok."""
    measured: Mapping[str, float] = field(default_factory=dict[str, float])
    """Figures for ``aischoco.py tune``: ``first_sound_s``, ``first_token_s``, ``requests_a_day``."""
    tried: tuple[Tried, ...] = ()
    """For ``aischoco.py tune``, if the probe asks for it."""
    mend: Mend | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What the doctor lends to an exam."""

    worker: Worker
    clock: Clock
    log: Log
    """Nobody reads this log; ``hide`` registers secrets with it, so that no line of the report shows them."""
    graph: tuple[Settings, ...]
    """The settings of all nodes of the graph."""
    dated: Callable[[str], object]
    """Called with the ``Date`` header of an HTTP response, to check whether this machine's clock is right."""
    trying: bool = False
    """Whether other values of settings are tried too, some seconds for each."""


Look = Callable[[Any, Probe], Awaitable[Sequence[Finding]]]
"""Turns the settings of a node into findings."""


@dataclass(frozen=True, slots=True)
class Exam:
    """How one node type is checked."""

    run: Look
    within_s: float
    """The exam is cancelled after this long, which is a finding too."""
    live: Look | None = None
    """The part that is asked again and again during a show, while the light of the node is not good."""


exams: dict[str, Exam] = {}
"""Node type -> its exam, if it has one; complete after ``load_all``."""
Looking = TypeVar("Looking", bound=Look)


def exam(*types: str, within_s: float = 5.0, live: Look | Literal[True] | None = None) -> Callable[[Looking], Looking]:
    """Register an async function as the exam of node types: it turns the settings of a node into findings.

    It checks what the node will need on air (a login, a server, a device) without changing anything. It stops at the
    first thing that is wrong if the next one depends on it, so that each broken thing turns one line red.

    Args:
        live: the part of it that costs nobody anything (no request to a service, no sound device, no work of a voice),
            for the light of the node during a show; True for the whole.
    """

    def register(run: Looking) -> Looking:
        exams.update((type_, Exam(run, within_s, run if live is True else live)) for type_ in types)
        return run

    return register


def of(type_: str) -> Exam | None:
    """Return the exam of a node type; the first one of a family imports the family's exams, so call it in a thread."""
    with suppress(Exception):  # it has none, or they cannot be imported: the command ``doctor`` says why
        importlib.import_module(f"nodes.{type_.partition('.')[0]}.doctor")
    return exams.get(type_)
