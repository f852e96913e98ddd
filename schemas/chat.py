"""Defines chat as it arrives and as the graph sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar, Literal

from schemas.event import Event, Moment, Overflow

Role = Literal["streamer", "manager", "viewer"]
NO_CHANNEL = "0" * 32
"""``ViewerEvent.channel_id`` of what a person typed in the page: it came through no channel of a service."""
Lane = Literal["host", "donation", "subscription", "mention", "chat"]
LANES: tuple[Lane, ...] = ("host", "donation", "subscription", "mention", "chat")
"""Lanes in the order in which they are answered; ``host`` is what the streamer says into the microphone."""
PAID: tuple[Lane, ...] = ("donation", "subscription")
"""Lanes of what was paid for."""

Reason = Literal[
    "too_short",
    "too_long",
    "repeated",
    "link",
    "duplicate",
    "rate",
    "banned_word",
    "banned_name",
    "streamer_hidden",
    "flood",
    "stale",
    "not_mentioned",
    "other_channel",
    "own",
    "command",
    "injection",
    "withdrawn",
    "failed",
    "unanswered",
    "unaccounted",
]
"""Why a viewer event was not answered.

``flood``: a bounded queue was full; ``stale``: it waited too long; ``not_mentioned``: only lines that call the
character by name are answered; ``other_channel``: only chat of some channels is let through; ``own``: the character
wrote it itself; ``command``: it is meant for a program; ``injection``: it gives orders to the model; ``withdrawn``:
it was deleted or hidden; ``failed``: a node failed on it; ``unanswered``: its turn ended without a sound or a
caption; ``unaccounted``: no node reported what became of it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPayload(Event):
    """One event of a chat service as on the wire, before it is parsed.

    Source: CHZZK session messages; their argument is JSON in a string, and sometimes an object.
    """

    event: str
    """``CHAT``, ``DONATION``, ``SUBSCRIPTION``, ``SYSTEM`` or ``BLIND`` (a message was hidden or deleted)."""
    payload: str | Mapping[str, Any]
    guest: bool = False
    """``ViewerEvent.guest`` of what it says."""

    overflow: ClassVar[Overflow] = "block"
    capacity: ClassVar[int] = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerEvent(Event):
    """What a viewer did; the base of messages, donations and subscriptions."""

    id: str
    """Stable: the same wire event always gets the same id."""
    author: str
    """Nickname as shown."""
    author_id: str = ""
    channel_id: str = ""
    """The channel it came through; empty if unknown, ``NO_CHANNEL`` for what was typed here."""
    role: Role = "viewer"
    text: str = ""
    """The text as written; CHZZK emotes appear as ``{:key:}``."""
    emotes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Emote key -> image URL."""
    badges: tuple[str, ...] = ()
    """Image URLs."""
    sent_at: float | None = None
    """Seconds since the epoch by the service's clock; None if unknown."""
    chat_channel_id: str = ""
    """What CHZZK calls the chat in which it hides this line or restricts its author; empty if it can do neither."""
    received_at: Moment = 0.0
    """Seconds since the run started (``Clock.now``)."""
    plain: bool = False
    """Whether it is answered by written rules alone and without its text: earlier runs ended on it."""
    guest: bool = False
    """Whether it goes before every other: the person at the page tries out whether the character answers."""
    lane: ClassVar[Lane] = "chat"
    owed: ClassVar[bool] = False
    """Whether the answer is owed whatever happens: the journal keeps it beyond the process until it is answered."""

    overflow: ClassVar[Overflow] = "fresh"
    capacity: ClassVar[int] = 256
    max_age_s: ClassVar[float | None] = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage(ViewerEvent):
    """A line of chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Donation(ViewerEvent):
    """A donation of cheese to the streamer; never dropped."""

    amount: int
    """In won; 0 if the service did not give it in a readable form."""
    kind: str = "CHAT"
    """``CHAT`` or ``VIDEO``; other values pass unchanged."""
    anonymous: bool = False
    lane: ClassVar[Lane] = "donation"
    owed: ClassVar[bool] = True

    overflow: ClassVar[Overflow] = "sure"
    max_age_s: ClassVar[float | None] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(ViewerEvent):
    """A subscription, a renewal, or subscriptions given to others; never dropped."""

    tier: int = 1
    tier_name: str = ""
    months: int = 1
    gifts: int = 0
    """How many subscriptions the author gave to others; 0 for the author's own."""
    lane: ClassVar[Lane] = "subscription"
    owed: ClassVar[bool] = True

    overflow: ClassVar[Overflow] = "sure"
    max_age_s: ClassVar[float | None] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLine(ViewerEvent):
    """What the streamer said into the microphone, as it was understood; never dropped, but of no use to a later run."""

    lane: ClassVar[Lane] = "host"

    overflow: ClassVar[Overflow] = "sure"
    max_age_s: ClassVar[float | None] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatBatch(Event):
    """The viewer events that one turn answers, or a topic if nobody wrote. Emitting it opens the turn."""

    turn: str
    lane: Lane
    """The highest lane among its events."""
    events: tuple[ViewerEvent, ...]
    """In order of arrival, at least one; empty if there is a topic."""
    topic: str = ""
    """What the character starts to talk about on its own; empty for a turn that answers viewers."""
    notes: tuple[str, ...] = ()
    """What a tool found out for this turn, for the model to read; never shown verbatim."""
    over: str = ""
    """The turn that makes room for this one after the sentence that is being heard; empty if none does."""
    make_up: bool = False
    """Whether its viewers were being thanked when the streamer began to speak: they are thanked once more, briefly."""

    capacity: ClassVar[int] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """A message was hidden or deleted: nothing of it may be shown, answered or remembered from now on."""

    author_id: str
    sent_at: float | None = None
    """Which message of the author, by ``ViewerEvent.sent_at``; None for all messages so far."""
    received_at: Moment = inf
    """Seconds since the run started (``Clock.now``); anything that came later is another message."""

    capacity: ClassVar[int] = 256

    def covers(self, event: ViewerEvent) -> bool:
        """Whether ``event`` is among what was withdrawn. Services timestamp messages in milliseconds."""
        if event.author_id != self.author_id or event.received_at > self.received_at:
            return False
        if self.sent_at is None:
            return True
        return event.sent_at is not None and abs(event.sent_at - self.sent_at) < 0.001
