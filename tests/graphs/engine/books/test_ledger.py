from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.books import ledger as module
from graphs.engine.books.ledger import Ledger, Verdict
from schemas.bus import Judged
from schemas.chat import ChatMessage, Donation, HostLine


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def chat(name):
    return ChatMessage(id=name, author="x")


def test_an_event_is_counted_once_however_many_nodes_pass_it_on():
    ledger = Ledger(Clock())
    for _ in range(3):
        ledger.received(chat("a"))
    assert (ledger.received_count, ledger.waiting_count) == (1, 1)


def test_the_first_verdict_stands():
    ledger = Ledger(Clock())
    ledger.received(chat("a"))
    ledger.drop(chat("a"), "link")
    ledger.answered("a", "t-1")
    assert ledger.verdict("a") == Verdict(0.0, reason="link")
    assert ledger.counts()["answered"] == 0


def test_an_event_that_no_node_judged_is_unaccounted_after_five_minutes():
    clock = Clock()
    ledger = Ledger(clock)
    ledger.received(chat("a"))
    clock.now = 301.0
    ledger.received(chat("b"))
    assert ledger.counts()["dropped"] == {"unaccounted": 1}


def test_what_was_paid_for_is_never_given_up():
    clock = Clock()
    ledger = Ledger(clock)
    ledger.received(Donation(id="d", author="x", amount=1))
    ledger.received(chat("a"))
    clock.now = 1000.0
    ledger.received(chat("b"))
    assert ledger.counts()["dropped"] == {"unaccounted": 1}
    assert ledger.received_at("d") == 0.0


def test_those_that_wait_are_counted_by_lane():
    ledger = Ledger(Clock())
    for event in (chat("a"), chat("b"), Donation(id="d", author="x", amount=1)):
        ledger.received(event)
    assert ledger.waiting_lanes() == {"host": 0, "donation": 1, "subscription": 0, "chat": 2}
    ledger.drop(chat("a"), "link")
    ledger.answered("d", "t-1")
    assert ledger.waiting_lanes() == {"host": 0, "donation": 0, "subscription": 0, "chat": 1}


def test_it_tells_what_came_before_whether_that_waits_or_has_its_verdict():
    ledger = Ledger(Clock())
    assert ledger.received(chat("a"))
    assert not ledger.received(chat("a"))
    ledger.drop(chat("a"), "link")
    assert not ledger.received(chat("a"))
    assert ledger.counts()["repeated"] == 2
    assert ledger.counts()["in"] == 1


def test_each_verdict_is_told_once():
    told = []
    ledger = Ledger(Clock())
    ledger.judged.add(lambda name, verdict: told.append((name, verdict)))
    ledger.received(chat("a"))
    ledger.answered("a", "t-1")
    ledger.drop(chat("a"), "link")
    ledger.drop(chat("b"), "link")
    assert told == [("a", Verdict(0.0, turn="t-1"))]


def test_a_payload_that_could_not_be_read_is_counted_by_kind():
    ledger = Ledger(Clock())
    ledger.malformed("json")
    assert ledger.counts()["malformed"] == {"json": 1}


@given(
    st.lists(st.tuples(st.sampled_from(["received", "answered", "drop"]), st.sampled_from("abcde"), st.floats(0, 200)))
)
def test_in_is_always_answered_plus_waiting_plus_dropped(steps):
    clock = Clock()
    ledger = Ledger(clock)
    for step, name, later in steps:
        clock.now += later
        if step == "received":
            ledger.received(chat(name))
        elif step == "answered":
            ledger.answered(name, "t")
        else:
            ledger.drop(chat(name), "flood")
        counts = ledger.counts()
        assert counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())


def test_who_follows_hears_of_each_verdict_and_of_what_is_dropped_before_it_was_received():
    heard = []
    ledger = Ledger(Clock())
    following = ledger.follow(heard.append)
    ledger.received(chat("a"))
    ledger.answered("a", "t-1")
    ledger.drop(Donation(id="d", author="x", amount=1), "link")
    following.dispose()
    ledger.drop(chat("b"), "link")
    assert heard == [
        Judged(id="a", reason=None, sure=False),
        Judged(id="d", reason="link", final=False, sure=True),
    ]


def test_verdicts_of_long_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    ledger = Ledger(Clock())
    for name in "abc":
        ledger.received(chat(name))
        ledger.answered(name, "t")
    assert [ledger.verdict(name) is None for name in "abc"] == [True, False, False]


def test_who_follows_hears_of_verdicts_and_of_drops_of_viewers_who_came_in_elsewhere():
    told = []
    ledger = Ledger(lambda: 0.0)
    following = ledger.follow(told.append)
    gift, chat, other = (
        Donation(id="d", author="a", amount=1),
        ChatMessage(id="m", author="a"),
        ChatMessage(id="o", author="a"),
    )
    ledger.received(gift)
    ledger.received(chat)
    ledger.answered("d", "t1")
    ledger.drop(chat, "link")
    ledger.drop(chat, "link")
    ledger.drop(other, "banned_word")
    following.dispose()
    ledger.drop(other, "banned_word")
    assert told == [
        Judged(id="d", sure=True),
        Judged(id="m", reason="link", sure=False),
        Judged(id="o", reason="banned_word", final=False, sure=False),
    ]


def test_what_the_streamer_said_is_neither_thanks_nor_waited_for_without_end():
    clock = Clock()
    ledger = Ledger(clock)
    ledger.received(HostLine(id="h", author="방송인"))
    ledger.received(HostLine(id="i", author="방송인"))
    assert ledger.waiting_lanes()["host"] == 2
    ledger.answered("h", "t")
    assert (ledger.answered_count, ledger.thanked_count) == (1, 0)
    clock.now = 301.0
    ledger.received(chat("a"))
    assert ledger.counts()["dropped"] == {"unaccounted": 1}
