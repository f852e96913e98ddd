"""@node: what the engine reads from a signature, and which signatures it refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Never

import pytest
from reactivex import Observable

import nodes
from nodes import UNWIRED, Feedback, Port, node
from nodes.services import Clock
from schemas.chat import ChatMessage, ViewerEvent
from schemas.playback import Speaking
from schemas.reply import Sentence
from schemas.settings import Settings


class Length(Settings):
    """Settings of the nodes here."""

    length: int = 5


class Two(NamedTuple):
    """Two output ports."""

    short: Observable[ChatMessage]
    long: Observable[Sentence]


class Half(NamedTuple):
    """An output port that carries no event."""

    short: Observable[ChatMessage]
    long: Observable[int]


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is registered here is gone afterwards; the real nodes are in the real registry before."""
    nodes.load_all()
    monkeypatch.setattr(nodes, "registry", {})


def test_the_signature_is_the_specification() -> None:
    @node("chat.shorten", exclusive=True)
    def shorten(
        config: Length,
        chat: Observable[ViewerEvent],
        speaking: Feedback[Speaking],
        said: Observable[Sentence] = UNWIRED,
        *,
        clock: Clock,
    ) -> Observable[ChatMessage]:
        """Cut long messages.

        More of it.
        """
        raise AssertionError("it is read, not run")

    spec = nodes.registry["chat.shorten"]
    assert (spec.name, spec.family, spec.settings, spec.exclusive) == ("chat.shorten", "chat", Length, True)
    assert spec.inputs == (
        Port("chat", ViewerEvent),
        Port("speaking", Speaking, feedback=True),
        Port("said", Sentence, optional=True),
    )
    assert spec.outputs == (Port("out", ChatMessage),)
    assert spec.services == {"clock": Clock}
    assert spec.build is shorten
    assert spec.summary == "Cut long messages."
    assert (spec.input("said"), spec.input("out")) == (spec.inputs[2], None)
    assert (spec.output("out"), spec.output("said")) == (spec.outputs[0], None)


def test_a_node_without_a_docstring_has_an_empty_summary() -> None:
    @node("chat.silent")
    def silent(config: Length) -> Observable[ChatMessage]:
        raise AssertionError

    assert nodes.registry["chat.silent"].summary == ""


def test_a_named_tuple_gives_several_ports_and_never_gives_none() -> None:
    @node("chat.two")
    def two(config: Length) -> Two:
        raise AssertionError

    @node("chat.sink")
    def sink(config: Length, chat: Observable[ChatMessage]) -> Observable[Never]:
        raise AssertionError

    assert nodes.registry["chat.two"].outputs == (Port("short", ChatMessage), Port("long", Sentence))
    assert nodes.registry["chat.sink"].outputs == ()


def no_parameters() -> Observable[ChatMessage]:
    raise AssertionError


def no_settings(chat: Observable[ChatMessage]) -> Observable[ChatMessage]:
    raise AssertionError


def port_of_numbers(config: Length, chat: Observable[int]) -> Observable[ChatMessage]:
    raise AssertionError


def port_of_nothing(config: Length, chat: int) -> Observable[ChatMessage]:
    raise AssertionError


def no_return(config: Length):  # type: ignore[no-untyped-def]
    raise AssertionError


def half_a_tuple(config: Length) -> Half:
    raise AssertionError


def port_called_in(config: Length, out: Observable[ChatMessage]) -> Observable[ChatMessage]:
    raise AssertionError


def port_and_setting(config: Length, length: Observable[ChatMessage]) -> Observable[ChatMessage]:
    raise AssertionError


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (no_parameters, "첫 매개변수는 설정 모델이어야"),
        (no_settings, "첫 매개변수는 설정 모델이어야"),
        (port_of_numbers, r"이벤트의 Observable이 아니에요: chat: .*int"),
        (port_of_nothing, "이벤트의 Observable이 아니에요: chat"),
        (no_return, r"Observable\[Event\]나 그런 것들의 NamedTuple이어야 해요. 지금: None"),
        (half_a_tuple, r"Observable\[Event\]나 그런 것들의 NamedTuple이어야 해요"),
        (port_called_in, "그래프 언어의 낱말은 이름으로 쓸 수 없어요: out"),
        (port_and_setting, "포트와 설정의 이름이 같아요: length"),
    ],
)
def test_a_signature_that_says_too_little_or_twice_is_refused(build: Callable[..., Any], why: str) -> None:
    with pytest.raises(TypeError, match=f"^chat.wrong: .*{why}"):
        node("chat.wrong")(build)
    assert "chat.wrong" not in nodes.registry


def test_two_files_cannot_take_the_same_name_but_one_file_can_be_read_again() -> None:
    def first(config: Length) -> Observable[ChatMessage]:
        raise AssertionError

    def second(config: Length) -> Observable[ChatMessage]:
        raise AssertionError

    first.__module__ = second.__module__ = "nodes.chat.here"
    node("chat.mine")(first)
    node("chat.mine")(second)
    spec = nodes.registry["chat.mine"]
    assert spec.build is second
    first.__module__ = "nodes.chat.elsewhere"
    with pytest.raises(ValueError, match=r"노드가 둘이에요: chat.mine \(nodes.chat.here, nodes.chat.elsewhere\)"):
        node("chat.mine")(first)
    assert nodes.registry["chat.mine"] is spec


def test_load_all_imports_every_public_file_and_no_private_one_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    imported = nodes.importlib.import_module

    def note(name: str) -> Any:
        asked.append(name)
        return imported(name)

    monkeypatch.setattr(nodes.importlib, "import_module", note)
    assert nodes.load_all() is nodes.registry
    folder = Path(nodes.__file__).parent
    public = [path.relative_to(folder).with_suffix("") for path in folder.glob("*/[!_]*.py")]
    assert public
    assert {".".join(("nodes", *path.parts)) for path in public} <= set(asked)
    assert not [name for name in asked if "._" in name]
