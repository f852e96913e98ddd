"""Playbooks of the Engine.IO 3 / Socket.IO 2 protocol: frames in, meaning and pings out."""

import json
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.chat._chzzk.engineio import OPEN_S, Ended, EngineIo, Told, Unread, websocket_url
from tests.nodes.chat.chzzk.plain_reader import plainly_read

pytestmark = pytest.mark.usefixtures("english")

PING = "2"
OPEN = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":60000}'


def opened(now: float = 0.0, frame: str = OPEN) -> EngineIo:
    wire = EngineIo(now)
    assert wire.receive(frame, now) is None
    return wire


def test_a_session_opens_joins_and_tells_events_in_order() -> None:
    wire = opened()
    story = [
        "40",
        '42["SYSTEM","{}"]',
        '42["CHAT","{\\"content\\":\\"안녕 👩‍👩‍👧‍👦\\"}"]',
        "3",
        "6",
        '42["CHAT",{"a":1}]',
    ]
    assert [wire.receive(frame, 1.0) for frame in story] == [
        None,
        Told("SYSTEM", "{}"),
        Told("CHAT", '{"content":"안녕 👩‍👩‍👧‍👦"}'),
        None,
        None,
        Told("CHAT", {"a": 1}),
    ]


def test_a_ping_is_due_every_25_seconds_and_its_pong_within_15() -> None:
    wire = opened()
    assert wire.wake_at == 25.0
    assert wire.due(24.9) is None
    assert wire.due(25.0) == PING
    assert wire.due(25.0) is None
    assert wire.wake_at == 40.0
    wire.receive("3", 26.0)
    assert wire.wake_at == 51.0
    assert wire.due(51.0) == PING
    assert wire.due(66.0) == Ended("no answer to a ping in 15 s")


def test_any_frame_after_a_ping_shows_that_the_peer_lives() -> None:
    wire = opened()
    wire.due(25.0)
    wire.receive('42["CHAT","{}"]', 39.0)
    assert wire.due(64.0) == PING


def test_a_stream_that_never_pauses_does_not_put_the_ping_off() -> None:
    wire = opened()
    for second in range(1, 25):
        wire.receive('42["CHAT","{}"]', float(second))
    assert wire.due(25.0) == PING


@pytest.mark.parametrize(
    ("interval", "timeout", "ping_at", "dead_at"),
    [
        (2000, 1000, 2.0, 3.0),
        (600_000, 600_000, 25.0, 40.0),
        (0, -5, 25.0, 40.0),
        ("25", None, 25.0, 40.0),
        (True, [], 25.0, 40.0),
        (10**400, float("nan"), 25.0, 40.0),
    ],
)
def test_times_of_the_handshake_count_as_long_as_they_are_shorter(interval, timeout, ping_at, dead_at) -> None:
    wire = opened(frame="0" + json.dumps({"sid": "a", "pingInterval": interval, "pingTimeout": timeout}))
    assert wire.wake_at == ping_at
    assert wire.due(ping_at) == PING
    assert wire.wake_at == dead_at


def test_a_peer_that_never_opens_ends_the_session() -> None:
    wire = EngineIo(5.0)
    assert wire.due(5.0 + OPEN_S - 0.1) is None
    assert wire.due(5.0 + OPEN_S) == Ended("no open packet in 10 s")


@pytest.mark.parametrize("frame", ["", "40", '42["CHAT","{}"]', "0", "0[]", "0{", "hello"])
def test_anything_else_than_an_open_packet_first_ends_the_session(frame: str) -> None:
    assert isinstance(EngineIo(0.0).receive(frame, 0.0), Ended)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("1", "the server closed the session"),
        ("41", "the server closed the namespace"),
        ('44"AUTH secret"', "the server refused the session"),
    ],
)
def test_each_way_of_ending_is_told_without_the_words_of_the_server(frame: str, reason: str) -> None:
    assert opened().receive(frame, 0.0) == Ended(reason)


@pytest.mark.parametrize("frame", ["40/other", "41/other,", '42/other,["CHAT","{}"]', '44/other,"no"'])
def test_other_namespaces_are_passed_over(frame: str) -> None:
    assert opened().receive(frame, 0.0) is None


def test_an_acknowledgement_id_is_no_part_of_the_event() -> None:
    assert opened().receive('4217["CHAT","{}"]', 0.0) == Told("CHAT", "{}")


@pytest.mark.parametrize(
    ("argument", "payload"), [("", ""), (",null", "null"), (",7", "7"), (",[1]", "[1]"), (',"x","y"', "x")]
)
def test_an_argument_of_another_kind_is_given_as_its_json(argument: str, payload: str) -> None:
    assert opened().receive(f'42["CHAT"{argument}]', 0.0) == Told("CHAT", payload)


@pytest.mark.parametrize(
    "frame",
    ["", "b", "2", "5", "9", "4", "43[]", "42", "42{}", "42[]", "42[7]", "42[", "451-[]", "42" + "[" * 100_000, "한"],
)
def test_a_frame_without_sense_is_unread_and_the_session_goes_on(frame: str) -> None:
    wire = opened()
    assert wire.receive(frame, 0.0) == Unread()
    assert wire.receive('42["CHAT","{}"]', 0.0) == Told("CHAT", "{}")


