"""chat.batch and the streamer: it is silent while she speaks, answers her first, and makes up for what she cut off."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from schemas.chat import ChatBatch, HostLine, ViewerEvent, Withdrawn
from schemas.event import Event
from schemas.host import HostTurn, Ignored
from schemas.playback import Speaking
from tests.harness import Ran, run
from tests.nodes.chat.fakes import chat, donation, subscription

THINKS_S, ANSWER_S = 0.8, 6.0


def line(id_: str, text: str = "초코야 뭐 해?") -> HostLine:
    return HostLine(id=id_, author="방송인", role="streamer", text=text)


def speaks(at: float) -> tuple[float, Event]:
    return at, HostTurn(state="speaking", at=at)


def yields(at: float, utterance: str = "") -> tuple[float, Event]:
    return at, HostTurn(state="yielded", at=at, utterance=utterance)


def on(turn: str) -> Speaking:
    return Speaking(turn=turn, speaking=True)


def off(turn: str, heard: float | None = None) -> Speaking:
    return Speaking(turn=turn, speaking=False, heard=heard)


def form(chat_: list[tuple[float, Event]], host: list[tuple[float, Event]], **given_: Any) -> Ran:
    inputs = {"chat": chat_, "host": host, "ignored": given_.pop("ignored", []), "speaking": given_.pop("speaking", [])}
    ran = run("chat.batch", inputs, complete_at=given_.pop("complete_at", 100.0), settings=given_)
    assert ran.error is None
    return ran


def opened(ran: Ran) -> list[tuple[float, str]]:
    return [(at, out.turn) for at, _, out in ran.out]  # type: ignore[attr-defined]


def test_no_turn_opens_while_she_speaks_and_for_a_moment_after() -> None:
    ran = form([(1.0, chat("a")), (1.5, donation("d"))], [speaks(0.5), speaks(4.5), yields(8.0)], complete_at=9)
    assert opened(ran)[0] == (8.6, "t-d")


def test_a_microphone_from_which_nothing_comes_any_more_holds_up_the_show_for_a_few_seconds_only() -> None:
    assert opened(form([(1.0, chat("a"))], [speaks(0.5)], complete_at=20)) == [(5.5, "t-a")]

    async def mic_ends(instance: Instance) -> None:
        await asyncio.sleep(2)
        instance.inlets["host"].on_completed()

    given_ = {"chat": [(1.0, chat("a"))], "host": [speaks(0.5)]}
    assert opened(run("chat.batch", given_, complete_at=20, during=mic_ends)) == [(2.0, "t-a")]


def test_she_is_answered_before_a_donation_that_waits_longer_and_alone() -> None:
    given_ = [(1.0, chat("a", "초코야")), (1.5, donation("d")), (3.0, line("u"))]
    speaking = [(5.0, off("t-u")), (7.0, off("t-d"))]
    ran = form(given_, [speaks(0.5), yields(2.0, "u")], speaking=speaking, complete_at=20)
    assert opened(ran) == [(3.0, "t-u"), (5.0, "t-d"), (7.0, "t-a")]
    assert [out.lane for out in ran.events()] == ["host", "donation", "mention"]


def test_chat_waits_for_her_words_unless_they_are_ignored_or_take_too_long() -> None:
    ignored = [(3.2, Ignored(utterance="u", why="name", at=3.2))]
    assert opened(form([(1.0, chat("a"))], [yields(2.0, "u")], ignored=ignored)) == [(1.4, "t-a")]
    late = [speaks(0.5), yields(2.0, "u")]
    assert opened(form([(1.0, chat("a"))], late, ignored=ignored)) == [(3.2, "t-a")]
    assert opened(form([(1.0, chat("a"))], late)) == [(5.0, "t-a")]
    assert opened(form([(1.0, chat("a"))], late, host_line_s=1.0)) == [(3.0, "t-a")]


def test_words_of_hers_that_are_understood_at_once_are_answered_at_once() -> None:
    host = [speaks(0.5), yields(2.0, "u")]
    ran = form([(1.0, chat("a")), (2.2, line("u"))], host, speaking=[(2.3, off("t-u"))], complete_at=9)
    assert opened(ran) == [(2.2, "t-u"), (2.6, "t-a")]


def test_a_second_line_while_she_is_being_answered_waits_for_that_and_none_is_dropped() -> None:
    lines = [(1.0 + at / 10, line(f"u{at}")) for at in range(3)]
    ran = form(lines, [], speaking=[(9.0, off("t-u0"))], max_waiting=1, ttl_s=1, complete_at=20)
    assert [[event.id for event in out.events] for out in ran.events()] == [["u0"], ["u1", "u2"]]
    assert ran.drops == []


def test_an_answer_to_chat_ends_for_her_and_a_paid_one_does_not() -> None:
    def over(first: Event) -> tuple[float, str]:
        turn = f"t-{first.id}"  # type: ignore[attr-defined]
        ran = form([(0.0, first), (3.0, line("u"))], [], speaking=[(1.0, on(turn)), (9.0, off(turn))], complete_at=20)
        at, _, out = ran.out[1]
        return at, out.over  # type: ignore[attr-defined]

    assert over(chat("a")) == (3.0, "t-a")
    assert over(donation("d")) == (9.0, "")


def test_thanks_that_she_cut_off_are_made_up_for_once_after_the_answer_to_her() -> None:
    speaking = [(1.0, on("t-d")), (2.0, off("t-d", 0.2)), (9.0, off("t-u")), (10.0, off("t-d.m", 0.1))]
    ran = form(
        [(0.0, donation("d")), (2.5, chat("a")), (4.0, line("u"))], [speaks(1.9), yields(3.5, "u")], speaking=speaking
    )
    assert opened(ran)[:3] == [(0.4, "t-d"), (4.0, "t-u"), (9.0, "t-d.m")]
    assert [out.make_up for out in ran.events()] == [False, False, True, False]
    assert [event.id for event in ran.events()[2].events] == ["d"]
    assert opened(ran)[3] == (10.0, "t-a")


def test_thanks_are_not_made_up_for_if_the_donation_was_withdrawn_while_they_were_said() -> None:
    given_ = {"chat": [(0.0, donation("d"))], "host": [speaks(1.9), yields(3.5)]}
    given_["speaking"] = [(1.0, on("t-d")), (2.0, off("t-d", 0.2))]
    assert [turn for _, turn in opened(run("chat.batch", given_, complete_at=20))] == ["t-d", "t-d.m"]
    given_["withdrawn"] = [(1.5, Withdrawn(author_id="치즈부자"))]
    assert [turn for _, turn in opened(run("chat.batch", given_, complete_at=20))] == ["t-d"]


def test_a_make_up_that_she_talks_over_each_time_is_left_out_and_that_is_told() -> None:
    speaking = [(1.0, on("t-d")), (2.0, off("t-d", 0.2))]
    host = [speaks(1.9), yields(3.0)]
    for number, turn in enumerate(["t-d.m", "t-d.m.2", "t-d.m.3"], 1):
        speaking.append((4.0 * number, off(turn, 0.0)))
        host += [speaks(4.0 * number), yields(4.0 * number + 1)]
    ran = form([(0.0, donation("d"))], host, speaking=speaking, complete_at=40)
    assert [turn for _, turn in opened(ran)] == ["t-d", "t-d.m", "t-d.m.2", "t-d.m.3"]
    assert len([told for told in ran.log if "치즈부자" in told]) == 1


def test_an_answer_to_chat_that_she_cut_off_is_done_with() -> None:
    speaking = [(1.0, on("t-a")), (2.0, off("t-a", 0.2))]
    ran = form([(0.0, chat("a"))], [speaks(1.9), yields(3.5)], speaking=speaking)
    assert opened(ran) == [(0.4, "t-a")]


def test_what_nobody_heard_because_she_spoke_is_answered_when_she_is_done() -> None:
    speaking = [(2.0, on("t-a")), (2.0, off("t-a", 0.0)), (9.0, off("t-a.2"))]
    ran = form([(0.0, chat("a")), (0.1, chat("b"))], [speaks(1.0), yields(3.5)], speaking=speaking)
    assert opened(ran) == [(0.5, "t-a"), (4.1, "t-a.2")]
    assert [[event.id for event in out.events] for out in ran.events()] == [["a", "b"], ["a", "b"]]
    hidden = [(3.0, Withdrawn(author_id="새벽고양이"))]
    given_ = {"chat": [(0.0, chat("a"))], "host": [speaks(1.0), yields(3.5)], "speaking": speaking[:2]}
    early = run("chat.batch", {**given_, "withdrawn": [(1.5, hidden[0][1])]}, complete_at=20)
    assert (opened(early), early.drops) == ([(0.4, "t-a")], [("a", "withdrawn")])


def test_thanks_for_which_there_is_no_moment_in_time_are_left_out_and_that_is_told() -> None:
    speaking = [(1.0, on("t-d")), (2.0, off("t-d", 0.2)), (2.0, on("t-b")), (30.0, off("t-b"))]
    chat_ = [(0.0, donation("d")), (0.9, chat("b"))]
    left = (1.2, Speaking(turn="t-d", speaking=True, left_s=1.0))
    ran = form(
        chat_, [speaks(1.9), yields(2.0)], speaking=sorted([*speaking, left], key=lambda each: each[0]), complete_at=40
    )
    assert [turn for _, turn in opened(ran)] == ["t-d", "t-b"]
    assert len([told for told in ran.log if "치즈부자" in told]) == 1


def test_a_reload_remembers_that_she_speaks_and_what_is_being_said() -> None:
    kept = Keeping()
    first = {"chat": [(0.0, donation("d"))], "speaking": [(1.0, on("t-d"))], "host": []}
    run("chat.batch", first, complete_at=1.5, kept=kept)
    later = {"chat": [], "speaking": [(0.5, off("t-d", 0.3))], "host": [speaks(0.4), yields(2.0)]}
    assert opened(run("chat.batch", later, complete_at=9, kept=kept)) == [(2.6, "t-d.m")]


class Show:
    """A voice that says each turn for ``ANSWER_S``, and a streamer whose voice cuts it off."""

    def __init__(self) -> None:
        self.shares: dict[str, list[tuple[bool, float]]] = {}
        """Event -> (whether it was a make-up, what share was heard) of each of its turns."""
        self.first_after: list[str] = []
        """The lane of the first turn that opened after each of her lines."""
        self.asked = 0
        self.while_she_speaks = 0
        self._speaks = False
        self._on: tuple[ChatBatch, float] | None = None
        self._queue: list[ChatBatch] = []

    def takes(self, instance: Instance, batch: Event) -> None:
        assert isinstance(batch, ChatBatch)
        self.while_she_speaks += self._speaks
        if self.asked:
            self.asked = 0
            self.first_after.append(batch.lane)
        asyncio.get_running_loop().call_later(THINKS_S, self._ready, instance, batch)

    def _ready(self, instance: Instance, batch: ChatBatch) -> None:
        self._queue.append(batch)
        self._next(instance)

    def _next(self, instance: Instance) -> None:
        loop = asyncio.get_running_loop()
        if self._on is None and self._queue:
            batch = self._queue.pop(0)
            self._on = batch, loop.time()
            instance.feed("speaking", on(batch.turn))
            if self._speaks:
                self._ends(instance, batch, 0.0)
            else:
                loop.call_later(ANSWER_S, self._said, instance, batch)

    def _said(self, instance: Instance, batch: ChatBatch) -> None:
        if self._on is not None and self._on[0] is batch:
            self._ends(instance, batch, None)

    def _ends(self, instance: Instance, batch: ChatBatch, heard: float | None) -> None:
        self._on = None
        for event in batch.events:
            share = 1.0 if heard is None else heard
            self.shares.setdefault(event.id, []).append((batch.make_up, share))
        instance.feed("speaking", off(batch.turn, heard))
        self._next(instance)

    def _repeats(self, instance: Instance) -> None:
        """Tell that she speaks, again and again, as a microphone does."""
        if self._speaks:
            instance.feed("host", HostTurn(state="speaking", at=asyncio.get_running_loop().time()))
            asyncio.get_running_loop().call_later(1.0, self._repeats, instance)

    def speaks(self, instance: Instance) -> None:
        self._speaks = True
        now = asyncio.get_running_loop().time()
        self._repeats(instance)
        if self._on is not None:
            batch, since = self._on
            share = (now - since) / ANSWER_S
            self._ends(instance, batch, 0.0 if now - since < 0.25 else round(share, 3))

    def yields(self, instance: Instance, utterance: str) -> None:
        self._speaks = False
        instance.feed("host", HostTurn(state="yielded", at=asyncio.get_running_loop().time(), utterance=utterance))

    def words(self, instance: Instance, utterance: str) -> None:
        self.asked += 1
        instance.feed("chat", line(utterance))


def perform(events: list[tuple[float, Event]], host: list[tuple[float, float, float | None]]) -> tuple[Show, Ran]:
    """Let her speak: (from, until, how long after it her words are there, or None for noise)."""
    show = Show()
    end = max([at for at, _ in events] + [until for _, until, _ in host]) + 400.0

    async def speak(instance: Instance) -> None:
        loop = asyncio.get_running_loop()
        for number, (begin, until, words_s) in enumerate(host):
            utterance = f"u{number}"
            loop.call_at(begin, show.speaks, instance)
            loop.call_at(until, show.yields, instance, "" if words_s is None else utterance)
            if words_s is not None:
                loop.call_at(until + words_s, show.words, instance, utterance)

    ran = run(
        "chat.batch",
        {"chat": events, "host": [], "ignored": [], "speaking": []},
        complete_at=end,
        until=end + 1,
        settings={"names": ["초코"]},
        during=speak,
        heard=show.takes,
    )
    assert ran.error is None
    return show, ran


def laws(show: Show, ran: Ran, events: list[tuple[float, Event]], lines: int) -> Counter[str]:
    """Every event is answered or dropped, no paid one and none of her lines is; thanks are heard or made up once."""
    paid = {event.id for _, event in events if isinstance(event, ViewerEvent) and event.owed}
    answered = {event.id for out in ran.events() for event in out.events}
    dropped = Counter(id_ for id_, _ in ran.drops)
    known = {event.id for _, event in events} | {id_ for id_ in answered if id_.startswith("u")}  # type: ignore[attr-defined]
    assert answered | set(dropped) == known
    assert not (paid | {id_ for id_ in known if id_.startswith("u")}) & set(dropped)
    assert len([id_ for id_ in answered if id_.startswith("u")]) == lines
    assert show.while_she_speaks == 0
    ends: Counter[str] = Counter()
    for event in paid:
        thanks = [share for make_up, share in show.shares.get(event, ()) if not make_up and share]
        again = [share for make_up, share in show.shares.get(event, ()) if make_up and share]
        assert len(thanks) == 1
        assert len(again) == 0 if thanks[0] >= 0.6 else len(again) <= 1
        ends["heard" if thanks[0] >= 0.6 else "made up" if again else "left out"] += 1
    return ends


def test_a_thousand_interruptions_at_random_moments_cost_nobody_the_thanks() -> None:
    chance = Random(26)
    host: list[tuple[float, float, float | None]] = []
    at = 5.0
    while len(host) < 1000:
        until = at + chance.uniform(0.4, 4.0)
        words = until + 0.3
        host.append((at, until, 0.3 if chance.random() < 0.8 else None))
        at = words + chance.expovariate(1 / 12) + 0.1
    events: list[tuple[float, Event]] = []
    now = 0.0
    while now < at:
        now += chance.expovariate(1 / 30)
        number = len(events)
        events.append((round(now, 3), donation(f"d{number}") if chance.random() < 0.8 else subscription(f"d{number}")))
    show, ran = perform(events, host)
    ends = laws(show, ran, events, sum(words is not None for *_, words in host))
    assert ends["heard"] > ends["made up"] > 20
    assert ends["left out"] <= len(events) * 0.05
    print(len(events), dict(ends))


def test_in_a_flood_each_of_her_lines_is_answered_first_and_none_is_lost() -> None:
    chance = Random(7)
    host: list[tuple[float, float, float | None]] = []
    at = 3.0
    for _ in range(200):
        until = at + chance.uniform(0.5, 3.0)
        host.append((at, until, chance.uniform(0.2, 1.8)))
        at = until + 2.0 + ANSWER_S + chance.uniform(0.0, 6.0)
    events: list[tuple[float, Event]] = [(number / 10, chat(f"c{number}")) for number in range(int(at * 10))]
    show, ran = perform(events, host)
    assert show.first_after == ["host"] * 200
    answered = Counter(event.id for out in ran.events() for event in out.events if event.id.startswith("u"))
    assert len(answered) == 200
    assert not [id_ for id_, _ in ran.drops if id_.startswith("u")]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_laws_of_any_conversation(data: st.DataObject) -> None:
    gaps = data.draw(
        st.lists(st.tuples(st.floats(0.05, 9), st.floats(0.1, 6), st.sampled_from([None, 0.05])), max_size=12)
    )
    host: list[tuple[float, float, float | None]] = []
    at = 0.0
    for gap, length, words in gaps:
        host.append((at + gap, at + gap + length, words))
        at += gap + length + 0.06
    kinds = {"chat": chat, "donation": donation, "subscription": subscription}
    said = data.draw(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(sorted(kinds))), max_size=15))
    events: list[tuple[float, Event]] = [(when / 10, kinds[kind](f"e{n}")) for n, (when, kind) in enumerate(said)]
    if not events:
        return
    show, ran = perform(events, host)
    laws(show, ran, events, sum(words is not None for *_, words in host))
