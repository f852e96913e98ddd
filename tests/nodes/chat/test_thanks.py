"""chat.thanks"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nodes.chat.thanks import MANY, NAMES, Thanks, group, sayable
from schemas.chat import ChatBatch
from schemas.event import Event
from schemas.playback import Speaking
from schemas.show import ShowEvent
from tests.harness import Ran, run
from tests.nodes.chat.fakes import chat


def follow(at: float, name: str) -> tuple[float, Event]:
    return at, ShowEvent(kind="follower", text=name, at=at)


def thanked(
    show: Sequence[tuple[float, Event]],
    batches: Sequence[tuple[float, Event]] = (),
    speaking: Sequence[tuple[float, Event]] | None = None,
    **settings: Any,
) -> list[tuple[float, str]]:
    given: dict[str, Sequence[tuple[float, Event]]] = {"show": show, "batch": batches}
    if speaking is not None:
        given["speaking"] = speaking
    ran: Ran = run("chat.thanks", given, settings={"words": ["{names} 고마워요!"], **settings}, complete_at=600.0)
    assert ran.error is None, ran.error
    assert all(event.events == () and event.lane == "chat" for event in ran.events())
    return [(at, event.topic) for at, _, event in ran.out if isinstance(event, ChatBatch)]


def test_who_follows_is_thanked_in_the_next_silence_several_at_a_time() -> None:
    show = [
        follow(10.0, "하늘"),
        follow(11.0, "바다"),
        follow(15.0, "산"),
        (16.0, ShowEvent(kind="title", text="야식")),
    ]
    assert thanked(show) == [(10.0, "하늘님 고마워요!"), (30.0, "바다님, 산님 고마워요!")]


def test_a_turn_of_viewers_goes_first_and_the_voice_is_not_interrupted() -> None:
    opened = ChatBatch(turn="t1", lane="donation", events=(chat("m"),))
    said: list[tuple[float, Event]] = [
        (10.0, Speaking(turn="t1", speaking=True)),
        (40.0, Speaking(turn="t1", speaking=False)),
    ]
    assert thanked([follow(9.0, "하늘")], [(8.0, opened)], said) == [(43.0, "하늘님 고마워요!")]


def test_a_turn_that_nobody_ends_is_not_waited_for_for_ever() -> None:
    opened = ChatBatch(turn="t1", lane="chat", events=(chat("m"),))
    assert thanked([follow(9.0, "하늘")], [(8.0, opened)], []) == [(68.0, "하늘님 고마워요!")]


def busy(until: float) -> tuple[list[tuple[float, Event]], list[tuple[float, Event]]]:
    """Return turns for chat that follow each other without a silence, and what the voice says of them."""
    turns: list[tuple[float, Event]] = []
    said: list[tuple[float, Event]] = []
    for number in range(int(until / 4)):
        at, turn = 4.0 * number, f"t{number}"
        turns.append((at, ChatBatch(turn=turn, lane="donation" if number % 3 else "chat", events=(chat("m"),))))
        said += [(at + 0.5, Speaking(turn=turn, speaking=True)), (at + 3.9, Speaking(turn=turn, speaking=False))]
    return turns, said


def test_in_a_chat_that_never_rests_followers_wait_at_most_so_long_and_go_behind_an_answer_to_chat() -> None:
    turns, said = busy(400.0)
    ((at, topic),) = thanked([follow(30.0, "하늘"), follow(50.0, "바다")], turns, said)
    assert topic == "하늘님, 바다님 고마워요!"
    assert at == 96.0, "90 s have passed, and this is the next turn for chat: before it were donations"
    late = thanked([follow(30.0, "하늘")], turns, said, at_latest_s=0)
    assert [at for at, _ in late] == [pytest.approx(402.9)], "only when it is quiet"


def test_thirty_followers_in_a_minute_are_named_once_each_in_few_turns() -> None:
    names = [f"민초초코{number}" for number in range(30)]
    turns = thanked([follow(2.0 * number, name) for number, name in enumerate(names)])
    told = " ".join(topic for _, topic in turns)
    assert [told.count(f"{name}님") for name in names] == [1] * 30
    assert len(turns) <= 6
    assert all(later - earlier >= 20.0 for (earlier, _), (later, _) in pairwise(turns))
    assert all(len(topic) <= 100 for _, topic in turns)


def test_a_flood_of_followers_is_one_turn() -> None:
    ((_, topic),) = thanked([follow(1.0, f"새{number}") for number in range(1000)])
    assert "님 외 9" in topic


@pytest.mark.parametrize("name", ["씨발", "\u200b", "시 발 놈"])
def test_a_nickname_that_is_not_fit_to_be_said_is_counted(name: str) -> None:
    assert sayable(name) == ""
    assert thanked([follow(10.0, name)]) == [(10.0, "새 팔로워 1분 고마워요!")]
    assert group(["하늘", ""]) == ("하늘님 외 1분", [])


def test_a_sentence_without_a_place_for_the_names_is_refused() -> None:
    for words in ([], ["고마워요"]):
        with pytest.raises(ValidationError, match="names"):
            Thanks.model_validate({"words": words})


@given(st.lists(st.text("가나다", max_size=20), min_size=1, max_size=40))
def test_everybody_is_named_or_counted_once(names: list[str]) -> None:
    said = counted = 0
    rest = names
    while rest:
        before = len(rest)
        told, rest = group(rest)
        assert len(rest) < before
        assert len(told) <= NAMES + 60
        said += before - len(rest)
        counted += 1
    assert said == len(names)
    assert counted <= len(names)
    if len(names) > MANY:
        assert counted == 1
