import asyncio
from types import SimpleNamespace

import pytest

from graphs.engine.reload import switchboard
from schemas.graph import Graph
from tests.graphs.engine.stage import Pages


class Following:
    """A ``Live`` that records what it was asked for."""

    generation, asked = 4, 7

    def __init__(self, file):
        self.file, self.given = file, []

    def status(self):
        return {"generation": 4}

    def undo(self):
        self.given.append("undo")

    def reload(self):
        self.given.append("reload")

    def switch(self, file):
        self.given.append(file)


@pytest.fixture
def stand(tmp_path):
    (tmp_path / "graphs").mkdir()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "graphs" / name).write_text("", encoding="utf-8")
    files = SimpleNamespace(shown=lambda path: path.relative_to(tmp_path).as_posix())
    runtime = SimpleNamespace(files=files)
    live, web = Following(tmp_path / "graphs" / "a.yaml"), Pages()
    served = switchboard.serve(runtime, live, web, tmp_path, lambda path: Graph(path.stem, "", {}, (), ""))
    yield SimpleNamespace(live=live, web=web, post=web.posts["/api/reload"])
    served.dispose()
    assert web.gets == web.posts == {}


@pytest.mark.parametrize(
    ("said", "asked"), [({}, "reload"), ({"undo": False}, "reload"), ({"undo": True}, "undo"), ({"file": ""}, "reload")]
)
def test_what_is_asked_for_is_passed_on(stand, said, asked):
    assert stand.web.gets["/api/reload"]({}) == {"generation": 4}
    assert stand.post(said) == {"accepted": True, "generation": 4, "asked": 7}
    assert stand.live.given == [asked]


def test_the_first_list_has_every_file_and_another_is_named_as_listed_or_by_its_file_name(stand):
    async def story():
        found = (await stand.web.gets["/api/graphs"]({}))["graphs"]
        assert [(one["file"], one["running"]) for one in found] == [("graphs/a.yaml", True), ("graphs/b.yaml", False)]
        stand.post({"file": found[1]["file"]})
        stand.post({"file": "b.yaml"})

    asyncio.run(story())
    assert stand.live.given == [stand.live.file.with_name("b.yaml")] * 2


@pytest.mark.parametrize("said", [{"undo": 1}, {"file": 1}, {"file": "c.yaml"}, {"file": "/etc/passwd"}])
def test_what_cannot_be_is_refused(stand, said):
    with pytest.raises(ValueError, match=r"true나 false|그래프 이름|없는 그래프"):
        stand.post(said)
    assert stand.live.given == []
