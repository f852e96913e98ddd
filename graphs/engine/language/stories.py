"""Reads and checks the ``tests:`` of a graph: stories in marbles, with their positions in the file.

.. code-block:: yaml

    tests:
      - name: 금지어가 든 채팅은 버립니다
        events: {a: {chat: 안녕하세요}, b: {chat: 나쁜 말}}
        fakes: {reply: [반가워요!]}
        in: {parse: "-a-b"}
        out: {filter: "-a", reply: [a]}

``in``: these nodes emit these events instead of doing their work. ``fakes``: these nodes answer each batch with the
next of these texts. ``out``: what a node (or ``node.port``) must emit; a line of marbles with its times, or a list
where only the order counts.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphs.engine.language import marbles
from graphs.engine.language.document import Document, Path
from nodes import NodeSpec
from nodes.particles import named
from nodes.phrases import phrase, said_by
from schemas.chat import ChatBatch, ChatMessage, Donation, HostLine, Subscription, Withdrawn
from schemas.event import Event
from schemas.graph import Graph, GraphError
from schemas.host import HostTurn, Ignored
from schemas.playback import Heard, Muted, Speaking, Stop
from schemas.reply import AIResponse, Emotion, ReplyChunk, Sentence

KINDS: Mapping[str, tuple[type[Event], str]] = {
    "chat": (ChatMessage, "text"),
    "donation": (Donation, "text"),
    "subscription": (Subscription, "text"),
    "host": (HostLine, "text"),
    "host_turn": (HostTurn, "state"),
    "ignored": (Ignored, "why"),
    "withdrawn": (Withdrawn, "author_id"),
    "batch": (ChatBatch, "events"),
    "reply": (ReplyChunk, "text"),
    "response": (AIResponse, "response"),
    "sentence": (Sentence, "text"),
    "emotion": (Emotion, "emotion"),
    "speaking": (Speaking, "speaking"),
    "heard": (Heard, "text"),
    "stop": (Stop, "turn"),
    "muted": (Muted, "muted"),
}
"""Word of a story -> the event and the field that the word stands for."""
USUAL: Mapping[str, Any] = {
    "author": "시청자",
    "turn": "turn",
    "amount": 1000,
    "lane": "chat",
    "index": 0,
    "sentence": 0,
    "spoken": "",
    "text": "",
    "emotion": "neutral",
    "fraction": 1.0,
    "confidence": 1.0,
    "processing_time": 0.0,
    "at": 0.0,
    "utterance": "",
}
"""Default values of fields that the event needs and the story leaves out."""
STORY_KEYS = ("name", "events", "fakes", "in", "out")


@dataclass(frozen=True, slots=True)
class Pattern:
    """An event of a story: its class and the fields that the story names; a field that is null matches anything."""

    kind: type[Event]
    fields: Mapping[str, Any]
    inner: tuple["Pattern", ...] | None = None
    """For a batch, the events in it."""

    def fits(self, event: Event) -> bool:
        """Whether ``event`` is of this class and holds these values."""
        if not isinstance(event, self.kind):
            return False
        if any(getattr(event, name) != value for name, value in self.fields.items()):
            return False
        if self.inner is None or not isinstance(event, ChatBatch):
            return True
        inside = event.events
        return len(inside) == len(self.inner) and all(one.fits(it) for one, it in zip(self.inner, inside, strict=True))

    def make(self, mark: str, now: float) -> Event:
        """Make the event itself; ``mark`` becomes its id if it has one."""
        given = {"id": mark, "received_at": now, **self.fields}
        if self.inner is not None:
            given["events"] = tuple(one.make(f"{mark}{number}", now) for number, one in enumerate(self.inner))
        names = [each for each in _fields(self.kind) if each.init]
        needed = {each.name: USUAL[each.name] for each in names if each.name in USUAL and _without_default(each)}
        own = {each.name for each in names}
        return self.kind(**{**needed, **{name: value for name, value in given.items() if name in own}})


@dataclass(slots=True)
class Story:
    """One test of a graph."""

    name: str
    line: int
    """The line where it begins in the file, from 1."""
    events: dict[str, Pattern] = field(default_factory=dict[str, Pattern])
    fakes: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    given: dict[str, str] = field(default_factory=dict[str, str])
    """Node -> marbles."""
    expected: dict[tuple[str, str], str | tuple[str, ...]] = field(
        default_factory=dict[tuple[str, str], "str | tuple[str, ...]"]
    )
    """(node, port) -> marbles, or letters in order."""


def stories(document: Document, graph: Graph, registry: Mapping[str, NodeSpec]) -> list[Story]:
    """Read the tests of a graph file.

    Raises:
        GraphError: with everything that is wrong in them.
    """
    listed: Any = document.data.get("tests", [])
    if not isinstance(listed, list):
        hint = phrase("begin each test with '- name: ...'")
        document.problem(document.value(("tests",)), phrase("tests must be a list"), hint)
        listed = []
    reader = _Reader(document, graph, registry)
    found = [reader.story(("tests", number), body) for number, body in enumerate(cast(list[Any], listed))]
    if document.problems:
        raise GraphError(document.problems)
    return found


class _Reader:
    def __init__(self, document: Document, graph: Graph, registry: Mapping[str, NodeSpec]) -> None:
        self._document = document
        self._graph = graph
        self._registry = registry

    def story(self, path: Path, body: Any) -> Story:
        line = self._document.value(path).line
        if not isinstance(body, dict):
            self._wrong(path, phrase("a test must be a mapping"), phrase("write name, events, in and out"))
            return Story("", line)
        content = cast(dict[str, Any], body)
        story = Story(str(content.get("name", phrase("line {line}", line=line))), line)
        for key in content:
            if key not in STORY_KEYS:
                message = phrase("a test has no '{key}'", key=key)
                self._wrong((*path, key), message, phrase("it has {words}", words=", ".join(STORY_KEYS)))
        for letter, said in self._items(path, content, "events"):
            self._event((*path, "events", letter), letter, said, story)
        for name, said in self._items(path, content, "fakes"):
            self._fake((*path, "fakes", name), name, said, story)
        for name, said in self._items(path, content, "in"):
            self._given((*path, "in", name), name, said, story)
        for name, said in self._items(path, content, "out"):
            self._expected((*path, "out", name), name, said, story)
        if not story.expected:
            hint = phrase("add '{line}'", line='out: {node: "-a"}')
            self._wrong(path, phrase("the test expects nothing"), hint)
        return story

    def _items(self, path: Path, content: dict[str, Any], key: str) -> Iterator[tuple[str, Any]]:
        found = content.get(key, {})
        if isinstance(found, dict):
            yield from ((str(name), said) for name, said in cast(dict[Any, Any], found).items())
        else:
            hint = phrase("write {example}", example=f"{key}: {{name: ...}}")
            self._wrong((*path, key), phrase("{key} must be a mapping", key=key), hint)

    def _event(self, path: Path, letter: str, said: Any, story: Story) -> None:
        words = cast(dict[str, Any], said) if isinstance(said, dict) else {}
        word = next((word for word in words if word in KINDS), "")
        if len(letter) != 1 or letter in marbles.SIGNS:
            self._wrong(path, phrase("'{sign}' cannot stand in marbles", sign=letter), phrase("use one letter"))
        elif not word:
            hint = phrase("write {example}; there are {kinds}", example="{chat: ...}", kinds=", ".join(KINDS))
            self._wrong(path, phrase("the event '{letter}' is not known", letter=letter), hint)
        else:
            self._pattern(path, letter, word, words, story)

    def _pattern(self, path: Path, letter: str, word: str, words: dict[str, Any], story: Story) -> None:
        kind, main = KINDS[word]
        fields = {main if name == word else name: value for name, value in words.items() if value is not None}
        fields = {
            name: named(value, self._graph.character) if isinstance(value, str) else value
            for name, value in fields.items()
        }
        known = {each.name for each in _fields(kind) if each.init}
        unknown = [name for name in fields if name not in known]
        if unknown:
            message = phrase("'{word}' has no '{key}'", word=word, key=unknown[0])
            self._wrong(path, message, phrase("it has {words}", words=", ".join(sorted(known))))
            return
        inner = fields.pop("events", None) if kind is ChatBatch else None
        if inner is None:
            story.events[letter] = Pattern(kind, fields)
            return
        letters = [str(each) for each in cast(list[Any], inner)] if isinstance(inner, list) else [str(inner)]
        if self._letters(path, letters, story):
            story.events[letter] = Pattern(kind, fields, tuple(story.events[each] for each in letters))

    def _fake(self, path: Path, name: str, said: Any, story: Story) -> None:
        spec = self._node(path, name)
        texts = cast(list[Any], said) if isinstance(said, list) else [said]
        if not texts or not all(isinstance(text, str) for text in texts):
            self._wrong(path, phrase("a fake answers with texts"), phrase("write [first answer, second answer]"))
        elif spec is not None and not _answers(spec):
            hint = phrase("put its events under 'in' instead")
            self._wrong(path, phrase("'{name}' answers no batches", name=name), hint)
        else:
            story.fakes[name] = tuple(texts)

    def _given(self, path: Path, name: str, said: Any, story: Story) -> None:
        if self._node(path, name) is not None and self._marbles(path, said, story):
            story.given[name] = said

    def _expected(self, path: Path, name: str, said: Any, story: Story) -> None:
        node, _, port = name.partition(".")
        spec = self._node(path, node)
        if spec is None:
            return
        ports = [each.name for each in spec.outputs]
        port = port or (ports[0] if ports else "")
        if port not in ports:
            hint = phrase("it gives {names}", names=", ".join(ports) or phrase("nothing"))
            self._wrong(path, phrase("'{node}' gives nothing at '{port}'", node=node, port=port), hint)
        elif isinstance(said, list):
            letters = tuple(str(letter) for letter in cast(list[Any], said))
            if self._letters(path, letters, story):
                story.expected[node, port] = letters
        elif self._marbles(path, said, story):
            story.expected[node, port] = said

    def _node(self, path: Path, name: str) -> NodeSpec | None:
        entry = self._graph.nodes.get(name)
        if entry is None:
            hint = phrase("it has {words}", words=", ".join(self._graph.nodes))
            self._wrong(path, phrase("the graph has no node '{name}'", name=name), hint)
            return None
        return self._registry[entry.type]

    def _marbles(self, path: Path, said: Any, story: Story) -> bool:
        if not isinstance(said, str):
            self._wrong(path, phrase("marbles are text"), phrase('write them in quotes: "-a--b"'))
            return False
        try:
            letters = [letter for _, letter in marbles.read(said)]
        except ValueError as error:
            self._wrong(path, said_by(error))
            return False
        return self._letters(path, letters, story)

    def _letters(self, path: Path, letters: "list[str] | tuple[str, ...]", story: Story) -> bool:
        unknown = [letter for letter in letters if letter not in story.events]
        if unknown:
            hint = phrase("say under 'events', further up, what it is")
            self._wrong(path, phrase("no event is called '{letter}'", letter=unknown[0]), hint)
        return not unknown

    def _wrong(self, path: Path, message: str, hint: str = "") -> None:
        self._document.problem(self._document.value(path), message, hint)


def _fields(kind: type[Event]) -> "tuple[dataclasses.Field[Any], ...]":
    return dataclasses.fields(cast(Any, kind))


def _without_default(each: "dataclasses.Field[Any]") -> bool:
    return each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING


def _answers(spec: NodeSpec) -> bool:
    takes = any(issubclass(port.event, ChatBatch) for port in spec.inputs)
    return takes and any(issubclass(port.event, ReplyChunk) for port in spec.outputs)
