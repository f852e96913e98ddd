"""chat.batch"""

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from reactivex.subject import Subject

from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from nodes.chat._batch_settings import Batch
from nodes.chat.batch import batch
from nodes.services import Pace
from schemas.chat import ChatBatch, ViewerEvent, Withdrawn
from schemas.event import Event
from schemas.playback import Speaking
from tests.harness import LoopClock, NoPace, Ran, run, story
from tests.nodes.chat.fakes import chat, donation, subscription

EVENTS: dict[str, Event] = {name: chat(name) for name in "abcdefgh"}
EVENTS |= {"D": donation("D"), "E": donation("E"), "S": subscription("S"), "M": chat("M", "초코야 안녕!")}


def free(*ids: str) -> dict[str, Event]:
    """``X`` ends the turn of the first id, ``Y`` of the second."""
    return {name: Speaking(turn=f"t-{id_}", speaking=False) for name, id_ in zip("XY", ids, strict=False)}


def of(ids: str, lane: Any = "chat") -> ChatBatch:
    events: Any = tuple(EVENTS[id_] for id_ in ids)
    return ChatBatch(turn=f"t-{ids[0]}", lane=lane, events=events)


def form(events: list[tuple[float, Event]], speaking: list[tuple[float, Event]] | None = None, **options: Any) -> Ran:
    given_ = {"chat": events} | ({} if speaking is None else {"speaking": speaking})
    complete_at = options.pop("complete_at", 1000.0)
    during, heard = options.pop("during", None), options.pop("heard", None)
    ran = run("chat.batch", given_, settings=options, complete_at=complete_at, during=during, heard=heard)
    assert ran.error is None
    return ran


def ids(ran: Ran) -> list[tuple[float, str]]:
    return [(at, "".join(event.id for event in out.events)) for at, _, out in ran.out]  # type: ignore[attr-defined]


def test_a_batch_closes_when_it_is_quiet() -> None:
    story("chat.batch", {"chat": "a-b-------c------|"}, "------x-------y--|", {**EVENTS, "x": of("ab"), "y": of("c")})


def test_a_batch_does_not_wait_longer_than_the_limit_for_quiet() -> None:
    given_ = {"chat": "a-b-c-d-e-f------|"}
    story("chat.batch", given_, "-----x-----y-----|", {**EVENTS, "x": of("abc"), "y": of("def")}, max_wait_s=0.5)


def test_with_only_mentions_what_calls_no_name_is_dropped_and_paid_events_are_not() -> None:
    ran = form(
        [(0.0, EVENTS["a"]), (0.1, EVENTS["M"]), (0.2, EVENTS["D"]), (0.3, EVENTS["b"])],
        names=["초코"],
        only_mentions=True,
    )
    assert [which for _, which in ids(ran)] == ["D", "M"]
    assert ran.drops == [("a", "not_mentioned"), ("b", "not_mentioned")]


def test_a_donation_that_calls_her_is_answered_as_a_donation() -> None:
    called = replace(EVENTS["D"], text="초코야, 여기!")  # type: ignore[call-arg]
    ran = form([(0.0, EVENTS["M"]), (0.1, called)], names=["초코"])
    assert [(out.lane, [event.id for event in out.events]) for out in ran.events()] == [
        ("donation", ["D"]),
        ("mention", ["M"]),
    ]


def test_a_full_batch_closes_at_once() -> None:
    story(
        "chat.batch",
        {"chat": "a-b----c--------|"},
        "--x--------y----|",
        {**EVENTS, "x": of("ab"), "y": of("c")},
        max_items=2,
    )


def speaks(turn: str, yes: bool = True) -> Speaking:
    return Speaking(turn=f"t-{turn}", speaking=yes)


