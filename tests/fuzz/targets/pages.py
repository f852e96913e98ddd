"""Fuzzes what the pages of a show make of it: the overlay and the dock, one event or order a line, as ``name {...}``.

Events: ``chat``, ``donation``, ``subscription``, ``batch``, ``sentence``, ``heard``, ``speaking``, ``withdrawn``,
``clear``, ``restore``, ``toggle``, ``silent``; ``order {...}`` is one of the dock; ``!1.5`` lets 1.5 seconds pass; any
other line is what a page sends over its WebSocket.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from graphs.engine.web.sockets import PageChannel, encode
from nodes.overlay import _state as fold
from nodes.overlay._dock_desk import Desk
from nodes.overlay._dock_orders import obey
from nodes.overlay._dock_state import State
from nodes.overlay._page import Known, Page
from nodes.overlay._settings import Overlay
from nodes.troubles import Troubles
from schemas.chat import ChatBatch, ChatMessage, Donation, Subscription, ViewerEvent, Withdrawn
from schemas.event import Event
from schemas.playback import Heard, Speaking
from schemas.reply import EMOTIONS, Sentence
from tests.fuzz.targets._laws import must, seconds

_LINES = 8
_PARTS = ("lines", "answers", "caption", "streamer_hidden")
_LARGEST = 1 << 20


class _Time:
    at = 1.0

    def now(self) -> float:
        return self.at


class _Dropped:
    """Records verdicts; an event is dropped only once."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def drop(self, event: ViewerEvent, reason: str) -> None:
        must(id(event) not in self.ids, "it was dropped twice:", event, reason)
        self.ids.add(id(event))

    def malformed(self, kind: str) -> None:
        raise AssertionError(kind)

    follow = None


class _Dock:
    hold_s = 30.0
    turn_timeout_s = 60.0


class _Log(Troubles):
    def warning(self, text: str, **_: object) -> None:
        raise AssertionError(text)

    info = warning


class _Stage:
    """The two nodes, what a page of each makes of its messages, and what was withdrawn."""

    def __init__(self) -> None:
        self.time, self.dropped = _Time(), _Dropped()
        self.page = Page(Overlay(max_lines=_LINES), self.time, Known(), batches=True)
        self.desk = Desk(State(), _Dock(), self.time, self.dropped, voiced=True, told=True)  # type: ignore[arg-type]
        (hello,) = self.page.hello()
        self.shown = {part: hello[part] for part in _PARTS}
        self.events: deque[ViewerEvent] = deque(maxlen=16)
        """Events that are not in a batch yet."""
        self.seen: list[ViewerEvent] = []
        self.channel = PageChannel(lambda: (), self._received, lambda _: None, _Log())  # type: ignore[arg-type]
        self.channel._clients["page"] = None  # type: ignore[assignment]

    def change(self, changes: Iterable[dict[str, Any]]) -> None:
        """Apply what the overlay sends; a page folds it as the node does."""
        for change in changes:
            told = _sent(self.page.apply(change))
            self.shown = fold.apply(self.shown, told, _LINES)

    def tell(self, events: Iterable[Event] | None) -> None:
        """Check what the dock sends after something happened."""
        must(len(list(islice(events or (), 1000))) < 1000, "events without end")
        message = _sent(self.desk.state.message(self.time.now()))
        must(len(message["past"]) <= 20 and len(message["sayings"]) <= 20, "too much is kept")

    def even(self) -> None:
        """Check that a page that was there from the start shows the same as one that opens now."""
        now = _sent(self.page.hello()[0])
        must(self.shown == {part: now[part] for part in _PARTS}, "two pages differ:", self.shown, now)
        must(len(now["lines"]) <= _LINES and len(now["answers"]) <= _LINES, "too many lines")
        _sent(self.page.answer())

    def _received(self, _: str, said: Mapping[str, Any]) -> None:
        must(isinstance(said, dict), said)


def check(data: bytes) -> None:
    stage = _Stage()
    for line in data.decode("utf-8", "replace").split("\n")[:48]:
        if line.startswith("!"):
            stage.time.at += seconds(line[1:])
            stage.tell(stage.desk.tick())
            continue
        name, _, text = line.partition(" ")
        if name not in _EVENTS:
            stage.channel._read("page", line)
            continue
        try:
            fields = json.loads(text or "{}")
        except (ValueError, RecursionError):
            continue
        if isinstance(fields, dict):
            stage.time.at += 0.1
            _EVENTS[name](stage, fields)
            stage.even()


def _sent(message: Any) -> Any:
    """Return the message as a page reads it."""
    data, binary = encode(message)
    must(not binary and len(data) < _LARGEST, len(data), "bytes in a message")
    return json.loads(data.decode(), parse_constant=_no_number)


def _no_number(text: str) -> None:
    raise AssertionError(f"a page cannot read {text}")


def _word(fields: Mapping[str, Any], name: str, default: str = "") -> str:
    """Return a text without lone surrogates: the code that reads the wire lets none through."""
    value = fields.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else default


