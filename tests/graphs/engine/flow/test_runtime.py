import asyncio
from pathlib import Path
from typing import Never

import pytest
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.flow.instance import NotBuilt
from graphs.engine.flow.runtime import LEAST_S, Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.reload.reloader import Reloader
from nodes.services import Log, Web
from schemas.bus import Judged
from schemas.chat import ChatBatch, Donation, ViewerEvent, Withdrawn
from schemas.graph import Policy
from schemas.playback import Speaking
from schemas.settings import Settings
from tests.graphs.engine.stage import BUILT, REGISTRY, SEEN, Nothing, closed, graph_of, play, sample
from tests.harness import on_virtual_time

pytestmark = pytest.mark.usefixtures("no_log")


SHOW = {
    "source": "chat.count",
    "filter": "chat.refuse",
    "batch": "chat.single",
    "voice": ("audio.say", {"work_s": 0.2}),
}
SHOW_WIRES = ("source -> filter", "filter -> batch", "batch -> voice", "voice.speaking -> batch.speaking")


def test_events_flow_from_source_to_sink_in_order():
    graph = graph_of({"a": "chat.count", "b": "chat.pass", "c": "page.see"}, "a -> b", "b -> c")
    runtime = play(graph, Runtime.idle)
    assert SEEN["seen"] == [str(number) for number in range(10)]
    assert runtime.stations["b"].events_in == runtime.stations["b"].events_out == 10
    assert runtime.edges[("a", "out", "b", "chat")].count == 10


def test_every_viewer_event_is_answered_or_dropped_with_a_reason():
    runtime = play(graph_of(SHOW, *SHOW_WIRES), Runtime.idle)
    assert runtime.ledger.counts() == {
        "in": 10,
        "answered": 5,
        "thanked": 0,
        "waiting": 0,
        "dropped": {"duplicate": 5},
        "malformed": {},
        "repeated": 0,
    }
    assert [turn.batch for turn in runtime.turns.turns.values()] == [("0",), ("2",), ("4",), ("6",), ("8",)]


def test_events_wait_in_the_edge_while_a_node_is_busy_and_the_source_waits_when_it_is_full():
    graph = graph_of(
        {"a": ("chat.count", {"count": 20, "every_s": 0.0}), "b": ("chat.slow", {"work_s": 1.0}), "c": "page.see"},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("block", 3, None, None)},
    )

    async def story(runtime):
        await asyncio.sleep(1.5)
        assert len(runtime.edges[("a", "out", "b", "chat")]) == 3
        await runtime.idle()

    runtime = play(graph, story)
    assert SEEN["seen"] == [str(number) for number in range(20)]
    assert runtime.edges[("a", "out", "b", "chat")].queue_max == 3


def test_a_slow_branch_does_not_hold_up_the_other():
    graph = graph_of(
        {
            "a": "chat.count",
            "fast": ("page.see", {"label": "fast"}),
            "slow": ("chat.slow", {"work_s": 5.0}),
            "end": "page.see",
        },
        "a -> fast",
        "a -> slow",
        "slow -> end",
    )

    async def story(_):
        await asyncio.sleep(1.2)
        assert len(SEEN["fast"]) == 10
        assert "seen" not in SEEN

    play(graph, story)


@pytest.mark.parametrize("kind", ["chat.pass", "chat.slow"])
def test_a_node_that_fails_on_an_event_is_back_within_a_second_and_the_other_branch_loses_nothing(kind):
    settings = {"bad": ("3",)} if kind == "chat.pass" else {"bad": ("3",), "work_s": 0.01}
    graph = graph_of(
        {"a": "chat.count", "b": (kind, settings), "seen": "page.see", "other": ("page.see", {"label": "other"})},
        "a -> b",
        "b -> seen",
        "a -> other",
    )

    async def story(runtime):
        await asyncio.sleep(0.45)
        assert runtime.stations["b"].state == "restarting"
        await asyncio.sleep(1.0)
        assert runtime.stations["b"].state == "running"
        await runtime.idle()

    runtime = play(graph, story)
    assert SEEN["other"] == [str(number) for number in range(10)]
    assert SEEN["seen"] == [str(number) for number in range(10) if number != 3]
    assert (runtime.stations["b"].errors, runtime.stations["b"].restarts) == (1, 1)
    assert runtime.log.errors[0] == {
        "node": "b",
        "type": kind,
        "error": "ValueError: cannot stand 3",
        "event": "ChatMessage 3",
    }


