"""graphs/engine/studio/obs.py: what a page asks of OBS, and what a person is told when OBS does not do it."""

import asyncio
import json

import pytest

from tests.graphs.engine.studio.show import TYPED, logged, told
from tests.harness import ROOT
from tests.peers.obs_peer import ObsPeer, serving
from tests.ports import free_port

pytestmark = pytest.mark.usefixtures("english")

GRAPH = TYPED + "  overlay: {type: overlay.web, chat: filter}\n"
PASSWORD = "a-password-nobody-sees"
SCREEN = {"name": "AIsChoco screen", "path": "/?obs", "width": 1920, "height": 1080}


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    for name in ("OBS_HOST", "OBS_PORT", "OBS_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def at(root, port, **more):
    lines = {"OBS_PORT": str(port), **more}
    (root / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")


def test_a_page_goes_into_obs_with_the_password_of_env_which_is_told_nowhere(tmp_path):
    peer = ObsPeer(password=PASSWORD)

    async def story(show):
        async with serving(peer):
            at(tmp_path, peer.port)
            await show.post("/api/settings/env", name="OBS_PASSWORD", value=PASSWORD)
            assert peer.connections == 0, "nothing is sent before a person presses a button"
            asked = await show.post("/api/settings/obs", sources=[])
            made = await show.post("/api/settings/obs", sources=[SCREEN])
        assert asked.said == {"scene": "장면", "sources": []}
        assert made.said == {"scene": "장면", "sources": [{"name": "AIsChoco screen", "done": "made"}]}
        assert peer.inputs["AIsChoco screen"][1]["url"] == f"{show.on.web.url}/?obs"
        env = (await show.get("/api/settings/env")).said
        assert env["variables"]["OBS_PASSWORD"] == "file"
        assert PASSWORD not in json.dumps([asked.said, made.said, env])

    told(tmp_path, story, GRAPH)
    assert 'AIsChoco screen\\" was put into OBS by a page (장면)' in logged(tmp_path)
    assert PASSWORD not in logged(tmp_path)


@pytest.mark.parametrize(
    ("given", "said"), [("", "OBS wants its password"), ("wrong-password", "the password of OBS is a different one")]
)
def test_a_wrong_password_is_told_with_where_it_is(tmp_path, given, said):
    async def story(show):
        async with serving(ObsPeer(password=PASSWORD)) as peer:
            at(tmp_path, peer.port, OBS_PASSWORD=given)
            answer = await show.post("/api/settings/obs", sources=[SCREEN])
        assert answer.status == 400
        assert said in answer.said["error"]
        assert "Tools > WebSocket Server Settings > Show Connect Info" in answer.said["error"]
        assert peer.inputs == {}
        assert peer.connections == 1, "it is not tried again and again"

    told(tmp_path, story, GRAPH)


def test_where_obs_does_not_answer_the_remedy_is_told(tmp_path):
    port = free_port()
    at(tmp_path, port)

    async def story(show):
        answer = await show.post("/api/settings/obs", sources=[SCREEN])
        assert answer.status == 503
        assert f"OBS does not answer at 127.0.0.1:{port}: start OBS, and switch on Tools" in answer.said["error"]

    told(tmp_path, story, GRAPH)


def test_what_obs_fails_to_do_is_told_with_its_reason(tmp_path):
    async def story(show):
        async with serving(ObsPeer(failing={"GetCurrentProgramScene": 207})) as peer:
            at(tmp_path, peer.port)
            answer = await show.post("/api/settings/obs", sources=[])
        assert "OBS did not do it (GetCurrentProgramScene: 207" in answer.said["error"]

    told(tmp_path, story, GRAPH)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"OBS_PORT": "many"}, "OBS_PORT in .env is not the number of a port"),
        ({"OBS_PORT": "0"}, "OBS_PORT in .env is not the number of a port"),
        ({"OBS_HOST": "192.0.2.7"}, "OBS runs on another machine (192.0.2.7)"),
    ],
)
def test_an_address_that_cannot_be_is_told(tmp_path, env, said):
    at(tmp_path, 4455, **env)

    async def story(show):
        answer = await show.post("/api/settings/obs", sources=[SCREEN])
        assert answer.status == 400
        assert said in answer.said["error"]

    told(tmp_path, story, GRAPH)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"path": "//evil.example/"}, 'give "sources"'),
        ({"path": "http://evil.example/"}, 'give "sources"'),
        ({"path": "/?obs \n"}, 'give "sources"'),
        ({"path": "/secret/"}, "this graph has no page /secret/"),
        ({"width": 0}, 'give "sources"'),
        ({"width": "1920"}, 'give "sources"'),
        ({"height": True}, 'give "sources"'),
        ({"name": ""}, 'give "sources"'),
        ({"css": "x"}, 'give "sources"'),
    ],
)
def test_only_pages_of_this_program_go_into_obs(tmp_path, more, said):
    async def story(show):
        async with serving(ObsPeer()) as peer:
            at(tmp_path, peer.port)
            answer = await show.post("/api/settings/obs", sources=[SCREEN | more])
        assert answer.status == 400
        assert said in answer.said["error"]
        assert peer.connections == 0

    told(tmp_path, story, GRAPH)


def test_without_the_token_nothing_is_sent_to_obs(tmp_path):
    async def story(show):
        url = f"{show.on.web.url}/api/settings/obs"
        async with serving(ObsPeer()) as peer:
            at(tmp_path, peer.port)
            for headers in ({}, {"X-Token": show.on.web.token, "Origin": "http://evil.example"}):
                async with show.client.post(url, json={"sources": [SCREEN]}, headers=headers) as reply:
                    assert reply.status == 403
        assert peer.connections == 0

    told(tmp_path, story, GRAPH)


def test_two_presses_at_once_make_one_source(tmp_path):
    async def story(show):
        async with serving(ObsPeer()) as peer:
            at(tmp_path, peer.port)
            answers = await asyncio.gather(*[show.post("/api/settings/obs", sources=[SCREEN]) for _ in range(4)])
        assert {answer.status for answer in answers} == {200, 429}
        assert len(peer.items) == 1

    told(tmp_path, story, GRAPH)
