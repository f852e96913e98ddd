"""What every node promises, checked for the whole registry; a new node is covered by being in it."""

import asyncio
import dataclasses
import importlib
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic_core import PydanticUndefined
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.instance import Instance
from nodes import RESERVED, NodeSpec, load_all
from nodes.services import Kept, Web
from schemas.chat import ChatBatch, ChatMessage, Donation, HostLine, RawPayload, Subscription, ViewerEvent, Withdrawn
from schemas.event import Event
from schemas.host import HostTurn, Ignored, MicOrder, MicState, Utterance
from schemas.playback import Heard, Level, Muted, Speaking, Stop
from schemas.pose import PoseFrame
from schemas.reply import Emotion, Rehearsal, ReplyChunk, Sentence
from schemas.show import ShowEvent, ShowState
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted
from tests import coverage_by_file
from tests.fakes import FakeWeb
from tests.harness import ROOT, Ran, run

REGISTRY = load_all()

SETTINGS: dict[str, dict[str, Any]] = {
    "bus.place": {"servers": "nats://127.0.0.1:9"},
    "bus.publish": {"servers": "nats://127.0.0.1:9"},
    "bus.subscribe": {"servers": "nats://127.0.0.1:9"},
    "audio.play": {"device": "none", "record": False},
    "avatar.stage": {"port": 0, "broadcast": False},
    "avatar.vts": {"port": 9, "discover": False},
    "listen.mic": {"mode": "off"},
    "listen.text": {"engines": [{"type": "whisper", "home": "nowhere"}]},
    "chat.chzzk_anon": {
        "api_url": "http://127.0.0.1:9",
        "game_url": "http://127.0.0.1:9",
        "chat_url": "ws://127.0.0.1:9",
    },
}
"""Settings that keep a node away from the devices, the disk and the network of the test machine."""

SLOW = {"speech.kokoro": "loads a model of 92 MB; its own tests cover the same with a small stand-in"}

SHARED = {
    "audio.play": "owns a device",
    "chat.moderate": "owns paths of the web server",
    "chat.typed": "owns a path of the web server",
    "overlay.web": "owns paths of the web server",
}
"""Nodes that cannot have two subscriptions at the same time."""

MESSAGE = ChatMessage(id="m1", author="하늘", author_id="u1", text="안녕하세요")
RAW = {"content": "안녕", "messageTime": 1, "senderChannelId": "u1", "channelId": "c", "profile": {"nickname": "하늘"}}
SAMPLES: dict[type[Event], tuple[Event, ...]] = {
    RawPayload: (RawPayload(event="CHAT", payload=RAW), RawPayload(event="CHAT", payload="not JSON")),
    ViewerEvent: (
        MESSAGE,
        MESSAGE,
        Donation(id="d1", author="바다", author_id="u2", text="힘내요", amount=1000),
        Subscription(id="s1", author="산", author_id="u3", months=3),
    ),
    HostLine: (HostLine(id="h1", author="방송인", role="streamer", text="초코야 안녕"),),
    Withdrawn: (Withdrawn(author_id="u1"),),
    ChatBatch: (
        ChatBatch(turn="t1", lane="chat", events=(MESSAGE,)),
        ChatBatch(turn="t2", lane="chat", events=(MESSAGE,)),
    ),
    ReplyChunk: (
        ReplyChunk(turn="t1", text="안녕하세요. 반가", emotion="happy"),
        ReplyChunk(turn="t1", text="워요!", last=True),
    ),
    Sentence: (Sentence(turn="t1", index=0, text="안녕!", spoken="안녕!", emotion="happy", last=True),),
    Rehearsal: (Rehearsal(sentence=Sentence(turn="", index=0, text="안녕!", spoken="안녕!", emotion="happy")),),
    Emotion: (Emotion(turn="t1", emotion="happy"),),
    Speech: (
        SpeechStarted(turn="t1", sentence=0, text="안녕!"),
        SpeechChunk(turn="t1", sentence=0, samples=np.zeros(2400, np.float32), rate=24000),
        SpeechEnded(turn="t1", sentence=0, last=True),
    ),
    Speaking: (Speaking(turn="t1", speaking=True), Speaking(turn="t1", speaking=False)),
    Heard: (Heard(turn="t1", sentence=0, text="안녕!", fraction=1.0, ended=True),),
    Level: (Level(rms=0.1),),
    PoseFrame: (PoseFrame(values={"FaceAngleX": 1.0}, at=0.0),),
    Muted: (Muted(muted=False),),
    HostTurn: (HostTurn(state="speaking", at=0.1), HostTurn(state="yielded", at=0.2)),
    MicState: (MicState(mode="hold"),),
    MicOrder: (MicOrder(held=True), MicOrder(mode="off")),
    Utterance: (Utterance(id="u", samples=np.zeros(16_000, np.int16), began=0.1, ended=1.1, voiced_s=0.1),),
    Ignored: (Ignored(utterance="u", why="name", at=0.2),),
    Stop: (Stop(turn="another"),),
    ShowEvent: (ShowEvent(kind="follower", text="하늘", author_id="u1"), ShowEvent(kind="hour", text="21")),
    ShowState: (ShowState(title="저녁 방송", followers=12), ShowState()),
    Event: (Stop(turn="another"), Level(rms=0.1)),
}