def test_the_event_that_a_node_failed_on_has_the_verdict_failed():
    wires = ("source -> filter", "filter -> batch", "batch -> voice", "voice.speaking -> batch.speaking")
    stations = {**SHOW, "filter": ("chat.pass", {"bad": ("4",)})}
    runtime = play(graph_of(stations, *wires), Runtime.idle)
    assert runtime.ledger.counts()["dropped"] == {"failed": 1}
    assert runtime.ledger.verdict("4").reason == "failed"


def test_a_degraded_node_is_an_alarm_once_and_another_when_it_has_worked_for_a_minute():
    taken = []

    async def story(runtime):
        runtime.log.follow(lambda alarm: taken.append((alarm.kind, alarm.node, alarm.over)))
        for well in (True, False, False, True, True):
            runtime.health(runtime.stations["a"], well=well)

    play(graph_of({"a": ("chat.count", {"count": 1})}), story)
    assert taken == [("node", "a", False), ("node", "a", True)]


def test_five_failures_in_a_minute_make_a_node_degraded():
    bad = tuple(str(number) for number in range(5))
    graph = graph_of(
        {"a": ("chat.count", {"count": 5, "every_s": 0.01}), "b": ("chat.pass", {"bad": bad}), "c": "page.see"},
        "a -> b",
        "b -> c",
    )

    taken = []

    async def story(runtime):
        runtime.log.follow(taken.append)
        for _ in range(1000):
            if runtime.stations["b"].state == "degraded":
                return
            await asyncio.sleep(0.1)
        raise AssertionError("never degraded")

    runtime = play(graph, story)
    assert runtime.stations["b"].errors == 5
    assert [(alarm.kind, alarm.node, alarm.over) for alarm in taken] == [("node", "b", False)]


def test_a_graph_that_cannot_be_built_leaves_nothing_behind_and_names_the_node():
    graph = graph_of({"a": "chat.count", "c": ("page.see", {"broken": True})}, "a -> c")
    with pytest.raises(NotBuilt) as caught:
        play(graph, Runtime.idle)
    assert (caught.value.node, caught.value.type, str(caught.value.cause)) == ("c", "page.see", "no page")


def test_a_node_that_has_completed_does_not_hold_up_its_producer():
    graph = graph_of(
        {"a": ("chat.count", {"count": 50, "every_s": 0.01}), "b": "chat.empty", "c": "page.see"},
        "a -> b",
        "b -> c",
        policies={"a -> b": Policy("block", 2, None, None)},
    )
    runtime = play(graph, Runtime.idle)
    assert runtime.stations["a"].events_out == 50


def test_a_stop_ends_within_its_deadline_and_lets_waiting_events_through():
    graph = graph_of(
        {"a": ("chat.count", {"count": 1000}), "b": ("chat.slow", {"work_s": 0.3}), "c": "page.see"}, "a -> b", "b -> c"
    )

    async def story(runtime):
        await asyncio.sleep(1.05)
        story.at = runtime.now()

    runtime = play(graph, story)
    assert runtime.now() - story.at <= 1.0 + 3 * LEAST_S
    assert len(SEEN["seen"]) >= 5
    assert all(station.state == "stopped" for station in runtime.stations.values())


@sample("page.served")
def page_served(config: Nothing, chat: Observable[ViewerEvent], *, web: Web) -> Observable[Never]:
    """Ask for the web server."""
    return chat.pipe(ops.ignore_elements())


@sample("audio.broken")
def audio_broken(config: Nothing, batch: Observable[ChatBatch]) -> Observable[Speaking]:
    """Fail on every turn."""

    def fail(batch: ChatBatch) -> Speaking:
        raise ValueError(f"cannot say {batch.turn}")

    return batch.pipe(ops.map(fail))