def overs(ran: Ran) -> list[tuple[float, str, str]]:
    """When each turn was opened, its events, and the turn that it goes over."""
    return [(at, ids_, out.over) for (at, ids_), (_, _, out) in zip(ids(ran), ran.out, strict=True)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("paid", ["D", "S"])
def test_who_paid_waits_so_long_for_a_chat_turn_that_is_heard_and_then_goes_over_it(paid: str) -> None:
    ran = form([(0.0, EVENTS["a"]), (3.0, EVENTS[paid])], [(1.0, speaks("a"))], yield_after_s=2.0, complete_at=20)
    assert overs(ran) == [(0.4, "a", ""), (5.0, paid, "t-a")]


@pytest.mark.parametrize(
    ("first", "heard", "after"),
    [("a", True, None), ("a", False, 2.0), ("D", True, 2.0), ("S", True, 2.0)],
    ids=["never, by the setting", "not heard yet", "a donation", "a subscription"],
)
def test_a_turn_that_is_not_ended_for_who_paid_comes_to_its_own_end(
    first: str, heard: bool, after: float | None
) -> None:
    speaking = [(1.0, speaks(first))] if heard else []
    ran = form(
        [(0.0, EVENTS[first]), (3.0, EVENTS["E"])],
        [*speaking, (9.0, speaks(first, False))],
        yield_after_s=after,
        complete_at=20,
    )
    assert [(at, over) for at, id_, over in overs(ran) if id_ == "E"] == [(9.0, "")]


def test_chat_and_mentions_go_over_no_turn() -> None:
    ran = form(
        [(0.0, EVENTS["a"]), (1.5, EVENTS["M"]), (1.5, EVENTS["b"])],
        [(1.0, speaks("a")), (9.0, speaks("a", False))],
        names=["초코"],
        yield_after_s=0.0,
        complete_at=20,
    )
    assert overs(ran) == [(0.4, "a", ""), (9.0, "Mb", "")]


def test_the_wait_for_a_turn_is_over_at_once_if_it_is_heard_only_after_it() -> None:
    ran = form([(0.0, EVENTS["a"]), (1.0, EVENTS["D"])], [(6.0, speaks("a"))], yield_after_s=2.0, complete_at=20)
    assert overs(ran) == [(0.4, "a", ""), (6.0, "D", "t-a")]


def test_who_pays_goes_over_a_topic_of_the_character_without_waiting() -> None:
    ran = form([(3.0, EVENTS["D"])], [(1.0, Speaking(turn="topic", speaking=True))], yield_after_s=5.0, complete_at=20)
    assert [over for *_, over in overs(ran)] == ["topic"]
    over_before = [(1.0, Speaking(turn="topic", speaking=True)), (2.0, Speaking(turn="topic", speaking=False))]
    ran = form([(3.0, EVENTS["D"])], over_before, yield_after_s=5.0, complete_at=20)
    assert [over for *_, over in overs(ran)] == [""]


def test_what_comes_while_the_voice_speaks_is_the_next_batch_and_closes_when_it_is_free() -> None:
    given_ = {"chat": "a-----b--c--d---------|", "speaking": "------------------X---|"}
    events = {**EVENTS, **free("a"), "x": of("a"), "y": of("bcd")}
    story("chat.batch", given_, "----x-------------y---|", events)


def test_what_came_just_before_the_voice_is_free_still_waits_for_quiet() -> None:
    given_ = {"chat": "a-----b----------|", "speaking": "-------X---------|"}
    story("chat.batch", given_, "----x-----y------|", {**EVENTS, **free("a"), "x": of("a"), "y": of("b")})


def test_the_end_of_another_turn_frees_nothing() -> None:
    given_ = {"chat": "a-----b----------|", "speaking": "-------X-----Y---|"}
    events = {**EVENTS, **free("other", "a"), "x": of("a"), "y": of("b")}
    story("chat.batch", given_, "----x--------y---|", events)


def test_donations_go_first_and_alone_then_subscriptions_then_the_chat() -> None:
    ran = form(
        [(0.0, EVENTS["a"]), *((1 + at / 10, EVENTS[name]) for at, name in enumerate("bDcSE"))],
        [
            (at, Speaking(turn=f"t-{id_}", speaking=False))
            for at, id_ in [(5.0, "a"), (6.0, "D"), (7.0, "S"), (8.0, "b")]
        ],
    )
    assert ids(ran) == [(0.4, "a"), (5.0, "DE"), (6.0, "S"), (7.0, "bc")]
    assert [out.lane for out in ran.events()] == ["chat", "donation", "subscription", "chat"]


def test_a_donation_does_not_wait_for_the_chat_to_be_quiet() -> None:
    chatting = [(at / 10, chat(f"c{at}")) for at in range(12)]
    ran = form([*chatting, (0.55, EVENTS["D"])], [])
    assert ids(ran)[0] == (0.95, "D")


def test_paid_events_can_share_a_turn_with_chat() -> None:
    given_ = {"chat": "a-D-b------|"}
    story("chat.batch", given_, "--------x--|", {**EVENTS, "x": of("aDb", "donation")}, paid_alone=False)


def test_a_mention_goes_before_other_chat() -> None:
    ran = form(
        [(0.0, EVENTS["a"]), (1.0, EVENTS["M"]), *((1.1 + at / 10, EVENTS[name]) for at, name in enumerate("bcd"))],
        [(5.0, Speaking(turn="t-a", speaking=False)), (6.0, Speaking(turn="t-M", speaking=False))],
        names=["초코"],
        max_items=2,
    )
    assert ids(ran) == [(0.4, "a"), (5.0, "Md"), (6.0, "bc")]
    assert [out.lane for out in ran.events()] == ["chat", "mention", "chat"]


def test_of_too_much_chat_the_newest_is_answered_and_of_donations_the_oldest() -> None:
    events: list[tuple[float, Event]] = [(0.0, EVENTS["a"])]
    events += [(1 + at / 10, chat(str(at))) for at in range(5)]
    events += [(2 + at / 10, donation("uvwxy"[at])) for at in range(5)]
    done = [(3.0, "a"), (4.0, "u"), (5.0, "x"), (6.0, "2")]
    ran = form(events, [(at, Speaking(turn=f"t-{id_}", speaking=False)) for at, id_ in done], max_items=3)
    assert ids(ran) == [(0.4, "a"), (3.0, "uvw"), (4.0, "xy"), (5.0, "234"), (6.0, "01")]


def test_the_oldest_chat_beyond_the_limit_is_a_flood_and_mentions_go_last() -> None:
    events: list[tuple[float, Event]] = [(0.0, EVENTS["a"]), (1.0, EVENTS["M"])]
    events += [(2 + at / 10, EVENTS[name]) for at, name in enumerate("bDcSd")]
    ran = form(events, [(9.0, Speaking(turn="t-a", speaking=False))], names=["초코"], max_waiting=2, complete_at=10)
    assert ran.drops == [("b", "flood"), ("c", "flood")]
    only_mentions = form(
        [(0.0, EVENTS["a"]), *((at, chat(str(at), "초코")) for at in (1, 2, 3))], [], names=["초코"], max_waiting=2
    )
    assert only_mentions.drops[0] == ("1", "flood")


def test_chat_that_waits_too_long_is_stale_and_a_donation_never() -> None:
    ran = form(
        [(0.0, EVENTS["a"]), (1.0, EVENTS["b"]), (2.0, EVENTS["D"]), (3.0, EVENTS["M"]), (25.0, EVENTS["c"])],
        [(40.0, Speaking(turn="t-a", speaking=False)), (41.0, Speaking(turn="t-D", speaking=False))],
        names=["초코"],
    )
    assert ran.drops == [("b", "stale"), ("M", "stale")]
    assert ids(ran) == [(0.4, "a"), (40.0, "D"), (41.0, "c")]


def test_stale_chat_is_dropped_at_its_time_not_when_something_else_happens() -> None:
    seen: list[tuple[float, str]] = []

    class Noting:
        def drop(self, event: ViewerEvent, reason: str) -> None:
            seen.append((round(asyncio.get_running_loop().time(), 6), event.id))

    from nodes.services import Verdicts

    run(
        "chat.batch",
        {"chat": [(0.0, EVENTS["a"]), (1.0, EVENTS["b"])], "speaking": []},
        services={Verdicts: Noting()},
        complete_at=50,
    )
    assert seen == [(31.0, "b")]


def test_a_message_that_is_withdrawn_while_it_waits_is_not_answered() -> None:
    hidden = Withdrawn(author_id="u1")
    events: Any = {
        "a": chat("a", author_id="u1"),
        "b": chat("b", author_id="u2"),
        "c": chat("c", author_id="u1", received_at=9.0),
        "w": replace(hidden, received_at=0.1),
    }
    events["x"] = ChatBatch(turn="t-b", lane="chat", events=(events["b"],))
    events["y"] = ChatBatch(turn="t-c", lane="chat", events=(events["c"],))
    ran = story("chat.batch", {"chat": "a-b------c-----|", "withdrawn": "---w-----------|"}, "------x------y-|", events)
    assert ran.drops == [("a", "withdrawn")]


def test_a_donation_that_is_withdrawn_is_not_answered_either() -> None:
    ran = run(
        "chat.batch",
        {"chat": [(1.0, EVENTS["D"]), (1.0, EVENTS["S"])], "withdrawn": [(1.1, Withdrawn(author_id="치즈부자"))]},
        complete_at=9.0,
    )
    assert ran.drops == [("D", "withdrawn")]
    assert ids(ran) == [(1.4, "S")]


def test_a_withdrawal_may_overtake_its_message_and_covers_no_other() -> None:
    late = chat("late", author_id="u1", sent_at=5.0, received_at=0.5)
    other = chat("other", author_id="u1", sent_at=6.0, received_at=0.6)
    hidden = Withdrawn(author_id="u1", sent_at=5.0, received_at=0.7)
    ran = run("chat.batch", {"chat": [(1.0, late), (1.0, other)], "withdrawn": [(0.8, hidden)]}, complete_at=9.0)
    assert ran.drops == [("late", "withdrawn")]
    assert ids(ran) == [(1.4, "other")]


def test_a_message_that_is_withdrawn_in_its_turn_changes_nothing() -> None:
    ran = run("chat.batch", {"chat": [(1.0, EVENTS["a"])], "withdrawn": [(2.0, Withdrawn(author_id="새벽고양이"))]})
    assert (ids(ran), ran.drops) == ([(1.4, "a")], [])


def test_a_turn_that_the_voice_never_ends_is_given_up() -> None:
    ran = form([(0.0, EVENTS["a"]), (50.0, EVENTS["b"])], [], complete_at=100.0)
    assert ids(ran) == [(0.4, "a"), (60.4, "b")]
    assert ran.log == ["warning 목소리가 60초 안에 t-a 차례를 끝내지 않아 다음으로 넘어가요"]


def test_the_time_of_a_turn_counts_from_its_first_sound() -> None:
    ran = form([(0.0, EVENTS["a"]), (50.0, EVENTS["b"])], [(20.0, Speaking(turn="t-a", speaking=True))], ttl_s=100)
    assert ids(ran) == [(0.4, "a"), (80.0, "b")]


def test_without_a_voice_turns_follow_without_waiting() -> None:
    ran = form([(0.0, EVENTS["a"]), (0.1, EVENTS["D"]), (0.2, EVENTS["S"])])
    assert ids(ran) == [(0.5, "D"), (0.6, "S"), (0.6, "a")]


def test_what_waits_comes_at_once_when_the_chat_ends_even_in_a_turn() -> None:
    events = [(0.0, EVENTS["a"]), *((1 + at / 10, EVENTS[name]) for at, name in enumerate("bcDde"))]
    ran = form(events, [], complete_at=1.5, max_items=2)
    assert ids(ran) == [(0.4, "a"), (1.5, "D"), (1.5, "de"), (1.5, "bc")]
    assert ran.completed_at == 1.5


GUEST = chat("G", guest=True)


def test_a_guest_goes_before_a_donation_and_alone() -> None:
    events = [(0.0, EVENTS["a"]), (0.1, EVENTS["D"]), (0.2, EVENTS["M"]), (0.3, GUEST)]
    speaking = [(5.0, Speaking(turn="t-D", speaking=True)), (9.0, Speaking(turn="t-D", speaking=False))]
    ran = form([(0.0, EVENTS["D"]), (1.0, EVENTS["a"]), (1.0, EVENTS["E"]), (2.0, GUEST)], speaking)
    assert ids(ran)[:2] == [(0.4, "D"), (9.0, "G")]
    assert ids(form(events, complete_at=0.35)) == [(0.35, "G"), (0.35, "D"), (0.35, "aM")]


def test_an_answer_to_chat_ends_for_a_guest_after_the_sentence_that_is_heard_and_a_paid_one_does_not() -> None:
    def second(first: Event, **options: Any) -> list[tuple[float, str]]:
        turn = f"t-{first.id}"  # type: ignore[attr-defined]
        speaking = [(1.0, Speaking(turn=turn, speaking=True)), (30.0, Speaking(turn=turn, speaking=False))]
        ran = form([(0.0, first), (2.0, GUEST)], speaking, **options)
        return [(at, event.over) for at, _, event in ran.out][1:]  # type: ignore[attr-defined]

    assert second(EVENTS["a"]) == [(2.4, "t-a")]
    assert second(EVENTS["D"]) == [(30.0, "")]
    assert second(chat("H", guest=True)) == [(30.0, "")]
    assert second(EVENTS["a"], yield_after_s=None, ttl_s=60) == [(30.0, "")]


def test_a_guest_who_waits_long_is_still_answered() -> None:
    ran = form([(0.0, EVENTS["D"]), (1.0, GUEST), (1.0, EVENTS["a"])], [(50.0, Speaking(turn="t-D", speaking=False))])
    assert ids(ran) == [(0.4, "D"), (50.0, "G")]
    assert ran.drops == [("a", "stale")]


def test_an_answer_to_a_guest_is_not_ended_for_a_donation() -> None:
    speaking = [(1.0, Speaking(turn="t-G", speaking=True)), (30.0, Speaking(turn="t-G", speaking=False))]
    ran = form([(0.0, GUEST), (2.0, EVENTS["D"])], speaking)
    assert [(at, event.over) for at, _, event in ran.out] == [(0.4, ""), (30.0, "")]  # type: ignore[attr-defined]


def test_a_name_may_be_of_one_letter_and_not_of_none() -> None:
    ran = form([(0.0, chat("a")), (0.1, chat("b", "뫄, 안녕?"))], names=["뫄"], only_mentions=True)
    assert ids(ran) == [(0.5, "b")]
    with pytest.raises(ValidationError, match="names"):
        Batch(names=("",))


def test_a_voice_that_is_gone_is_not_waited_for() -> None:
    async def voice_ends(instance: Instance) -> None:
        await asyncio.sleep(5)
        instance.inlets["speaking"].on_completed()

    ran = form([(0.0, EVENTS["a"]), (1.0, EVENTS["b"]), (8.0, EVENTS["c"])], [], during=voice_ends)
    assert ids(ran) == [(0.4, "a"), (5.0, "b"), (8.4, "c")]


def test_a_change_of_a_setting_takes_effect_at_the_next_event() -> None:
    async def change(instance: Instance) -> None:
        await asyncio.sleep(5)
        instance.settings.__dict__["quiet_s"] = 1.0

    ran = form([(0.0, EVENTS["a"]), (10.0, EVENTS["b"])], during=change)
    assert ids(ran) == [(0.4, "a"), (11.0, "b")]


@pytest.mark.parametrize("port", ["chat", "speaking"])
def test_an_error_of_an_input_is_passed_on(port: str) -> None:
    async def break_(instance: Instance) -> None:
        await asyncio.sleep(0)
        instance.inlets[port].on_error(RuntimeError("broken"))

    ran = run("chat.batch", {"chat": [], "speaking": []}, complete_at=5, during=break_)
    assert str(ran.error) == "broken"


def test_each_subscription_starts_anew_and_its_timer_ends_with_it() -> None:
    async def main() -> None:
        source: Subject[ViewerEvent] = Subject()
        lent: Any = {"clock": LoopClock(), "kept": Keeping(), "pace": NoPace(), "verdicts": None, "log": None}
        made: Any = batch(Batch(quiet_s=0), source, **lent)
        first: list[ChatBatch] = []
        second: list[ChatBatch] = []
        early = made.subscribe(first.append)
        source.on_next(chat("a"))
        early.dispose()
        made.subscribe(second.append)
        source.on_next(chat("b"))
        await asyncio.sleep(0)
        assert [out.turn for out in first] == ["t-a"]
        assert [out.turn for out in second] == ["t-b"]

    asyncio.run(main())


KINDS = {"chat": chat, "mention": lambda id_: chat(id_, "초코야"), "donation": donation, "subscription": subscription}


@given(
    said=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(sorted(KINDS))), max_size=40),
    speech_s=st.floats(0.1, 8),
    wired=st.booleans(),
    options=st.fixed_dictionaries(
        {
            "max_items": st.integers(1, 5),
            "max_waiting": st.integers(1, 12),
            "paid_alone": st.booleans(),
            "ttl_s": st.floats(0.5, 20),
            "quiet_s": st.floats(0, 2),
            "max_wait_s": st.floats(0, 3),
        }
    ),
)
def test_laws(said: list[tuple[int, str]], speech_s: float, wired: bool, options: dict[str, Any]) -> None:
    """One batch or one drop for each event, one turn at a time, no donation dropped, no batch too large."""
    events = [(at / 10, KINDS[kind](str(number))) for number, (at, kind) in enumerate(said)]
    opened: list[tuple[float, float]] = []

    def voice(instance: Instance, event: Event) -> None:
        """Speaks ``speech_s`` on each turn; a turn that comes with the end of the chat is not spoken."""
        assert isinstance(event, ChatBatch)
        loop = asyncio.get_running_loop()
        if wired and loop.time() < 41:
            opened.append((loop.time(), loop.time() + speech_s))
            loop.call_later(speech_s, instance.feed, "speaking", Speaking(turn=event.turn, speaking=False))

    ran = form(events, [] if wired else None, names=["초코"], complete_at=41.0, heard=voice, **options)
    batched = [event.id for out in ran.events() for event in out.events]
    dropped = [id_ for id_, _ in ran.drops]
    assert sorted(batched + dropped, key=int) == [str(number) for number in range(len(said))]
    assert not {str(number) for number, (_, kind) in enumerate(said) if kind in ("donation", "subscription")} & set(
        dropped
    )
    assert all(1 <= len(out.events) <= options["max_items"] for out in ran.events())
    assert bool(opened) == (wired and any(at < 41 for at, _, _ in ran.out))
    assert all(earlier[1] <= later[0] + 1e-6 for earlier, later in pairwise(opened))
    if options["paid_alone"]:
        assert all(len({e.lane for e in out.events}) == 1 for out in ran.events())
    assert ran.completed_at == 41.0


