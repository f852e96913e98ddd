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
    runtime = SimpleNamespace(files=files, spawn=lambda work, _: asyncio.ensure_future(work))
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


def test_another_file_is_named_as_it_is_listed(stand):
    async def story():
        assert stand.web.gets["/api/graphs"]({}) == {"graphs": []}
        while not (found := stand.web.gets["/api/graphs"]({})["graphs"]):
            await asyncio.sleep(0.001)
        assert [(one["file"], one["running"]) for one in found] == [("graphs/a.yaml", True), ("graphs/b.yaml", False)]
        stand.post({"file": found[1]["file"]})

    asyncio.run(story())
    assert stand.live.given == [stand.live.file.with_name("b.yaml")]


@pytest.mark.parametrize("said", [{"undo": 1}, {"file": 1}, {"file": "c.yaml"}, {"file": "/etc/passwd"}])
def test_what_cannot_be_is_refused(stand, said):
    with pytest.raises(ValueError, match=r"true or false|is the name|there is no graph"):
        stand.post(said)
    assert stand.live.given == []