NODES = [pytest.param(spec, id=name) for name, spec in sorted(REGISTRY.items())]
RUNNING = [
    pytest.param(spec, id=name, marks=[pytest.mark.slow] if name in SLOW else [])
    for name, spec in sorted(REGISTRY.items())
]
PORTS = {port.event for spec in REGISTRY.values() for port in spec.inputs + spec.outputs}
EVENTS = sorted(PORTS - {Event}, key=lambda event: event.__name__)


@pytest.fixture(autouse=True)
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program on this machine, such as eSpeak NG, runs in real time and not in the test's virtual time."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture(autouse=True)
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def example(spec: NodeSpec) -> dict[str, Any]:
    """Return settings to try a node with: a required field carries ``examples=[...]``."""
    chosen: dict[str, Any] = {}
    for name, field in spec.settings.model_fields.items():
        if field.is_required():
            assert field.examples, f"{spec.name}: the required setting {name} needs examples=[...]"
            chosen[name] = field.examples[0]
    return chosen | SETTINGS.get(spec.name, {})


def given(spec: NodeSpec) -> dict[str, list[tuple[float, Event]]]:
    """Make a few events for every input port, 0.1 s apart."""
    return {
        port.name: [(round(0.1 * (number + 1), 1), event) for number, event in enumerate(SAMPLES[port.event])]
        for port in spec.inputs
    }


def go(spec: NodeSpec, wired: Mapping[str, list[tuple[float, Event]]], **options: Any) -> Ran:
    """Run the node and check that nothing it opened on the web server is open afterwards."""
    web = FakeWeb()
    ran = run(spec.name, wired, settings=example(spec), services={Web: web}, **options)
    assert web.open == {}, f"{spec.name} left {sorted(web.open)} open"
    return ran


def plain(event: Event) -> str:
    """Return an event as text, with arrays by their content."""
    values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}  # type: ignore[arg-type]
    return repr({key: value.tobytes() if isinstance(value, np.ndarray) else value for key, value in values.items()})


def story(ran: Ran) -> list[tuple[float, str, str, str]]:
    return [(at, port, type(event).__name__, plain(event)) for at, port, event in ran.out]


@pytest.mark.parametrize("spec", NODES)
def test_a_node_tells_in_one_sentence_what_it_does(spec: NodeSpec) -> None:
    assert re.fullmatch(r"[A-Z].+\.", spec.summary), spec.summary
    assert inspect.getdoc(importlib.import_module(spec.build.__module__)), "the file has no docstring"


@pytest.mark.parametrize("spec", NODES)
def test_every_setting_is_described_and_the_example_is_valid(spec: NodeSpec) -> None:
    undescribed = [name for name, field in spec.settings.model_fields.items() if not field.description]
    assert undescribed == []
    spec.settings(**example(spec))
    for name, field in spec.settings.model_fields.items():
        if field.default is not PydanticUndefined:
            again = spec.settings(**{**example(spec), name: field.default})
            assert getattr(again, name) == field.default, f"the default of {name} does not validate"


@pytest.mark.parametrize("spec", NODES)
def test_a_node_that_answers_addresses_lets_go_of_them_before_another_takes_them(spec: NodeSpec) -> None:
    assert spec.exclusive or not (spec.once or Web in spec.services.values())


@pytest.mark.parametrize("spec", NODES)
def test_ports_are_singular_lower_case_nouns(spec: NodeSpec) -> None:
    named = [port.name for port in spec.inputs]
    if [port.name for port in spec.outputs] != ["out"]:
        named += [port.name for port in spec.outputs]
    for name in named:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), name
        assert name not in RESERVED
        assert not re.search(r"[^sui]s$", name), f"{name} is a plural"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_event_on_a_port_is_a_frozen_slotted_dataclass_with_a_sample(event: type[Event]) -> None:
    assert dataclasses.is_dataclass(event)
    assert event.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(event)
    assert inspect.getdoc(event)
    if any(port.event is event for spec in REGISTRY.values() for port in spec.inputs):
        assert SAMPLES[event]


