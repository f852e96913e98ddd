"""graphs/engine/studio/beginning.py: what the page /start asks for; as a whole in tests/browser/test_start.py."""

import shutil

import pytest

from graphs.engine.editing.first import QUESTIONS
from tests.graphs.engine.studio.show import told
from tests.harness import ROOT

SMALL = """\
name: my
character: "모카"
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
tests: []
"""


def test_the_questions_of_init_are_told_in_both_languages_with_what_is_usual(tmp_path):
    async def story(show):
        said = (await show.get("/api/start?lang=ko")).said
        assert [each["key"] for each in said["questions"]] == [question.key for question in QUESTIONS]
        assert said["questions"][1]["text"] == "채팅은 어디서 받나요?"
        assert (await show.get("/api/start?lang=en")).said["questions"][1]["text"] == "Where does chat come from?"
        assert (said["own"], said["there"], said["file"]) == (False, False, "graphs/demo.yaml")
        assert said["answers"]["chat"] == "recording"
        assert said["rehearsal"]["running"] is False

    told(tmp_path, story)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"chat": "youtube"}, "chzzk, recording"),
        ({"colour": "red"}, "answers"),
        ({"name": 7}, "answers"),
        ({"name": "<b>"}, "글자와 숫자"),
        ([], "answers"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_nothing_is_written(tmp_path, answers, said):
    async def story(show):
        reply = await show.post("/api/start", answers=answers)
        assert reply.status == 400
        assert said in reply.said["error"]

    told(tmp_path, story)
    assert not (tmp_path / "graphs" / "my.yaml").exists()


def test_answers_go_into_the_graph_that_is_followed_if_it_is_the_persons_own(tmp_path):
    for name in ("live", "silent", "replay", "demo", "local-llm", "live-remote-voice"):
        (tmp_path / "graphs").mkdir(exist_ok=True)
        (tmp_path / "graphs" / f"{name}.yaml").write_bytes((ROOT / "graphs" / f"{name}.yaml").read_bytes())
    mine = tmp_path / "graphs" / "my.yaml"
    mine.write_text(SMALL, "utf-8")

    async def story(show):
        await show.post("/api/reload", file="graphs/my.yaml")
        while show.on.live.file != mine:
            await show.get("/api/reload")
        said = (await show.get("/api/start")).said
        assert (said["own"], said["answers"]["name"]) == (True, "모카")
        done = (await show.post("/api/start", answers={"name": "코코"})).said
        assert (done["ok"], done["character"], done["problems"]) == (True, "코코", [])
        assert mine.read_text("utf-8") == SMALL.replace("모카", "코코")
        assert (await show.get("/api/edit")).said["undo"] is not None

    told(tmp_path, story)


def test_a_graph_that_would_be_wrong_is_not_made(tmp_path):
    """A voice server without its address: the variable is missing."""

    async def story(show):
        said = (await show.post("/api/start", answers={"voice": "server", "avatar": "vts"})).said
        assert said["ok"] is False
        assert "TTS_REMOTE_URL" in said["problems"][0]["message"]
        assert said["own"] is False

    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "graphs").mkdir()
    for file in (ROOT / "graphs").glob("*.yaml"):
        (tmp_path / "graphs" / file.name).write_bytes(file.read_bytes())
    told(tmp_path, story)
    assert not (tmp_path / "graphs" / "my.yaml").exists()


def test_only_a_page_of_ours_is_told_and_may_change_anything(tmp_path):
    async def story(show):
        none = {"X-Token": ""}
        assert (await show.get("/api/start", **none)).status == 403
        assert (await show.get("/api/start")).status == 200
        async with show.client.post(f"{show.on.web.url}/api/start", json={"answers": {}}) as reply:
            assert reply.status == 403

    told(tmp_path, story)
    assert not (tmp_path / "graphs" / "my.yaml").exists()
