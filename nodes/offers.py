"""``@offers``: what pages offer for a setting: values under names for people, each to be heard first, or a file.

A family registers this beside its nodes, as it does its exams; a page then shows a list in the place of a plain field.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nodes.exams import Probe


@dataclass(frozen=True, slots=True)
class Offer:
    """A value that a person may choose."""

    value: Any
    name: str
    about: str = ""
    inside: tuple[str | int, ...] = ()
    """Where it stands within the value of the setting: ``(1, "voice")`` in a list of voices."""
    group: str = ""
    """What offers with the same ``inside`` are for, where a setting has several."""
    usual: bool = False
    """Whether this is what the setting is if nobody writes it."""
    remedy: str = ""
    """What to do if it is not there now; empty if it is."""
    audible: bool = True
    takes: bool = False
    """Whether a file may give another one to be listed beside it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a page asks."""

    config: Any
    """The settings of the node, as the page shows them, saved or not."""
    inside: tuple[str | int, ...]
    character: str
    """Name of the character."""
    probe: Probe


@dataclass(frozen=True, slots=True)
class File:
    """What a person gave to a page."""

    name: str
    data: bytes
    text: str
    """What the person wrote beside it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file."""

    lines: tuple[str, ...]
    """The judgement, in words."""
    offer: Offer | None = None
    """What may be chosen now; None if the file was not kept."""
    kept: str = ""
    """Where it is, in the project folder."""


Look = Callable[[Ask], Awaitable[Sequence[Offer]]]
Hear = Callable[[Ask], Awaitable[bytes]]
"""Makes what is set heard: returns a WAV for the page to play, nothing if it sounded on this machine. Raises
``ValueError`` with what to do."""
Take = Callable[[Ask, File], Awaitable[Verdict]]
"""Judges a file and keeps it. Raises ``ValueError`` with what to do."""
Looking = TypeVar("Looking", bound=Look)


@dataclass(frozen=True, slots=True)
class Offers:
    """What pages offer for one setting."""

    look: Look
    hear: Hear | None = None
    take: Take | None = None
    endings: tuple[str, ...] = ()
    """The ends of the names of files that ``take`` takes."""


registered: dict[str, Offers] = {}
"""TYPE.SETTING -> what is offered for it; complete after ``load_all``."""


def offers(
    setting: str, *, hear: Hear | None = None, take: Take | None = None, endings: tuple[str, ...] = ()
) -> Callable[[Looking], Looking]:
    """Register an async function that lists what is offered for a setting, such as ``audio.play.device``.

    An empty list leaves the plain field, with a button to hear what is in it.

    Args:
        hear: makes the value heard before it is chosen.
        take: takes a file, from which a new value is made.
        endings: the ends of the names of such files.
    """

    def register(look: Looking) -> Looking:
        registered[setting] = Offers(look, hear, take, endings)
        return look

    return register
