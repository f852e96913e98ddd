"""``chat.silence``: makes the character start talking when nobody writes."""

from typing import Annotated

from pydantic import Field
from reactivex import Observable

from nodes import UNWIRED, Feedback, node
from nodes.chat._quiet import in_quiet
from nodes.phrases import phrase
from nodes.services import Clock, Files, Kept, WatchedText
from nodes.written import WrongLine
from schemas.chat import ChatBatch
from schemas.playback import Speaking
from schemas.settings import Live, Settings, WatchedFile


class Silence(Settings):
    """Settings of ``chat.silence``."""

    topics: WatchedFile = Field(
        ..., examples=["config/topics.txt"], title="Topics", description="File of topics, one a line, # for comments."
    )
    enabled: Annotated[bool, Live()] = Field(
        default=True,
        title="Speaks up by itself",
        description="Whether the character speaks first when nobody writes.",
    )
    after_s: Annotated[float, Live()] = Field(
        default=60.0,
        ge=5,
        title="Speaks up after a silence of",
        description="Seconds of silence after which the character speaks first.",
    )
    cooldown_s: Annotated[float, Live()] = Field(
        default=120.0,
        ge=0,
        title="Pause after speaking up",
        description="Seconds at least between two times that it speaks first.",
    )
    at_most: Annotated[int, Live()] = Field(
        default=5,
        ge=0,
        title="Speaks up at most",
        description="How often it speaks first while no viewer says anything; 0 for no limit.",
    )
    turn_timeout_s: Annotated[float, Live()] = Field(
        default=60.0,
        gt=0,
        title="Answer given up after",
        description="Seconds after which a turn whose end is never reported is forgotten.",
    )


@node("chat.silence")
def silence(
    config: Silence,
    batch: Observable[ChatBatch],
    speaking: Feedback[Speaking] = UNWIRED,
    *,
    clock: Clock,
    files: Files,
    kept: Kept,
) -> Observable[ChatBatch]:
    """Open a turn with a topic when no turn was open and the voice was silent for ``after_s``.

    ``batch`` is the output of ``chat.batch``; the output of this node goes to the same reply. No topic comes while a
    turn is being answered or spoken, and the silence is measured from its last sample. Topics come in the order of the
    file, with ``cooldown_s`` between two, and no more than ``at_most`` of them until a viewer is answered again.
    Without ``speaking`` the silence is measured from the last batch.
    """
    topics = _Topics(config, files.watch(config.topics, parse), kept.keep("told", _Told))
    return in_quiet(config, topics, batch, speaking, clock)


def parse(text: str) -> tuple[str, ...]:
    """Read one topic per line; ``#`` at the beginning or after a blank starts a comment.

    Raises:
        WrongLine: there is no topic.
    """
    lines = (" ".join(f" {line}".partition(" #")[0].split()) for line in text.splitlines())
    topics = tuple(line for line in lines if line)
    if not topics:
        raise WrongLine(1, phrase("there is no topic in the file. Write one a line."))
    return topics


class _Told:
    """The counts so far; they survive a reload."""

    def __init__(self) -> None:
        self.count = 0
        """Number of topics in all."""
        self.in_row = 0
        """Number of topics since a viewer wrote."""
        self.last_at: float | None = None


class _Topics:
    """The topics of the file, one after the other."""

    def __init__(self, config: Silence, topics: WatchedText[tuple[str, ...]], told: _Told) -> None:
        self._config = config
        self._topics = topics
        self._told = told

    def due(self, since: float) -> float:
        """Return when the cooldown is over: infinity if there were enough topics until a viewer is answered."""
        if not self._config.enabled or (self._config.at_most and self._told.in_row >= self._config.at_most):
            return float("inf")
        last = self._told.last_at
        return since if last is None else last + self._config.cooldown_s

    def make(self, now: float) -> ChatBatch:
        topics = self._topics.value
        topic = topics[self._told.count % len(topics)]
        self._told.count += 1
        self._told.in_row += 1
        self._told.last_at = now
        return ChatBatch(turn=f"silence-{self._told.count}", lane="chat", events=(), topic=topic)

    def answered(self) -> None:
        self._told.in_row = 0

    def overdue(self, now: float) -> bool:  # noqa: ARG002
        """A topic is for a silence only."""
        return False
