"""Answers at a glance whether what the show depends on is there: the chat, the answers, the voice, the avatar, OBS.

A node type names its light (``@node(..., light="voice")``), and its log switches it (``nodes.services.Log``); what the
engine knows of the node comes first, then what the doctor says of it. A light that several nodes share shows the worst
of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from graphs.engine.flow.station import Station
from nodes.exams import Finding, Mend
from nodes.phrases import changed
from schemas.light import LIGHTS, Light

State = Literal["good", "waiting", "bad", "none"]
"""``none``: the graph has no such node."""
_WORST: tuple[State, ...] = ("bad", "waiting", "good", "none")


@dataclass(frozen=True, slots=True)
class Shown:
    """One light as pages show it."""

    name: Light
    state: State = "none"
    node: str = ""
    """The node that it is about."""
    why: Literal["", "failing", "ended"] = ""
    """What the engine knows of the node, for which pages have words of their own."""
    text: str = ""
    """What the node says of it, with the remedy."""
    mend: Mend | None = None
    """What a page may do about it at one press."""


def lights(
    stations: Iterable[Station], redact: Callable[[str], str], wrong: Callable[[Station], Finding | None] | None = None
) -> list[dict[str, Any]]:
    """Report every light, in the order in which pages show them.

    Args:
        wrong: what is wrong with a node that is not good, by the doctor (``checkup``); None if that is not known.
    """
    found: dict[Light, Shown] = {name: Shown(name) for name in LIGHTS}

    def said(text: str) -> str:
        return changed(text, redact)

    for station in stations:
        if (name := station.spec.light) is not None:
            shown = _of(station, name, said, wrong(station) if wrong else None)
            if _WORST.index(shown.state) < _WORST.index(found[name].state):
                found[name] = shown
    return [asdict(shown) for shown in found.values()]


def _of(station: Station, name: Light, said: Callable[[str], str], wrong: Finding | None) -> Shown:
    match station.state:
        case "degraded" | "restarting":
            state = "bad" if station.state == "degraded" else "waiting"
            return Shown(name, state, station.name, "failing", said(station.last_error))
        case "completed" | "stopped":
            return Shown(name, "waiting", station.name, "ended")
        case _:
            pass
    conditions = {} if station.log is None else station.log.conditions
    own = conditions.get(name)
    if wrong and wrong.remedy and (own is None or own.state == "bad" or (own.state == "waiting" and not own.text)):
        state = "bad" if own is None else own.state
        return Shown(name, state, station.name, text=said(wrong.remedy), mend=wrong.mend)
    beside = next((each.text for what, each in conditions.items() if each.state == "bad" and what != name), "")
    if own is None:
        return Shown(name, "waiting", station.name, text=said(beside))
    if own.state == "good" and beside:
        return Shown(name, "waiting", station.name, text=said(beside))
    return Shown(name, own.state, station.name, text=said(own.text))
