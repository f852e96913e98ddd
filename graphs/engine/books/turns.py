"""Reads the marks of each turn off the events that pass; no node has to report anything."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from graphs.engine.books.ledger import Ledger
from graphs.engine.log.listeners import Listeners
from schemas.bus import TurnTold
from schemas.chat import PAID, ChatBatch, Lane
from schemas.event import Event
from schemas.playback import Heard, Speaking, Stop
from schemas.reply import AIResponse, ReplyChunk, Sentence
from schemas.speech import SpeechChunk

MARKS = ("received", "batched", "first_token", "first_sentence", "first_pcm", "first_sound", "ended")
_KEPT = 1000


@dataclass(slots=True)
class Turn:
    """One answer of the character, from the batch that caused it to its last sample."""

    id: str
    lane: Lane = "chat"
    batch: tuple[str, ...] = ()
    """``ViewerEvent.id`` of the viewer events that it answers."""
    marks: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(MARKS))
    text: str = ""
    emotion: str | None = None
    rung: str = ""
    confidence: float | None = None
    """``AIResponse.confidence``; None where no model answered, or its answer was stopped."""
    processing_time: float | None = None
    """``AIResponse.processing_time``, in seconds."""
    shown: bool = False
    """Whether any of it was heard or shown."""
    yielded: bool = False
    """Whether its rest was not said, to make room for one who goes first."""
    again: bool = False
    """Whether its viewers wait for another turn, if nothing of this one is heard."""
    heard: float | None = None
    """What share of it was heard before the streamer's voice cut it off; None if it was not."""
    make_up: bool = False
    """Whether it thanks once more those whose thanks were cut off."""

    def report(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "lane": self.lane,
            "emotion": self.emotion,
            "text": self.text,
            "batch": list(self.batch),
            "marks": {mark: None if at is None else round(at, 4) for mark, at in self.marks.items()},
            "rung": self.rung,
            "confidence": self.confidence,
            "processing_time": self.processing_time,
            **({"yielded": True} if self.yielded else {}),
            **({"heard": self.heard} if self.heard is not None else {}),
            **({"make_up": True} if self.make_up else {}),
        }


