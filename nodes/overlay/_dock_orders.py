"""Reads the orders that a page of the dock, a button or a script may send, strictly: ``{"order": name, ...}``.

A button does not know what the page shows. So it may leave out which turn it means, and which way a switch goes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nodes.overlay._dock_desk import Desk
from nodes.overlay._state import clean
from nodes.phrases import phrase
from schemas.event import Event
from schemas.host import MIC_MODES, MicMode
from schemas.reply import EMOTIONS

LONGEST_SAYING = 300
MOST_SAYINGS = 20
ORDERS = (
    "skip", "approve", "reject", "unsay", "stop", "pause", "approving", "mute", "say", "feel", "talk", "listen"
)  # fmt: skip
LONGEST_HOLD_S = 3600


def obey(desk: Desk, said: Mapping[str, Any]) -> list[Event] | None:
    """Carry out an order and return the resulting events; None if it came too late to matter.

    Orders: ``skip`` with a ``turn``, else for the one that is heard; ``approve``, ``reject`` with a ``turn``, else for
    the first that is held; ``unsay`` with a ``turn``; ``stop``; ``pause``, ``approving``, ``mute`` with ``to``: true or
    false, else the other way round; ``talk`` with ``to``, whether the key of the microphone is held, and ``for_s``, the
    seconds after which it is released unless that is repeated; ``listen`` with ``mode``: off, hold, name, open; ``say``
    with ``text``, ``emotion`` or none, ``at_once``; ``feel`` with ``emotion``.

    Raises:
        ValueError: it is not one of these; the message names the wrong field and what it must be.
    """
    state = desk.state
    match said.get("order"):
        case "skip":
            return desk.skip(_turn(said, sorted(state.open, key=lambda turn: not state.open[turn].speaking)))
        case "approve":
            return desk.approve(_turn(said, (turn for turn, held in state.held.items() if not held.approved)))
        case "reject":
            return desk.reject(_turn(said, state.held))
        case "unsay":
            return desk.unsay(_word(said, "turn"))
        case "stop":
            return desk.stop()
        case "pause":
            return desk.pause(_flag(said, "to", default=not state.paused))
        case "approving":
            return desk.approving(_flag(said, "to", default=not state.approving))
        case "mute":
            return desk.mute(_flag(said, "to", default=not state.muted))
        case "say":
            return _say(desk, said)
        case "talk":
            return desk.talk(_flag(said, "to", default=False) if "to" in said else None, _seconds(said))
        case "listen":
            return desk.listen(_mode(said))
        case "feel":
            return desk.feel(_emotion(said))
        case _:
            raise _none_of("order", ORDERS)


def not_done(said: Mapping[str, Any]) -> str:
    """Say why an order that ``obey`` understood changed nothing."""
    return (
        phrase("this graph has no microphone: graphs/cohost.yaml has one")
        if said.get("order") in ("talk", "listen")
        else phrase("It is over already.")
    )


def _say(desk: Desk, said: Mapping[str, Any]) -> list[Event]:
    text = clean(_word(said, "text"), LONGEST_SAYING + 1)
    if not text or len(text) > LONGEST_SAYING:
        raise ValueError(phrase("text: write 1 to {most} letters to say.", most=LONGEST_SAYING))
    if len(desk.state.sayings) >= MOST_SAYINGS:
        raise ValueError(phrase("{count} sayings wait already.", count=MOST_SAYINGS))
    emotion = None if said.get("emotion") in (None, "") else _emotion(said)
    return desk.say(text, emotion, at_once=_flag(said, "at_once", default=False))


def _mode(said: Mapping[str, Any]) -> MicMode:
    for mode in MIC_MODES:
        if said.get("mode") == mode:
            return mode
    raise _none_of("mode", MIC_MODES)


def _seconds(said: Mapping[str, Any]) -> float | None:
    seconds = said.get("for_s")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_HOLD_S:
        told = phrase("{field}: it must be a number above 0, at most {most}.", field="for_s", most=LONGEST_HOLD_S)
        raise ValueError(told)
    return float(seconds)


def _emotion(said: Mapping[str, Any]) -> str:
    emotion = _word(said, "emotion")
    if emotion not in EMOTIONS:
        raise _none_of("emotion", EMOTIONS)
    return emotion


def _word(said: Mapping[str, Any], field: str) -> str:
    word = said.get(field)
    if not isinstance(word, str):
        raise ValueError(phrase("{field}: it must be text.", field=field))
    return word


def _turn(said: Mapping[str, Any], turns: Iterable[str]) -> str:
    """Return the turn that is meant: by its name, else the first of ``turns``; empty if there is none."""
    return _word(said, "turn") if "turn" in said else next(iter(turns), "")


def _flag(said: Mapping[str, Any], field: str, *, default: bool) -> bool:
    flag = said.get(field, default)
    if not isinstance(flag, bool):
        raise ValueError(phrase("{field}: it must be true or false.", field=field))
    return flag


def _none_of(field: str, known: Iterable[str]) -> ValueError:
    return ValueError(phrase("{field}: it must be one of {known}.", field=field, known=", ".join(known)))
