from types import SimpleNamespace

import pytest
from yarl import URL

from graphs.engine.web.access import GUESSERS, WRONG_AGAIN_S, WRONG_AT_ONCE, Access

KEY = "a long enough key"


def request(url="/", remote="192.168.0.9", method="GET", cookies=None, **headers):
    path, _, query = url.partition("?")
    url = URL.build(path=path, query_string=query, encoded=True)
    came = {"remote": remote, "method": method, "cookies": cookies or {}, "headers": headers}
    return SimpleNamespace(rel_url=url, query=url.query, **came)


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_key(remote):
    assert Access(KEY).refuse(request(remote=remote)) is None


@pytest.mark.parametrize("remote", ["192.168.0.9", "8.8.8.8", "fe80::1%eth0", "::ffff:10.0.0.1", "", None, "unix"])
def test_another_machine_needs_it(remote):
    status, text = Access(KEY).refuse(request(remote=remote))
    assert (status, KEY in text) == (403, False)


@pytest.mark.parametrize(
    "brings",
    [
        {"url": "/?key=a+long+enough+key"},
        {"cookies": {"aischoco_key": KEY}},
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer  {KEY}"},
    ],
)
def test_the_key_may_come_in_the_address_in_a_cookie_or_in_a_header(brings):
    assert Access(KEY).refuse(request(**brings)) is None


@pytest.mark.parametrize(
    "brings",
    [
        {"url": "/?key="},
        {"url": "/?key=a+long+enough+kez"},
        {"cookies": {"aischoco_key": "ㅋ"}},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Authorization": "Bearer \ud800"},
    ],
)
def test_another_key_is_none(brings):
    assert Access(KEY).refuse(request(**brings)) is not None


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("/?key=a+long+enough+key", "/"),
        ("/stage/?obs&key=a+long+enough+key", "/stage/?obs="),
        ("/?obs&theme=pastel&key=a+long+enough+key", "/?obs=&theme=pastel"),
        ("/a%0d%0aX:%20y?key=a+long+enough+key", "/a%0d%0aX:%20y"),
        ("//evil.example/?key=a+long+enough+key", "/evil.example/"),
    ],
)
def test_the_key_leaves_the_address_and_stays_in_the_browser(url, to):
    answer = Access(KEY).enter(request(url))
    assert (answer.status, answer.headers["Location"]) == (303, to)
    cookie = answer.cookies["aischoco_key"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["path"]) == (KEY, True, "Lax", "/")


@pytest.mark.parametrize(("url", "method"), [("/", "GET"), ("/?key=wrong", "GET"), ("/?key=a+long+enough+key", "POST")])
def test_without_the_key_in_the_address_of_a_page_nobody_is_led_on(url, method):
    assert Access(KEY).enter(request(url, method=method)) is None


def test_a_key_is_made_for_the_run_where_none_is_given_and_a_short_one_is_none():
    assert len(Access().key) >= 12
    assert Access().key != Access().key
    with pytest.raises(ValueError, match="OVERLAY_KEY"):
        Access("short")


class Gate:
    """An ``Access`` in virtual time."""

    def __init__(self):
        self.at, self.told = 0.0, []
        self.access = Access(KEY, now=lambda: self.at, tell=self.told.append)

    def try_(self, key, remote="192.168.0.9"):
        refused = self.access.refuse(request(f"/?key={key}", remote=remote))
        return 200 if refused is None else refused[0]


def test_somebody_who_guesses_the_key_is_slowed_down_and_told_once():
    gate, looked_at = Gate(), 0
    for number in range(10_000):
        gate.at = number / 100
        looked_at += gate.try_(f"guess {number}") == 403
    assert WRONG_AT_ONCE < looked_at <= WRONG_AT_ONCE + 100 / WRONG_AGAIN_S + 1
    assert gate.told == ["192.168.0.9"]
    assert gate.try_("a+long+enough+key") == 429, "not even the right one is compared"
    assert gate.try_("a+long+enough+key", "192.168.0.10") == 200
    gate.at += 100
    assert gate.try_("a+long+enough+key") == 200


def test_a_page_with_the_cookie_of_the_last_run_may_come_back_a_thousand_times_and_then_with_the_key():
    gate = Gate()
    assert {gate.try_("key+of+the+last+run") for _ in range(1000)} == {403}
    assert gate.told == []
    assert gate.try_("a+long+enough+key") == 200


def test_a_network_of_ipv6_is_one_guesser_and_its_neighbour_is_not():
    gate = Gate()
    tried = [gate.try_(f"guess {number}", f"2001:db8::{number:x}") for number in range(1, 100)]
    assert tried.count(403) == WRONG_AT_ONCE
    assert gate.try_("guess", "2001:db8:0:1::1") == 403


def test_only_so_many_guessers_are_remembered():
    gate = Gate()
    for number in range(2 * GUESSERS):
        gate.try_("guess", f"10.0.{number // 256}.{number % 256}")
    assert len(gate.access._guesses._of) == GUESSERS
