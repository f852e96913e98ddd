import asyncio
import json

import pytest

import nodes.exams
from graphs.engine.cli import main
from graphs.engine.commands import _machine, doctor
from graphs.engine.commands.doctor import Doctor, Line, shown
from nodes.exams import Exam, Finding
from schemas.command import FAILED, OK, USAGE
from schemas.graph import GraphError, Problem
from tests.harness import ROOT

SECRET = "MARK-secret-key-123"
GRAPH = """
name: small
nodes:
  replay: {type: chat.replay, file: assets/recordings/demo.jsonl}
  parse: {type: chat.parse, in: replay}
  batch: {type: chat.batch, in: parse}
  canned: {type: reply.canned, in: batch}
"""


@pytest.fixture
def graph(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    file = tmp_path / "small.yaml"
    file.write_text(GRAPH, encoding="utf-8")
    return file


def examine(file, exams, env=None):
    lines = asyncio.run(Doctor(ROOT, env or {}, exams).examine(file))
    return [line for line in lines if line.where not in ("graph", "machine")], lines


def says(*findings, within_s=5.0):
    async def run(config, probe):
        return findings

    return Exam(run, within_s)


def test_the_graph_and_the_machine_come_first(graph):
    _, lines = examine(graph, {})
    assert [line.where for line in lines] == ["graph", "machine", "machine", "machine", "machine"]
    assert all(line.ok for line in lines)


def test_each_node_with_an_exam_tells_what_it_found_in_the_order_of_the_file(graph):
    exams = {"chat.batch": says(Finding(True, "b")), "chat.replay": says(Finding(False, "a", "fix a"))}
    ours, _ = examine(graph, exams)
    assert [(line.where, line.ok, line.what, line.remedy) for line in ours] == [
        ("replay", False, "a", "fix a"),
        ("batch", True, "b", ""),
    ]


def test_two_nodes_that_find_the_same_share_a_line(graph):
    same = says(Finding(False, "login", "log in"))
    ours, _ = examine(graph, {"chat.replay": same, "reply.canned": same})
    assert [line.where for line in ours] == ["replay, canned"]


def test_exams_run_beside_each_other_and_each_has_its_time(graph):
    async def slow(config, probe):
        await probe.worker.sleep(30.0)
        return []

    exams = {"chat.replay": Exam(slow, 0.1), "chat.batch": Exam(slow, 0.1), "reply.canned": says(Finding(True, "c"))}
    ours, _ = examine(graph, exams)
    assert [(line.where, line.ok) for line in ours] == [("replay", False), ("batch", False), ("canned", True)]
    assert "0.1초 안에 대답이 없음" in ours[0].what


def test_an_exam_that_fails_is_a_red_line_and_not_the_end(graph):
    async def broken(config, probe):
        raise KeyError("surprise")

    ours, _ = examine(graph, {"chat.replay": Exam(broken, 1.0), "chat.batch": says(Finding(True, "b"))})
    assert [line.ok for line in ours] == [False, True]
    assert "surprise" in ours[0].what


def test_an_exam_is_lent_a_thread_a_clock_and_the_settings_of_all_nodes(graph):
    seen = {}

    async def look(config, probe):
        probe.log.info("nobody")
        probe.log.warning("reads")
        seen["thread"] = await probe.worker.thread(lambda x: x + 1, 1)
        seen["now"] = probe.clock.now()
        seen["graph"] = [type(settings).__name__ for settings in probe.graph]
        probe.dated("Thu, 01 Jan 1970 00:00:00 GMT")
        return []

    _, lines = examine(graph, {"chat.batch": Exam(look, 5.0)})
    assert seen["thread"] == 2
    assert seen["now"] > 0
    assert seen["graph"] == ["Replay", "Parse", "Batch", "Canned"]
    assert [line.ok for line in lines if "시계" in line.what] == [False]


def test_no_secret_is_shown_whether_of_the_environment_or_learned(graph):
    async def leak(config, probe):
        probe.log.hide("MARK-learned-token")
        return [Finding(False, f"key {SECRET}", "token MARK-learned-token")]

    _, lines = examine(graph, {"chat.batch": Exam(leak, 5.0)}, {"GROQ_API_KEY": SECRET})
    assert "MARK" not in str(lines)


def test_a_wrong_graph_is_one_red_line_with_all_its_mistakes(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("name: x\nnodes:\n  a: {type: chat.rpelay}\n  b: {type: chat.psrse}\n", encoding="utf-8")
    _, lines = examine(file, {})
    red = [line for line in lines if not line.ok]
    assert [line.where for line in red] == ["graph"]
    assert "chat.replay" in red[0].remedy
    assert "chat.parse" in red[0].remedy


def test_a_graph_that_is_not_there_is_one_red_line(tmp_path):
    _, lines = examine(tmp_path / "none.yaml", {})
    assert [line.where for line in lines if not line.ok] == ["graph"]


def test_the_port_of_the_page_is_looked_at_where_there_is_a_page(monkeypatch):
    async def page(env, host, port):
        return Finding(True, f"page {port}")

    monkeypatch.setattr(_machine, "page", page)
    _, lines = examine(ROOT / "graphs" / "demo.yaml", {})
    assert "page 8765" in [line.what for line in lines]


def test_the_list_for_a_person_shows_remedies_of_red_lines_alone():
    lines = [Line("a", True, "good", "unused", 0.1), Line("bb", False, "bad", "first\nsecond", 0.1)]
    told = shown(lines, colour=False).splitlines()
    assert told == [
        "[ 됨 ] a   good",
        "[안 됨] bb  bad",
        "         → first",
        "         → second",
        "고칠 것 1개",
    ]
    assert "\x1b[31m" in shown(lines, colour=True)
    assert shown(lines[:1], colour=False).endswith("방송할 준비가 됐어요.")


@pytest.fixture
def declared(monkeypatch):
    nodes.load_all()
    monkeypatch.setattr(nodes.exams, "exams", {})
    return nodes.exams.exams


def test_the_command_tells_by_its_exit_code(graph, declared, capsys):
    assert main(["doctor", str(graph)], ROOT) == OK
    assert "방송할 준비가 됐어요." in capsys.readouterr().out
    declared["chat.batch"] = says(Finding(False, "bad", "mend it"))
    assert main(["doctor", str(graph)], ROOT) == FAILED
    assert "→ mend it" in capsys.readouterr().out


def test_the_list_as_json(graph, declared, capsys):
    declared["chat.batch"] = says(Finding(False, "bad", "mend it"))
    assert main(["doctor", str(graph), "--json"], ROOT) == FAILED
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert {"where": "batch", "ok": False, "what": "bad", "remedy": "mend it"}.items() <= told["lines"][-1].items()


def test_a_wrong_call_and_help(capsys):
    assert main(["doctor", "--unknown"], ROOT) == USAGE
    assert main(["doctor", "--help"], ROOT) == OK


def test_an_env_file_that_cannot_be_read_is_a_red_line_and_no_crash(graph, declared, monkeypatch, capsys):
    def unreadable(_):
        raise GraphError([Problem(".env", 1, 1, ".env is not UTF-8 text", "")])

    monkeypatch.setattr(doctor, "environment", unreadable)
    assert main(["doctor", str(graph)], ROOT) == OK


@pytest.mark.parametrize("type_", ["chat.chzzk", "llm.reply", "speech.kokoro", "audio.play", "avatar.vts"])
def test_the_nodes_that_need_something_declare_an_exam(type_):
    assert type_ in nodes.load_all()
    assert type_ in nodes.exams.exams


def test_every_exam_belongs_to_a_node_type():
    assert nodes.exams.exams.keys() <= nodes.load_all().keys()
