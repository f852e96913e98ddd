"""The streamer, as chat.batch sees her."""

from math import inf
from typing import Any

from nodes.chat._batch_settings import Batch
from nodes.chat._host import GONE_S, MOST_TRIES, Host
from nodes.chat._waiting import Waiting
from schemas.chat import HostLine, ViewerEvent, Withdrawn
from schemas.host import HostTurn
from schemas.playback import Speaking
from tests.nodes.chat.fakes import chat, donation

CONFIG: Any = Batch()


def speaks(at: float) -> HostTurn:
    return HostTurn(state="speaking", at=at)


def yielded(at: float, utterance: str = "") -> HostTurn:
    return HostTurn(state="yielded", at=at, utterance=utterance)


def waiting(event: ViewerEvent, number: int = 0) -> Waiting:
    return Waiting(number, 0.0, event.lane, event)


def cut(turn: str, heard: float | None) -> Speaking:
    return Speaking(turn=turn, speaking=False, heard=heard)


def host_with(event: ViewerEvent, turn: str = "t", **options: Any) -> Host:
    host = Host()
    host.opened(turn, [waiting(event)], make_up=options.get("make_up", False))
    return host


def test_one_who_never_spoke_is_waited_for_by_nobody() -> None:
    assert Host().free_at(CONFIG) == -inf


def test_nothing_opens_while_she_speaks_or_holds_and_a_moment_after_she_has_yielded() -> None:
    host = Host()
    host.turn(speaks(1.0), 1.0)
    assert host.free_at(CONFIG) == 1.0 + GONE_S
    host.turn(HostTurn(state="holding", at=3.0), 3.0)
    assert host.free_at(CONFIG) == 3.0 + GONE_S
    host.turn(yielded(4.0), 4.0)
    assert host.free_at(CONFIG) == 4.6
    assert host.free_at(CONFIG, hers=True) == 4.0


def test_chat_waits_for_the_words_of_what_she_said_and_no_longer_than_that() -> None:
    host = Host()
    host.turn(yielded(4.0, "u1"), 4.0)
    assert host.free_at(CONFIG) == 7.0
    host.understood("another")
    assert host.free_at(CONFIG) == 7.0
    host.understood("u1")
    assert host.free_at(CONFIG) == 4.6


def test_a_cough_after_what_she_said_does_not_end_the_wait_for_her_words() -> None:
    host = Host()
    host.turn(yielded(4.0, "u1"), 4.0)
    host.turn(speaks(4.5), 4.5)
    host.turn(yielded(5.5), 5.5)
    assert host.free_at(CONFIG) == 7.0
    host.turn(yielded(6.5), 6.5)
    assert host.free_at(CONFIG) == 7.1
    host.understood("u1")
    assert host.free_at(CONFIG) == 7.1
    host.turn(yielded(9.0), 9.0)
    assert host.free_at(CONFIG) == 9.6


def test_a_microphone_that_is_gone_holds_up_nothing() -> None:
    host = Host()
    host.turn(speaks(1.0), 1.0)
    host.gone()
    assert host.free_at(CONFIG) == -inf


def test_of_a_turn_that_nobody_heard_everything_comes_back() -> None:
    for event in (chat("a"), donation("d"), HostLine(id="h", author="방송인")):
        back = host_with(event).ended(cut("t", 0.0), 5.0, CONFIG)
        assert [item.event for item in back.again] == [event]
        assert [item.again for item in back.again] == [1]
        assert back.made_up == ()


def test_thanks_of_which_too_little_was_heard_are_owed_once_and_chat_is_done_with() -> None:
    assert host_with(chat("a")).ended(cut("t", 0.1), 5.0, CONFIG).made_up == ()
    assert host_with(donation("d")).ended(cut("t", 0.6), 5.0, CONFIG).made_up == ()
    assert host_with(donation("d")).ended(cut("t", None), 5.0, CONFIG).made_up == ()
    host = host_with(donation("d"))
    assert [item.event.id for item in host.ended(cut("t", 0.59), 5.0, CONFIG).made_up] == ["d"]
    assert [item.event.id for item in host.owed] == ["d"]
    host.opened("t.m", list(host.owed), make_up=True)
    assert host.owed == []
    assert host.ended(cut("t.m", 0.2), 9.0, CONFIG).made_up == ()
    host.opened("other", [waiting(donation("d"))], make_up=False)
    assert host.ended(cut("other", 0.2), 12.0, CONFIG).made_up == ()


def test_a_make_up_that_nobody_heard_is_tried_again_a_few_times() -> None:
    host = host_with(donation("d"))
    host.ended(cut("t", 0.3), 5.0, CONFIG)
    tries = 0
    left_out: list[str] = []
    while host.owed:
        tries += 1
        assert left_out == []
        host.opened(f"m{tries}", list(host.owed), make_up=True)
        left_out += [item.event.id for item in host.ended(cut(f"m{tries}", 0.0), 5.0 + tries, CONFIG).left_out]
    assert (tries, left_out) == (MOST_TRIES, ["d"])


def test_a_turn_that_the_dock_opened_once_more_is_known_by_its_first_name() -> None:
    back = host_with(donation("d")).ended(cut("t+", 0.3), 5.0, CONFIG)
    assert [item.event.id for item in back.made_up] == ["d"]


def test_thanks_are_too_late_only_while_neither_she_nor_the_answer_to_her_takes_the_time() -> None:
    host = host_with(donation("d"))
    assert host.overdue_at(CONFIG) == inf
    host.turn(speaks(4.0), 4.0)
    host.ended(cut("t", 0.3), 4.1, CONFIG)
    assert host.overdue_at(CONFIG) == inf
    host.turn(yielded(6.0, "h"), 6.0)
    assert host.overdue_at(CONFIG) == inf
    host.understood("h")
    assert host.overdue_at(CONFIG) == 18.0
    host.opened("t-h", [waiting(HostLine(id="h", author="방송인"))], make_up=False)
    assert host.overdue_at(CONFIG) == inf
    host.ended(Speaking(turn="t-h", speaking=False), 30.0, CONFIG)
    assert host.overdue_at(CONFIG) == 42.0


def test_what_was_withdrawn_is_not_made_up_for() -> None:
    host = host_with(donation("d"))
    host.ended(cut("t", 0.3), 5.0, CONFIG)
    host.withdraw(Withdrawn(author_id="치즈부자"))
    assert host.owed == []


def test_what_is_given_up_is_told() -> None:
    host, told = host_with(donation("d")), list[ViewerEvent]()
    host.ended(cut("t", 0.3), 5.0, CONFIG)
    host.give_up(told.append)
    assert [event.id for event in told] == ["d"]
    assert host.owed == []
