"""graphs/engine/studio/served.py: what the page /settings asks of a graph that is on air."""

import pytest

from tests.graphs.engine.studio.show import TYPED, told

pytestmark = pytest.mark.usefixtures("english")


def test_the_page_is_among_the_pages_and_its_addresses_are_for_pages_of_ours_only(tmp_path):
    async def story(show):
        assert "/settings/" in show.on.web.pages
        for path in ("/api/settings/types", "/api/settings/graph", "/api/edit"):
            assert (await show.get(path)).status == 200
            assert (await show.get(path, **{"X-Token": "x"})).status == 403
        async with show.client.get(f"{show.on.web.url}/settings/") as reply:
            assert show.on.web.token in await reply.text()

    told(tmp_path, story)


def test_what_can_be_set_and_what_the_graph_says(tmp_path):
    async def story(show):
        types = (await show.get("/api/settings/types?lang=ko")).said
        assert types["types"]["chat.filter"]["settings"][0]["title"] == "가장 짧은 채팅"
        said = (await show.get("/api/settings/graph")).said
        assert (said["file"], said["running"], said["shipped"]) == ("graphs/demo.yaml", True, True)
        assert said["nodes"][2]["settings"]["min_length"] == {"line": 6, "value": 2}
        again = (await show.get(f"/api/settings/graph?base={said['base']}")).said
        assert again["same"] is True
        assert "nodes" not in again
        assert again["kept"] == said["kept"]
        assert (await show.get("/api/settings/graph?file=../secret.yaml")).status == 400

    told(tmp_path, story)


def test_a_text_that_is_no_graph_is_told_with_its_problems(tmp_path):
    async def story(show):
        (tmp_path / "graphs" / "bad.yaml").write_text("nodes: [", encoding="utf-8")
        said = (await show.get("/api/settings/graph?file=bad.yaml")).said
        assert said["problems"][0]["line"] == 1
        assert (await show.post("/api/settings/copy", file="bad.yaml")).status == 422

    told(tmp_path, story)


def test_the_show_goes_on_with_the_copy_of_a_shipped_graph(tmp_path):
    async def story(show):
        answer = await show.post("/api/settings/copy")
        assert answer.said == {"file": "graphs/my.yaml", "running": True}
        said = (await show.get("/api/settings/graph")).said
        assert (said["file"], said["shipped"]) == ("graphs/my.yaml", False)
        edits = [{"op": "set", "path": ["nodes", "filter", "min_length"], "value": 3}]
        done = (await show.post("/api/edit", file=said["file"], base=said["base"], edits=edits)).said
        assert (done["status"], done["on_air"]) == ("applied", True)
        assert (tmp_path / "graphs" / "demo.yaml").read_text("utf-8") == TYPED
        assert "min_length: 3" in (tmp_path / "graphs" / "my.yaml").read_text("utf-8")

    told(tmp_path, story)


def test_a_refused_value_is_told_with_the_path_of_its_setting(tmp_path):
    async def story(show):
        base = (await show.get("/api/settings/graph")).said["base"]
        edits = [{"op": "set", "path": ["nodes", "filter", "min_length"], "value": -1}]
        done = (await show.post("/api/edit", base=base, edits=edits)).said
        assert done["status"] == "refused"
        assert [each["path"] for each in done["problems"]] == [["nodes", "filter", "min_length"]]

    told(tmp_path, story)