def test_a_quiet_channel_is_answered_beside_a_loud_one_and_is_not_what_a_flood_drops() -> None:
    events: list[tuple[float, Event]] = [(0.0, EVENTS["a"]), (1.0, chat("q", channel_id="quiet"))]
    events += [(2 + at / 10, chat(f"{at}", channel_id="loud")) for at in range(8)]
    ran = form(events, [(5.0, Speaking(turn="t-a", speaking=False))], max_items=3, max_waiting=6, complete_at=6)
    assert ran.drops == [("0", "flood"), ("1", "flood"), ("2", "flood")]
    assert ids(ran)[1] == (5.0, "q67")


def test_mentions_of_every_channel_go_before_chat_of_any_and_donations_stay_in_order() -> None:
    events: list[tuple[float, Event]] = [(0.0, EVENTS["a"])]
    events += [(1 + at / 10, chat(f"c{at}", channel_id="x")) for at in range(2)]
    events += [(1.5 + at / 10, chat(f"m{at}", "초코", channel_id="xy"[at % 2])) for at in range(3)]
    paid = [replace(donation(name), channel_id=name) for name in ("d", "e")]
    events += [(2.0, paid[0]), (2.1, replace(donation("f"), channel_id="d")), (2.2, paid[1])]
    done: list[tuple[float, Event]] = [(3.0, Speaking(turn="t-a", speaking=False))]
    ran = form(events, [*done, (4.0, Speaking(turn="t-d", speaking=False))], names=["초코"], max_items=3, complete_at=5)
    assert ids(ran)[1:3] == [(3.0, "dfe"), (4.0, "m0m1m2")]