def _number(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    return max(0, min(value, 10**15)) if isinstance(value, int) else 1


def _viewer(class_: type[ViewerEvent]) -> Callable[[_Stage, Mapping[str, Any]], None]:
    def take(stage: _Stage, fields: Mapping[str, Any]) -> None:
        emotes, badges = fields.get("emotes"), fields.get("badges")
        role = fields.get("role")
        author_id, sent_at = _word(fields, "author_id", "a"), _number(fields, "sent_at")
        event = class_(
            id=f"{_word(fields, 'id', 'e1')} of {author_id} at {sent_at}",  # another author, another event
            author=_word(fields, "author", "가나"),
            author_id=author_id,
            role=role if role in ("streamer", "manager") else "viewer",
            text=_word(fields, "text"),
            emotes={name: _word(emotes, name) for name in map(str, emotes)} if isinstance(emotes, dict) else {},
            badges=tuple(each for each in badges if isinstance(each, str)) if isinstance(badges, list) else (),
            sent_at=float(sent_at),
            received_at=stage.time.now(),
            **_more(class_, fields),
        )
        stage.events.append(event)
        stage.seen.append(event)
        stage.change(stage.page.told(event))
        stage.change(stage.page.said(event))

    return take


def _more(class_: type[ViewerEvent], fields: Mapping[str, Any]) -> dict[str, Any]:
    if class_ is Donation:
        return {"amount": _number(fields, "amount"), "anonymous": fields.get("anonymous") is True}
    if class_ is Subscription:
        return {"tier_name": _word(fields, "tier_name"), "months": _number(fields, "months")}
    return {}


def _batch(stage: _Stage, fields: Mapping[str, Any]) -> None:
    count = 1 + _number(fields, "count") % 4
    events = tuple(stage.events.popleft() for _ in range(min(count, len(stage.events))))
    lane = max((event.lane for event in events), key=("chat", "subscription", "donation").index, default="chat")
    topic = "" if events else _word(fields, "topic", "날씨")
    batch = ChatBatch(turn=_word(fields, "turn", "t1"), events=events, lane=lane, topic=topic)
    stage.change(stage.page.opened(batch))
    stage.tell(stage.desk.batch(batch))


def _sentence(stage: _Stage, fields: Mapping[str, Any]) -> None:
    text, emotion = _word(fields, "text"), fields.get("emotion")
    sentence = Sentence(
        turn=_word(fields, "turn", "t1"),
        index=_number(fields, "index"),
        text=text,
        spoken=text,
        emotion=emotion if emotion in EMOTIONS else "neutral",
        last=fields.get("last") is True,
    )
    stage.change(stage.page.came(sentence, voice=fields.get("voice") is not False))
    stage.tell(stage.desk.sentence(sentence))


def _heard(stage: _Stage, fields: Mapping[str, Any]) -> None:
    fraction = fields.get("fraction")
    heard = Heard(
        turn=_word(fields, "turn", "t1"),
        sentence=_number(fields, "sentence"),
        text=_word(fields, "text"),
        fraction=fraction if isinstance(fraction, float) and 0 <= fraction <= 1 else 1.0,
        ended=fields.get("ended") is True,
    )
    stage.change(stage.page.heard(heard))
    must(stage.desk.heard(heard) in (True, False))
    stage.tell(())


def _speaking(stage: _Stage, fields: Mapping[str, Any]) -> None:
    speaking = Speaking(turn=_word(fields, "turn", "t1"), speaking=fields.get("speaking") is True)
    stage.tell(stage.desk.speaking(speaking))


def _withdrawn(stage: _Stage, fields: Mapping[str, Any]) -> None:
    at = float(_number(fields, "sent_at")) if "sent_at" in fields else None
    gone = Withdrawn(author_id=_word(fields, "author_id", "a"), sent_at=at, received_at=stage.time.now())
    stage.change(stage.page.withdrew(gone))
    stage.tell(stage.desk.withdraw(gone))
    _standing(stage, [gone])


def _restore(stage: _Stage, _: Mapping[str, Any]) -> None:
    stage.change(stage.page.restore())
    _standing(stage, stage.desk.state.withdrawn)


def _standing(stage: _Stage, withdrawn: Iterable[Withdrawn]) -> None:
    gone = {event.id for event in stage.seen if any(one.covers(event) for one in withdrawn)}
    covered = gone - {event.id for event in stage.seen if not any(one.covers(event) for one in withdrawn)}
    shown = {line["id"] for line in stage.shown["lines"]}
    named = {one["id"] for answer in stage.shown["answers"] for one in answer["to"]}
    must(not covered & (shown | named), "it is shown still:", covered & (shown | named))


def _order(stage: _Stage, fields: Mapping[str, Any]) -> None:
    try:
        stage.tell(obey(stage.desk, fields))
    except ValueError as error:
        must(0 < len(str(error)) < 300, "no word, or too many")


_EVENTS: dict[str, Callable[[_Stage, Mapping[str, Any]], None]] = {
    "chat": _viewer(ChatMessage),
    "donation": _viewer(Donation),
    "subscription": _viewer(Subscription),
    "batch": _batch,
    "sentence": _sentence,
    "heard": _heard,
    "speaking": _speaking,
    "withdrawn": _withdrawn,
    "clear": lambda stage, _: stage.change(stage.page.clear()),
    "toggle": lambda stage, _: stage.change(stage.page.hide_streamer(None)),
    "restore": _restore,
    "silent": lambda stage, _: stage.change(stage.page.silent()),
    "order": _order,
}
