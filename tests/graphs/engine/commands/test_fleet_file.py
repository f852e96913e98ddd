from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.commands._fleet_file import Entry, Fleet, processes, read_fleet
from schemas.graph import GraphError
from tests.harness import ROOT


def problems(tmp_path: Path, text: str, **env: str) -> list[str]:
    (tmp_path / "graphs").mkdir(exist_ok=True)
    (tmp_path / "graphs" / "live.yaml").touch()
    file = tmp_path / "fleet.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GraphError) as raised:
        read_fleet(file, tmp_path, env)
    return [str(problem).removeprefix(f"{file}:") for problem in raised.value.problems]


def test_the_file_of_the_project_is_a_fleet() -> None:
    fleet = read_fleet(ROOT / "config" / "fleet.yaml", ROOT, {})
    assert fleet.shows
    assert processes(fleet)


def test_a_file_that_is_not_there_or_is_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="읽을 수 없어요"):
        read_fleet(tmp_path / "nowhere.yaml", tmp_path, {})
    assert problems(tmp_path, " \n") == ["1:1: 파일이 비어 있어요 (함대는 'shows:'로 시작해요)"]


@pytest.mark.usefixtures("english")
def test_every_mistake_is_told_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    text = """\
pack: many
show: {}
shows:
  a: {graph: graphs/live.yaml, gpu: 1}
  b: {cpus: -1}
  c: {graph: graphs/live.yaml, gpus: 1.5}
"""
    told = problems(tmp_path, text)
    assert [line.split(":")[0] for line in told] == ["1", "2", "4", "5", "5", "6"]
    assert "did you mean 'gpus'?" in told[2]
    assert "above 1 it must be a whole number" in told[5]


def test_a_graph_that_is_not_there_and_a_port_that_two_shows_want_are_told(tmp_path: Path) -> None:
    text = """\
shows:
  a: {graph: graphs/live.yaml, env: {OVERLAY_PORT: 9001}}
  b: {graph: graphs/lice.yaml}
  c: {graph: graphs/live.yaml, env: {OVERLAY_PORT: "${PORT}", STAGE_PORT: 0}}
  d: {graph: graphs/live.yaml, env: {STAGE_PORT: 0, NAME: 9001}}
"""
    assert problems(tmp_path, text, PORT="9001") == [
        "3:14: b: 없는 파일이에요: graphs/lice.yaml (graphs/ 폴더를 봐 주세요)",
        "4:52: c: OVERLAY_PORT를 'a' 방송도 써요 (방송마다 다른 포트를 적어 주세요)",
    ]


@pytest.mark.parametrize("name", ["a/b", "..", "CON", "a:b", "x" * 101])
def test_a_show_whose_name_cannot_be_that_of_a_file_is_told(tmp_path: Path, name: str) -> None:
    (told,) = problems(tmp_path, f"shows:\n  {name!r}: {{graph: graphs/live.yaml}}\n")
    assert told.startswith(f"2:3: 방송 이름으로 쓸 수 없어요: '{name}': ")


def fleet(pack: int, **shows: dict[str, Any]) -> Fleet:
    return Fleet(pack=pack, shows={name: Entry(graph=Path("g.yaml"), **each) for name, each in shows.items()})


def test_light_shows_share_a_process_and_those_with_a_card_have_their_own() -> None:
    planned = processes(
        fleet(
            2,
            a={"cpus": 0.5, "env": {"OVERLAY_PORT": 9001}},
            b={"gpus": 0.5, "on": "gpu_box", "at": "gpu"},
            c={"cpus": 0.25},
            d={},
            e={"alone": True},
            f={"on": "seoul"},
        )
    )
    assert [(each.name, [show.name for show in each.shows]) for each in planned] == [
        ("a+", ["a", "c"]),
        ("b", ["b"]),
        ("d+", ["d"]),
        ("e", ["e"]),
        ("f+", ["f"]),
    ]
    assert [(each.cpus, each.gpus, dict(each.resources)) for each in planned[:2]] == [
        (0.75, 0.0, {}),
        (0.25, 0.5, {"gpu_box": 0.001}),
    ]
    assert planned[0].shows[0].env == {"OVERLAY_PORT": "9001"}
    assert planned[1].shows[0].at == "gpu"


@given(
    st.integers(1, 5),
    st.lists(
        st.fixed_dictionaries(
            {
                "cpus": st.sampled_from([0.1, 0.25, 1.0]),
                "gpus": st.sampled_from([0.0, 0.0, 0.5, 2.0]),
                "on": st.sampled_from([None, "x", "y"]),
                "alone": st.booleans(),
            }
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_every_show_is_in_one_process_that_asks_for_what_its_shows_ask(pack: int, shows: list[dict[str, Any]]) -> None:
    asked = {f"s{number}": each for number, each in enumerate(shows)}
    planned = processes(fleet(pack, **asked))
    assert sorted(show.name for each in planned for show in each.shows) == sorted(asked)
    assert len({each.name for each in planned}) == len(planned)
    for each in planned:
        members = [asked[show.name] for show in each.shows]
        assert 1 <= len(members) <= pack
        assert each.cpus == pytest.approx(sum(member["cpus"] for member in members))
        assert {member["on"] for member in members} == {next(iter(each.resources), None)}
        if len(members) > 1:
            assert not any(member["gpus"] or member["alone"] for member in members)
        else:
            assert each.gpus == members[0]["gpus"]
