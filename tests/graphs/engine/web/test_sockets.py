import asyncio

import pytest
from aiohttp import WSMessage, WSMsgType

from graphs.engine.web.sockets import QUEUE_BYTES, QUEUE_MESSAGES, Client, PageChannel, encode


class Page:
    """Stands in for a connected page: what it was sent, and whether it was closed."""

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


class Socket:
    """A WebSocket on which a page says ``says`` and leaves."""

    def __init__(self, *says, broken=False):
        self.says, self.broken, self.sent, self.closed = says, broken, [], []

    async def send_frame(self, data, kind):
        if self.broken:
            raise ConnectionResetError
        self.sent.append((data, kind))

    async def close(self, code, message=b""):
        self.closed.append(code)

    async def __aiter__(self):
        for kind, data in self.says:
            await asyncio.sleep(0)
            yield WSMessage(kind, data, None)


class Request:
    transport = None


def test_a_page_is_greeted_heard_and_missed_when_it_leaves():
    heard, gone = [], []
    socket = Socket((WSMsgType.TEXT, '{"a": 1}'))

    async def story():
        made = PageChannel(lambda: [{"hello": 1}, b"x"], lambda *said: heard.append(said), gone.append, Silent())
        client = Client(socket, Request())
        await made.serve(client)
        assert heard == [(client.id, {"a": 1})]
        assert gone == [client.id]
        assert made.clients == 0

    asyncio.run(story())
    assert socket.sent == [(b'{"hello":1}', WSMsgType.TEXT), (b"x", WSMsgType.BINARY)]
    assert socket.closed == []


@pytest.mark.parametrize("said", [(WSMsgType.TEXT, "["), (WSMsgType.BINARY, b"{}")])
def test_a_page_that_says_anything_else_is_sent_away(said):
    socket = Socket(said)

    async def story():
        made = PageChannel(list, lambda *_: pytest.fail("heard"), lambda _: None, Silent())
        await made.serve(Client(socket, Request()))

    asyncio.run(story())
    assert socket.closed == [1003]


def test_a_page_that_is_let_go_gets_what_waits_and_nothing_after_it():
    socket = Socket()

    async def story():
        client = Client(socket, Request())
        writing = asyncio.ensure_future(client.write())
        await asyncio.sleep(0)
        client.put(b"last", False)
        client.finish()
        client.put(b"late", False)
        await writing

    asyncio.run(story())
    assert [data for data, _ in socket.sent] == [b"last"]
    assert socket.closed == [1001]


def test_a_page_that_is_gone_ends_the_writing_to_it():
    socket = Socket(broken=True)

    async def story():
        client = Client(socket, Request())
        client.put(b"x", False)
        await client.write()

    asyncio.run(story())
    assert (socket.sent, socket.closed) == ([], [])
