"""The streamer is told from our own voice."""

from math import inf

import pytest

from nodes.listen._echo import LEARNT, WINDOW_S, Echo, is_echo


def learnt(way: float = 0.1, own: float = 0.2, blocks: int = 40) -> tuple[Echo, float]:
    """An echo of which so much arrives; and the time now."""
    echo, at = Echo(), 0.0
    for _ in range(blocks):
        at += 0.032
        echo.own(own, at)
        echo.heard(own * way, at)
    return echo, at


def test_where_nothing_of_ours_is_heard_anybody_is_somebody_else() -> None:
    echo = Echo()
    assert echo.threshold(0.0) == 0.0
    echo.own(0.001, 0.0)
    assert echo.threshold(0.1) == 0.0


def test_until_the_way_to_the_microphone_is_known_nobody_is() -> None:
    echo = Echo()
    echo.own(0.2, 0.0)
    assert echo.threshold(0.1) == inf
    for number in range(LEARNT):
        echo.heard(0.02, 0.1 + number / 1000)
    assert echo.threshold(0.2) < inf


@pytest.mark.parametrize("way", [10 ** (-db / 20) for db in (10, 20, 30)])
def test_somebody_has_to_be_louder_than_the_echo_and_no_more_than_that(way: float) -> None:
    echo, at = learnt(way)
    assert way * 0.2 < echo.threshold(at) < 2 * way * 0.2


def test_a_loud_syllable_of_ours_counts_until_its_echo_is_over() -> None:
    echo, at = learnt()
    echo.own(0.4, at)
    echo.own(0.01, at + 0.1)
    assert echo.threshold(at + WINDOW_S - 0.01) == pytest.approx(2 * echo.threshold(at) / 2, rel=0.01)
    assert echo.threshold(at + WINDOW_S + 0.2) == 0.0


def test_an_echo_that_was_mistaken_makes_it_stricter() -> None:
    echo, at = learnt()
    before = echo.threshold(at)
    echo.mistaken()
    assert echo.threshold(at) == pytest.approx(2 * before)


@pytest.mark.parametrize(
    ("text", "saying", "echo"),
    [
        ("떡볶이가 정말 맛있어 보여요", "오늘 떡볶이가 정말 맛있어 보여요! 같이 먹어요.", True),
        ("떡볶이가 정말 마시써 보여요", "오늘 떡볶이가 정말 맛있어 보여요! 같이 먹어요.", True),
        ("초코야 오늘 뭐 먹을까", "오늘 떡볶이가 정말 맛있어 보여요! 같이 먹어요.", False),
        ("응", "응응 그래요", False),
        ("초코야 안녕", "", False),
        ("", "안녕", False),
    ],
)
def test_what_is_being_said_is_known_again(text: str, saying: str, echo: bool) -> None:
    assert is_echo(text, saying) is echo
