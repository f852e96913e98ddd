"""nodes/obs_socket.py: a client of OBS against a peer that speaks its protocol strictly."""

import asyncio
import base64
import hashlib

import pytest
from aiohttp import web

from nodes import obs_socket
from nodes.obs_socket import Absent, Failed, PasswordRefused, connected, proof
from tests.peers.obs_peer import ObsPeer, listening, serving

pytestmark = pytest.mark.asyncio


async def test_it_logs_in_with_a_password_and_asks() -> None:
    async with serving(ObsPeer(password="비밀 번호")) as peer, connected("127.0.0.1", peer.port, "비밀 번호") as obs:
        assert (await obs.ask("GetCurrentProgramScene"))["currentProgramSceneName"] == "장면"
        assert (await obs.ask("GetInputList", inputKind="browser_source"))["inputs"] == []
    assert peer.asked == ["GetCurrentProgramScene", "GetInputList"]


async def test_without_a_password_none_is_sent() -> None:
    async with serving(ObsPeer()) as peer, connected("127.0.0.1", peer.port, "unused") as obs:
        assert await obs.ask("GetVideoSettings") == {"baseWidth": 1920, "baseHeight": 1080}


@pytest.mark.parametrize("given", ["", "wrong"])
async def test_a_wrong_password_is_one_of_its_own(given: str) -> None:
    async with serving(ObsPeer(password="right")) as peer:
        with pytest.raises(PasswordRefused):
            async with connected("127.0.0.1", peer.port, given):
                pass
    assert peer.asked == []


async def test_the_proof_is_that_of_the_protocol() -> None:
    secret = base64.b64encode(hashlib.sha256(b"supersecretpasswordsalt").digest())
    wanted = base64.b64encode(hashlib.sha256(secret + b"challenge").digest()).decode()
    assert proof("supersecretpassword", "salt", "challenge") == wanted


async def test_what_obs_cannot_do_has_its_code() -> None:
    async with serving(ObsPeer()) as peer, connected("127.0.0.1", peer.port, "") as obs:
        with pytest.raises(Failed, match="GetInputSettings: 600") as found:
            await obs.ask("GetInputSettings", inputName="없음")
        assert found.value.code == 600, "no such input"
        with pytest.raises(Failed, match="204"):
            await obs.ask("Dance")
        with pytest.raises(Failed, match="300"):
            await obs.ask("CreateInput", sceneName="장면")
        assert await obs.ask("GetVideoSettings"), "the connection goes on"


async def test_where_nothing_listens_obs_is_absent() -> None:
    async with serving(ObsPeer()) as peer:
        pass
    with pytest.raises(Absent):
        async with connected("127.0.0.1", peer.port, ""):
            pass


@pytest.mark.parametrize("said", ["{", "[]", '{"op": 0}', '{"op": 0, "d": 3}', "null"])
async def test_something_else_than_obs_is_absent(said: str) -> None:
    async def talk(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(said)
        await socket.receive()
        return socket

    async with listening(talk) as port:
        with pytest.raises(Absent, match="another protocol"):
            async with connected("127.0.0.1", port, ""):
                pass


async def test_an_obs_that_says_nothing_or_goes_away_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obs_socket, "ANSWER_S", 0.05)
    silent = asyncio.Event()

    async def talk(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if silent.is_set():
            await socket.receive()
        else:
            await socket.close()
        return socket

    async with listening(talk) as port:
        with pytest.raises(Absent, match="closed"):
            async with connected("127.0.0.1", port, ""):
                pass
        silent.set()
        with pytest.raises(Absent, match="no answer"):
            async with connected("127.0.0.1", port, ""):
                pass
