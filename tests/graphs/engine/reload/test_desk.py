"""graphs/engine/reload/desk.py: what a page asks for is passed to the editor, and nothing else is taken."""

import asyncio
from types import SimpleNamespace

import pytest

from graphs.engine.reload import desk
from graphs.engine.reload.editor import Answer
from graphs.engine.reload.kept import KeptTexts
from schemas.graph import Graph, GraphError, Problem
from tests.graphs.engine.stage import Pages

pytestmark = pytest.mark.usefixtures("english")

PROBLEM = Problem("graphs/a.yaml", 1, 2, "what", "do")


class Asked:
    """An ``Editor`` that records what it was asked for."""

    def __init__(self, kept):
        self.given, self.answer, self.kept = [], Answer("applied", "b", ("x",), on_air=True), kept

    async def text(self, path):
        if path.stem == "b":
            raise GraphError([PROBLEM])
        return "nodes:\n", "base", self.kept

    async def edit(self, path, base, edits):
        self.given.append((path.name, base, [each.op for each in edits]))
        return self.answer

    async def write(self, path, base, text):
        self.given.append((path.name, base, text))
        return self.answer

    async def step(self, path, base, by):
        self.given.append((path.name, base, by))
        return self.answer


@pytest.fixture
def stand(tmp_path):
    (tmp_path / "graphs").mkdir()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "graphs" / name).write_text("", encoding="utf-8")
    kept = KeptTexts(tmp_path / "kept")
    kept.found(b"1")
    kept.add(b"2", ["filter.min_length"])
    live, web, editor = SimpleNamespace(file=tmp_path / "graphs" / "a.yaml"), Pages(), Asked(kept)
    shown = lambda path: path.relative_to(tmp_path).as_posix()  # noqa: E731
    read = lambda path: Graph(path.stem, "", {}, (), "")  # noqa: E731
    served = desk.serve(live, editor, web, tmp_path, read, shown)
    get = lambda **query: asyncio.run(web.gets["/api/edit"](query))  # noqa: E731
    post = lambda **said: asyncio.run(web.posts["/api/edit"](said))  # noqa: E731
    yield SimpleNamespace(editor=editor, get=get, post=post, web=web)
    served.dispose()
    assert web.gets == web.posts == {}


def test_a_page_reads_the_text_with_what_can_be_undone(stand):
    said = stand.get()
    kept = said.pop("kept")
    assert said == {
        "file": "graphs/a.yaml",
        "text": "nodes:\n",
        "base": "base",
        "problems": [],
        "undo": ["filter.min_length"],
        "redo": None,
    }
    assert [each["what"] for each in kept] == [["filter.min_length"], []]
    assert stand.get(file="b.yaml")["problems"][0]["line"] == 1


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({"edits": [{"op": "unset", "path": ["a"]}]}, ("a.yaml", "b", ["unset"])),
        ({"text": "x", "file": "b.yaml"}, ("b.yaml", "b", "x")),
        ({"undo": True}, ("a.yaml", "b", -1)),
        ({"redo": True}, ("a.yaml", "b", 1)),
    ],
)
def test_what_is_asked_for_is_passed_on(stand, said, asked):
    answer = stand.post(base="b", **said)
    assert stand.editor.given == [asked]
    assert answer == {"status": "applied", "base": "b", "changed": ["x"], "on_air": True, "problems": []}


def test_a_refusal_has_its_problems_and_a_conflict_both_texts(stand):
    stand.editor.answer = Answer("refused", "b", problems=[PROBLEM])
    (problem,) = stand.post(base="b", undo=True)["problems"]
    assert problem.items() >= {"file": "graphs/a.yaml", "line": 1, "column": 2, "message": "what", "hint": "do"}.items()
    stand.editor.answer = Answer("conflict", "c", theirs="t", mine="m")
    answer = stand.post(base="b", undo=True)
    assert (answer["theirs"], answer["mine"], answer["base"]) == ("t", "m", "c")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, 'give "base"'),
        ({"base": "b"}, 'give "base", and one of'),
        ({"base": "b", "undo": True, "redo": True}, "one of"),
        ({"base": 1, "undo": True}, "one of"),
        ({"base": "b", "undo": 1}, '"undo" must be true'),
        ({"base": "b", "text": 1}, '"text" is the whole text'),
        ({"base": "b", "edits": 1}, "edits"),
        ({"base": "b", "undo": True, "file": 1}, '"file" is the name'),
        ({"base": "b", "undo": True, "file": "/etc/passwd"}, "there is no graph"),
    ],
)
def test_what_cannot_be_is_refused(stand, said, message):
    with pytest.raises(ValueError, match=message):
        stand.post(**said)
    assert stand.editor.given == []


def test_only_the_pages_of_the_show_read_and_change_a_graph(stand):
    assert stand.web.guards == {f"{method} /api/edit": stand.web.private.desk for method in ("GET", "POST")}
