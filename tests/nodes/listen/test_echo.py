"""The streamer is told from our own voice."""

from math import inf, pi, sin

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


def talk(echo: Echo, seconds: float, delay_s: float = 0.16, begin: float = 0.0, way: float = 0.3) -> list[float]:
    """Speak in syllables whose echo arrives so much later; how much the threshold was above it, block by block."""

    def own(at: float) -> float:
        return 0.2 * max(0.02, sin(2 * pi * 1.7 * at) * sin(2 * pi * 2.9 * at)) if at > 0 else 0.0

    above: list[float] = []
    for number in range(int(seconds / 0.016)):
        at = begin + number * 0.016
        echo.own(own(at), at)
        if number % 2:
            arrives = way * own(at - delay_s)
            above.append(echo.threshold(at) - arrives)
            echo.heard(arrives, at)
    return above


def test_once_its_delay_is_known_the_threshold_follows_the_echo_and_is_never_below_it() -> None:
    echo = Echo()
    early = talk(echo, 2.0)[LEARNT + 30 :]
    assert max(early) < inf
    talk(echo, 8.0, begin=2.0)
    late = talk(echo, 8.0, begin=10.0)
    assert min(late) > 0
    assert sum(late) / len(late) < 0.6 * sum(early) / len(early)


def test_a_tenth_of_a_second_after_a_syllable_of_ours_she_may_be_softer_but_not_as_soft_as_what_still_rings() -> None:
    echo, every, above = Echo(), 16, dict[int, float]()
    rings = [0.06 * 10 ** (-0.032 * block * 100 / 20) for block in range(every)]
    for number in range(900):
        at, since = number * 0.032, (number - 5) % every
        echo.own(0.2 if number % every == 0 else 0.0, at)
        above[since] = echo.threshold(at)
        echo.heard(rings[since], at)
    assert above[3] < 0.7 * above[0]
    assert all(above[since] > ring for since, ring in enumerate(rings))


def test_an_echo_that_comes_later_from_some_moment_on_is_followed_anew() -> None:
    echo = Echo()
    talk(echo, 10.0)
    moved = talk(echo, 20.0, delay_s=0.4, begin=10.0)
    assert sum(each <= 0 for each in moved[-300:]) == 0


def test_what_does_not_go_with_our_voice_is_not_followed() -> None:
    echo, at = Echo(), 0.0
    for number in range(400):
        at += 0.032
        echo.own(0.2 * abs(sin(number / 3)), at)
        echo.heard(0.05 * abs(sin(number * number)), at)
    wide = echo.threshold(at)
    for _ in range(6):
        at += 0.032
        echo.own(0.0, at)
        assert echo.threshold(at) == pytest.approx(wide)


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
