"""``reply.canned``: answers from written rules."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase

from nodes import node
from nodes.particles import filled
from nodes.patterns import compile_all
from nodes.reply._names import clean
from nodes.reply._rules import Rule, kind, parse
from nodes.reply._spoken import PATTERNS
from nodes.services import Files, Kept, Log, Preparation
from schemas.chat import PAID, ChatBatch, Donation, Subscription, ViewerEvent
from schemas.reply import WRITTEN, ReplyChunk
from schemas.settings import Settings, WatchedFile

GREETED = 3
"""At most this many viewers are called by name in one sentence."""
THANKED = 2
"""At most this many donations or subscriptions get their own line in one answer."""


GIFT = Rule("구독 선물", "subscription", ("{name}님, {tier} 구독권 {count}개 선물 고마워요!",), "excited", gift=True)
"""Answers if the file has no rule for subscriptions given to others."""


class Canned(Settings):
    replies: WatchedFile = Field(
        Path("config/canned_replies.yaml"),
        title="Prepared answers",
        description="Prepared answers. A change on air takes effect with the next answer.",
    )


@node("reply.canned", light="reply")
def canned(
    config: Canned, batch: Observable[ChatBatch], *, files: Files, kept: Kept, prepare: Preparation, log: Log
) -> Observable[ReplyChunk]:
    """Answer every batch from written rules; no model, no network.

    The first rule in the file that fits an event of the batch's highest lane answers; donations and subscriptions get a
    line each. The lines of a rule take turns. The answer comes sentence by sentence, with the emotion on the first one.
    A turn without a viewer says its topic as written.
    """
    rules = files.watch(config.replies, parse)
    prepare.ahead(compile_all, PATTERNS)  # a name is called only if it can be said

    def subscribe(observer: ObserverBase[ReplyChunk], scheduler: SchedulerBase | None = None) -> DisposableBase:
        script = kept.keep("script", _Script)
        log.well("reply")

        def answer(event: ChatBatch) -> None:
            for chunk in script.answer(rules.value, event):
                observer.on_next(chunk)

        return batch.subscribe(answer, observer.on_error, observer.on_completed, scheduler=scheduler)

    return Observable(subscribe)


class _Script:
    """Tracks which line of each rule comes next, and whether the character has introduced itself."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}
        self._introduced = False

    def answer(self, rules: Sequence[Rule], batch: ChatBatch) -> Iterator[ReplyChunk]:
        emotion, lines = self._lines(rules, _of_lane(batch)) if batch.events else ("neutral", [batch.topic])
        if not self._introduced and batch.events:
            self._introduced = True
            lines += [self._next(rule, ()) for rule in rules if rule.first]
        sentences = [part for line in lines for part in re.split(r"(?<=[.!?~…])\s+", line.strip())]
        for index, sentence in enumerate(sentences):
            last = index == len(sentences) - 1
            yield ReplyChunk(
                turn=batch.turn,
                text=sentence if last else sentence + " ",
                emotion=None if index else emotion,
                rung="" if index else WRITTEN,
                last=last,
            )

    def _lines(self, rules: Sequence[Rule], events: list[ViewerEvent]) -> tuple[str, list[str]]:
        if kind(events[0]) == "chat":
            rule = min((_fitting(rules, event) for event in events), key=rules.index)
            return rule.emotion, [self._next(rule, [event for event in events if rule.fits(event)])]
        events = sorted(events, key=lambda event: -event.amount if isinstance(event, Donation) else 0)
        first = _fitting(rules, events[0])
        lines = [self._next(_fitting(rules, event), [event]) for event in events[:THANKED]]
        if len(events) > THANKED:
            lines += [self._next(r, events[THANKED:]) for r in rules if r.more and r.kind == kind(events[0])]
        return first.emotion, lines

    def _next(self, rule: Rule, events: Sequence[ViewerEvent]) -> str:
        used = self._used.get(rule.name, 0)
        self._used[rule.name] = used + 1
        return _fill(_sayable(rule.lines, events)[used % len(_sayable(rule.lines, events))], events)


def _of_lane(batch: ChatBatch) -> list[ViewerEvent]:
    if batch.lane in PAID:
        return [event for event in batch.events if event.lane == batch.lane] or list(batch.events[:1])
    return [event for event in batch.events if kind(event) == "chat"] or list(batch.events[:1])


def _fitting(rules: Sequence[Rule], event: ViewerEvent) -> Rule:
    return next(rule for rule in (*rules, GIFT) if rule.fits(event))


def _sayable(lines: Sequence[str], events: Sequence[ViewerEvent]) -> Sequence[str]:
    """Return the lines that stay correct without an amount if it could not be read; otherwise all of them."""
    if not (isinstance(first := next(iter(events), None), Donation) and not first.amount):
        return lines
    kept = [line for line in lines if "{amount}" not in re.sub(r"\{amount\} (?=영상|후원)", "", line)]
    return [line.replace("{amount} ", "") for line in kept] or ["{name}님, 후원 고마워요!"]


def _fill(line: str, events: Sequence[ViewerEvent]) -> str:
    names = list(dict.fromkeys(clean(event.author) for event in events))[:GREETED]
    places = {"name": names[0] if names else "시청자", "names": "님, ".join(names) or "시청자"}
    for event in events[:1]:
        if isinstance(event, Donation):
            places["amount"] = f"{event.amount:,}치즈"
        if isinstance(event, Subscription):
            places["months"] = f"{event.months}개월"
            places["count"] = str(event.gifts)
            places["tier"] = event.tier_name or f"{event.tier}티어"
    return re.sub(r"\{\w+\}", "", filled(line, places))