@dataclass(slots=True)
class Turns:
    """Watches the events that make up turns and settles the viewer events in them.

    A graph may run at several places. The place that makes a batch reports that its turn began; the place where a turn
    was heard to its end, or failed, reports that it is over; every other place relies on these reports. Other events
    only make marks.
    """

    now: Callable[[], float]
    ledger: Ledger
    voiceless: Callable[[], bool] = lambda: False
    """Whether no node speaks; then the last sentence ends a turn."""
    turns: OrderedDict[str, Turn] = field(default_factory=OrderedDict[str, Turn])
    began: Listeners[[Turn]] = field(default_factory=lambda: Listeners[[Turn]]())
    """Called with each turn when its batch is known."""
    voiced: Listeners[[Turn]] = field(default_factory=lambda: Listeners[[Turn]]())
    """Called with each turn when its first sound is made."""
    sounded: Listeners[[Turn]] = field(default_factory=lambda: Listeners[[Turn]]())
    """Called with each turn of which something is heard."""
    ended: Listeners[[Turn]] = field(default_factory=lambda: Listeners[[Turn]]())
    """Called with each turn when it is over, before its viewers get their verdicts."""
    returned: Listeners[[Turn]] = field(default_factory=lambda: Listeners[[Turn]]())
    """Called with each turn that is over unheard and whose viewers wait for another one."""
    _without_batch: OrderedDict[str, Turn] = field(default_factory=OrderedDict[str, Turn])
    """If the graph runs at several places: turns whose batch arrives later by another route, or never arrives here."""
    _run: str = field(default_factory=lambda: token_hex(4))
    """Identifies this run, since two runs may report the same turn."""

    def observers(self) -> dict[type[Event], Callable[[Any], object]]:
        """Map each event class to what to call when a node of this place emits one."""
        here = {ChatBatch: self._batched, Sentence: self._sentence, Speaking: self._speaking}
        return {**self.far_observers(), **here}

    def far_observers(self) -> dict[type[Event], Callable[[Any], object]]:
        """Map each event class to what to call when one comes from another place."""
        return {
            ChatBatch: lambda batch: self._begin(batch.turn, batch.lane, _ids(batch)),
            ReplyChunk: self._replied,
            AIResponse: self._completed,
            Sentence: lambda sentence: self._mark(sentence.turn, "first_sentence"),
            SpeechChunk: self._voiced,
            Heard: self._heard,
            Stop: self._stopped,
        }

    def end(self, turn_id: str) -> None:
        """End a turn of which nothing more will be heard: its viewers have their answer, or will not get one."""
        turn = self._turn(turn_id)
        if turn.marks["ended"] is None:
            self._tell(turn, over=True)
            self._end(turn)

    def leave(self, turn_id: str) -> None:
        """End a turn that the voice will not say: who paid and heard nothing of it is answered by the next run."""
        turn = self._turn(turn_id)
        turn.again |= turn.lane in PAID
        self.end(turn_id)

    def open(self) -> list[str]:
        """Give the turns that have begun and are not over."""
        return [turn.id for turn in self.turns.values() if turn.marks["ended"] is None]

    def settle(self) -> list[str]:
        """End the open turns of which something was heard: their rest will not be. The viewers of the others wait.

        Returns:
            Which turns were open.
        """
        turns = self.open()
        for turn in turns:
            if self.turns[turn].shown:
                self.end(turn)
        return turns

    def told(self, told: TurnTold) -> None:
        """Record what another place reports about a turn."""
        if told.batch:
            self._begin(told.turn, told.lane, told.batch)
        if told.over:
            turn = self._turn(told.turn)
            turn.shown |= told.shown
            turn.again |= told.again
            self._end(turn)

    def _batched(self, batch: ChatBatch) -> None:
        turn = self._begin(batch.turn, batch.lane, _ids(batch))
        if turn is not None:
            turn.make_up = batch.make_up
            self._tell(turn, over=False)

    def _begin(self, turn_id: str, lane: Lane, batch: tuple[str, ...]) -> Turn | None:
        """Begin a turn; None if it has begun: a tool with notes or a model without an answer passes its batch on."""
        if turn_id in self.turns:
            return None
        turn = self.turns[turn_id] = self._turn(turn_id)
        self._without_batch.pop(turn_id, None)
        if len(self.turns) > _KEPT:
            self.turns.popitem(last=False)
        turn.lane, turn.batch = lane, batch
        received = [at for event_id in batch if (at := self.ledger.received_at(event_id)) is not None]
        turn.marks["received"] = min(received, default=None)
        self._mark(turn_id, "batched")
        self.began.tell(turn)
        if turn.marks["ended"] is not None:
            self._close(turn)
        return turn

    def _replied(self, chunk: ReplyChunk) -> None:
        turn = self._mark(chunk.turn, "first_token")
        turn.text += chunk.text
        turn.emotion = chunk.emotion or turn.emotion
        turn.rung = chunk.rung or turn.rung

    def _completed(self, response: AIResponse) -> None:
        turn = self._turn(response.turn)
        turn.confidence = round(response.confidence, 2)
        turn.processing_time = round(response.processing_time, 4)

    def _sentence(self, sentence: Sentence) -> None:
        turn = self._mark(sentence.turn, "first_sentence")
        if sentence.last and self.voiceless():
            turn.shown = True
            self.end(turn.id)

    def _voiced(self, chunk: SpeechChunk) -> None:
        new = self._turn(chunk.turn).marks["first_pcm"] is None
        turn = self._mark(chunk.turn, "first_pcm")
        if new:
            self.voiced.tell(turn)

    def _heard(self, heard: Heard) -> None:
        turn = self._mark(heard.turn, "first_sound")
        if not turn.shown:
            turn.shown = True
            self.sounded.tell(turn)

    def _stopped(self, stop: Stop) -> None:
        if stop.again:
            self._turn(stop.turn).again = True

    def _speaking(self, speaking: Speaking) -> None:
        if not speaking.speaking:
            turn = self._turn(speaking.turn)
            turn.yielded |= speaking.yielded
            if speaking.heard is not None and turn.marks["ended"] is None:
                turn.heard = speaking.heard
                if not speaking.heard:  # its first samples were, and nobody understood them
                    turn.shown, turn.again = False, True
            self.end(speaking.turn)

    def _tell(self, turn: Turn, *, over: bool) -> None:
        id_ = f"{turn.id} {'over' if over else 'began'} {self._run}"
        told = TurnTold(
            id=id_, turn=turn.id, lane=turn.lane, batch=turn.batch, over=over, shown=turn.shown, again=turn.again
        )
        self.ledger.tell(told)

    def _end(self, turn: Turn) -> None:
        if turn.marks["ended"] is None:
            self._mark(turn.id, "ended")
            if turn.id in self.turns:
                self._close(turn)

    def _close(self, turn: Turn) -> None:
        self.ended.tell(turn)
        if turn.again and not turn.shown:
            self.returned.tell(turn)
            return
        for event_id in turn.batch:
            if turn.shown:
                self.ledger.answered(event_id, turn.id)
            else:
                self.ledger.dropped_id(event_id, "unanswered")

    def _mark(self, turn_id: str, mark: str) -> Turn:
        turn = self._turn(turn_id)
        if turn.marks[mark] is None:
            turn.marks[mark] = self.now()
        return turn

    def _turn(self, turn_id: str) -> Turn:
        turn = self.turns.get(turn_id) or self._without_batch.get(turn_id)
        if turn is None:
            turn = self._without_batch[turn_id] = Turn(turn_id)
            if len(self._without_batch) > _KEPT:
                self._without_batch.popitem(last=False)
        return turn


def _ids(batch: ChatBatch) -> tuple[str, ...]:
    return tuple(event.id for event in batch.events)