@pytest.mark.parametrize("spec", RUNNING)
def test_a_node_completes_with_its_inputs_and_leaves_nothing_open(spec: NodeSpec) -> None:
    if spec.inputs:
        ran = go(spec, {port.name: [] for port in spec.inputs})
        assert ran.error is None
        assert ran.completed_at is not None
    else:
        assert go(spec, {}, until=1.0).error is None


@pytest.mark.parametrize("spec", RUNNING)
def test_a_node_that_has_worked_completes_and_leaves_nothing_open(spec: NodeSpec) -> None:
    ran = go(spec, given(spec), until=600.0 if spec.inputs else 1.0)
    assert ran.error is None
    assert ran.completed_at is not None or not spec.inputs


@pytest.mark.parametrize("spec", [param for param in RUNNING if REGISTRY[str(param.id)].inputs])
def test_a_node_misses_no_first_event_it_subscribes_to_every_input_at_once(spec: NodeSpec) -> None:
    listening: dict[str, bool] = {}

    async def look(instance: Instance) -> None:
        listening.update((name, bool(inlet._observers)) for name, inlet in instance.inlets.items())

    assert go(spec, {port.name: [] for port in spec.inputs}, complete_at=1.0, during=look).error is None
    assert listening == dict.fromkeys(listening, True)
    assert listening


@pytest.mark.parametrize("spec", RUNNING)
def test_a_node_that_is_closed_in_the_middle_leaves_nothing_open(spec: NodeSpec) -> None:
    assert go(spec, given(spec), until=0.15).error is None


@pytest.mark.parametrize("spec", RUNNING)
def test_a_second_run_is_as_the_first(spec: NodeSpec) -> None:
    until = 600.0 if spec.inputs else 1.0
    assert story(go(spec, given(spec), until=until)) == story(go(spec, given(spec), until=until))


@pytest.mark.parametrize("spec", [param for param in RUNNING if param.id not in SHARED])
def test_two_subscriptions_share_no_memory(spec: NodeSpec) -> None:
    async def subscribe_again(instance: Instance) -> None:
        instance.start(AsyncIOScheduler(asyncio.get_running_loop()))
        await asyncio.sleep(60.0)  # the run ends with the first of the two

    if not spec.inputs:
        pytest.skip("a source of its own clock: nothing is fed to it")
    if Kept in spec.services.values():
        pytest.skip("it asks to remember: what it keeps outlives a subscription")
    once = go(spec, given(spec), until=600.0)
    twice = go(spec, given(spec), until=600.0, during=subscribe_again)
    assert sorted(line[1:] for line in story(twice)) == sorted(line[1:] for line in story(once) * 2)


@pytest.mark.parametrize(
    ("spec", "port"),
    [
        pytest.param(spec, port.name, id=f"{name}.{port.name}", marks=[pytest.mark.slow] if name in SLOW else [])
        for name, spec in sorted(REGISTRY.items())
        for port in spec.inputs
    ],
)
def test_an_error_on_an_input_ends_the_node_as_failed_with_all_closed(spec: NodeSpec, port: str) -> None:
    broken = RuntimeError("broken input")

    async def break_it(instance: Instance) -> None:
        await asyncio.sleep(0.01)
        instance.inlets[port].on_error(broken)

    ran = go(spec, {each.name: [] for each in spec.inputs}, complete_at=5.0, until=10.0, during=break_it)
    assert ran.error is broken


WITHOUT_A_TEST_FILE = {
    "nodes/__init__.py": "@node: every test of this file reads it",
    "nodes/services.py": "protocols only",
}


def _sources() -> list[Path]:
    found = [path for folder in ("nodes", "graphs/engine") for path in (ROOT / folder).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found if path.name != "__init__.py")


@pytest.mark.parametrize("path", _sources(), ids=str)
def test_every_file_has_its_test_in_the_mirror_tree(path: Path) -> None:
    """A private file may be tested through the node it belongs to."""
    assert path.as_posix() in WITHOUT_A_TEST_FILE or coverage_by_file.tests_of(path.as_posix())


@pytest.mark.parametrize("path", [path for path in _sources() if path.parts[0] == "nodes"], ids=str)
def test_a_node_file_is_short_enough_to_read_at_once(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= 300