def test_with_channel_alone_each_turn_is_for_one_channel_and_the_channels_take_turns() -> None:
    events: list[tuple[float, Event]] = [(0.0, chat("a", channel_id="x"))]
    events += [(1 + at / 10, chat(f"x{at}", channel_id="x")) for at in range(6)]
    events += [(2 + at / 10, chat(f"y{at}", channel_id="y")) for at in range(2)]
    events += [(2.5, replace(donation("D"), channel_id="x"))]
    ends = [("a", 3.0), ("D", 4.0), ("y0", 5.0), ("x2", 6.0)]
    ran = form(
        events,
        [(at, Speaking(turn=f"t-{turn}", speaking=False)) for turn, at in ends],
        channel_alone=True,
        max_items=4,
        complete_at=7,
    )
    assert [which for _, which in ids(ran)] == ["a", "D", "y0y1", "x2x3x4x5", "x0x1"]


def left(turn: str, seconds: float) -> Speaking:
    return Speaking(turn=f"t-{turn}", speaking=True, left_s=seconds)


@pytest.mark.parametrize(("ahead", "at"), [(1.5, 8.5), (0, 10.0), ("auto", 8.0), (9, 3.4)])
def test_the_next_turn_opens_that_long_before_the_one_that_is_heard_is_over(ahead: Any, at: float) -> None:
    speaking = [(1.0, speaks("a")), (3.0, left("a", 7.0)), (10.0, speaks("a", False))]
    ran = form([(0.0, EVENTS["a"]), (3.0, EVENTS["b"])], speaking, ahead_s=ahead, complete_at=20)
    assert ids(ran) == [(0.4, "a"), (at, "b")]


