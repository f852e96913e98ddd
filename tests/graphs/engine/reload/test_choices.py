import asyncio
import threading

import pytest

from graphs.engine.reload.choices import Choices
from schemas.graph import Graph, GraphError, Intro, NodeEntry, Problem
from schemas.settings import Settings


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "graphs"
    folder.mkdir()
    for name in ("b.yaml", "a.yml", "bad.yaml", "notes.txt"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def read(path):
    if path.name == "bad.yaml":
        raise GraphError([Problem(str(path), 2, 5, "no type", "write one")], "bad", Intro({"": "밤"}, example=True))
    type_ = "overlay.dock" if path.name == "b.yaml" else "chat.typed"
    intro = Intro({"ko": "b"}) if path.name == "b.yaml" else Intro()
    return Graph(f"graph {path.stem}", str(path), {"x": NodeEntry("x", type_, Settings(), "", 1)}, (), "", intro=intro)


def choices(folder):
    return Choices(folder, read, lambda path: path.relative_to(folder.parent).as_posix())


def looked(found, running):
    return asyncio.run(found.listed(running))


def test_every_graph_of_the_folder_is_there_with_its_problems(folder):
    listed = looked(choices(folder), folder / "b.yaml")
    assert [(one["file"], one["name"], one["ok"], one["dock"], one["running"]) for one in listed] == [
        ("graphs/a.yml", "graph a", True, False, False),
        ("graphs/b.yaml", "graph b", True, True, True),
        ("graphs/bad.yaml", "bad", False, False, False),
    ]
    assert listed[2]["problems"] == [
        {
            "file": "graphs/bad.yaml",
            "line": 2,
            "column": 5,
            "message": "no type",
            "hint": "write one",
            "unset": "",
            "path": [],
        }
    ]
    assert [(one["about"], one["example"]) for one in listed] == [({}, False), ({"ko": "b"}, False), ({"": "밤"}, True)]


def test_a_graph_elsewhere_is_listed_with_its_neighbours_while_it_runs(folder):
    own = folder.parent / "mine"
    own.mkdir()
    for name in ("show.yaml", "other.yaml", "graph.txt"):
        (own / name).write_text(name, encoding="utf-8")
    names = [one["file"] for one in looked(choices(folder), own / "show.yaml")]
    assert names == ["graphs/a.yml", "graphs/b.yaml", "graphs/bad.yaml", "mine/other.yaml", "mine/show.yaml"]
    assert "mine/graph.txt" in [one["file"] for one in looked(choices(folder), own / "graph.txt")]


def test_a_file_that_is_new_or_gone_is_seen_at_the_next_look(folder):
    found = choices(folder)
    looked(found, folder / "b.yaml")
    (folder / "a.yml").unlink()
    (folder / "c.yaml").write_text("c", encoding="utf-8")
    assert [one["file"] for one in looked(found, folder / "b.yaml")] == [
        "graphs/b.yaml",
        "graphs/bad.yaml",
        "graphs/c.yaml",
    ]


def test_lists_asked_for_during_a_pass_share_the_next_one_which_sees_what_was_saved_meanwhile(folder):
    passes, asked = [], threading.Event()

    def slow(path):
        passes.append(path.name)
        if len(passes) == 1:
            (folder / "late.yaml").write_text("late", encoding="utf-8")
            asked.wait(10)
        return read(path)

    async def story():
        found = Choices(folder, slow, lambda path: path.name)
        first = asyncio.create_task(found.listed(folder / "b.yaml"))
        while not passes:
            await asyncio.sleep(0.001)
        waiting = [asyncio.create_task(found.listed(folder / "b.yaml")) for _ in range(3)]
        await asyncio.sleep(0)
        asked.set()
        later = await asyncio.gather(*waiting)
        assert [[one["file"] for one in each] for each in later] == [["a.yml", "b.yaml", "bad.yaml", "late.yaml"]] * 3
        assert len(await first) >= 3
        assert passes.count("b.yaml") == 2

    asyncio.run(story())


def test_a_file_can_be_named_without_its_folder_unless_two_folders_have_it(folder):
    own = folder.parent / "mine"
    own.mkdir()
    for name in ("show.yaml", "b.yaml"):
        (own / name).write_text(name, encoding="utf-8")
    found = choices(folder)
    assert found.file("a.yml", own / "show.yaml") == folder / "a.yml"
    assert found.file("show.yaml", own / "show.yaml") == own / "show.yaml"
    assert found.file("mine/b.yaml", own / "show.yaml") == own / "b.yaml"
    with pytest.raises(ValueError, match=r"이 가운데 하나를 적어 주세요: graphs/b\.yaml, mine/b\.yaml"):
        found.file("b.yaml", own / "show.yaml")
    with pytest.raises(ValueError, match=r"혹시 이것인가요\? 'graphs/bad\.yaml'"):
        found.file("graphs/bda.yaml", own / "show.yaml")


def test_only_a_listed_file_can_be_named(folder):
    found = choices(folder)
    assert found.file("graphs/a.yml", folder / "b.yaml") == folder / "a.yml"
    for name in ("graphs/notes.txt", "graphs/../graphs/a.yml", str(folder / "a.yml"), "/etc/passwd", ""):
        with pytest.raises(ValueError, match="없는 그래프예요"):
            found.file(name, folder / "b.yaml")
