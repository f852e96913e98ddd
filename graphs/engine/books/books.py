"""Keeps the books of a run: ledger, turns and journal, filled from the events that pass."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from graphs.engine.books.budget import TurnBudget, TurnPace
from graphs.engine.books.journal import Journal
from graphs.engine.books.journal_lines import OnAir
from graphs.engine.books.ledger import Ledger
from graphs.engine.books.turns import Turn, Turns
from graphs.engine.log.listeners import Listeners
from graphs.engine.log.run_log import RunLog
from nodes import NodeSpec
from nodes.phrases import Phrase, phrase
from schemas.bus import Judged, TurnTold
from schemas.chat import Donation, Subscription, ViewerEvent, Withdrawn
from schemas.event import Event, kinds
from schemas.graph import Graph

__all__ = ["Books", "Journal", "Observers"]

_REPEATED = 1000
"""Remember this many repetitions as logged."""
Observers = dict[type[Event], Callable[[Any], object]]
"""Event class -> what to call for each event of that class; returning False keeps the event from going on."""


def _kind(event: ViewerEvent) -> Phrase:
    if isinstance(event, Donation):
        return phrase("donation")
    return phrase("subscription") if isinstance(event, Subscription) else phrase("chat")


class Shape(Protocol):
    """What the books need to know about the graph on air; see ``language.order.Shape``."""

    @property
    def graph(self) -> Graph: ...
    @property
    def voiced(self) -> bool: ...
    @property
    def origins(self) -> frozenset[str]: ...


class Books:
    """Records what became of the viewers of a run; the journal keeps donations and subscriptions beyond the process."""

    def __init__(
        self, now: Callable[[], float], shape: Callable[[], Shape], log: RunLog, journal: Journal | None = None
    ) -> None:
        """
        Args:
            now: the run's clock, in seconds.
            shape: gives the shape of the graph that is on air.
        """
        self.ledger = Ledger(now)
        self.turns = Turns(now, self.ledger, lambda: not shape().voiced)
        self.budget = TurnBudget(self.turns, lambda: shape().graph.budget_s)
        self.pace = TurnPace(self.turns)
        self.over_elsewhere = Listeners[[str]]()
        """Called with each turn that another place reports as over."""
        self.arrived = Listeners[[str]]()
        """Called with the id of each event that is kept in the journal, before any node sees it."""
        self._expected: dict[str, ViewerEvent] = {}
        """What an earlier run left and no source has emitted again yet."""
        self._log = log
        self._repeated: dict[str, None] = {}
        """The ids of paid events that came again, as far as they were logged."""
        self._journal = journal
        if journal is not None:
            self.ledger.judged.add(journal.judged)
            self.turns.began.add(lambda turn: journal.begun(turn.batch))
            self.turns.sounded.add(lambda turn: journal.heard(turn.batch))
            self.turns.returned.add(self._returned)
            journal.on_air = lambda: OnAir(shape().graph.name, shape().origins)
        from_anywhere: Observers = {Withdrawn: self._withdrawn, Judged: self._judged}
        self._near: Observers = {**self.turns.observers(), **from_anywhere}
        self._far: Observers = {**self.turns.far_observers(), TurnTold: self._turn_told, **from_anywhere}

    def left(self) -> list[tuple[str, ViewerEvent]]:
        """Give what an earlier run left, as (name of its source, event); from now on the journal is written."""
        left = [] if self._journal is None else self._journal.open()
        if left:
            waiting = ", ".join(f"{_kind(event)} {self._log.name(event.author)}" for _, event in left)
            text = phrase("Not answered when the last run ended ({count}): {waiting}", count=len(left), waiting=waiting)
            self._log.info(text)
        if self._journal is not None:
            self._tell_of_deaths(self._journal, [event for _, event in left])
        return left

    def expect(self, event: ViewerEvent) -> bool:
        """Note that ``event`` will come out of its source again: it waits, and only this very object is let in.

        Returns:
            Whether a run died on it, so that it should come alone.
        """
        self._expected[event.id] = event
        self.ledger.received(event)
        return self._journal is not None and event.id in self._journal.died

    def rests(self, event_id: str) -> None:
        """Note that a paid event has come to where it waits for its turn."""
        if self._journal is not None:
            self._journal.rests(event_id)

    def observers(self, spec: NodeSpec, name: str, *, source: bool, far: bool) -> Observers:
        """Give what to call for the events that a node emits.

        Args:
            source: viewer events originate in the node.
            far: its events come from another place.
        """
        observers = dict(self._far if far else self._near)
        if source:
            for event in kinds(ViewerEvent):
                owed = issubclass(event, ViewerEvent) and event.owed
                observers[event] = partial(self._received_owed, name) if owed else self._received
        emitted = tuple(port.event for port in spec.outputs)
        return {event: observer for event, observer in observers.items() if issubclass(event, emitted)}

    def stopping(self) -> None:
        """Note that the run is ending: what this interrupts is answered by the next run."""
        if self._journal is not None:
            self._journal.stop()

    async def close(self) -> None:
        """Settle what was heard, leave the rest to the next run, and wait until everything is safe on disk."""
        self.turns.settle()
        if self._journal is not None:
            await self._journal.close()

    def _received(self, event: ViewerEvent) -> None:
        """Count chat once; if it comes again (a replaced replay starts over), it still passes."""
        self.ledger.received(event)

    def _received_owed(self, name: str, event: ViewerEvent) -> bool:
        journal = self._journal
        if self._expected.get(event.id) is event:
            del self._expected[event.id]
            new = True
        elif journal is not None and journal.refuses(event.id):
            self.ledger.repeated_count += 1
            self._tell_repeated(event)
            return False
        else:
            new = self.ledger.received(event)
        if new and journal is not None:
            journal.received(name, event)
            self.arrived.tell(event.id)
        elif not new:
            self._tell_repeated(event)
        return new

    def _tell_of_deaths(self, journal: Journal, left: list[ViewerEvent]) -> None:
        for event in (*left, *journal.given_up):
            died = journal.died.get(event.id)
            if died is not None and event in journal.given_up:
                text = phrase(
                    "The program ended {count} times while it answered {what} of {name}. It does not answer again, so "
                    "please greet them yourself. What they wrote is in {file}.",
                    count=died.deaths,
                    what=_kind(event),
                    name=self._log.name(event.author),
                    file=journal.aside,
                )
                self._log.warning(text)
            elif event.plain and died is not None:
                text = phrase(
                    "The program ended {count} times while it answered {what} of {name}. They are greeted with a "
                    "prepared answer instead. What they wrote is in {file}.",
                    count=died.deaths,
                    what=_kind(event),
                    name=self._log.name(event.author),
                    file=journal.aside,
                )
                self._log.warning(text)

    def _tell_repeated(self, event: ViewerEvent) -> None:
        """Log once what was taken for a repetition, so that a person sees one that was not."""
        if event.id in self._repeated:
            return
        self._repeated[event.id] = None
        if len(self._repeated) > _REPEATED:
            del self._repeated[next(iter(self._repeated))]
        what = _kind(event)
        if isinstance(event, Donation):
            what = phrase("donation of {amount} cheese", amount=f"{event.amount:,}")
        name = self._log.name(event.author)
        text = phrase(
            "The same {what} came again and was counted once: {name} ({id})", what=what, name=name, id=event.id
        )
        self._log.info(text)

    def _returned(self, turn: Turn) -> None:
        for event_id in turn.batch:
            self.rests(event_id)

    def _judged(self, judged: Judged) -> None:
        """Record that another place dropped a viewer event that came in here."""
        if judged.reason is not None and not judged.final:
            self.ledger.dropped_id(judged.id, judged.reason)

    def _turn_told(self, told: TurnTold) -> None:
        """Record what another place reports of a turn; one that failed there is never reported as heard to its end."""
        self.turns.told(told)
        if told.over:
            self.over_elsewhere.tell(told.turn)

    def _withdrawn(self, withdrawn: Withdrawn) -> None:
        """Remove all of it from the files and from what can be looked up."""
        self.ledger.recent.forget(withdrawn)
        if self._journal is not None:
            self._journal.forget(withdrawn)
        asyncio.get_running_loop().run_in_executor(None, self._log.forget, withdrawn)
