import asyncio
from types import SimpleNamespace

import pytest
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.flow.instance import NotBuilt
from graphs.engine.flow.runtime import Runtime
from graphs.engine.observe.lights import lights
from graphs.engine.reload.reloader import Reloader
from nodes import _read
from nodes.exams import Finding, Mend
from nodes.services import Log
from nodes.troubles import Troubles
from schemas.chat import ViewerEvent
from schemas.settings import Settings
from tests.fakes import Quiet
from tests.graphs.engine.stage import REGISTRY, Nothing, graph_of, play


def station(name: str, light: str | None, state: str = "running", log: Troubles | None = None, error: str = ""):
    return SimpleNamespace(name=name, spec=SimpleNamespace(light=light), state=state, log=log, last_error=error)


def shown(*stations: SimpleNamespace) -> dict[str, tuple[str, str, str]]:
    found = lights(stations, lambda text: text.replace("sk-123", "***"))  # type: ignore[arg-type]
    return {each["name"]: (each["state"], each["why"], each["text"]) for each in found}


def noted(*notes: tuple[str, ...]) -> Quiet:
    log = Quiet()
    for kind, *rest in notes:
        getattr(log, kind)(*rest)
    return log


def test_a_graph_without_the_nodes_has_no_lights_on():
    assert shown(station("parse", None)) == dict.fromkeys(("chat", "reply", "voice", "avatar", "obs"), ("none", "", ""))


@pytest.mark.parametrize(
    ("notes", "wanted"),
    [
        ((), ("bad", "", "start it")),
        ((("trouble", "chat", "gone"),), ("bad", "", "start it")),
        ((("awaited", "chat"),), ("waiting", "", "start it")),
        ((("awaited", "chat", "a person has to allow it"),), ("waiting", "", "a person has to allow it")),
        ((("well", "chat"),), ("good", "", "")),
        ((("absent", "chat"),), ("none", "", "")),
    ],
)
def test_what_is_not_good_shows_what_the_doctor_says_to_do(notes, wanted):
    found = lights(
        [station("chzzk", "chat", log=noted(*notes))], str, lambda each: Finding(False, "avatar", "start it")
    )  # type: ignore[list-item]
    assert next((each["state"], each["why"], each["text"]) for each in found if each["name"] == "chat") == wanted


def test_what_a_page_may_do_about_it_is_shown_only_with_its_remedy():
    mend = Mend("Connect", {"port": 1})

    def shown_of(log, finding):
        found = lights([station("avatar", "avatar", log=log)], str, lambda each: finding)  # type: ignore[list-item]
        return next(each["mend"] for each in found if each["name"] == "avatar")

    wrong = Finding(False, "avatar", "start it", mend=mend)
    assert shown_of(noted(("trouble", "avatar", "gone")), wrong) == {"text": "Connect", "settings": {"port": 1}}
    assert shown_of(noted(("awaited", "avatar", "a person has to allow it")), wrong) is None
    assert shown_of(noted(("well", "avatar")), wrong) is None
    assert shown_of(noted(("trouble", "avatar", "gone")), None) is None


def test_a_node_that_has_said_nothing_yet_is_not_good():
    assert shown(station("chzzk", "chat", log=Quiet()))["chat"] == ("waiting", "", "")
    assert shown(station("chzzk", "chat"))["chat"] == ("waiting", "", "")


@pytest.mark.parametrize(
    ("notes", "wanted"),
    [
        ((("well", "chat"),), ("good", "", "")),
        ((("well", "chat"), ("trouble", "chat", "log in")), ("bad", "", "log in")),
        ((("trouble", "chat", "log in"), ("well", "chat")), ("good", "", "")),
        ((("well", "chat"), ("awaited", "chat", "connecting")), ("waiting", "", "connecting")),
        ((("well", "chat"), ("trouble", "donation", "no scope")), ("waiting", "", "no scope")),
        ((("trouble", "chat", "gone"), ("trouble", "donation", "no scope")), ("bad", "", "gone")),
        ((("trouble", "chat", "key sk-123이 틀렸어요"),), ("bad", "", "key ***이 틀렸어요")),
    ],
)
def test_the_log_of_a_node_switches_its_light(notes, wanted):
    assert shown(station("chzzk", "chat", log=noted(*notes)))["chat"] == wanted


def test_what_a_node_without_a_light_says_switches_none():
    assert shown(station("send", None, log=noted(("trouble", "chat", "no"))))["chat"] == ("none", "", "")


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("degraded", ("bad", "failing", "OSError: ***")),
        ("restarting", ("waiting", "failing", "OSError: ***")),
        ("completed", ("waiting", "ended", "")),
    ],
)
def test_what_the_engine_knows_comes_before_what_the_node_said(state, wanted):
    log = noted(("well", "voice"))
    assert shown(station("speech", "voice", state, log, "OSError: sk-123"))["voice"] == wanted


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_nodes_the_worst_counts(order):
    good, bad = station("a", "avatar", log=noted(("well", "avatar"))), station("b", "avatar", "degraded")
    assert shown(*[good, bad][::order])["avatar"][0] == "bad"
    assert shown(*[good, good])["avatar"][0] == "good"


class Word(Settings):
    word: str = Field(default="x", description="Anything.")


def unbuilt(config: Nothing) -> Observable[ViewerEvent]:
    """Fail to be built."""
    raise ValueError("wrong")


def lit(config: Word, chat: Observable[ViewerEvent], *, log: Log) -> Observable[ViewerEvent]:
    """Be well, but fail with the second message."""

    def look(event: ViewerEvent) -> None:
        if event.id == "1":
            raise ConnectionError("gone")
        log.well("chat")

    return chat.pipe(ops.do_action(look))


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setitem(REGISTRY, "chat.lit", _read("chat.lit", lit, False, light="chat"))
    monkeypatch.setitem(REGISTRY, "chat.unbuilt", _read("chat.unbuilt", unbuilt, False))


def now(runtime: Runtime) -> str:
    return next(each["state"] for each in lights(runtime.stations.values(), str) if each["name"] == "chat")


@pytest.mark.usefixtures("no_log", "registered")
def test_after_a_failure_what_was_well_has_to_be_found_out_again():
    async def story(runtime):
        await asyncio.sleep(70.0)
        assert now(runtime) == "good"
        await asyncio.sleep(90.0)
        assert (runtime.stations["b"].restarts, runtime.stations["b"].state) == (1, "running")
        assert now(runtime) == "waiting", "nothing has come since"

    play(
        graph_of({"a": ("chat.count", {"count": 2, "every_s": 60.0, "gift_every": 0}), "b": "chat.lit"}, "a -> b"),
        story,
    )


@pytest.mark.usefixtures("no_log", "registered")
def test_a_reload_that_fails_leaves_the_light_of_the_running_node_on():
    parts = {"a": ("chat.count", {"count": 1, "every_s": 1.0, "gift_every": 0}), "b": "chat.lit"}

    async def story(runtime):
        await asyncio.sleep(5.0)
        assert now(runtime) == "good"
        with pytest.raises(NotBuilt, match="wrong"):
            await Reloader(runtime).apply(graph_of({"a": "chat.unbuilt", "b": ("chat.lit", {"word": "y"})}, "a -> b"))
        assert now(runtime) == "good"

    play(graph_of(parts, "a -> b"), story)