@pytest.mark.parametrize("digits", [100_000, 17])
@pytest.mark.parametrize("frame", ['42{}["CHAT","{{}}"]', "42{}", "43{}[]", "40{}", "4{}", "45{}-[]", "42/other,{}[]"])
def test_a_number_that_no_server_counts_to_does_not_hold_up_the_show(frame: str, digits: int) -> None:
    wire = opened()
    begun = time.process_time()
    assert not isinstance(wire.receive(frame.format("9" * digits), 0.0), Told | Ended)
    assert time.process_time() - begun < 0.1
    assert wire.receive('429999999999999999["CHAT","{}"]', 0.0) == Told("CHAT", "{}")


@pytest.mark.parametrize("frame", ["0{}", "42{}", '42["CHAT",{}]', "1{}", "3{}", "6{}", "40{}", "44{}", "4{}", "{}"])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_no_depth_of_nesting_breaks_the_reader(frame: str, opening: str) -> None:
    for depth in {10, *range(sys.getrecursionlimit() - 120, sys.getrecursionlimit()), 100_000}:
        closing = "]" if opening == "[" else "}"
        for nested in (opening * depth, opening * depth + "1" + closing * depth):
            text = frame.replace("{}", nested)
            assert isinstance(opened().receive(text, 0.0), Told | Unread | Ended | None)
            EngineIo(0.0).receive(text, 0.0)


@pytest.mark.parametrize("frame", ['42["CHAT","\ud800"]', "\udfff", "4\ud800", '0{"sid":"\ud800"}', '42["\ud800"'])
def test_half_a_character_that_cannot_be_sent_is_unread(frame: str) -> None:
    assert opened().receive(frame, 0.0) == Unread()
    assert isinstance(EngineIo(0.0).receive(frame, 0.0), Ended)


def test_half_a_character_that_json_writes_out_is_told_as_it_is() -> None:
    assert opened().receive('42["CHAT","\\ud800"]', 0.0) == Told("CHAT", "\ud800")


@pytest.mark.parametrize(
    "frame", ['\x042["CHAT","{}"]', "\x01", "b4Mg==", "b", "²", "٤2[]", "4٢[1]", "4²", "42²[1]", "é"]
)
def test_text_that_only_looks_like_a_packet_to_a_lenient_reader_is_unread(frame: str) -> None:
    assert opened().receive(frame, 0.0) == Unread()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
DATA = JSON.map(json.dumps) | JSON.map(lambda data: json.dumps(data, ensure_ascii=False))
EVENT = st.tuples(st.text(), st.lists(JSON, max_size=2)).map(lambda event: json.dumps([event[0], *event[1]]))
FRAME = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "4", "42", "40", "41", "43", "44", "45", "1", "3", "6", "9"]),
        st.sampled_from(["", "/", "/other", "/other,", "/,", "/a?b=c,", "-", "1-", "x", " ", "\n", "."]),
        st.just("") | st.integers(min_value=0, max_value=10**16 - 1).map(str),
        EVENT | DATA | st.text(max_size=9) | st.just(""),
    ),
)


@given(FRAME)
def test_frames_mean_what_a_plain_reader_makes_of_them(frame: str) -> None:
    unlike = frame[:1] == "4" and frame[1:2] not in {*"01234"} and frame[2:3] == "/"  # there is no such packet
    sendable = frame.encode("utf-8", "replace").decode() == frame
    expected = Unread() if unlike or not sendable else plainly_read(frame)
    assert repr(opened().receive(frame, 0.0)) == repr(expected)


@given(st.text(max_size=40), st.sampled_from(["", "4", "42", '42["CHAT",', "0", "41"]))
def test_any_text_is_an_event_or_unread_or_the_end_or_nothing(rest: str, start: str) -> None:
    for wire in (EngineIo(0.0), opened()):
        before = wire.opened
        found = wire.receive(start + rest, 0.0)
        assert found is None or isinstance(found, Told | Unread | Ended)
        assert before or isinstance(found, Ended) or wire.opened, "only an open packet or the end comes first"


@given(st.text() | st.dictionaries(st.text(), st.text() | st.integers()))
def test_what_a_server_packs_is_told_unchanged(payload) -> None:
    for ascii_only in (True, False):
        frame = "42" + json.dumps(["CHAT", payload], ensure_ascii=ascii_only)
        assert opened().receive(frame, 0.0) == Told("CHAT", payload)


@pytest.mark.parametrize(
    ("url", "websocket"),
    [
        (
            "https://ssio08.nchat.naver.com:443?auth=a%2Bb%2F%3D",
            "wss://ssio08.nchat.naver.com:443/socket.io/?auth=a%2Bb%2F%3D&EIO=3&transport=websocket",
        ),
        ("http://127.0.0.1:8/?auth=", "ws://127.0.0.1:8/socket.io/?auth=&EIO=3&transport=websocket"),
        ("wss://h/path/?EIO=4&transport=polling", "wss://h/path/?EIO=3&transport=websocket"),
    ],
)
def test_a_session_url_becomes_the_address_of_a_websocket(url: str, websocket: str) -> None:
    assert websocket_url(url) == websocket


@pytest.mark.parametrize("url", ["", "ftp://host?auth=secret", "https://?auth=secret", "http://[::1?auth=secret"])
def test_another_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not a session URL$"):
        websocket_url(url)
