"""Laws of overflow and verdicts: a model of an edge beside the edge, and random graphs with random failures."""

import asyncio
import itertools
import logging
from collections import deque

import pytest
import reactivex
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.books.ledger import Ledger
from graphs.engine.flow.edge import Edge
from graphs.engine.flow.runtime import Runtime
from nodes.chat.batch import batch
from nodes.services import Jobs
from schemas.chat import ChatBatch, ChatMessage, Donation, ViewerEvent
from schemas.graph import Policy
from schemas.reply import Sentence
from tests.graphs.engine.stage import SEEN, Nothing, graph_of, play, sample

sample("chat.batch")(batch)


class Mood:
    """Whether the moody nodes fail."""

    bad = False


@sample("chat.moody")
def chat_moody(config: Nothing, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """Pass viewer events, or fail."""

    def look(event: ViewerEvent) -> ViewerEvent:
        if Mood.bad:
            raise ValueError("not today")
        return event

    return chat.pipe(ops.map(look))


@sample("reply.moody")
def reply_moody(config: Nothing, batch: Observable[ChatBatch], *, jobs: Jobs) -> Observable[ChatBatch]:
    """Pass batches after a moment, or fail."""

    async def look(batch: ChatBatch):
        await jobs.sleep(0.01)
        if Mood.bad:
            raise ValueError("not today")
        yield batch

    return batch.pipe(jobs.each(look))


@sample("reply.write")
def reply_write(config: Nothing, batch: Observable[ChatBatch]) -> Observable[Sentence]:
    """Answer in two written sentences."""

    def write(one: ChatBatch, index: int) -> Sentence:
        return Sentence(turn=one.turn, index=index, text="x", spoken="x", emotion="neutral", last=index == 1)

    return batch.pipe(ops.flat_map(lambda one: reactivex.from_([write(one, 0), write(one, 1)])))


@pytest.fixture(autouse=True)
def _no_log(monkeypatch):
    monkeypatch.setattr(logging.getLogger("aischoco"), "disabled", True)
    monkeypatch.setattr(Mood, "bad", False)


def conserved(ledger):
    counts = ledger.counts()
    return counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())


# An edge and the ledger.


class End:
    blocked = 0
    scheduled = True
    instance = None
    straight = None

    def wake(self):
        pass


POLICIES = st.builds(
    Policy,
    overflow=st.sampled_from(["fresh", "sure", "block"]),
    capacity=st.integers(1, 5),
    capacity_s=st.none(),
    max_age_s=st.sampled_from([None, 1.0, 5.0]),
)


