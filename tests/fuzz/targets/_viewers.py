"""Checks what chat.parse and chat.filter make of payloads."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable
from reactivex.subject import Subject

from graphs.engine.flow.files import ProjectFiles
from graphs.engine.flow.host import Keeping
from nodes.chat.filter import Filter, filter_
from nodes.chat.parse import Parse, parse
from nodes.text import clean
from schemas.chat import ChatMessage, Donation, RawPayload, Reason, Subscription, ViewerEvent, Withdrawn
from tests.fuzz.targets._laws import must, writable
from tests.harness import ROOT

_FIELDS = {"json", "event", "field"}
_URLS = 2000


def _id(event: Any) -> str | None:
    """Return the id that the same payload always gets; a paid event without a time is a new one each time it comes."""
    paid = isinstance(event, Donation) or (isinstance(event, Subscription) and event.gifts)
    return None if paid and event.sent_at is None else getattr(event, "id", None)


class _Time:
    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at


class _Counted:
    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.dropped: list[str] = []

    def malformed(self, kind: str) -> None:
        self.kinds.append(kind)

    def drop(self, event: ViewerEvent, reason: Reason) -> None:
        self.dropped.append(event.id)

    def stopped(self, event: ViewerEvent, by: object) -> None: ...

    def follow(self, take: object) -> DisposableBase:
        return Disposable()


class _Prepared:
    """Prepares nothing: what is slow the first time is slow then."""

    def ahead(self, call: Callable[..., object], *args: Any) -> None:
        pass


class Viewers:
    """The two nodes, connected; they live as long as the process, as in a long show."""

    def __init__(self) -> None:
        self._time = _Time()
        self._counted = _Counted()
        self._payloads: Subject[RawPayload] = Subject()
        self._out: list[Any] = []
        self._passed: list[ViewerEvent] = []
        parsed = parse(Parse(), self._payloads, clock=self._time, verdicts=self._counted)
        let_through = filter_(
            Filter(),
            parsed.chat,
            clock=self._time,
            verdicts=self._counted,
            files=ProjectFiles(ROOT),
            kept=Keeping(),
            prepare=_Prepared(),
        )
        parsed.chat.subscribe(self._out.append, on_error=_raise)
        parsed.withdrawn.subscribe(self._out.append, on_error=_raise)
        let_through.subscribe(self._passed.append, on_error=_raise)

    def take(self, payloads: Iterable[RawPayload]) -> None:
        """Feed the payloads a second apart."""
        for payload in payloads:
            self._time.at += 1.0
            first = self._one(payload)
            self._time.at += 1000.0  # late enough that the filter has forgotten it
            again = self._one(payload)
            must(
                [_id(one) for one in first] == [_id(one) for one in again],
                "the same payload has another id:",
                payload,
            )

    def _one(self, payload: RawPayload) -> list[Any]:
        for each in (self._out, self._passed, self._counted.kinds, self._counted.dropped):
            each.clear()
        self._payloads.on_next(payload)
        found, kinds = list(self._out), self._counted.kinds
        silent = payload.event == "SYSTEM"
        must(len(found) + len(kinds) == (0 if silent else 1), payload, "gave", found, kinds)
        must(_FIELDS.issuperset(kinds), "unknown kind", kinds)
        for event in found:
            if isinstance(event, ViewerEvent):
                _sane(event)
                _filtered(event, self._passed, self._counted.dropped)
            else:
                must(isinstance(event, Withdrawn), event)
        return found


def _raise(error: Exception) -> None:
    raise error


def _sane(event: ViewerEvent) -> None:
    must(len(event.id) == 16 and int(event.id, 16) >= 0, event.id)
    must(1 <= len(writable(event.author)) <= 100 and len(writable(event.author_id)) <= 100, event)
    must(len(writable(event.text)) <= 2000 and "\0" not in event.text, event)
    must(event.sent_at is None or -1e12 < event.sent_at < 1e12, event.sent_at)
    _urls(event.emotes)
    must(len(event.badges) <= 20 and all(len(writable(url)) <= _URLS for url in event.badges), event.badges)
    if isinstance(event, Donation):
        must(0 <= event.amount < 10**15 and event.kind and len(writable(event.kind)) <= 100, event)
    if isinstance(event, Subscription):
        must(event.tier >= 1 and event.months >= 1 and len(writable(event.tier_name)) <= 100, event)


def _urls(emotes: Mapping[str, str]) -> None:
    must(len(emotes) <= 200, len(emotes), "emotes")
    for name, url in emotes.items():
        must(0 < len(writable(name)) <= 100 and url.startswith("https://") and len(writable(url)) <= _URLS, name, url)


def _filtered(event: ViewerEvent, passed: list[ViewerEvent], dropped: list[str]) -> None:
    must(len(passed) + len(dropped) == 1, "one event, but", passed, dropped)
    must(isinstance(event, ChatMessage) or not dropped, "the filter dropped what viewers pay for:", event)
    for each in passed:
        for text in (each.author, each.text):
            must(clean(writable(text)) == text, "cleaned once it is", repr(text), "and twice", repr(clean(text)))