def test_what_comes_within_that_time_opens_its_turn_as_soon_as_its_batch_closes_and_only_one_does() -> None:
    speaking = [(1.0, speaks("a")), (3.0, left("a", 7.0)), (10.0, speaks("a", False)), (13.0, speaks("b", False))]
    ran = form([(0.0, EVENTS["a"]), (9.0, EVENTS["b"]), (9.6, EVENTS["c"])], speaking, complete_at=20)
    assert ids(ran) == [(0.4, "a"), (9.4, "b"), (13.0, "c")]


def test_auto_opens_as_early_as_nine_turns_in_ten_needed() -> None:
    class Took:
        def sound_s(self) -> float:
            return 0.7

        def idle_s(self) -> float:
            return 0.0

    speaking = [(1.0, left("a", 9.0)), (10.0, speaks("a", False))]
    given_ = {"chat": [(0.0, EVENTS["a"]), (2.0, EVENTS["b"])], "speaking": speaking}
    ran = run("chat.batch", given_, complete_at=20, services={Pace: Took()})
    assert ids(ran) == [(0.4, "a"), (9.3, "b")]


def test_a_guest_that_comes_while_a_turn_is_made_ahead_ends_that_one_after_its_first_sentence() -> None:
    speaking = [(1.0, speaks("a")), (3.0, left("a", 2.0)), (5.0, speaks("a", False)), (5.0, speaks("b"))]
    ran = form([(0.0, EVENTS["a"]), (2.0, EVENTS["b"]), (4.0, GUEST)], speaking, complete_at=20)
    assert ids(ran)[:3] == [(0.4, "a"), (3.0, "b"), (5.0, "G")]
    assert [out.over for _, _, out in ran.out] == ["", "", "t-b"]  # type: ignore[attr-defined]


def test_a_reload_remembers_which_turn_is_being_said() -> None:
    kept = Keeping()
    run("chat.batch", {"chat": [(0.0, EVENTS["a"])], "speaking": []}, complete_at=1, kept=kept)
    later = {"chat": [(0.0, EVENTS["b"])], "speaking": [(5.0, speaks("a", False))]}
    assert ids(run("chat.batch", later, complete_at=9, kept=kept)) == [(5.0, "b")]
