import asyncio
import json
from types import SimpleNamespace

import pytest

from graphs.engine.books.books import Books
from graphs.engine.books.journal import Journal
from graphs.engine.books.ledger import Verdict
from graphs.engine.log.engine_log import EngineLog
from nodes import load_all
from schemas.bus import Judged, TurnTold
from schemas.chat import ChatBatch, ChatMessage, Donation, Subscription, Withdrawn
from schemas.reply import Sentence
from tests.harness import on_virtual_time

SPECS = load_all()


class Shown(SimpleNamespace):
    """The graph on air, as far as the books ask."""

    graph = SimpleNamespace(name="show", budget_s=3.0)
    voiced = False
    origins = frozenset({"net"})


class Show:
    """Books with a clock that is set by hand."""

    def __init__(self, journal=None):
        self.at = 0.0
        self.shape = Shown()
        self.books = Books(lambda: self.at, lambda: self.shape, EngineLog(), journal)

    def pass_by(self, event, type_="chat.parse", name="parse", *, source=True, far=False):
        """What a node of this type emits; gives what the observer answers."""
        observers = self.books.observers(SPECS[type_], name, source=source, far=far)
        return observers[type(event)](event)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history" / "journal" / "show.jsonl"


def names(observers):
    return {event.__name__ for event in observers}


def session(path, story):
    """A run with its journal; gives (what an earlier one left, what the story gives)."""

    async def main():
        show = Show(Journal(path, print))
        left = show.books.left()
        told = story(show)
        show.books.stopping()
        await show.books.close()
        return [(name, event.id) for name, event in left], told

    return on_virtual_time(main())


def gift(name, **fields):
    return Donation(id=name, author="하늘", amount=1000, **fields)


def test_a_donation_without_its_verdict_is_left_for_the_next_run_and_said_there_once(path, capsys):
    def first(show):
        show.pass_by(gift("waits"))
        show.pass_by(gift("done"))
        show.pass_by(ChatMessage(id="chat", author="x"))
        show.books.ledger.answered("done", "t-1")

    assert session(path, first) == ([], None)
    assert "not answered" not in capsys.readouterr().err
    assert session(path, lambda show: None) == ([("parse", "waits")], None)
    assert "지난번에 끌 때 대답하지 못한 것 1개: 후원" in capsys.readouterr().err


def test_what_the_end_of_a_run_cuts_off_is_left_for_the_next_one(path):
    def first(show):
        show.pass_by(gift("cut off"))
        show.books.stopping()
        show.books.ledger.dropped_id("cut off", "failed")

    session(path, first)
    assert session(path, lambda show: None)[0] == [("parse", "cut off")]


def test_a_line_of_the_journal_names_the_graph_on_air_and_where_its_viewers_come_in(path):
    def story(show):
        show.pass_by(gift("first"))
        show.shape = SimpleNamespace(graph=SimpleNamespace(name="other", budget_s=3.0), voiced=True, origins={"file"})
        show.pass_by(gift("second"), name="again")

    session(path, story)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [(line["graph"], line["sources"], line["node"]) for line in lines] == [
        ("show", ["net"], "parse"),
        ("other", ["file"], "again"),
    ]


def test_a_donation_that_comes_again_is_taken_back_and_chat_that_comes_again_passes(path):
    def story(show):
        first = [show.pass_by(gift("d")) is False, show.pass_by(ChatMessage(id="c", author="x")) is False]
        return [*first, show.pass_by(gift("d")) is False, show.pass_by(ChatMessage(id="c", author="x")) is False]

    assert session(path, story)[1] == [False, False, True, False]
    assert len(path.read_bytes().splitlines()) == 1


def test_without_a_journal_nothing_is_left_and_viewer_events_are_counted_all_the_same():
    show = Show()
    assert show.books.left() == []
    assert show.pass_by(gift("d")) is True
    assert show.pass_by(gift("d")) is False
    assert show.pass_by(Subscription(id="s", author="x", months=3)) is True
    show.books.stopping()
    asyncio.run(show.books.close())
    assert show.books.ledger.waiting_count == show.books.ledger.received_count == 2


def test_only_what_a_node_can_emit_is_observed():
    books = Show().books
    parse = books.observers(SPECS["chat.parse"], "parse", source=True, far=False)
    assert names(parse) == {"ViewerEvent", "ChatMessage", "Donation", "Subscription", "HostLine", "Withdrawn"}
    assert names(books.observers(SPECS["chat.filter"], "filter", source=False, far=False)) == set()
    assert names(books.observers(SPECS["chat.batch"], "batch", source=False, far=False)) == {"ChatBatch"}
    far = names(books.observers(SPECS["bus.subscribe"], "net", source=False, far=True))
    near = names(books.observers(SPECS["bus.subscribe"], "net", source=False, far=False))
    assert far - near == {"TurnTold"}


