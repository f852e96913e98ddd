"""A few node types that only the tests of the graph language know: they have signatures and no work to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Never

import pytest
from pydantic import Discriminator, Field, SecretStr, field_validator, model_validator
from reactivex import Observable

from graphs.engine.language.check import check
from graphs.engine.language.document import Document
from graphs.engine.language.load import load
from nodes import UNWIRED, Feedback, NodeSpec, _read
from nodes.phrases import in_tongue
from schemas.chat import ChatBatch, ChatMessage, Donation, ViewerEvent
from schemas.graph import Graph, GraphError, Problem
from schemas.playback import Level, Speaking
from schemas.reply import Emotion, Sentence
from schemas.settings import Live, Settings, WatchedFile
from schemas.speech import Speech
from tests.harness import ROOT

registry: dict[str, NodeSpec] = {}


def small(type_: str) -> Callable[[Callable[..., Any]], None]:
    def register(build: Callable[..., Any]) -> None:
        registry[type_] = _read(type_, build, False)

    return register


class Source(Settings):
    channel: str = Field("", description="Whose chat.")
    token: SecretStr | None = Field(None, description="Opens the channel.")
    loop: bool = Field(False, description="Begin again at the end.")
    speed: float = Field(1.0, gt=0, le=100, description="How fast.")


class Filter(Settings):
    banned_words: WatchedFile | None = Field(None, description="Words, one a line.")
    min_length: Annotated[int, Live()] = Field(1, ge=0, le=100, description="Characters of the shortest message.")
    mode: Literal["drop", "mask"] = Field("drop", description="What happens to a bad message.")
    links: list[str] = Field([], description="Hosts that may be linked to.")


class Window(Settings):
    start_s: float = Field(description="Seconds.")
    end_s: float = Field(10.0, ge=0, description="Seconds.")


class Batch(Settings):
    quiet_s: Annotated[float, Live()] = Field(0.4, ge=0, le=60, description="Quiet time before a batch.")
    max_wait_s: Annotated[float, Live()] = Field(2.0, ge=0, description="Longest wait.")
    window: Window | None = Field(None, description="When to listen.")


class Reply(Settings):
    model: str = Field(description="The name of the model.")
    api_key: SecretStr | None = Field(None, description="Opens the service.")
    temperature: float | Literal["auto"] = Field("auto", description="How wild.")

    @field_validator("model")
    @classmethod
    def _known(cls, value: str) -> str:
        if value.startswith("bad"):
            raise ValueError("this model was withdrawn")
        return value


class Nothing(Settings):
    pass


class Read(Settings):
    main: WatchedFile = Field(Path("main.txt"), description="A file.")
    more: list[WatchedFile] = Field([], description="Files.")
    named: dict[str, WatchedFile] = Field({}, description="Files by name.")
    low: int = Field(0, description="Low.")
    high: int = Field(9, description="High.")
    odd: str = Field("a|b", description="One | two.")
    pair: tuple[int, int] = Field((0, 0), description="Two numbers.")

    @model_validator(mode="after")
    def _ordered(self) -> "Read":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Model(Settings):
    words: set[str] = Field(description="Words.")
    other: Any = Field(description="Anything.")


class Near(Settings):
    kind: Literal["near"] = Field("near", description="Here.")


class Far(Settings):
    kind: Literal["far"] = Field("far", description="Elsewhere.")
    token: SecretStr | None = Field(None, description="Opens the server.")
    size: int = Field(1, description="Anything.")


class Climb(Settings):
    voices: list[Annotated[Near | Far, Discriminator("kind")]] = Field([], description="Voices, the best one first.")


class Answer(NamedTuple):
    sentence: Observable[Sentence]
    emotion: Observable[Emotion]


class Sorted(NamedTuple):
    loud: Observable[ChatMessage]
    quiet: Observable[ChatMessage]


class Played(NamedTuple):
    speaking: Observable[Speaking]
    level: Observable[Level]


@small("chat.source")
def source(config: Source) -> Observable[ChatMessage]:
    """Messages out of nowhere."""
    raise NotImplementedError


@small("chat.gifts")
def gifts(config: Nothing) -> Observable[Donation]:
    """Donations out of nowhere."""
    raise NotImplementedError


@small("files.read")
def read(config: Read) -> Observable[ChatMessage]:
    """Read files."""
    raise NotImplementedError


@small("chat.echo")
def echo(
    config: Nothing, chat: Observable[ViewerEvent], again: Feedback[ViewerEvent] = UNWIRED
) -> Observable[ViewerEvent]:
    """Say it again."""
    raise NotImplementedError


@small("chat.filter")
def chat_filter(config: Filter, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """Let good messages through.

    A second paragraph | with a bar.
    """
    raise NotImplementedError


@small("chat.sort")
def sort(config: Nothing, chat: Observable[ViewerEvent]) -> Sorted:
    """Tell loud messages from quiet ones."""
    raise NotImplementedError


@small("chat.batch")
def batch(
    config: Batch, chat: Observable[ViewerEvent], speaking: Feedback[Speaking] = UNWIRED
) -> Observable[ChatBatch]:
    """Gather messages into turns."""
    raise NotImplementedError


@small("chat.both")
def both(config: Nothing, first: Observable[ViewerEvent], second: Observable[ViewerEvent]) -> Observable[Never]:
    """Take two streams, and need both."""
    raise NotImplementedError


@small("reply.make")
def make(config: Reply, batch: Observable[ChatBatch]) -> Answer:
    """Answer a turn."""
    raise NotImplementedError


@small("speech.say")
def say(config: Nothing, sentence: Observable[Sentence]) -> Observable[Speech]:
    """Say a sentence."""
    raise NotImplementedError


@small("speech.climb")
def climb(config: Climb, sentence: Observable[Sentence]) -> Observable[Speech]:
    """Say a sentence with the best voice that works."""
    raise NotImplementedError


@small("audio.play")
def play(config: Nothing, speech: Observable[Speech]) -> Played:
    """Make it heard."""
    raise NotImplementedError


@small("pose.lips")
def lips(config: Nothing, level: Observable[Level], sentence: Observable[Sentence] = UNWIRED) -> Observable[Never]:
    """Move the mouth."""
    raise NotImplementedError


SHOW = """\
name: show
nodes:
  source: {type: chat.source, channel: a}
  filter: {type: chat.filter, in: source, min_length: 2}
  batch:  {type: chat.batch,  in: filter, speaking: voice.speaking, quiet_s: 0.4}
  reply:  {type: reply.make,  in: batch, model: m}
  speech: {type: speech.say,  in: reply.sentence}
  voice:  {type: audio.play,  in: speech}
  lips:   {type: pose.lips,   in: voice.level, sentence: reply.sentence}