@sample("chat.judges")
def chat_judges(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[Judged]:
    """Report each event as dropped by another place, and every second one as answered there."""
    return chat.pipe(
        ops.map(lambda event: Judged(id=event.id, reason="link" if int(event.id) % 2 else None, final=False))
    )


@sample("chat.takes_back")
def chat_takes_back(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[Withdrawn]:
    """Withdraw what comes."""
    return chat.pipe(ops.map(lambda event: Withdrawn(author_id=event.id)))


class Server:
    """A web server that records its calls."""

    def __init__(self):
        self.told = []

    async def start(self):
        self.told.append("start")

    async def stop(self):
        self.told.append("stop")


class Book:
    """A journal that records its calls; ``left`` is what an earlier run left in it."""

    def __init__(self, *left):
        self.left, self.written, self.verdicts, self.forgot = left, [], [], []
        self.stopping = self.closed = False
        self.died, self.given_up = {}, []

    def open(self):
        return list(self.left)

    def begun(self, ids):
        pass

    heard = rests = begun

    def refuses(self, event_id):
        return False

    def stop(self):
        self.stopping = True

    def received(self, name, event):
        self.written.append((name, event.id))

    def judged(self, event_id, verdict):
        self.verdicts.append(event_id)

    def forget(self, withdrawn):
        self.forgot.append(withdrawn.author_id)

    async def close(self):
        self.closed = self.stopping


def with_services(graph, web=None, journal=None):
    """Run the graph with them until nothing is under way."""
    SEEN.clear()

    async def main():
        log = EngineLog(quiet=True)
        runtime = Runtime(graph, REGISTRY, root=Path(), log=log, web=web, seed=1, journal=journal)
        await runtime.start()
        await runtime.idle()
        await runtime.stop()
        return runtime

    return on_virtual_time(main())


@pytest.mark.parametrize(("sink", "told"), [("page.served", ["start", "stop"]), ("page.see", ["stop"])])
def test_the_web_server_is_started_only_for_a_node_that_asks_for_it(sink, told):
    server = Server()
    with_services(graph_of({"a": "chat.count", "c": sink}, "a -> c"), web=server)
    assert server.told == told


def test_what_was_built_before_a_node_that_cannot_be_is_closed_again():
    BUILT.clear()
    graph = graph_of({"c": "page.built", "d": ("page.see", {"broken": True}), "a": "chat.count"}, "a -> c", "a -> d")
    with pytest.raises(NotBuilt, match="'d' 노드"):
        play(graph, Runtime.idle)
    assert [closed(each) for each in BUILT] == [True]


def test_a_turn_that_the_voice_fails_on_is_over_and_the_next_one_begins():
    graph = graph_of(
        {"a": ("chat.count", {"count": 2}), "batch": "chat.single", "voice": "audio.broken"},
        "a -> batch",
        "batch -> voice",
        "voice -> batch.speaking",
    )
    told = []

    async def story(runtime):
        tap = runtime.edges["voice", "out", "batch", "speaking"]
        await asyncio.sleep(0.15)
        told.append((tap.count, runtime.ledger.counts()["dropped"]))

    play(graph, story)
    assert told == [(1, {"unanswered": 1})]


def test_what_was_paid_for_is_written_down_once_and_its_verdict_too():
    book = Book()
    gifts = ("chat.count", {"count": 4, "gift_every": 2})
    runtime = with_services(graph_of({"a": gifts, "b": gifts, "c": "page.see"}, "a -> c", "b -> c"), journal=book)
    assert sorted(name for _, name in book.written) == ["0", "2"]
    assert sorted(SEEN["seen"]) == ["0", "1", "1", "2", "3", "3"]
    assert runtime.ledger.counts()["repeated"] == 4
    assert book.closed


def test_what_the_last_run_left_comes_out_of_its_source_before_anything_else():
    left = Donation(id="old", author="x", amount=1000)
    source = ("chat.count", {"count": 1})
    for name in ("a", "gone"):
        book = Book((name, left))
        with_services(graph_of({"a": source, "c": "page.see"}, "a -> c"), journal=book)
        assert SEEN["seen"] == ["old", "0"]
        assert book.written == [("a", "old")]


def test_another_place_says_what_it_dropped():
    graph = graph_of({"a": ("chat.count", {"count": 4}), "b": "chat.judges"}, "a -> b")
    assert play(graph, Runtime.idle).ledger.counts()["dropped"] == {"link": 2}


def test_what_is_withdrawn_is_forgotten_in_the_journal_too():
    book = Book()
    with_services(graph_of({"a": ("chat.count", {"count": 2}), "b": "chat.takes_back"}, "a -> b"), journal=book)
    assert book.forgot == ["0", "1"]


def test_a_node_of_another_type_does_not_find_what_the_one_before_it_kept():
    async def story(runtime):
        station = runtime.stations["b"]
        station.kept.keep("tally", list).append("a")
        entry = graph_of({"b": "chat.slow"}).nodes["b"]
        instance = runtime.make(station, entry)
        assert station.kept.keep("tally", list) == []
        await instance.close()
        assert [edge.key for edge in runtime.ins("b")] == ["a.out -> b.chat"]

    play(graph_of({"a": "chat.count", "b": "chat.pass"}, "a -> b"), story)


@sample("page.broken")
def page_broken(config: Nothing, batch: Observable[ChatBatch]) -> Observable[Never]:
    """Fail on every turn."""

    def fail(_: ChatBatch) -> None:
        raise ValueError("no page")

    return batch.pipe(ops.do_action(fail), ops.ignore_elements())


def test_a_turn_is_not_over_because_a_page_fails_on_it():
    graph = graph_of(
        {"a": ("chat.count", {"count": 1}), "batch": "chat.single", "voice": "audio.say", "page": "page.broken"},
        "a -> batch",
        "batch -> voice",
        "batch -> page",
        "voice.speaking -> batch.speaking",
    )
    runtime = play(graph, Runtime.idle)
    assert runtime.stations["page"].errors == 1
    assert (runtime.ledger.counts()["answered"], runtime.ledger.counts()["dropped"]) == (1, {})


class Word(Settings):
    word: str = Field(default="x", description="Anything.")


@sample("chat.offline")
def chat_offline(config: Word, chat: Observable[ViewerEvent], *, log: Log) -> Observable[ViewerEvent]:
    """Pass chat on; message 1 finds the server gone, a donation finds it there."""

    def look(event: ViewerEvent) -> None:
        if isinstance(event, Donation):
            log.well("server", "back")
        elif event.id != "0":
            log.trouble("server", "gone")
            raise ConnectionError("gone")

    return chat.pipe(ops.do_action(look))


OFFLINE = {"a": ("chat.count", {"count": 6, "every_s": 60.0, "gift_every": 5}), "b": "chat.offline"}


@pytest.fixture
def said(monkeypatch):
    lines: list[str] = []

    def line(log, level, text, fields, node="", *_):
        if node:
            lines.append(f"{node} {text}")

    monkeypatch.setattr(EngineLog, "line", line)
    monkeypatch.setattr(EngineLog, "failure", lambda *_: None)
    return lines


def test_a_node_that_restarts_does_not_repeat_its_trouble_and_the_one_that_gets_through_says_so(said):
    runtime = play(graph_of(OFFLINE, "a -> b"), Runtime.idle)
    assert runtime.stations["b"].restarts == 4
    assert said == ["b gone", "b back"]


def test_each_node_has_troubles_of_its_own(said):
    play(graph_of({**OFFLINE, "c": "chat.offline"}, "a -> b", "a -> c"), Runtime.idle)
    assert sorted(said) == ["b back", "b gone", "c back", "c gone"]


def test_a_reload_that_did_not_help_says_the_trouble_again(said):
    async def story(runtime):
        await asyncio.sleep(150.0)
        assert said == ["b gone"]
        changed = graph_of({**OFFLINE, "b": ("chat.offline", {"word": "y"})}, "a -> b")
        await Reloader(runtime).apply(changed)
        await asyncio.sleep(120.0)
        assert said == ["b gone", "b gone"]

    play(graph_of(OFFLINE, "a -> b"), story)
