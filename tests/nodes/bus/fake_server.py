"""A server of the bus that says what a test lets it say, with a line in front of it."""

import asyncio
from types import SimpleNamespace

import pytest

from graphs.engine.flow.jobs import InstanceJobs
from nodes.bus import _nats
from nodes.bus._errors import Away
from nodes.bus._nats import NatsLine
from nodes.bus._settings import Bus
from tests.harness import on_virtual_time

WHERE = "aischoco.show.pc.parse.chat"


class FakeServer:
    """The client of the library and the server behind it: each answer is what a test says, an error is raised."""

    def __init__(self):
        self.is_connected, self.is_closed = True, False
        self.last = 9
        """The last number in each stream."""
        self.says = {}
        """Call -> what it answers, each time the next one; the last one stays."""
        self.calls = []
        self.given = []
        """What is made, and how much time each try had."""
        self.heard = {}
        """Subject -> the subscriptions that take what is sent there."""
        self.again = None

    def _answer(self, call, *given):
        self.calls.append((call, *given))
        answers = self.says.get(call, [None])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def told(self, call):
        """What each call of this kind was given."""
        return [given for name, *given in self.calls if name == call]

    def jetstream(self, timeout):
        self.calls.append(("jetstream", timeout))

        async def publish(subject, body, **_):
            return self._answer("store", subject)

        async def add_stream(config):
            self.given.append(("add_stream", timeout))
            return self._answer("add_stream", config.name)

        async def consumer_info(stream, name):
            return self._answer(f"info {name}")

        async def stream_info(stream):
            return SimpleNamespace(state=SimpleNamespace(last_seq=self.last))

        async def add_consumer(stream, config):
            self.given.append(("add_consumer", timeout))
            return self._answer("add_consumer", config) or SimpleNamespace(num_pending=0)

        async def delete_consumer(stream, name):
            return self._answer("delete_consumer", name)

        return SimpleNamespace(
            publish=publish,
            add_stream=add_stream,
            consumer_info=consumer_info,
            stream_info=stream_info,
            add_consumer=add_consumer,
            delete_consumer=delete_consumer,
        )

    def new_inbox(self):
        return "inbox"

    async def publish(self, subject, body, headers=None, reply=""):
        self._answer("publish", subject, body)

    async def request(self, subject, body, **_):
        names = subject.startswith("$JS.API.CONSUMER.NAMES.")
        return SimpleNamespace(data=self._answer("names", body) or b"{}" if names else self._answer("request"))

    async def subscribe(self, subject, cb):
        self._answer("subscribe", subject)
        self.heard[subject] = cb

        async def unsubscribe():
            del self.heard[subject]
            self._answer("unsubscribe")

        return SimpleNamespace(unsubscribe=unsubscribe)

    async def close(self):
        self._answer("close")

    async def send(self, subject, number=0, **headers):
        metadata = SimpleNamespace(sequence=SimpleNamespace(stream=number))
        await self.heard[subject](
            SimpleNamespace(headers=headers or None, data=b"%d" % number, metadata=metadata, _client=self)
        )


def in_front_of(monkeypatch, story, **settings):
    """Run ``story(line, server)`` in virtual time."""
    server = FakeServer()

    async def connect(module, config, jobs, again):
        server.again = again
        return server

    async def main():
        jobs = InstanceJobs("bus", None)  # type: ignore[arg-type]
        line = NatsLine(Bus(graph="show", place="pc", **settings), jobs)
        try:
            await asyncio.wait_for(story(line, server), 600)
        finally:
            await line.close()
            await jobs.close()

    monkeypatch.setattr(_nats, "connect", connect)
    on_virtual_time(main())
    return server


async def broken_off(line, server, *sent):
    """What a reader gets until it breaks off, after (number, headers) each 0.1 s; and when it broke off."""
    loop = asyncio.get_running_loop()
    found = []

    async def send():
        for number, headers in sent:
            await asyncio.sleep(0.1)
            await server.send("inbox", number, **headers)

    async def read():
        async for letter in line.read(f"{WHERE}.sure", "sure", "gpu", None):
            found.append(letter and letter.sequence)

    begun, sending = loop.time(), asyncio.ensure_future(send())
    with pytest.raises(Away):
        await read()
    await sending
    return found, round(loop.time() - begun, 3)
