"""graphs/engine/studio/trials.py: a page examines a node as the doctor does, with what it shows, saved or not."""

import asyncio
from types import SimpleNamespace

import pytest

from nodes import exams
from nodes.exams import Exam, Finding
from tests.graphs.engine.studio.show import TYPED, told

pytestmark = pytest.mark.usefixtures("english")

MINE = [{"op": "set", "path": ["nodes", "filter", "min_length"], "value": 7}]


@pytest.fixture
def examined(monkeypatch):
    """An exam of ``chat.filter`` that says what it was given, once it is allowed to."""
    begun, go = asyncio.Event(), asyncio.Event()

    async def run(config, probe):
        begun.set()
        await go.wait()
        return [
            Finding(config.min_length > 5, f"min_length {config.min_length} Bearer abcdefghijklmnop", "make it longer")
        ]

    monkeypatch.setitem(exams.exams, "chat.filter", Exam(run, 5.0))
    return SimpleNamespace(begun=begun, go=go)


def test_a_node_is_examined_with_values_that_are_not_saved(tmp_path, examined):
    examined.go.set()

    async def story(show):
        assert "filter" in (await show.get("/api/settings/graph")).said["checked"]
        (line,) = (await show.post("/api/settings/check", node="filter")).said["lines"]
        assert (line["ok"], line["remedy"]) == (False, "make it longer")
        assert "min_length 2" in line["what"]
        assert "abcdefghijklmnop" not in line["what"]
        (line,) = (await show.post("/api/settings/check", node="filter", edits=MINE)).said["lines"]
        assert line["ok"] is True
        assert "min_length: 2" in (tmp_path / "graphs" / "demo.yaml").read_text("utf-8")

    told(tmp_path, story)


def test_one_is_examined_at_a_time(tmp_path, examined):
    async def story(show):
        first = asyncio.create_task(show.post("/api/settings/check", node="filter"))
        await examined.begun.wait()
        assert (await show.post("/api/settings/check", node="filter")).status == 429
        examined.go.set()
        assert (await first).status == 200

    told(tmp_path, story)


def test_what_cannot_be_examined_is_told(tmp_path):
    async def story(show):
        assert (await show.post("/api/settings/check", node="nobody")).status == 400
        assert (await show.post("/api/settings/check", node=1)).status == 400
        wrong = [{**MINE[0], "value": -1}]
        answer = await show.post("/api/settings/check", node="filter", edits=wrong)
        assert (answer.status, answer.said["problems"][0]["path"]) == (422, ["nodes", "filter", "min_length"])
        (line,) = (await show.post("/api/settings/check", node="parse")).said["lines"]
        assert line["ok"] is True

    told(tmp_path, story)


def test_a_text_is_tried_on_the_node_with_settings_that_are_not_saved(tmp_path):
    async def story(show):
        given = {"node": "filter", "text": "네네네"}
        assert (await show.post("/api/settings/trial", **given)).said["reason"] == ""
        assert (await show.post("/api/settings/trial", **given, edits=MINE)).said["reason"] == "too_short"
        assert show.on.runtime.ledger.counts()["in"] == 0, "the show knows nothing of it"
        assert (await show.post("/api/settings/trial", node="parse", text="x")).status == 400
        assert (await show.post("/api/settings/trial", node="filter")).status == 400

    told(tmp_path, story, TYPED)
