"""graphs/engine/studio/drafts.py: a page learns what a graph would be after changes that are not saved."""

import pytest

from graphs.engine.editing.edits import edits_of
from graphs.engine.studio.drafts import drafted, wires_of
from nodes import types
from tests.graphs.engine.studio.show import TYPED, told

pytestmark = pytest.mark.usefixtures("english")

LONGER = {"edits": [{"op": "set", "path": ["nodes", "filter", "min_length"], "value": 5}]}
BATCH = {"edits": [{"op": "add_node", "node": "batch", "body": {"type": "chat.batch"}, "after": "filter"}]}
JOINED = {"edits": [{"op": "connect", "node": "batch", "port": "chat", "from": "filter"}]}


def test_nothing_is_written_and_the_draft_says_what_would_be(tmp_path):
    async def story(show):
        base = (await show.get("/api/edit")).said["base"]
        said = (await show.post("/api/settings/draft", base=base, steps=[LONGER, BATCH])).said
        assert (said["file"], said["running"], said["shipped"], said["base"]) == ("graphs/demo.yaml", True, True, base)
        assert "saved" not in said, "the page has it"
        assert "min_length: 5" in said["text"]
        assert [node["name"] for node in said["nodes"]] == ["typed", "parse", "filter", "batch"]
        assert said["nodes"][2]["settings"]["min_length"]["value"] == 5
        assert [problem["path"] for problem in said["problems"]] == [["nodes", "batch"]], "it takes nothing yet"
        assert (said["made"], said["refused"]) == (2, [])
        said = (await show.post("/api/settings/draft", base=base, steps=[LONGER, BATCH, JOINED])).said
        assert said["problems"] == []
        wire = {"source": "filter", "output": "out", "target": "batch", "input": "chat", "feedback": False}
        assert {**wire, "from": "filter", "key": "filter.out -> batch.chat"} in said["wires"]
        assert (tmp_path / "graphs" / "demo.yaml").read_text("utf-8") == TYPED

    told(tmp_path, story)


def test_a_text_that_has_changed_meanwhile_is_told_with_the_steps_on_top_of_it(tmp_path):
    async def story(show):
        base = (await show.get("/api/edit")).said["base"]
        newer = TYPED.replace("in: parse", "in: parse, max_length: 99")
        (tmp_path / "graphs" / "demo.yaml").write_text(newer, encoding="utf-8")
        said = (await show.post("/api/settings/draft", base=base, steps=[LONGER])).said
        assert said["base"] != base
        assert said["saved"] == newer
        assert said["text"] == newer.replace("min_length: 2", "min_length: 5"), "both are there"

    told(tmp_path, story)


def test_the_first_step_that_cannot_be_made_is_told_and_those_before_it_are_kept(tmp_path):
    async def story(show):
        gone = {"edits": [{"op": "remove_node", "node": "nobody"}]}
        said = (await show.post("/api/settings/draft", base="", steps=[LONGER, gone, BATCH])).said
        assert said["made"] == 1
        assert said["refused"][0]["message"] == "there is no node nobody"
        assert "min_length: 5" in said["text"]
        assert "batch" not in said["text"]

    told(tmp_path, story)


def test_a_text_by_hand_is_a_step_too_and_one_that_is_no_yaml_has_no_nodes(tmp_path):
    async def story(show):
        other = {"text": TYPED.replace("filter:", "rest:")}
        said = (await show.post("/api/settings/draft", base="", steps=[other])).said
        assert [node["name"] for node in said["nodes"]] == ["typed", "parse", "rest"]
        said = (await show.post("/api/settings/draft", base="", steps=[other, {"text": "nodes: ["}])).said
        assert said["text"] == "nodes: ["
        assert said["problems"][0]["line"] == 1
        assert "nodes" not in said

    told(tmp_path, story)


@pytest.mark.parametrize("steps", ["x", [{}], [{"edits": []}], [{"text": 1}], [{"text": ""}] * 1001])
def test_what_are_no_steps_is_refused(tmp_path, steps):
    async def story(show):
        assert (await show.post("/api/settings/draft", base="", steps=steps)).status == 400

    told(tmp_path, story)


def test_it_answers_pages_of_ours_only_and_of_graphs_only(tmp_path):
    async def story(show):
        async with show.client.post(f"{show.on.web.url}/api/settings/draft", json={"steps": []}) as reply:
            assert reply.status == 403
        assert (await show.post("/api/settings/draft", file="../.env", steps=[])).status == 400
        assert (await show.post("/api/settings/draft", steps=[])).status == 200

    told(tmp_path, story)


def test_a_wire_is_that_which_the_check_would_make_of_it():
    text = """\
nodes:
  split: {type: reply.split, in: [gone, {from: split, capacity: 3}]}
  pose: {type: pose.interpolate, in: split, speaking: [voice.speaking, voice.speaking]}
  odd: {type: no.such, in: pose, more: split}
  bad: 3
"""
    found = [(wire["key"], wire["from"], wire["feedback"]) for wire in wires_of(text, "x", types)]
    assert found == [
        ("gone.out -> split.reply", "gone", False),
        ("split.sentence -> split.reply", "split", False),
        ("split.emotion -> pose.emotion", "split", False),
        ("voice.speaking -> pose.speaking", "voice.speaking", True),
        ("pose.out -> odd.in", "pose", False),
    ]


def test_steps_without_a_show():
    done = drafted(TYPED, "x", [edits_of(LONGER["edits"]), TYPED, edits_of(BATCH["edits"])], types)
    assert done.text == f"{TYPED}  batch: {{type: chat.batch}}\n"
    assert done.made == 3
