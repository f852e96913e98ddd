"""Decides when a batch closes and what is in it; ``_floor`` knows when a turn may open."""

from bisect import insort
from collections import Counter, deque
from collections.abc import Mapping

from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import SerialDisposable

from nodes.chat._batch_settings import Batch
from nodes.chat._floor import Floor
from nodes.chat._host import Host
from nodes.chat._waiting import IN_ORDER, Waiting, rotated, those, turn_id
from nodes.phrases import phrase
from nodes.services import Clock, Log, Pace, Verdicts
from schemas.chat import LANES, PAID, ChatBatch, Lane, Reason, ViewerEvent, Withdrawn
from schemas.host import HostTurn, Ignored
from schemas.playback import Speaking

_WITHDRAWN = 128
"""How many withdrawals are remembered: one can overtake its message, which takes another path."""
MOST_AHEAD_S = 2.0
"""With ``auto`` a turn opens at most this long before the end of the one before it, and so before the pace is known."""
_SLACK_S = 1e-6
"""A timer may fire this much early: sums of seconds are rounded."""


class TurnFormer(DisposableBase):
    """Holds waiting events, and closes batches on time."""

    def __init__(
        self,
        config: Batch,
        floor: Floor,
        host: Host,
        observer: ObserverBase[ChatBatch],
        scheduler: SchedulerBase,
        clock: Clock,
        pace: Pace,
        verdicts: Verdicts,
        log: Log,
        *,
        waits: bool,
    ) -> None:
        """
        Args:
            waits: a turn ends only when the voice reports it.
        """
        self._config = config
        self._floor = floor
        self._host = host
        self._pace = pace
        self._observer = observer
        self._scheduler = scheduler
        self._clock = clock
        self._verdicts = verdicts
        self._log = log
        self._waits = waits
        self._timer = SerialDisposable()
        self._lanes: dict[Lane, list[Waiting]] = {lane: [] for lane in LANES}
        self._arrived = 0
        self._answered: dict[str, int] = {}
        """Channel -> events that had arrived when it was last answered; has one channel until there are several."""
        self._withdrawn: deque[Withdrawn] = deque(maxlen=_WITHDRAWN)

    def take(self, event: ViewerEvent) -> None:
        """Take in a viewer event."""
        if any(withdrawn.covers(event) for withdrawn in self._withdrawn):
            self._verdicts.drop(event, "withdrawn")
            return
        self._host.understood(event.id)
        lane: Lane = "mention" if event.lane == "chat" and self._mentioned(event.text) else event.lane
        if lane == "chat" and self._config.only_mentions:
            self._verdicts.drop(event, "not_mentioned")
            return
        self._lanes[lane].append(Waiting(self._arrived, self._clock.now(), lane, event))
        self._arrived += 1
        mention, chat = self._lanes["mention"], self._lanes["chat"]
        if lane != "host":
            self._answered.setdefault(event.channel_id, -1)
        while len(mention) + len(chat) > self._config.max_waiting:
            waiting = chat or mention
            self._drop(waiting, "flood", self._loudest(waiting))
        self._step()

    def withdraw(self, withdrawn: Withdrawn) -> None:
        """Leave the events it covers unanswered, unless their turn has begun."""
        self._withdrawn.append(withdrawn)
        self._host.withdraw(withdrawn)
        for lane, waiting in self._lanes.items():
            self._lanes[lane] = [item for item in waiting if not withdrawn.covers(item.event)]
            for item in waiting:
                if withdrawn.covers(item.event):
                    self._verdicts.drop(item.event, "withdrawn")
        self._step()

    def heard(self, speaking: Speaking) -> None:
        """Note that the voice took a turn, knows its end, or is free again."""
        now = self._clock.now()
        self._floor.heard(speaking, now)
        back = self._host.ended(speaking, now, self._config)
        for item in back.again:
            if any(withdrawn.covers(item.event) for withdrawn in self._withdrawn):
                self._verdicts.drop(item.event, "withdrawn")
            else:
                insort(self._lanes[item.lane], item, key=lambda each: each.number)
        for withdrawn in self._withdrawn if back.made_up else ():  # while it was being said
            self._host.withdraw(withdrawn)
        for item in back.left_out:
            self._left_out(item.event)
        self._step()

    def host(self, turn: HostTurn) -> None:
        """Note that the streamer speaks, or has yielded."""
        self._host.turn(turn, self._clock.now())
        self._step()

    def ignored(self, ignored: Ignored) -> None:
        """Note that nothing comes of what she said."""
        self._host.understood(ignored.utterance)
        self._step()

    def host_gone(self) -> None:
        """Note that the microphone reports nothing more; no turn waits for her."""
        self._host.gone()
        self._step()

    def voice_gone(self) -> None:
        """Note that the voice will say nothing more; no turn waits for it."""
        self._waits = False
        self._floor.clear()
        self._step()

    def flush(self) -> None:
        """End the chat: emit what is waiting and complete."""
        self._timer.dispose()
        self._drop_stale(self._clock.now())
        while any(self._lanes.values()) or self._host.owed:
            self._emit()
        self._observer.on_completed()

    def dispose(self) -> None:
        self._timer.dispose()

    def _step(self) -> None:
        """Do everything that is due now, and set the timer for the next due time."""
        now = self._clock.now()
        self._drop_stale(now)
        if self._host.overdue_at(self._config) <= now + _SLACK_S:
            self._host.give_up(self._left_out)
        timeout_s = self._config.turn_timeout_s
        while self._floor.late_at(timeout_s) <= now + _SLACK_S:
            turn = self._floor.give_up()
            text = phrase(
                "the voice did not end turn {turn} in {seconds} s: going on", turn=turn, seconds=f"{timeout_s:g}"
            )
            self._log.warning(text, turn=turn)
        while self._emits_at() <= now + _SLACK_S:
            self._emit()
        if self._yields_at() <= now + _SLACK_S:
            self._emit(over=self._floor.turn or "")
        self._set_timer(now)

    def _set_timer(self, now: float) -> None:
        times = [self._stale_at(item) for lane in ("mention", "chat") for item in self._lanes[lane]]
        times += (self._floor.late_at(self._config.turn_timeout_s), self._yields_at(), self._emits_at())
        times.append(self._host.overdue_at(self._config))
        if (first := min(times, default=float("inf"))) < float("inf"):
            delay = max(0.0, first - now)
            self._timer.disposable = self._scheduler.schedule_relative(delay, self._due)

    def _due(self, _: SchedulerBase, __: object = None) -> None:
        self._step()

    def _emits_at(self) -> float:
        """Return when the next turn opens: infinity if nothing is waiting, or as long as it is not known."""
        ahead_s = self._config.ahead_s
        if ahead_s == "auto":  # how long it takes is asked for only where it matters: this is done for every message
            ahead_s = min(MOST_AHEAD_S, self._pace.sound_s() or MOST_AHEAD_S) if self._floor.ends else 0.0
        opens_at = self._floor.opens_at(ahead_s)
        if opens_at == float("inf"):
            return opens_at
        return max(opens_at, self._closes_at(), self._after_her())

    def _closes_at(self) -> float:
        """Return when the next batch closes: infinity if nothing is waiting, in the past if it is full."""
        group = self._group()
        if not group:
            return float("inf")
        if len(group) >= self._config.max_items or group[0].lane == "host" or self._owed(group):
            return float("-inf")
        times = [waiting.at for waiting in group]
        return min(max(times) + self._config.quiet_s, min(times) + self._config.max_wait_s)

    def _after_her(self) -> float:
        return self._host.free_at(self._config, hers=bool(self._lanes["host"]))

    def _yields_at(self) -> float:
        """Return when the open turn makes room for a guest or one that was paid for: infinity if it does not."""
        after = self._config.yield_after_s
        if after is None or not self._floor.may_end:
            return float("inf")
        due = [waiting.at + after for lane in PAID for waiting in self._lanes[lane]]
        due += [item.at for lane in LANES for item in self._lanes[lane] if item.event.guest or lane == "host"]
        return max(self._closes_at(), min(due, default=float("inf")), self._after_her())

    def _owed(self, group: list[Waiting]) -> bool:
        """Whether these are thanked once more: only they can be in a batch of their own before all others."""
        return bool(self._host.owed) and group[0] is self._host.owed[0]

    def _group(self) -> list[Waiting]:
        """Return the events that may share the next batch, in the order in which they are chosen."""
        group: list[Waiting] = []
        lanes: Mapping[Lane, list[Waiting]] = self._lanes
        if lanes["host"]:
            return lanes["host"]
        if owed := self._host.owed:
            return [item for item in owed if item.lane == owed[0].lane]
        if any(item.event.guest for waiting in lanes.values() for item in waiting):
            lanes = those(lanes, lambda item: item.event.guest)
        if self._config.channel_alone and len(self._answered) > 1:
            channel = self._next_channel(lanes)
            lanes = those(lanes, lambda item: item.channel == channel)
        for lane in LANES:
            paid = lane in PAID
            if group and self._config.paid_alone and (paid or group[0].lane in PAID):
                break
            group += lanes[lane] if paid else reversed(lanes[lane])
        return group

    def _next_channel(self, lanes: Mapping[Lane, list[Waiting]]) -> str | None:
        """Return the channel of the oldest paid event, else the one answered longest ago of the first lane in use."""
        waiting = next((waiting for lane in LANES if (waiting := lanes[lane])), None)
        if waiting is None:
            return None
        if waiting[0].lane in PAID:
            return waiting[0].channel
        return min(waiting, key=lambda item: (self._answered[item.channel], item.number)).channel

    def _loudest(self, waiting: list[Waiting]) -> int:
        """Return the index of the oldest item of the channel with the most items."""
        if len(self._answered) < 2:
            return 0
        ((loudest, _),) = Counter(item.channel for item in waiting).most_common(1)
        return next(index for index, item in enumerate(waiting) if item.channel == loudest)

    def _emit(self, over: str = "") -> None:
        group = self._group()
        make_up = self._owed(group)
        chosen = rotated(group)[: self._config.max_items]
        for item in chosen if not make_up else ():
            self._lanes[item.lane].remove(item)
            if item.lane != "host":
                self._answered[item.channel] = self._arrived
        lane = chosen[0].lane
        chosen.sort(key=lambda item: item.number)
        turn = turn_id(chosen, make_up=make_up)
        first = lane in IN_ORDER or chosen[0].event.guest
        if first and self._config.yield_after_s is not None:
            over = over or self._floor.other
        if self._waits:
            self._floor.open(turn, self._clock.now(), stays=first, over=over)
        self._host.opened(turn, chosen, make_up=make_up)
        events = tuple(item.event for item in chosen)
        self._observer.on_next(ChatBatch(turn=turn, lane=lane, events=events, over=over, make_up=make_up))

    def _left_out(self, event: ViewerEvent) -> None:
        told = phrase("no moment was left to thank {who} once more: the streamer had spoken", who=event.author)
        self._log.info(told, event=event.id)

    def _drop_stale(self, now: float) -> None:
        for lane in ("mention", "chat"):
            waiting = self._lanes[lane]
            for item in [item for item in waiting if now + _SLACK_S >= self._stale_at(item)]:
                self._drop(waiting, "stale", waiting.index(item))

    def _stale_at(self, item: Waiting) -> float:
        """Return when it is too late to answer it: for a guest, who sees that it waits, never."""
        return float("inf") if item.event.guest else item.at + self._config.ttl_s

    def _drop(self, waiting: list[Waiting], reason: Reason, index: int) -> None:
        self._verdicts.drop(waiting.pop(index).event, reason)

    def _mentioned(self, text: str) -> bool:
        folded = text.casefold()
        return any(name.casefold() in folded for name in self._config.names)
