"""The marks of each turn, read off the events that pass; no node has to report anything."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphs.engine.ledger import Ledger
from schemas.chat import ChatBatch
from schemas.event import Event
from schemas.playback import Heard, Speaking
from schemas.reply import ReplyChunk, Sentence
from schemas.speech import SpeechChunk

MARKS = ("received", "batched", "first_token", "first_sentence", "first_pcm", "first_sound", "ended")
_KEPT = 1000
_EARLY = (16, 64)
"""Turns that are not known yet, and events of each, that wait for their batch."""


@dataclass(slots=True)
class Turn:
    """One answer of the character, from the batch that caused it to its last sample."""

    id: str
    lane: str
    batch: tuple[str, ...]
    marks: dict[str, float | None]
    text: str = ""
    emotion: str | None = None
    rung: str = ""
    shown: bool = False
    """Something of it was heard or shown."""

    def report(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "lane": self.lane,
            "emotion": self.emotion,
            "text": self.text,
            "batch": list(self.batch),
            "marks": {mark: None if at is None else round(at, 4) for mark, at in self.marks.items()},
            "rung": self.rung,
        }


@dataclass(slots=True)
class Turns:
    """Watches the events that make up turns and closes the account of the viewer events in them."""

    now: Callable[[], float]
    ledger: Ledger
    voiceless: Callable[[], bool] = lambda: False
    """Whether no node speaks: then the last sentence is the end of a turn."""
    later: Callable[[Callable[[], None]], object] | None = None
    """Set where a voice may be at another place: what was heard there can come behind the end of its turn."""
    turns: OrderedDict[str, Turn] = field(default_factory=OrderedDict[str, Turn])
    _early: OrderedDict[str, list[tuple[Callable[[Any], None], Any]]] = field(
        default_factory=OrderedDict[str, list[tuple[Callable[[Any], None], Any]]]
    )
    ended: Callable[[Turn], object] | None = None
    """Called with each turn when it is over, before its viewers get their verdicts."""

    def observers(self) -> dict[type[Event], Callable[[Any], None]]:
        """Event class -> what to call when a node emits one."""
        return {
            ChatBatch: self._batched,
            ReplyChunk: self._in_time(self._replied),
            Sentence: self._in_time(self._sentence),
            SpeechChunk: self._spoke,
            Heard: self._in_time(self._heard),
            Speaking: self._in_time(self._speaking),
        }

    def _in_time(self, take: Callable[[Any], None]) -> Callable[[Any], None]:
        """What comes from another place can overtake the batch of its turn, which comes by another way: it waits."""

        def taken(event: Any) -> None:
            if event.turn in self.turns:
                take(event)
                return
            most, each = _EARLY
            early = self._early.setdefault(event.turn, [])
            if len(early) < each:
                early.append((take, event))
            if len(self._early) > most:
                self._early.popitem(last=False)

        return taken

    def _batched(self, batch: ChatBatch) -> None:
        if batch.turn in self.turns:  # handed on: by a tool that adds notes, by a model that has no answer
            return
        received = [at for event in batch.events if (at := self.ledger.received_at(event.id)) is not None]
        turn = Turn(batch.turn, batch.lane, tuple(event.id for event in batch.events), dict.fromkeys(MARKS))
        turn.marks["received"] = min(received, default=None)
        self.turns[batch.turn] = turn
        self._mark(batch.turn, "batched")
        if len(self.turns) > _KEPT:
            self.turns.popitem(last=False)
        for take, event in self._early.pop(batch.turn, ()):
            take(event)

    def _replied(self, chunk: ReplyChunk) -> None:
        turn = self._mark(chunk.turn, "first_token")
        if turn is not None:
            turn.text += chunk.text
            turn.emotion = chunk.emotion or turn.emotion
            turn.rung = chunk.rung or turn.rung

    def _sentence(self, sentence: Sentence) -> None:
        turn = self._mark(sentence.turn, "first_sentence")
        if turn is not None and sentence.last and self.voiceless():
            turn.shown = True
            self.end(turn.id)

    def _spoke(self, chunk: SpeechChunk) -> None:
        self._mark(chunk.turn, "first_pcm")

    def _heard(self, heard: Heard) -> None:
        turn = self._mark(heard.turn, "first_sound")
        if turn is not None and not turn.shown:
            turn.shown = True

    def _speaking(self, speaking: Speaking) -> None:
        if not speaking.speaking:
            self.end(speaking.turn)

    def end(self, turn_id: str) -> None:
        """Nothing more of the turn will be heard: its viewers have their answer, or will get none."""
        known = self.turns.get(turn_id)
        first = known is not None and known.marks["ended"] is None
        turn = self._mark(turn_id, "ended")
        if turn is None:
            return
        if self.later is not None and not turn.shown:
            self.later(lambda: self._close(turn, first))
        else:
            self._close(turn, first)

    def _close(self, turn: Turn, first: bool) -> None:
        if first and self.ended is not None:
            self.ended(turn)
        for event_id in turn.batch:
            if turn.shown:
                self.ledger.answered(event_id, turn.id)
            else:
                self.ledger.dropped_id(event_id, "unanswered")

    def _mark(self, turn_id: str, mark: str) -> Turn | None:
        turn = self.turns.get(turn_id)
        if turn is not None and turn.marks[mark] is None:
            turn.marks[mark] = self.now()
        return turn