class EdgeLaws(RuleBasedStateMachine):
    """The model: a list of (event, when it came), the reason of each that was dropped."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.ids = itertools.count()
        self.ledger = Ledger(lambda: self.now)
        self.policy = Policy("fresh", 3, None, 5.0)
        self.edge = Edge("a -> b", "chat", self.policy, lambda: self.now, self.ledger.drop)
        self.edge.writer, self.edge.reader = End(), End()
        self.waiting = []
        self.verdicts = {}

    @rule(paid=st.lists(st.booleans(), min_size=1, max_size=4))
    def put(self, paid):
        for each in paid:
            self.put_one(each)

    def put_one(self, paid):
        name = str(next(self.ids))
        event = Donation(id=name, author="x", amount=1) if paid else ChatMessage(id=name, author="x")
        if self.policy.overflow == "fresh" and len(self.waiting) >= self.policy.capacity:
            first = next((entry for entry in self.waiting if not is_sure(entry[0])), None)
            if first is not None:
                self.drop(first, "flood")
        self.waiting.append((event, self.now))
        self.ledger.received(event)
        self.edge.put(event)

    @rule()
    def take(self):
        limit = self.policy.max_age_s
        while self.waiting and limit is not None and self.now - self.waiting[0][1] > limit:
            if is_sure(self.waiting[0][0]):
                break
            self.drop(self.waiting[0], "stale")
        expected = self.waiting.pop(0)[0] if self.waiting else None
        assert self.edge.take() is expected
        if expected is not None:
            self.verdicts[expected.id] = ("t", None)
            self.ledger.answered(expected.id, "t")

    @rule(later=st.sampled_from([0.1, 0.9, 1.0, 1.1, 4.9, 5.0, 5.1]))
    def wait(self, later):
        self.now += later

    @rule(policy=POLICIES)
    def change(self, policy):
        self.policy = policy
        self.edge.set_policy(policy)

    @rule()
    def shed(self):
        lost = [entry for entry in self.waiting if not is_sure(entry[0])]
        assert self.edge.shed("failed") == [event for event, _ in lost]
        for entry in lost:
            self.drop(entry, "failed")

    @rule()
    def discard(self):
        self.edge.discard("unaccounted")
        for entry in list(self.waiting):
            self.drop(entry, "unaccounted")

    def drop(self, entry, reason):
        self.waiting.remove(entry)
        self.verdicts[entry[0].id] = (None, reason)

    @invariant()
    def the_same_events_wait_in_the_same_order(self):
        assert list(self.edge) == [event for event, _ in self.waiting]

    @invariant()
    def each_has_the_verdict_that_the_model_gave_it(self):
        assert conserved(self.ledger)
        assert self.ledger.waiting_count == len(self.waiting)
        for name, told in self.verdicts.items():
            verdict = self.ledger.verdict(name)
            assert (verdict.turn, verdict.reason) == told

    @invariant()
    def the_writer_is_held_up_exactly_while_the_edge_is_full(self):
        full = self.policy.overflow == "block" and len(self.waiting) >= self.policy.capacity
        assert self.edge.writer.blocked == int(full)


def is_sure(event):
    return event.overflow == "sure"


EdgeLaws.TestCase.settings = settings(stateful_step_count=30)
TestEdgeLaws = EdgeLaws.TestCase


# Random graphs.


class Recorder:
    """Stands before an edge and writes down what is put into it."""

    def __init__(self, edge):
        self.edge = edge
        self.ids = []

    def put(self, event):
        if isinstance(event, ViewerEvent):
            self.ids.append(int(event.id))
        self.edge.put(event)


def record(runtime):
    recorders = []
    for station in runtime.stations.values():
        for port, edges in station.outs.items():
            station.outs[port] = tuple(map(Recorder, edges))
            recorders.extend(station.outs[port])
    return recorders


BAD = st.lists(st.integers(0, 39).map(str), max_size=2).map(tuple)
MIDDLE = st.one_of(
    st.just("chat.pass"),
    st.just("chat.refuse"),
    st.just("chat.tally"),
    st.builds(lambda bad: ("chat.pass", {"bad": bad}), BAD),
    st.builds(
        lambda work, bad: ("chat.slow", {"work_s": work, "bad": bad}), st.sampled_from([0.0, 0.01, 0.3, 2.0]), BAD
    ),
)


@st.composite
def shows(draw):
    """A source, up to three nodes, a batch and a voice in a chain, and sometimes a page at the side."""
    middle = draw(st.lists(MIDDLE, max_size=3))
    names = ["source", *(f"n{number}" for number in range(len(middle))), "batch", "voice"]
    source = {"count": 40, "every_s": draw(st.sampled_from([0.0, 0.01, 0.1])), "gift_every": draw(st.integers(0, 4))}
    stations = {
        "source": ("chat.count", source),
        **dict(zip(names[1:], middle, strict=False)),
        "batch": "chat.single",
        "voice": ("audio.say", {"work_s": draw(st.sampled_from([0.0, 0.05]))}),
    }
    wires = [f"{one} -> {two}" for one, two in itertools.pairwise(names)]
    policies = {wire: draw(POLICIES) for wire in wires[:-1] if draw(st.booleans())}
    if draw(st.booleans()):
        wires.append("voice.speaking -> batch.speaking")
    if draw(st.booleans()):
        stations["page"] = "page.see"
        wires.append(f"{draw(st.sampled_from(names[:-2]))} -> page")
    return graph_of(stations, *wires, policies=policies)


@given(shows())
def test_every_event_of_any_graph_has_one_verdict_paid_ones_are_not_dropped_and_order_is_kept(graph):
    recorders = []

    async def story(runtime):
        recorders.extend(record(runtime))
        done = asyncio.ensure_future(runtime.idle())
        while not done.done():
            assert conserved(runtime.ledger)
            await asyncio.sleep(0.07)

    runtime = play(graph, story)
    source = graph.nodes["source"].settings
    ledger = runtime.ledger
    assert conserved(ledger)
    assert (ledger.received_count, ledger.waiting_count) == (source.count, 0)
    fatal = {name for entry in graph.nodes.values() for name in getattr(entry.settings, "bad", ())}
    refusing = any(entry.type == "chat.refuse" for entry in graph.nodes.values())
    for number in range(source.count):
        verdict = ledger.verdict(str(number))
        assert (verdict.turn is None) != (verdict.reason is None)
        if verdict.reason == "failed":
            assert str(number) in fatal
        if verdict.reason == "duplicate":
            assert refusing
            assert number % 2
        if source.gift_every and number % source.gift_every == 0:
            assert verdict.reason in (None, "failed", "duplicate")
    for recorder in recorders:
        assert recorder.ids == sorted(set(recorder.ids))
    order = [int(turn.batch[0]) for turn in runtime.turns.turns.values()]
    assert order == sorted(set(order))
    assert SEEN.get("seen", []) == sorted(SEEN.get("seen", []), key=int)


@pytest.mark.parametrize("failing", ["chat.pass", "chat.slow"])
@pytest.mark.parametrize("nth", range(10))
def test_a_node_that_fails_at_any_event_is_back_within_a_second_and_the_other_branch_loses_nothing(failing, nth):
    work = {"work_s": 0.02} if failing == "chat.slow" else {}
    graph = graph_of(
        {
            "source": ("chat.count", {"gift_every": 3}),
            "bad": (failing, {"bad": (str(nth),), **work}),
            "good": "chat.pass",
            "one": ("page.see", {"label": "one"}),
            "two": ("page.see", {"label": "two"}),
        },
        "source -> bad",
        "source -> good",
        "bad -> one",
        "good -> two",
    )
    away = []

    async def story(runtime):
        for _ in range(250):
            if runtime.stations["bad"].state == "restarting":
                away.append(runtime.now())
            await asyncio.sleep(0.01)

    runtime = play(graph, story)
    everything = [str(number) for number in range(10)]
    assert SEEN["two"] == everything
    assert SEEN["one"] == [name for name in everything if name != str(nth)]
    assert runtime.stations["bad"].restarts == 1
    assert 0 < away[-1] - away[0] < 1.0


# A node that does not come back.

SHOW = {
    "source": ("chat.count", {"count": 100, "every_s": 1.0, "gift_every": 10}),
    "look": "chat.moody",
    "batch": ("chat.batch", {"quiet_s": 0.0, "ttl_s": 1000.0}),
    "reply": "reply.moody",
    "voice": ("audio.say", {"work_s": 0.1}),
}
WIRES = ("source -> look", "look -> batch", "batch -> reply", "reply -> voice", "voice.speaking -> batch.speaking")


def without(moody):
    """The show with only one moody node."""
    other = {"look": "chat.pass", "reply": "reply.steady"}
    other.pop(moody)
    return {**SHOW, **other}


@sample("reply.steady")
def reply_steady(config: Nothing, batch: Observable[ChatBatch]) -> Observable[ChatBatch]:
    """Pass batches."""
    return batch.pipe(ops.map(lambda one: one))


async def bad_for_a_while(runtime, name):
    """Failing from 10 s to 60 s; gives the states and the numbers waiting meanwhile."""
    states, waiting = set(), deque()
    await asyncio.sleep(10.5)
    Mood.bad = True
    for _ in range(50):
        await asyncio.sleep(1.0)
        states.add(runtime.stations[name].state)
        waiting.append(runtime.ledger.waiting_count)
        assert conserved(runtime.ledger)
    Mood.bad = False
    await runtime.idle()
    return states, list(waiting)


def test_a_turn_whose_answer_cannot_be_made_is_over_at_once_and_the_next_one_begins_and_who_paid_waits():
    told = []

    async def story(runtime):
        told.append(await bad_for_a_while(runtime, "reply"))

    runtime = play(graph_of(without("reply"), *WIRES), story)
    states, waiting = told[0]
    assert "degraded" in states
    assert max(waiting) <= 8, "the longest wait before a restart that is not yet degraded, and one more"
    counts = runtime.ledger.counts()
    gifts = [number for number in range(0, 100, 10) if runtime.ledger.verdict(str(number)) is None]
    assert len(gifts) == counts["waiting"] >= 3, "for the next run: nobody spoke of them"
    assert set(counts["dropped"]) == {"unanswered"}
    assert counts["answered"] >= 35
    ends = [turn.marks["ended"] - turn.marks["batched"] for turn in runtime.turns.turns.values()]
    assert max(ends) < 9.0, "and not the minute after which the batch gives a turn up"


def test_chat_for_a_degraded_node_is_dropped_as_failed_and_donations_wait_until_it_is_back():
    told = []

    async def story(runtime):
        told.append(await bad_for_a_while(runtime, "look"))

    runtime = play(graph_of(without("look"), *WIRES), story)
    assert "degraded" in told[0][0]
    ledger = runtime.ledger
    assert ledger.waiting_count == 0
    assert set(ledger.dropped) == {"failed"}
    look = runtime.edges["source", "out", "look", "chat"]
    assert look.dropped["failed"] > 10
    lost = [number for number in range(0, 100, 10) if ledger.verdict(str(number)).reason is not None]
    assert len(lost) <= runtime.stations["look"].errors
    assert ledger.dropped["failed"] == look.dropped["failed"] + runtime.stations["look"].errors


def test_a_degraded_page_at_the_side_takes_nothing_from_the_answers():
    stations = {**without("look"), "look": "chat.pass", "side": "chat.moody", "page": "page.see"}

    async def story(runtime):
        await bad_for_a_while(runtime, "side")

    runtime = play(graph_of(stations, *WIRES, "source -> side", "side -> page"), story)
    assert runtime.ledger.counts()["answered"] == 100


def test_a_degraded_branch_that_does_not_lead_to_the_voice_ends_no_turn():
    stations = {**SHOW, "look": "chat.pass", "reply": "reply.steady", "side": "reply.moody", "other": "reply.steady"}

    async def story(runtime):
        await bad_for_a_while(runtime, "side")

    runtime = play(graph_of(stations, *WIRES, "batch -> side", "side -> other"), story)
    assert runtime.stations["side"].errors > 5
    assert runtime.ledger.counts()["answered"] == 100


def test_where_no_node_speaks_the_last_sentence_is_the_answer():
    stations = {"source": ("chat.count", {"gift_every": 2}), "batch": "chat.single", "reply": "reply.write"}
    runtime = play(graph_of(stations, "source -> batch", "batch -> reply"), Runtime.idle)
    assert runtime.ledger.counts()["answered"] == 10