"""


def checked(text: str | bytes, env: Mapping[str, str] | None = None, root: Path = ROOT) -> Graph:
    """A graph of these node types."""
    return check(text, "show.yaml", registry, env or {}, root)


def problems(text: str | bytes, env: Mapping[str, str] | None = None, root: Path = ROOT) -> tuple[Problem, ...]:
    """What is wrong in a graph of these node types, in English."""
    with pytest.raises(GraphError) as caught:
        checked(text, env, root)
    return tuple(in_english(each) for each in caught.value.problems)


def in_english(problem: Problem) -> Problem:
    return replace(problem, message=in_tongue(problem.message, "en"), hint=in_tongue(problem.hint, "en"))


def bad(subject: str) -> list[Path]:
    """The wrong graphs of one subject; comments in them say what is to be found."""
    return sorted((ROOT / "tests/graphs/bad" / subject).glob("*.yaml"))


def assert_expected(source: bytes) -> None:
    """Assert that a graph has exactly the problems that its lines ``# expect: LINE:COLUMN: TEXT`` name.

    The text is a part of what is wrong and, behind ``; ``, of what to do.
    """
    expected = re.findall(r"^# expect: (\d+):(\d+): (.*)$", source.decode("utf-8", "replace"), re.MULTILINE)
    found = problems(source)
    assert [(str(problem.line), str(problem.column)) for problem in found] == [(line, col) for line, col, _ in expected]
    for problem, (_, _, part) in zip(found, expected, strict=True):
        assert part in f"{problem.message}; {problem.hint}"


def loaded(source: str | bytes, **env: str) -> Document:
    """A graph as it is read, with these variables."""
    return load(source, "x.yaml", env)


def failure(source: str | bytes, **env: str) -> str:
    """What is said of a graph that cannot be read."""
    with pytest.raises(GraphError) as caught:
        loaded(source, **env)
    return str(caught.value)
