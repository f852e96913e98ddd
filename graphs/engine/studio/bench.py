"""Tries a text on one node alone, with settings and files not saved yet: would it be dropped, how is it read?

The node itself does it, on a bench of its own: nothing of the show on air is touched, and nothing is counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from reactivex import Observable, Subject
from reactivex.disposable import CompositeDisposable

from nodes import NodeSpec
from nodes.particles import named
from nodes.phrases import phrase
from nodes.refused import Refused
from nodes.services import Stopped
from nodes.troubles import Troubles
from nodes.written import contents, written
from schemas.chat import ChatBatch, ChatMessage, Reason, ViewerEvent
from schemas.event import Event
from schemas.graph import NodeEntry
from schemas.language import KOREAN, Language
from schemas.reply import ReplyChunk, Sentence

T = TypeVar("T")
TURN = "trial"
LONGEST = 500
"""A text to try has at most this many characters."""


def _message(text: str) -> ChatMessage:
    return ChatMessage(id=TURN, author=str(phrase("a viewer")), text=text)


EVENTS: Mapping[str, Callable[[str], Event]] = {
    "chat.filter": _message,
    "reply.canned": lambda text: ChatBatch(turn=TURN, lane="chat", events=(_message(text),)),
    "reply.split": lambda text: ReplyChunk(turn=TURN, text=text, emotion="neutral", last=True),
    "reply.guard": lambda text: Sentence(turn=TURN, index=0, text=text, spoken=text, emotion="neutral", last=True),
}
"""Node type -> what it is given for a text. These types answer an event at once."""


@dataclass(frozen=True, slots=True)
class _Content:
    value: Any
    path: Path


class _Bench(Troubles):
    """What the engine lends to a node, as far as the types of ``EVENTS`` ask for it."""

    def __init__(
        self,
        root: Path,
        texts: Mapping[str, str],
        character: str,
        language: Language,
        told_by: Callable[[str], bool],
    ) -> None:
        self.language = language
        self.told_by = told_by
        self.reasons: list[Reason] = []
        self.words: list[Stopped] = []
        self._root, self._texts, self._character = root, texts, character

    def now(self) -> float:
        return 0.0

    def watch(self, path: Path, parse: Callable[[str], T]) -> _Content:
        text = self._texts.get(path.as_posix())
        if text is None:
            text = written(contents(self._root / path)).text
        return _Content(parse(named(text, self._character)), self._root / path)

    def keep(self, _: str, make: Callable[[], T]) -> T:
        return make()

    def drop(self, _: ViewerEvent, reason: Reason) -> None:
        self.reasons.append(reason)

    def stopped(self, _: Event, by: Stopped) -> None:
        self.words.append(by)

    def ahead(self, call: Callable[..., object], *args: Any) -> None: ...
    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None: ...
    def hide(self, secret: str) -> None: ...


def tried(
    spec: NodeSpec,
    entry: NodeEntry,
    text: str,
    *,
    root: Path,
    texts: Mapping[str, str],
    character: str,
    language: Language | None,
    told_by: Callable[[str], bool],
) -> dict[str, Any]:
    """Give a text to a node and return what becomes of it. Blocking.

    Args:
        texts: what files hold on the bench, by their paths in the settings.
        told_by: whether a text tells a secret of this run.

    Returns:
        ``out``, a list of ``text`` and ``spoken`` (where they differ); ``reason`` if it was dropped; ``word`` and
        ``list`` if a word was found.

    Raises:
        Refused: this type of node cannot be tried like this.
        ValueError: a file cannot be used; the text says why.
        OSError: a file cannot be read.
    """
    if entry.type not in EVENTS:
        raise Refused(phrase("this cannot be tried here"))
    bench = _Bench(root, texts, character, language or KOREAN, told_by)
    given: Subject[Event] = Subject()
    built = spec.build(entry.settings, given, **dict.fromkeys(spec.services, bench))
    outputs = cast(tuple[Observable[Event], ...], built if isinstance(built, tuple) else (built,))
    found: list[Event] = []
    listening = CompositeDisposable([each.subscribe(found.append) for each in outputs])
    try:
        given.on_next(EVENTS[entry.type](text[:LONGEST]))
    finally:
        listening.dispose()
    word = bench.words[0] if bench.words else None
    return {
        "out": [_told(event) for event in found if getattr(event, "text", "")],
        "reason": bench.reasons[0] if bench.reasons else "",
        "word": word.word if word else "",
        "list": word.by if word else "",
    }


def _told(event: Event) -> dict[str, str]:
    text, spoken = str(getattr(event, "text", "")), str(getattr(event, "spoken", ""))
    return {"text": text, "spoken": spoken if spoken != text else ""}
