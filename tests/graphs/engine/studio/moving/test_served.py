"""graphs/engine/studio/moving/served.py: the folder of the original is moved in by a page, while a show is on air."""

import shutil

import pytest

from tests.graphs.engine.studio.moving.test_folder import SECRETS, SUMMARY, files, old
from tests.graphs.engine.studio.show import logged, told
from tests.harness import ROOT

__all__ = ["old"]

REMEMBERING = """\
name: demo
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
  reply: {type: llm.reply, in: batch, persona: config/character.txt, api_key: "${GROQ_API_KEY:-}"}
"""


@pytest.fixture
def here(tmp_path):
    here = tmp_path / "here"
    shutil.copytree(ROOT / "config", here / "config")
    return here


@pytest.mark.parametrize("like", ["{}", '"{}"', " {} \n"])
def test_it_is_moved_in_beside_the_demonstration_and_the_other_folder_stays_as_it_is(old, here, like):
    before = files(old)

    async def story(show):
        said = (await show.post("/api/start/moving", folder=like.format(old))).said
        assert all(line["ok"] for line in said["lines"])
        texts = "\n".join(line["text"] for line in said["lines"])
        assert "config/character.txt: 옮겼어요" in texts
        assert "GROQ_API_KEY" in texts
        assert [secret for secret in SECRETS if secret in texts + logged(here)] == []
        set_ = (await show.get("/api/settings/env")).said["variables"]
        assert set_["GROQ_API_KEY"] == "file"

    told(here, story)
    assert SUMMARY["summary"] in (here / "history" / "summary.json").read_text("utf-8")
    assert files(old) == before


@pytest.mark.parametrize(("folder", "why"), [("", "폴더"), ("/no/such/folder", "폴더가 없"), (7, "폴더")])
def test_what_is_no_folder_is_refused_with_the_reason(old, here, folder, why):
    async def story(show):
        reply = await show.post("/api/start/moving", folder=folder)
        assert reply.status == 400
        assert why in reply.said["error"]

    told(here, story)
    assert not (here / ".env").exists()


def test_a_show_that_remembers_itself_keeps_the_memories_that_it_has(old, here):
    async def story(show):
        reply = await show.post("/api/start/moving", folder=str(old))
        assert reply.status == 409
        assert "demo" in reply.said["error"]

    told(here, story, REMEMBERING)
    assert not (here / ".env").exists()
