import os
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import Field

from graphs.engine.books import own_folder as module
from graphs.engine.books.own_folder import kept_in, own_folder
from schemas.graph import Graph
from schemas.settings import Settings, WatchedFile
from tests.graphs.engine.stage import graph_of


@pytest.fixture
def history(tmp_path):
    held = []

    def begin(name):
        folder, fd = own_folder(tmp_path, name)
        assert fd is not None
        held.append(fd)
        return "" if folder == tmp_path else folder.name, fd

    yield begin
    for fd in held:
        os.close(fd)


def end(fd):
    os.dup2(os.open(os.devnull, os.O_RDONLY), fd)


def test_the_first_show_has_the_folder_and_a_second_one_its_own(history):
    assert history("at-8765")[0] == ""
    assert history("at-8766")[0] == "at-8766"
    assert history("at-8767")[0] == "at-8767"
    assert history("at-8766")[0] == "at-8766-2"


def test_each_finds_its_own_folder_again_whichever_starts_first(history):
    first, second = history("at-8765"), history("at-8766")
    for _, fd in (first, second):
        end(fd)
    assert history("at-8766")[0] == "at-8766"
    assert history("at-8765")[0] == ""


def test_a_show_that_is_alone_again_and_had_no_folder_of_its_own_has_the_folder(history):
    end(history("at-8765")[1])
    assert history("at-9000")[0] == ""


@pytest.mark.parametrize("error", [PermissionError("read-only"), OSError("no locks here")])
def test_where_folders_cannot_be_held_the_show_goes_on_in_the_folder(tmp_path, monkeypatch, error):
    def take(path):
        raise error

    monkeypatch.setattr(module, "take", take)
    assert own_folder(tmp_path, "at-8765") == (tmp_path, None)


class Inner(Settings):
    file: Path | None = Field(None, description="A file.")


class Kept(Settings):
    saved: Path = Field(Path("history/overlay.json"), description="A file.")
    history: Path | None = Field(Path("history"), description="A folder.")
    persona: WatchedFile = Field(Path("config/character.txt"), description="A file.")
    inner: list[Inner] = Field([], description="More.")
    pair: tuple[Path, int] = Field((Path("history/a"), 1), description="Two.")
    size: int = Field(1, description="A number.")


def settled(root: Path, folder: Path, settings: Settings) -> Settings:
    graph = graph_of({"a": "chat.count", "b": "page.see"}, "a -> b")
    graph = replace(graph, nodes={**graph.nodes, "a": replace(graph.nodes["a"], settings=settings)})
    moved: Graph = kept_in(folder, graph, root)
    assert moved.nodes["b"].settings is graph.nodes["b"].settings
    return moved.nodes["a"].settings


def test_paths_in_history_and_no_others_lead_into_the_own_folder(tmp_path):
    folder = tmp_path / "history" / "at-1"
    inner = [Inner(file=tmp_path / "history" / "x" / "y.json"), Inner(), Inner(file=Path("assets/a"))]
    moved = settled(tmp_path, folder, Kept(inner=inner))
    assert moved == Kept(
        saved=folder / "overlay.json",
        history=folder,
        inner=[Inner(file=folder / "x" / "y.json"), Inner(), Inner(file=Path("assets/a"))],
        pair=(folder / "a", 1),
    )


def test_settings_without_such_a_path_and_those_of_the_first_show_stay_the_same_object(tmp_path):
    settings = Kept(saved=Path("x"), history=None, pair=(Path("y"), 2))
    assert settled(tmp_path, tmp_path / "history" / "at-1", settings) is settings
    settings = Kept()
    assert settled(tmp_path, tmp_path / "history", settings) is settings
