"""The state of the operator's dock: the open turns, what is held back, what is to be said, and its switches."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from nodes.overlay._show import show_item
from nodes.overlay._state import clean, viewer_line
from schemas.chat import ChatBatch, Withdrawn
from schemas.host import Ignored, MicState
from schemas.reply import EMOTIONS
from schemas.show import ShowState

Item = dict[str, Any]
Outcome = Literal["heard", "silent", "stopped", "rejected", "stale", "lost", "yielded", "cut", "again"]
"""How a turn ended: ``silent`` without a sound, ``lost`` if nothing reported its end, ``yielded`` to another, ``cut``
off by the streamer's voice, ``again`` if its viewers are answered in another turn, which begins later."""

LONGEST = 600
"""How many characters of a sentence of an answer are sent to a page."""
_PAST = 32
_SHOWN_PAST = 5
_SHOWN_IGNORED = 3
_WITHDRAWN = 128
"""How many withdrawals are remembered: one can overtake its message, which takes another path."""


@dataclass(slots=True)
class Turn:
    """A turn between its batch and its last sample."""

    id: str
    since: float
    last: float
    """When the last event of the turn came, in seconds since the run started."""
    batch: ChatBatch | None = None
    """None if the operator began the turn, or if the batch did not pass through here."""
    operator: bool = False
    speaking: bool = False
    sounded: bool = False
    """Whether anything of it was heard."""
    sentences: dict[int, Item] = field(default_factory=dict[int, Item])
    """Index -> ``{"id", "text", "emotion", "fraction"}``."""

    def put(self, index: int, text: str, **more: Any) -> None:
        if text.strip():
            known = self.sentences.get(index, {"id": index, "emotion": "neutral", "fraction": 0.0})
            self.sentences[index] = {**known, "text": clean(text, LONGEST), **more}

    @property
    def heard(self) -> bool:
        return any(sentence["fraction"] > 0 for sentence in self.sentences.values())

    def item(self) -> Item:
        return {
            "id": self.id,
            "since": round(self.since, 3),
            "speaking": self.speaking,
            "operator": self.operator,
            "sentences": [self.sentences[index] for index in sorted(self.sentences)],
            **reason(self.batch),
        }


@dataclass(slots=True)
class Held:
    """A batch that has not been passed on yet."""

    batch: ChatBatch
    since: float
    approved: bool = False

    def item(self) -> Item:
        return {"id": self.batch.turn, "since": round(self.since, 3), **reason(self.batch)}


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that the operator wants said, waiting for the turn before it."""

    turn: str
    text: str
    emotion: str | None

    def item(self) -> Item:
        return {"id": self.turn, "text": self.text, "emotion": self.emotion}


@dataclass(slots=True)
class State:
    """The whole state of the dock; it survives a reload."""

    paused: bool = False
    paused_at: float = 0.0
    """When the pause began, in seconds since the run started."""
    approving: bool = False
    muted: bool = False
    open: dict[str, Turn] = field(default_factory=dict[str, Turn])
    held: dict[str, Held] = field(default_factory=dict[str, Held])
    sayings: deque[Saying] = field(default_factory=lambda: deque[Saying]())
    past: deque[Item] = field(default_factory=lambda: deque[Item](maxlen=_PAST))
    """Finished turns, the latest last: ``{"id", "outcome", "text", "lane"}``."""
    withdrawn: deque[Withdrawn] = field(default_factory=lambda: deque[Withdrawn](maxlen=_WITHDRAWN))
    said: int = 0
    """Number of turns that the operator began."""
    show: ShowState | None = None
    """What is known of the show; None if no node says."""
    mic: MicState | None = None
    """How it is with the microphone; None where the graph has none."""
    ignored: deque[Ignored] = field(default_factory=lambda: deque[Ignored](maxlen=_SHOWN_IGNORED))
    """What was heard last and not taken for the streamer speaking to the character."""

    def message(self, now: float) -> Item:
        """Return the message sent to a page: everything it shows, as JSON."""
        return {
            "type": "state",
            "now": round(now, 3),
            "paused": self.paused,
            "paused_at": round(self.paused_at, 3),
            "approving": self.approving,
            "muted": self.muted,
            "turns": [turn.item() for turn in self.open.values()],
            "held": [held.item() for held in self.held.values()],
            "sayings": [saying.item() for saying in self.sayings],
            "past": list(self.past)[-_SHOWN_PAST:],
            "emotions": list(EMOTIONS),
            "show": None if self.show is None else show_item(self.show),
        }


def heard(mic: MicState, ignored: Iterable[Ignored]) -> Item:
    """Return the message sent to a page about the microphone."""
    return {
        "type": "mic",
        "mode": mic.mode,
        "device": clean(mic.device, LONGEST),
        "rms": mic.rms,
        "threshold": mic.threshold,
        "state": mic.state,
        "held": mic.held,
        "recorded": mic.recorded,
        "trouble": mic.trouble,
        "ignored": [{"why": each.why, "text": clean(each.text, LONGEST), "at": round(each.at, 3)} for each in ignored],
    }


def reason(batch: ChatBatch | None) -> Item:
    """Return why there is a turn: its lane, the viewers' lines, and the topic if nobody wrote."""
    if batch is None:
        return {"lane": "", "topic": "", "messages": []}
    lines = [viewer_line(event, event.received_at)["line"] for event in batch.events]
    return {"lane": batch.lane, "topic": clean(batch.topic, LONGEST), "messages": lines}