def test_a_drop_at_another_place_is_a_verdict_and_what_that_place_only_repeats_is_none():
    show = Show()
    for name in ("dropped", "final", "answered"):
        show.books.ledger.received(ChatMessage(id=name, author="x"))
    far = {"type_": "bus.subscribe", "name": "net", "source": False, "far": True}
    show.pass_by(Judged(id="dropped", reason="link", final=False), **far)
    show.pass_by(Judged(id="final", reason="link"), **far)
    show.pass_by(Judged(id="answered", final=False), **far)
    assert show.books.ledger.verdict("dropped") == Verdict(0.0, reason="link")
    assert show.books.ledger.verdict("final") is show.books.ledger.verdict("answered") is None


def test_a_turn_that_is_over_at_another_place_is_heard_of_once():
    show, over = Show(), []
    show.books.over_elsewhere.add(over.append)
    far = {"type_": "bus.subscribe", "name": "net", "source": False, "far": True}
    show.books.ledger.received(ChatMessage(id="a", author="x"))
    show.pass_by(TurnTold(id="1", turn="t-1", batch=("a",)), **far)
    assert over == []
    show.pass_by(TurnTold(id="2", turn="t-1", batch=("a",), over=True, shown=True), **far)
    assert over == ["t-1"]


def test_a_turn_is_over_with_its_last_sentence_where_no_node_of_the_graph_on_air_speaks():
    def verdict(*, voiced):
        show = Show()
        show.shape.voiced = voiced
        show.pass_by(event := ChatMessage(id="a", author="x"))
        show.pass_by(ChatBatch(turn="t", lane="chat", events=(event,)), "chat.batch", "batch", source=False)
        show.at = 1.0
        split = {"type_": "reply.split", "name": "split", "source": False}
        show.pass_by(Sentence(turn="t", index=0, text="안녕", spoken="안녕", emotion="happy", last=True), **split)
        return show.books.ledger.verdict("a")

    assert verdict(voiced=False) == Verdict(1.0, turn="t")
    assert verdict(voiced=True) is None


def test_the_budget_is_that_of_the_graph_on_air():
    show = Show()
    show.pass_by(event := ChatMessage(id="a", author="x"))
    show.pass_by(ChatBatch(turn="t", lane="chat", events=(event,)), "chat.batch", "batch", source=False)
    assert show.books.budget.left("t") == 3.0
    show.at = 1.0
    assert show.books.budget.left("t") == 2.0
    show.shape = SimpleNamespace(graph=SimpleNamespace(budget_s=5.0), voiced=False, origins=frozenset())
    assert show.books.budget.left("t") == 4.0


def test_what_was_withdrawn_is_taken_out_of_journal_memory_and_log(path):
    forgotten = []

    async def main():
        show = Show(Journal(path, print))
        show.books._log.forget = forgotten.append
        show.books.left()
        show.pass_by(gift("d1", author_id="u1", sent_at=1.0))
        show.pass_by(gift("d2", author_id="u2", sent_at=1.0))
        show.pass_by(Withdrawn(author_id="u1", sent_at=1.0))
        await asyncio.sleep(0.1)
        assert [came.event.id for came in show.books.ledger.recent.search("", 9)] == ["d2"]
        await show.books.close()

    on_virtual_time(main())
    assert forgotten == [Withdrawn(author_id="u1", sent_at=1.0)]
    assert session(path, lambda show: None)[0] == [("parse", "d2")]


def test_a_paid_event_taken_for_a_repetition_is_logged_once_with_giver_and_amount(capsys):
    show = Show()
    given = [
        Donation(id="d1", author="월급루팡", amount=50_000),
        Subscription(id="s1", author="달토끼"),
        Donation(id="d2", author="초코", amount=1_000),
        ChatMessage(id="c1", author="a"),
    ]
    for event in given:
        assert show.pass_by(event) is not False
    assert "다시 와서" not in capsys.readouterr().err
    for event in (given[0], given[1], given[0], given[3]):
        assert (show.pass_by(event) is False) == (event is not given[3])
    told = [line for line in capsys.readouterr().err.splitlines() if "다시 와서" in line]
    assert len(told) == 2
    assert "같은 후원 50,000치즈가 다시 와서 한 번만 세었어요: 월*** (d1)" in told[0]
    assert "구독이 다시 와서 한 번만 세었어요: 달*** (s1)" in told[1]
    assert show.books.ledger.counts()["repeated"] == 4
