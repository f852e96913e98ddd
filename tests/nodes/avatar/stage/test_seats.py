"""Whose connection stays and whose goes."""

from dataclasses import dataclass

import pytest

from nodes.avatar._stage.seats import (
    MEMBERS,
    PAGES,
    PAGES_OF_ONE,
    STRANGERS,
    full_for_page,
    member_to_go,
    page_of,
    stranger_to_go,
)


@dataclass(eq=False)
class Seat:
    page: str = ""
    near: bool = True
    plugin: tuple[str, str] | None = None


@pytest.mark.parametrize(
    ("origin", "host", "page"),
    [
        (None, "127.0.0.1:8011", ""),
        ("http://127.0.0.1:8011", "127.0.0.1:8011", ""),
        ("http://localhost:8011", "localhost:8011", ""),
        ("http://[::1]:8011", "[::1]:8011", ""),
        ("http://127.0.0.1:3000", "127.0.0.1:8011", "http://127.0.0.1:3000"),
        ("https://127.0.0.1:8011", "127.0.0.1:8011", "https://127.0.0.1:8011"),
        ("http://evil.example:8011", "evil.example:8011", "http://evil.example:8011"),
        ("http://192.168.0.2:8011", "192.168.0.2:8011", "http://192.168.0.2:8011"),
        ("http://[", "[", "http://["),
        ("null", "127.0.0.1:8011", "null"),
        ("", "127.0.0.1:8011", "null"),
        ("http://" + "x" * 500, "127.0.0.1:8011", "http://" + "x" * 93),
    ],
)
def test_what_has_an_origin_is_a_page_unless_it_is_the_stages_own_address(
    origin: str | None, host: str, page: str
) -> None:
    assert page_of(origin, host) == page


def test_pages_have_a_few_seats_and_one_site_fewer() -> None:
    of_one = [Seat("http://a") for _ in range(PAGES_OF_ONE)]
    assert not full_for_page(of_one[1:], "http://a")
    assert full_for_page(of_one, "http://a")
    assert not full_for_page(of_one, "http://b")
    programs = [Seat() for _ in range(STRANGERS)]
    assert not full_for_page([*of_one, *programs], "http://b")
    assert full_for_page([Seat(f"http://{number}") for number in range(PAGES)], "http://b")


def test_pages_and_other_machines_take_no_seat_of_a_program_here() -> None:
    others = [Seat("http://a") for _ in range(99)] + [Seat(near=False) for _ in range(99)]
    assert stranger_to_go(others, near=True, keep=None) is None


def test_the_stranger_that_has_been_unknown_longest_goes_and_never_one_that_is_known_or_asked_about() -> None:
    known, asked, old = Seat(plugin=("A", "a")), Seat(), Seat()
    sitters = [known, asked, old, *(Seat() for _ in range(STRANGERS - 3))]
    assert stranger_to_go(sitters, near=True, keep=asked) is None
    assert stranger_to_go([*sitters, Seat()], near=True, keep=asked) is old
    assert stranger_to_go([*sitters, Seat()], near=True, keep=None) is asked


def test_a_plugin_that_took_all_seats_keeps_no_other_one_out() -> None:
    ours = Seat(plugin=("AIsChoco", "AIsChoco"))
    greedy = [Seat(plugin=("Greedy", "g")) for _ in range(MEMBERS)]
    assert member_to_go(greedy, greedy[-1]) is None
    assert member_to_go([*greedy, ours], ours) is greedy[0]
    assert member_to_go([*greedy, greedier := Seat(plugin=("Greedy", "g"))], greedier) is greedy[0]
