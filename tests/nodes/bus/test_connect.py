import asyncio
import ssl
from types import SimpleNamespace

import certifi
import pytest

from graphs.engine.flow.jobs import InstanceJobs
from nodes.bus._connect import StoredLetter, connect
from nodes.bus._errors import Away
from nodes.bus._settings import Bus
from tests.peers.nats_peer import NatsPeer, program
from tests.ports import free_port

nats = pytest.importorskip("nats")


def with_server(test):
    """Mark what needs the server."""
    return pytest.mark.component(pytest.mark.skipif(program() is None, reason="nats-server is not installed")(test))


async def never() -> None:
    raise AssertionError


def ask(library=nats, **given):
    async def main():
        jobs = InstanceJobs("bus", None)  # type: ignore[arg-type]
        try:
            client = await connect(library, Bus(graph="show", place="pc", **given), jobs, never)
            await client.close()
        finally:
            await jobs.close()

    asyncio.run(main())


def test_no_server_is_away_at_once():
    with pytest.raises(Away):
        ask(servers=f"nats://127.0.0.1:{free_port()}")


@with_server
def test_a_second_address_is_tried(tmp_path):
    with NatsPeer(tmp_path) as peer:
        ask(servers=f"nats://127.0.0.1:{free_port()}, {peer.url}")


@with_server
def test_a_wrong_password_is_told_with_its_remedy(tmp_path):
    peer = NatsPeer(tmp_path)
    conf = tmp_path / "nats.conf"
    conf.write_text(conf.read_text("utf-8") + 'authorization { user: "pc", password: "right" }\n', "utf-8")
    with peer:
        ask(servers=peer.url, user="pc", password="right")
        with pytest.raises(PermissionError, match="NATS_PASSWORD"):
            ask(servers=peer.url, user="pc", password="wrong")


class FakeLibrary:
    """The library, with a client that is let in, or refused with a reason."""

    errors = nats.errors

    def __init__(self, answer=None, closing=None):
        self.answer, self.closing = answer, closing
        self.servers, self.given, self.closed = [], {}, 0
        self.options = {"allow_reconnect": False, "name": "as it was"}

    def NATS(self):
        return self

    async def connect(self, servers, **given):
        self.servers, self.given = servers, given
        if self.answer is not None:
            await given["error_cb"](self.answer)
            raise self.answer

    async def close(self):
        self.closed += 1
        if self.closing is not None:
            raise self.closing


def test_who_is_let_in_stays_connected_for_ever_but_is_not_tried_for_ever():
    library = FakeLibrary()
    ask(library, servers="nats://a:1, nats://b:2,", user="pc", password="x")
    assert library.servers == ["nats://a:1", "nats://b:2"]
    assert (library.given["user"], library.given["password"]) == ("pc", "x")
    assert (library.given["allow_reconnect"], library.given["max_reconnect_attempts"]) == (False, 1)
    assert library.options == {"allow_reconnect": True, "max_reconnect_attempts": -1, "name": "as it was"}
    assert "tls" not in library.given


def test_a_server_is_trusted_by_the_certificate_that_is_named():
    library = FakeLibrary()
    ask(library, servers="tls://a:1", ca=certifi.where())
    assert library.given["tls"].verify_mode == ssl.CERT_REQUIRED
    assert library.given["tls"].get_ca_certs()
    assert "user" not in library.given


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (nats.errors.NoServersError(), Away),
        (OSError("refused"), Away),
        (TimeoutError(), Away),
        (nats.errors.Error("nats: 'Authorization Violation'"), PermissionError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
def test_who_is_not_let_in_closes_what_is_left_and_is_told_why(answer, error):
    library = FakeLibrary(answer, closing=OSError("already"))
    with pytest.raises(error):
        ask(library, servers="nats://a:1")
    assert library.closed == 1


def test_a_letter_is_acknowledged_only_over_a_connection():
    done = []

    async def ack():
        done.append(1)

    client = SimpleNamespace(is_connected=False)
    letter = StoredLetter(SimpleNamespace(data=b"x", headers=None, ack=ack, _client=client), 7)
    assert (letter.body, letter.headers, letter.sequence) == (b"x", {}, 7)
    asyncio.run(letter.ack())
    assert done == []
    client.is_connected = True
    asyncio.run(letter.ack())
    assert done == [1]
