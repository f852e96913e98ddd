"""graphs/engine/studio/variables.py: a page sets a secret, and nobody ever reads it."""

import json
import sys
from types import SimpleNamespace

import pytest

from graphs.engine.language.env import env_of, environment
from nodes.vault import SERVICE
from schemas.graph import GraphError
from tests.graphs.engine.studio.show import TYPED, logged, told
from tests.nodes.test_vault import Keys

pytestmark = pytest.mark.usefixtures("english")

KEY = "gsk-a-key-nobody-sees-1234"
GRAPH = TYPED + '  alert: {type: alert.webhook, url: "${ALERT_WEBHOOK_URL:-}"}\n'
NAMES = {"GROQ_API_KEY", "ALERT_WEBHOOK_URL", "CHZZK_CLIENT_SECRET", "NAVER_SEARCH_SECRET", "TTS_REMOTE_TOKEN"}


@pytest.fixture(autouse=True)
def without_variables(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)


def with_keyring(monkeypatch, keys):
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_keyring=lambda: keys))
    return keys


def test_a_secret_goes_into_env_and_on_air_and_into_no_answer_and_no_log(tmp_path):
    async def story(show):
        before = (await show.get("/api/settings/env")).said["variables"]
        assert before.keys() >= NAMES
        assert before["ALERT_WEBHOOK_URL"] == ""
        address = f"https://example.com/{KEY}"
        done = await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value=address)
        assert done.said["variables"]["ALERT_WEBHOOK_URL"] == "file"
        assert done.said["shadowed"] is False
        assert show.on.runtime.graph.nodes["alert"].settings.url.get_secret_value() == address
        paths = (
            "/api/settings/env",
            "/api/settings/graph",
            "/api/settings/types",
            "/api/edit",
            "/api/graph",
            "/api/reload",
        )
        answers = [(await show.get(path)).said for path in (*paths, "/api/settings?node=alert")]
        assert KEY not in json.dumps([done.said, answers])

    told(tmp_path, story, GRAPH)
    assert KEY in env_of((tmp_path / ".env").read_bytes())["ALERT_WEBHOOK_URL"]
    assert "ALERT_WEBHOOK_URL in .env was set by a page" in logged(tmp_path)
    assert KEY not in logged(tmp_path)


def test_an_address_is_no_secret_and_stays_readable_in_the_log(tmp_path):
    async def story(show):
        for name, value in (("TTS_REMOTE_URL", "http://127.0.0.1:5111"), ("GROQ_API_KEY", KEY)):
            await show.post("/api/settings/env", name=name, value=value)
        show.on.runtime.log.info(f"http://127.0.0.1:5111 answers, {KEY} does not")

    told(tmp_path, story, GRAPH)
    assert "http://127.0.0.1:5111 answers" in logged(tmp_path)
    assert KEY not in logged(tmp_path)


def test_a_variable_of_the_process_wins_and_the_page_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://example.com/of-the-process")

    async def story(show):
        done = (await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value="https://x/1234")).said
        assert done["shadowed"] is True
        assert done["variables"]["ALERT_WEBHOOK_URL"] == "process"

    told(tmp_path, story, GRAPH)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "PATH", "value": "/evil"}, "reads a variable of that name"),
        ({"name": "OVERLAY_HOST", "value": "0.0.0.0"}, "reads a variable of that name"),
        ({"name": "ALERT_WEBHOOK_URL", "value": "a\nPATH=/evil"}, "line break"),
        ({"name": "ALERT_WEBHOOK_URL"}, 'give "name" and "value"'),
        ({"name": 1, "value": "x"}, 'give "name" and "value"'),
    ],
)
def test_only_variables_of_the_graph_are_set(tmp_path, body, said):
    async def story(show):
        answer = await show.post("/api/settings/env", **body)
        assert answer.status == 400
        assert said in answer.said["error"]
        assert "evil" not in answer.said["error"]

    told(tmp_path, story, GRAPH)
    assert not (tmp_path / ".env").exists()


def test_without_the_token_nothing_is_set_and_nothing_is_told(tmp_path):
    async def story(show):
        url = f"{show.on.web.url}/api/settings/env"
        async with show.client.get(url) as reply:
            assert reply.status == 403
        async with show.client.post(url, json={"name": "ALERT_WEBHOOK_URL", "value": "x"}) as reply:
            assert reply.status == 403
        headers = {"X-Token": show.on.web.token, "Origin": "http://evil.example"}
        async with show.client.post(url, json={"name": "ALERT_WEBHOOK_URL", "value": "x"}, headers=headers) as reply:
            assert reply.status == 403

    told(tmp_path, story, GRAPH)
    assert not (tmp_path / ".env").exists()


def test_where_there_is_a_keyring_a_secret_is_kept_there_and_read_from_there(tmp_path, monkeypatch):
    keys = with_keyring(monkeypatch, Keys())

    async def story(show):
        for key in (f"https://example.com/first/{KEY}", f"https://example.com/{KEY}"):
            done = await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value=key)
            assert done.said["variables"]["ALERT_WEBHOOK_URL"] == "keyring"
            assert show.on.runtime.graph.nodes["alert"].settings.url.get_secret_value() == key
            assert list(keys.kept.values()) == [key], "the one before is not kept on"
        await show.post("/api/settings/env", name="TTS_REMOTE_URL", value="http://127.0.0.1:5111")
        assert len(keys.kept) == 1, "an address is no secret"

    told(tmp_path, story, GRAPH)
    assert KEY not in (tmp_path / ".env").read_text("utf-8") + logged(tmp_path)
    assert environment(tmp_path)["ALERT_WEBHOOK_URL"] == f"https://example.com/{KEY}", "also in another run"

    async def emptied(show):
        await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value="")

    told(tmp_path, emptied, GRAPH)
    assert keys.kept == {}
    assert env_of((tmp_path / ".env").read_bytes())["ALERT_WEBHOOK_URL"] == ""


@pytest.mark.parametrize("keys", [Keys(fails=True), Keys(forgets=True), Keys(priority=0)])
def test_a_keyring_that_keeps_nothing_leaves_it_to_env(tmp_path, monkeypatch, keys):
    with_keyring(monkeypatch, keys)

    async def story(show):
        done = await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value=f"https://example.com/{KEY}")
        assert done.said["variables"]["ALERT_WEBHOOK_URL"] == "file"

    told(tmp_path, story, GRAPH)
    assert KEY in (tmp_path / ".env").read_text("utf-8")


def test_what_cannot_be_written_is_in_no_keyring_either(tmp_path, monkeypatch):
    keys = with_keyring(monkeypatch, Keys())

    async def story(show):
        assert (await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value="a\nb")).status == 400
        (tmp_path / ".env").mkdir()
        assert (await show.post("/api/settings/env", name="ALERT_WEBHOOK_URL", value=KEY)).status == 400

    told(tmp_path, story, GRAPH)
    assert keys.kept == {}


def test_a_keyring_that_went_away_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("GROQ_API_KEY=keyring:0123456789abcdef\n", "utf-8")
    for keys in (None, Keys(), Keys(fails=True)):
        with_keyring(monkeypatch, keys)
        with pytest.raises(GraphError) as found:
            environment(tmp_path)
        (problem,) = found.value.problems
        assert "GROQ_API_KEY is in the system's store" in problem.message
        assert "enter GROQ_API_KEY again" in problem.hint
    with_keyring(monkeypatch, Keys()).kept[SERVICE, "keyring:0123456789abcdef"] = KEY
    assert environment(tmp_path)["GROQ_API_KEY"] == KEY
