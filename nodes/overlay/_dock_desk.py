"""Makes the decisions of the operator's dock: which batch is passed on, what is cut off, what is said in between.

Nothing here waits or sends. Each method takes what happened and returns the resulting events, in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from nodes.overlay._dock_state import Held, Outcome, Saying, State, Turn
from nodes.services import Clock, Verdicts
from schemas.chat import PAID, ChatBatch, Reason, ViewerEvent, Withdrawn
from schemas.event import Event
from schemas.host import MicMode, MicOrder
from schemas.playback import Heard, Muted, Speaking, Stop
from schemas.reply import TRIED_OUT, Emotion, ReplyChunk, Sentence

RUNG = "operator"
_SLACK_S = 1e-6
"""Tolerance for the rounding of sums of seconds."""


class Config(Protocol):
    """The settings that the desk reads; they may change at run time."""

    @property
    def hold_s(self) -> float: ...
    @property
    def turn_timeout_s(self) -> float: ...


class Desk:
    """Decides on a ``State``. A turn is open from its batch until the voice, or an order, ends it."""

    def __init__(
        self, state: State, config: Config, clock: Clock, verdicts: Verdicts, *, voiced: bool, told: bool
    ) -> None:
        """
        Args:
            voiced: the voice reports when a turn is over; otherwise its last sentence does.
            told: something reports the end of a turn; otherwise no turn is waited for.
        """
        self.state = state
        self._config = config
        self._clock = clock
        self._verdicts = verdicts
        self._voiced = voiced
        self._told = told

    # Events from the graph.

    def batch(self, batch: ChatBatch) -> list[Event]:
        """Take in a batch, whose turn wants to begin."""
        kept = self._without_withdrawn(batch)
        if (batch.events and not kept.events) or (self.state.paused and not kept.events):
            return [Stop(turn=batch.turn)]  # silence may begin another turn later
        self.state.held[batch.turn] = Held(kept, self._clock.now())
        return self._go_on()

    def sentence(self, sentence: Sentence) -> list[Event]:
        turn = self._turn(sentence.turn)
        if turn is None:
            return []
        turn.put(sentence.index, sentence.text, emotion=sentence.emotion)
        return self._over(turn, "heard") if sentence.last and not self._voiced else []

    def heard(self, heard: Heard) -> bool:
        """Return whether this added a sentence, not only a new fraction of a known one."""
        turn = self._turn(heard.turn)
        if turn is None:
            return False
        turn.sounded = True
        known = len(turn.sentences)
        turn.put(heard.sentence, heard.text, fraction=round(heard.fraction, 3))
        return len(turn.sentences) != known

    def speaking(self, speaking: Speaking) -> list[Event]:
        turn = self._turn(speaking.turn) if speaking.speaking else self.state.open.get(speaking.turn)
        if turn is None:
            return []
        turn.speaking = speaking.speaking
        if speaking.speaking:
            return []
        if speaking.heard is not None:
            return self._over(turn, "cut" if speaking.heard else "again")
        return self._over(turn, "yielded" if speaking.yielded else "heard" if turn.heard else "silent")

    def withdraw(self, withdrawn: Withdrawn) -> list[Event]:
        """Stop answering what the withdrawal covers, and show it nowhere; an answer that is being heard goes on."""
        self.state.withdrawn.append(withdrawn)
        events: list[Event] = []
        for held in list(self.state.held.values()):
            batch, held.batch = held.batch, self._without_withdrawn(held.batch)
            if batch.events and not held.batch.events:
                del self.state.held[batch.turn]
                events.append(Stop(turn=batch.turn))
        for turn in list(self.state.open.values()):
            if turn.batch is None or len(standing := tuple(self._standing(turn.batch))) == len(turn.batch.events):
                continue
            if turn.sounded:
                turn.batch = replace(turn.batch, events=standing)
            else:
                turn.batch = self._without_withdrawn(turn.batch)
                events += self._break([turn])
        return events + self._go_on()

    def tick(self) -> list[Event]:
        """Let time pass: drop chat that waited too long, and give up a turn from which nothing comes.

        While the voice is muted this repeats it, because a restarted voice does not know.
        """
        now = self._clock.now()
        events: list[Event] = [Muted(muted=True)] if self.state.muted else []
        for held in list(self.state.held.values()):
            paid = held.batch.lane in PAID
            if not paid and now + _SLACK_S >= held.since + self._config.hold_s:
                events += self._refuse(held, "stale", "stale")
        for turn in list(self.state.open.values()):
            if now + _SLACK_S >= turn.last + self._config.turn_timeout_s:
                events += self._over(turn, "lost")
        return events

    # Orders of the operator; None if it is too late for one.

    def skip(self, turn: str) -> list[Event] | None:
        """Cut off a turn; the next one may begin."""
        known = self.state.open.get(turn)
        return None if known is None else [Stop(turn=turn), *self._over(known, "stopped")]

    def stop(self) -> list[Event]:
        """Cut off everything being said or about to be, and let nothing begin until the pause is lifted.

        The viewers of a turn of which nothing was heard wait again.
        """
        self._pause(True)
        self.state.sayings.clear()
        broken = self._break(list(self.state.open.values()))
        for held in self.state.held.values():
            held.approved = False
        return broken

    def pause(self, paused: bool) -> list[Event]:
        self._pause(paused)
        return self._go_on()

    def approving(self, approving: bool) -> list[Event]:
        """Set whether every batch waits for approval."""
        self.state.approving = approving
        return self._go_on()

    def mute(self, muted: bool) -> list[Event]:
        self.state.muted = muted
        return [Muted(muted=muted)]

    def approve(self, turn: str) -> list[Event] | None:
        held = self.state.held.get(turn)
        if held is None:
            return None
        held.approved = True
        return self._go_on()

    def reject(self, turn: str) -> list[Event] | None:
        held = self.state.held.get(turn)
        return None if held is None else self._refuse(held, "unanswered", "rejected")

    def say(self, text: str, emotion: str | None, *, at_once: bool) -> list[Event]:
        """Say something: after the open turns, or ``at_once`` in their place.

        The viewers of a turn whose place it takes before anything was heard are answered after it.
        """
        self.state.said += 1
        saying = Saying(f"dock-{self.state.said}", text, emotion)
        if not at_once:
            self.state.sayings.append(saying)
            return self._go_on()
        self.state.sayings.appendleft(saying)
        return self._break(list(self.state.open.values())) + self._go_on()

    def unsay(self, turn: str) -> list[Event] | None:
        """Take back something that has not begun yet."""
        for saying in self.state.sayings:
            if saying.turn == turn:
                self.state.sayings.remove(saying)
                return self._go_on()
        return None

    def talk(self, held: bool | None, for_s: float | None = None) -> list[Event] | None:
        """Hold or release the key of the microphone; ``held`` None: the other way round."""
        mic = self.state.mic
        return None if mic is None else [MicOrder(held=not mic.held if held is None else held, for_s=for_s)]

    def listen(self, mode: MicMode) -> list[Event] | None:
        """Say what the microphone is to listen for."""
        return None if self.state.mic is None else [MicOrder(mode=mode)]

    def feel(self, emotion: str) -> list[Event]:
        return [Emotion(turn=TRIED_OUT, emotion=emotion)]

    def _pause(self, paused: bool) -> None:
        if paused and not self.state.paused:
            self.state.paused_at = self._clock.now()
        self.state.paused = paused

    # How turns begin and end.

    def _go_on(self) -> list[Event]:
        """Begin what may begin: first what the operator says, alone, then the batches that nothing holds back."""
        return list(self._begin())

    def _begin(self) -> Iterator[Event]:
        state = self.state
        while state.sayings and not state.open:
            saying = state.sayings.popleft()
            self._open(Turn(saying.turn, self._clock.now(), self._clock.now(), operator=True))
            yield ReplyChunk(turn=saying.turn, text=saying.text, emotion=saying.emotion, rung=RUNG, last=True)
        if state.sayings or any(turn.operator for turn in state.open.values()):
            return
        for held in list(state.held.values()):
            asked = state.approving and held.batch.lane != "host"  # she is the one who approves
            if held.approved or not (state.paused or asked):
                del state.held[held.batch.turn]
                yield from self._makes_room(held.batch)
                self._open(Turn(held.batch.turn, self._clock.now(), self._clock.now(), batch=held.batch))
                yield held.batch

    def _makes_room(self, batch: ChatBatch) -> Iterator[Stop]:
        """End the turn that the batch goes over; one that was paid for, or that the operator began, is never ended."""
        turn = self.state.open.get(batch.over)
        if turn is not None and turn.batch is not None and turn.batch.lane not in ("host", *PAID):
            yield Stop(turn=turn.id, after_sentence=True)

    def _open(self, turn: Turn) -> None:
        if self._told:
            self.state.open[turn.id] = turn

    def _turn(self, turn_id: str) -> Turn | None:
        """Return the turn that an event belongs to; open it if it did not pass through here; None if it is over."""
        turn = self.state.open.get(turn_id)
        if turn is None and all(past["id"] != turn_id for past in self.state.past):
            turn = self.state.open[turn_id] = Turn(turn_id, self._clock.now(), 0.0)
        if turn is not None:
            turn.last = self._clock.now()
        return turn

    def _break(self, turns: Iterable[Turn]) -> list[Event]:
        """Cut off turns. The viewers of those of which nothing was heard wait again, before all that is held."""
        stops: list[Event] = []
        again: dict[str, Held] = {}
        for turn in turns:
            waits = turn.batch is not None and bool(turn.batch.events) and not turn.sounded
            if turn.batch is not None and waits:
                batch = replace(turn.batch, turn=f"{turn.id}+")
                again[batch.turn] = Held(batch, self._clock.now(), approved=True)
            stops.append(Stop(turn=turn.id, again=waits))
            self._close(turn, "again" if waits else "stopped")
        self.state.held = {**again, **self.state.held}
        return stops

    def _over(self, turn: Turn, outcome: Outcome) -> list[Event]:
        self._close(turn, outcome)
        return self._go_on()

    def _close(self, turn: Turn, outcome: Outcome) -> None:
        del self.state.open[turn.id]
        item = turn.item()
        text = " ".join(sentence["text"] for sentence in item["sentences"])
        lane = "operator" if turn.operator else item["lane"]
        self.state.past.append({"id": turn.id, "outcome": outcome, "text": text, "lane": lane})

    def _refuse(self, held: Held, reason: Reason, outcome: Outcome) -> list[Event]:
        """Leave a held batch unanswered. The stop reports to everything waiting for its turn that it is over."""
        batch = held.batch
        del self.state.held[batch.turn]
        for event in batch.events:
            self._verdicts.drop(event, reason)
        text = " / ".join(event.author for event in batch.events) or batch.topic
        self.state.past.append({"id": batch.turn, "outcome": outcome, "text": text, "lane": batch.lane})
        return [Stop(turn=batch.turn)]

    def _without_withdrawn(self, batch: ChatBatch) -> ChatBatch:
        standing = tuple(self._standing(batch))
        for event in batch.events:
            if event not in standing:
                self._verdicts.drop(event, "withdrawn")
        return batch if standing == batch.events else replace(batch, events=standing)

    def _standing(self, batch: ChatBatch) -> Iterator[ViewerEvent]:
        """Yield the batch's events that were not withdrawn."""
        for event in batch.events:
            if not any(withdrawn.covers(event) for withdrawn in self.state.withdrawn):
                yield event
