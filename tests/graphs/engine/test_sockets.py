import asyncio

import pytest

from graphs.engine.sockets import QUEUE_BYTES, QUEUE_MESSAGES, PageChannel, encode


class Page:
    """Stands for a connected page: what it was sent, and whether it was told to go."""

    def __init__(self, name):
        self.id, self.got, self.over = name, [], False

    def put(self, data, binary):
        self.got.append((data, binary))

    def finish(self):
        self.over = True


class Silent:
    def __init__(self):
        self.lines = []

    def warning(self, text, **_):
        self.lines.append(text)


def channel(received=lambda *_: None, log=None):
    made = PageChannel(list, received, lambda _: None, log or Silent())
    pages = [Page("a"), Page("b")]
    made._clients = {page.id: page for page in pages}
    return made, pages


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ({"a": "가"}, (b'{"a":"\xea\xb0\x80"}', False)),
        ([1, None], (b"[1,null]", False)),
        (b"\0\1", (b"\0\1", True)),
        ({"a": "\ud800"}, (b'{"a":"?"}', False)),
    ],
)
def test_a_message_is_compact_json_or_bytes_as_they_are(message, sent):
    assert encode(message) == sent


def test_a_message_goes_to_every_page_or_to_one():
    made, (one, two) = channel()
    made.send({"n": 1})
    made.send_to("b", {"n": 2})
    made.send_to("gone", {"n": 3})
    assert (len(one.got), len(two.got), made.clients) == (1, 2, 2)


def test_a_disposed_channel_lets_its_pages_go():
    made, pages = channel()
    made.dispose()
    made.send({"n": 1})
    assert [(page.over, page.got) for page in pages] == [(True, []), (True, [])]
    assert made.clients == 0


@pytest.mark.parametrize(
    ("said", "understood"), [('{"a": 1}', True), ("[1]", False), ("{", False), ("[" * 99_999, False)]
)
def test_a_page_may_only_say_json_objects(said, understood):
    heard = []
    made, _ = channel(lambda client, message: heard.append((client, message)))
    assert made._read("a", said) is understood
    assert heard == ([("a", {"a": 1})] if understood else [])


def test_a_listener_that_fails_is_told_and_the_page_stays():
    log = Silent()
    made, _ = channel(lambda *_: 1 / 0, log)
    assert made._read("a", "{}")
    assert "ZeroDivisionError" in log.lines[0]


@pytest.mark.parametrize(("size", "count"), [(1, QUEUE_MESSAGES + 1), (QUEUE_BYTES // 2, 3)])
def test_a_page_that_does_not_read_is_cut_off(size, count):
    from graphs.engine.sockets import Client

    class Transport:
        aborted = False

        def abort(self):
            self.aborted = True

    class Request:
        transport = Transport()

    async def story():
        client = Client(None, Request())
        for number in range(count):
            assert not client._request.transport.aborted, number
            client.put(b"x" * size, False)
        assert client._request.transport.aborted

    asyncio.run(story())
