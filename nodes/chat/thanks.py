"""``chat.thanks``: thanks new followers, several at a time, when nothing else is to be said."""

from typing import Annotated

from pydantic import AfterValidator, Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, Feedback, node, rude
from nodes.chat._quiet import in_quiet
from nodes.phrases import phrase
from nodes.services import Clock, Kept
from nodes.text import clean
from schemas.chat import ChatBatch
from schemas.playback import Speaking
from schemas.settings import Live, Settings
from schemas.show import ShowEvent

LONGEST_NAME = 20
NAMES = 60
"""The names in one turn take at most this many characters: a topic has about a hundred."""
MANY = 30
"""If more than this many wait, the ones that do not fit are counted and not named."""


def with_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentences unchanged.

    Raises:
        ValueError: there is none, or one has no place for the names.
    """
    if not words or not all("{names}" in each for each in words):
        raise ValueError(phrase("every sentence needs {place}", place="{names}"))
    return words


class Thanks(Settings):
    """Settings of ``chat.thanks``."""

    words: Annotated[tuple[str, ...], AfterValidator(with_names)] = Field(
        default=(
            "{names} 팔로우해 주셔서 고마워요! 자주 놀러 오세요.",
            "{names} 팔로우 고마워요! 앞으로 잘 부탁드려요.",
        ),
        title="Words of thanks",
        description="What is said, {names} being the nicknames; a model says it in the character's words.",
    )
    after_s: Annotated[float, Live()] = Field(
        default=3.0, ge=0, title="Quiet before the thanks", description="Seconds of silence before somebody is thanked."
    )
    every_s: Annotated[float, Live()] = Field(
        default=20.0, ge=5, title="Time between thanks", description="Seconds at least between two such turns."
    )
    at_latest_s: Annotated[float, Live()] = Field(
        default=60.0,
        ge=0,
        title="Thanks at the latest after",
        description="Seconds after which followers are thanked between two answers to chat, although it never gets "
        "quiet; 0: only when it is quiet.",
    )
    turn_timeout_s: Annotated[float, Live()] = Field(
        default=60.0,
        gt=0,
        title="Answer given up after",
        description="Seconds after which a turn whose end is not told is forgotten.",
    )


@node("chat.thanks")
def thanks(
    config: Thanks,
    batch: Observable[ChatBatch],
    show: Feedback[ShowEvent] = UNWIRED,
    speaking: Feedback[Speaking] = UNWIRED,
    *,
    clock: Clock,
    kept: Kept,
) -> Observable[ChatBatch]:
    """Open a turn that thanks the new followers of ``chat.show`` once each, after all that viewers wrote or paid for.

    ``batch`` is the output of ``chat.batch``, ``show`` the events of ``chat.show``; the output of this node goes to the
    same reply. It waits until no turn of ``batch`` is open and the voice was silent for ``after_s``, but no longer than
    ``at_latest_s`` in a chat that never rests: then it goes behind the next answer to chat. Its turn makes room for a
    donation or a subscription as a topic does. Each turn names as many as fit; the next one comes ``every_s`` later. If
    more than 30 wait, the rest is counted and not named, and so is a nickname that is not fit to be said.
    """
    followers = _Followers(config, kept.keep("thanked", _Thanked), clock)
    return in_quiet(config, followers, batch, speaking, clock, show.pipe(ops.do_action(followers.take)))


class _Thanked:
    """Who waits, and what has been said; it survives a reload."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """Nicknames, in order; empty for one that is not said."""
        self.since = float("inf")
        """Since when the first of them waits."""
        self.turns = 0
        self.last_at = float("-inf")


class _Followers:
    """The new followers, several at a time."""

    def __init__(self, config: Thanks, thanked: _Thanked, clock: Clock) -> None:
        self._config = config
        self._thanked = thanked
        self._clock = clock

    def take(self, event: ShowEvent) -> None:
        if event.kind == "follower":
            self._thanked.names.append(sayable(event.text))
            self._thanked.since = min(self._thanked.since, self._clock.now())

    def due(self, since: float) -> float:  # noqa: ARG002
        """Return when the next ones may be thanked: infinity if nobody waits."""
        return self._thanked.last_at + self._config.every_s if self._thanked.names else float("inf")

    def make(self, now: float) -> ChatBatch:
        thanked, words = self._thanked, self._config.words
        told, thanked.names = group(thanked.names)
        topic = words[thanked.turns % len(words)].replace("{names}", told)
        thanked.turns += 1
        thanked.last_at = now
        thanked.since = thanked.since if thanked.names else float("inf")
        return ChatBatch(turn=f"follow-{thanked.turns}", lane="chat", events=(), topic=topic)

    def answered(self) -> None:
        """Followers wait however many viewers are answered."""

    def overdue(self, now: float) -> bool:
        waits = self._config.at_latest_s
        return bool(waits) and now >= max(self._thanked.since + waits, self.due(now))


def sayable(name: str) -> str:
    """Return a nickname as it is said; empty if it is rude or nothing is left of it."""
    said = clean(name)[:LONGEST_NAME].strip()
    return "" if rude.found(said) else said


def group(names: list[str]) -> tuple[str, list[str]]:
    """Return who is thanked in one turn, as text, and who has to wait for the next one."""
    named: list[str] = []
    counted = 0
    rest = list(names)
    while rest and (not rest[0] or len("님, ".join([*named, rest[0]])) <= NAMES):
        name = rest.pop(0)
        if name:
            named.append(name)
        else:
            counted += 1
    if len(names) > MANY:
        counted, rest = counted + len(rest), []
    told = ", ".join(f"{name}님" for name in named)
    if not named:
        return f"새 팔로워 {counted}분", rest
    return (f"{told} 외 {counted}분" if counted else told), rest
