import asyncio
import os
import random
import re
import sys
from contextlib import suppress

import pytest

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.reload import switchboard
from graphs.engine.reload.live import Live
from nodes import load_all
from nodes.written import contents
from tests.graphs.engine.stage import REGISTRY, SEEN, Pages
from tests.harness import on_virtual_time

GRAPH = """\
name: sample
nodes:
  a: {type: chat.count, count: 1000, every_s: 0.1}
  b: {type: chat.pass, in: a}
  c: {type: page.see, in: b}
"""
BAD = GRAPH.replace("in: a}", "in: a, bad: ['12']}")
"""Its node fails on the event of 1.3 s."""


class Log(EngineLog):
    def __init__(self):
        super().__init__(quiet=True)
        self.lines = []

    def info(self, text, **_):
        self.lines.append(text)

    def warning(self, text, **_):
        self.lines.append(text)

    def failure(self, node, type_, event, error):
        """Printed in the line about what was taken back."""


class Notices:
    """Tells the watcher that something moved, when the test says so."""

    def __init__(self, folders, notice, log):
        Notices.folders, Notices.notice = folders, notice

    async def close(self):
        """Nothing to close."""


class Show:
    """A graph's file and the run of it, on virtual time."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "graphs" / "sample.yaml"
        self.file.parent.mkdir()
        self.log = Log()
        self.web = Pages()
        self.runtime = self.live = None

    @property
    def lines(self):
        return self.log.lines

    def read(self, file=None):
        file, registry = file or self.file, {**load_all(), **REGISTRY}
        return check(contents(file), str(file), registry, environment(self.folder), self.folder)

    async def save(self, text, wait_s=0.3, to=None):
        (to or self.file).write_text(text, encoding="utf-8")
        Notices.notice(True)
        await asyncio.sleep(wait_s)

    def play(self, text, story, web=True):
        SEEN.clear()
        self.file.write_text(text, encoding="utf-8")

        async def main():
            graph = self.read()
            registry = {**load_all(), **REGISTRY}
            web_ = self.web if web else None
            self.runtime = Runtime(graph, registry, root=self.folder, log=self.log, web=web_, seed=1)
            await self.runtime.start()
            self.live = Live(self.runtime, self.file, self.read, root=self.folder)
            self.live.start()
            served = switchboard.serve(self.runtime, self.live, self.web, self.folder, self.read)
            await asyncio.sleep(0.5)
            try:
                await story()
            finally:
                served.dispose()
                await self.live.close()
                await self.runtime.stop()

        on_virtual_time(main())
        return self


@pytest.fixture
def show(tmp_path, monkeypatch):
    monkeypatch.setattr("graphs.engine.reload.watch.FolderNotices", Notices)
    return Show(tmp_path)


def settings(show, name="b"):
    return show.runtime.stations[name].instance.settings


def test_what_is_saved_is_on_air_within_300_ms_and_is_said_in_one_line(show):
    async def story():
        before = show.runtime.stations["c"].instance
        assert show.lines == []
        await show.save(BAD)
        assert settings(show).bad == ("12",)
        assert show.runtime.stations["c"].instance is before
        status = show.live.status()
        assert (status["generation"], status["ok"], status["file"]) == (2, True, "graphs/sample.yaml")
        assert status["problems"] == []
        assert status["last"] == {
            "summary": "b: bad () -> ('12',)",
            "changes": ["b: bad () -> ('12',)"],
            "seconds": 0.0,
            "forced": [],
            "came": [],
            "went": [],
        }
        assert [(entry["generation"], entry["summary"]) for entry in status["history"]] == [
            (1, "started"),
            (2, "다시 읽음: b: bad () -> ('12',)"),
        ]

    show.play(GRAPH, story)
    assert show.lines == ["다시 읽음 #2 (0 ms): b: bad () -> ('12',)"]


def test_a_change_that_is_wished_for_in_the_moment_of_the_end_does_not_keep_it_from_ending(show):
    async def story():
        await show.save(GRAPH.replace("every_s: 0.1", "every_s: 0.2"))
        assert show.live.generation == 2
        await asyncio.sleep(0.02)  # now it waits to look after the new instance again
        show.live.reload()  # and is closed in the same tick

    show.play(GRAPH, story)


def test_a_wrong_file_leaves_the_running_graph_alone_and_every_problem_of_it_is_said(show):
    async def story():
        before = {name: station.instance for name, station in show.runtime.stations.items()}
        await show.save(GRAPH.replace("chat.pass", "chat.pas").replace("in: b", "in: d"), 0.6)
        assert {name: station.instance for name, station in show.runtime.stations.items()} == before
        status = show.live.status()
        assert not status["ok"]
        assert [(one["file"], one["line"], one["column"]) for one in status["problems"]] == [
            ("graphs/sample.yaml", 4, 13),
            ("graphs/sample.yaml", 5, 27),
        ]
        assert "chat.pass" in status["problems"][0]["message"] + status["problems"][0]["hint"]
        await show.save(GRAPH)
        assert show.live.status()["ok"]
        assert show.live.status()["generation"] == 1

    show.play(GRAPH, story)
    assert show.lines[0].startswith("graphs/sample.yaml:4:13: ")
    assert show.lines[1].startswith("graphs/sample.yaml:5:27: ")
    assert show.lines[2:] == [
        "graphs/sample.yaml: 바꾸지 않았어요. 지금 그래프가 그대로 이어져요",
        "graphs/sample.yaml: 바뀐 것이 없어요",
    ]


def test_files_that_are_wrong_in_many_ways_leave_the_output_as_it_is_without_them(show):
    chance = random.Random(5)
    wrong = [
        lambda: GRAPH[: -chance.randrange(2, 20)],
        lambda: GRAPH.replace("chat.pass", f"chat.{chance.choice('xyz')}"),
        lambda: GRAPH.replace("in: a", f"into{chance.randrange(9)}: a"),
        lambda: GRAPH.replace("in: b", f"in: b{chance.randrange(9)}"),
        lambda: (
            GRAPH + chance.choice(["]", "\t", "nodes: {}", "  d: {type: page.see}", "  d: {type: page.see, in: d}"])
        ),
        lambda: "",
    ]

    async def story(wrong=wrong):
        before = {name: station.instance for name, station in show.runtime.stations.items()}
        for number in range(30):
            if wrong:
                await show.save(f"# {number}\n{chance.choice(wrong)()}", 0.0)
            await asyncio.sleep(0.5)
        assert {name: station.instance for name, station in show.runtime.stations.items()} == before
        assert bool(wrong) != show.live.status()["ok"]
        assert show.live.status()["generation"] == 1

    show.play(GRAPH, story)
    seen = SEEN["seen"]
    assert len([line for line in show.lines if "바꾸지 않았어요" in line]) == 30
    show.play(GRAPH, lambda: story([]))
    assert seen == SEEN["seen"]


def test_a_half_written_file_is_read_again_before_anything_is_said(show):
    async def story():
        await show.save(BAD[:-20], 0.1)
        await show.save(BAD, 0.5)
        assert settings(show).bad == ("12",)

    show.play(GRAPH, story)
    assert show.lines == ["다시 읽음 #2 (0 ms): b: bad () -> ('12',)"]


def test_a_node_that_cannot_be_built_is_a_problem_at_its_line(show):
    async def story():
        graph = show.runtime.graph
        await show.save(GRAPH.replace("in: b}", "in: b, broken: true}"))
        assert show.runtime.graph is graph
        assert [str(problem) for problem in show.live.problems] == [
            "graphs/sample.yaml:5:1: c (page.see): 켜지 못했어요: no page"
        ]

    show.play(GRAPH, story)
    assert show.lines[0] == "graphs/sample.yaml:5:1: c (page.see): 켜지 못했어요: no page"


def test_a_change_that_cannot_start_for_another_reason_is_a_problem_of_the_file(show):
    async def story():
        async def fail():
            raise OSError("the port is taken")

        show.web.start = fail
        (show.folder / "assets" / "overlay").mkdir(parents=True)
        await show.save(GRAPH + "  d: {type: overlay.web, chat: b}\n")
        assert [str(problem) for problem in show.live.problems] == [
            "graphs/sample.yaml:1:1: 켜지 못했어요: the port is taken"
        ]
        assert set(show.runtime.stations) == {"a", "b", "c"}

    show.play(GRAPH, story)


def test_a_comment_changes_nothing_and_a_touch_says_nothing(show):
    async def story():
        await show.save("# on air\n" + GRAPH)
        assert show.lines == ["graphs/sample.yaml: 바뀐 것이 없어요"]
        await show.save("# on air\n" + GRAPH)
        assert show.live.status()["generation"] == 1

    show.play(GRAPH, story)
    assert show.lines == ["graphs/sample.yaml: 바뀐 것이 없어요"]


def test_a_node_that_fails_within_the_grace_time_takes_its_reload_back(show):
    async def story():
        await show.save(BAD, 1.2)
        assert show.live.status()["generation"] == 3
        assert settings(show).bad == ()
        assert [str(problem) for problem in show.live.problems] == [
            "graphs/sample.yaml:4:1: b (chat.pass): 실패했어요: ValueError: cannot stand 12"
        ]
        await asyncio.sleep(1.0)
        with pytest.raises(ValueError, match="되돌릴 것이 없어요"):
            show.live.undo()

    show.play(GRAPH, story)
    assert show.lines == [
        "다시 읽음 #2 (0 ms): b: bad () -> ('12',)",
        "저절로 되돌림 #3 (0 ms): b (chat.pass): 실패했어요: ValueError: cannot stand 12. 지금은 b: bad ('12',) -> ()",
    ]
    assert "13" in SEEN["seen"]


def test_a_node_that_fails_later_is_restarted_and_its_reload_stays(show):
    async def story():
        await show.save(BAD.replace("12", "22"), 3.0)
        assert settings(show).bad == ("22",)
        assert show.runtime.stations["b"].errors == 1

    show.play(GRAPH, story)
    assert len(show.lines) == 1


def test_the_failure_of_a_node_that_a_reload_left_alone_does_not_take_it_back(show):
    async def story():
        await show.save(BAD + "  d: {type: page.see, in: a, label: other}\n", 1.4)
        assert set(show.runtime.stations) == {"a", "b", "c", "d"}
        assert show.runtime.stations["b"].errors == 1

    show.play(BAD, story)
    assert len(show.lines) == 1


def test_a_node_on_probation_stays_so_when_something_else_is_saved_and_all_since_is_taken_back(show):
    more = "  d: {type: page.see, in: a, label: other}\n"

    async def story():
        await show.save(BAD)
        await show.save(BAD + more, 1.2)
        assert settings(show).bad == ()
        assert set(show.runtime.stations) == {"a", "b", "c"}
        assert show.live.status()["generation"] == 4

    show.play(GRAPH, story)


def test_a_graph_that_cannot_be_gone_back_to_is_said(show):
    words = show.folder / "words.txt"
    words.write_text("나쁜말\n", encoding="utf-8")
    filtered = GRAPH.replace("chat.pass, in: a", "chat.filter, in: a, banned_words: words.txt")

    async def story():
        await show.save(BAD, 0.2)
        words.unlink()
        await asyncio.sleep(1.0)
        assert settings(show).bad == ("12",)
        assert "켜지 못했어요" in show.live.problems[0].message

    show.play(filtered, story)
    assert show.lines[-1] == "graphs/sample.yaml: 바꾸지 않았어요. 지금 그래프가 그대로 이어져요"


def longer(count):
    return GRAPH.replace("in: a}", f"in: a, bad: ['{'x' * count}']}}")


def test_undo_goes_back_step_by_step_and_a_later_save_wins(show):
    async def story():
        assert show.live.status()["undo"] is False
        for count in (1, 2):
            await show.save(longer(count), 2.0)
        show.live.undo()
        await asyncio.sleep(2.0)
        assert settings(show).bad == ("x",)
        assert show.live.status()["undo"] is True
        show.live.undo()
        await asyncio.sleep(2.0)
        assert settings(show).bad == ()
        assert show.live.status()["undo"] is False
        with pytest.raises(ValueError, match="되돌릴 것이 없어요"):
            show.live.undo()
        await show.save(longer(3), 2.0)
        assert settings(show).bad == ("xxx",)
        show.live.undo()
        await asyncio.sleep(2.0)
        assert settings(show).bad == ()

    show.play(GRAPH, story)
    assert show.lines[2:4] == [
        "되돌림 #4 (0 ms): b: bad ('xx',) -> ('x',)",
        "graphs/sample.yaml 파일에는 새 그래프가 그대로 있어요. 다음에 저장하면 방송에 나가요",
    ]


def test_undo_of_a_live_setting_gives_the_running_node_its_old_number(show):
    filtered = GRAPH.replace("chat.pass, in: a", "chat.filter, in: a, per_user: 500")

    async def story():
        before = show.runtime.stations["b"].instance
        await show.save(filtered.replace("500", "400"))
        assert settings(show).per_user == 400
        show.live.undo()
        await asyncio.sleep(0.1)
        assert settings(show).per_user == 500
        assert show.runtime.stations["b"].instance is before

    show.play(filtered, story)


def test_an_undo_that_fails_is_taken_back_and_can_be_asked_for_again(show):
    async def story():
        await show.save(BAD.replace("12", "60"), 2.5)
        await show.save(GRAPH, 2.0)
        show.live.undo()
        await asyncio.sleep(1.3)
        assert settings(show).bad == ()
        assert "저절로 되돌림" in show.lines[-1]
        show.live.undo()
        await asyncio.sleep(2.0)
        assert settings(show).bad == ("60",)

    show.play(GRAPH.replace("in: a}", "in: a, bad: [never]}"), story)


def test_a_graph_that_fails_but_was_good_before_is_not_taken_back_to_itself(show):
    async def story():
        await show.save(longer(1), 0.5)
        show.live.undo()
        await asyncio.sleep(1.5)
        assert settings(show).bad == ("20",)
        assert show.runtime.stations["b"].errors == 1

    show.play(BAD.replace("12", "20"), story)
    assert len(show.lines) == 3


def test_of_the_changes_that_come_while_one_is_applied_only_the_newest_is(show):
    slow = GRAPH.replace("chat.pass, in: a", "chat.slow, in: a, work_s: 3.0")

    async def story():
        await show.save(slow.replace("3.0", "0.01"), 0.5)
        assert show.runtime.stations["b"].state == "draining"
        await show.save(slow.replace("3.0", "0.02"), 0.5)
        await show.save(slow.replace("3.0", "0.03"), 5.0)
        assert settings(show).work_s == 0.03
        assert show.live.status()["generation"] == 3

    show.play(slow, story)


def test_a_node_that_had_to_be_ended_by_force_is_named(show):
    slow = GRAPH.replace("chat.pass, in: a", "chat.slow, in: a, work_s: 1000.0")

    async def story():
        await show.save(GRAPH, 11.0)
        assert show.live.status()["last"]["forced"] == ["b"]

    show.play(slow, story)
    assert show.lines[-1].endswith(". 억지로 끝낸 것: b")


def test_a_change_of_the_environment_file_is_a_change_of_the_graph(show):
    async def story():
        await show.save("WHO=nobody\n", to=show.folder / ".env")
        assert settings(show).bad == ("nobody",)

    show.play(GRAPH.replace("in: a}", 'in: a, bad: ["${WHO:-anybody}"]}'), story)


def test_a_watched_file_takes_effect_on_the_next_event_without_a_reload(show):
    words = show.folder / "words.txt"
    words.write_text("나쁜말\n", encoding="utf-8")
    filtered = GRAPH.replace("chat.pass, in: a", "chat.filter, in: a, per_user: 500, banned_words: words.txt")

    async def story():
        before = show.runtime.stations["b"].instance
        await show.save("12\n", 1.2, to=words)
        for broken in (b"\xff\n", b"\xff\xff\n"):
            words.write_bytes(broken)
            Notices.notice(True)
            await asyncio.sleep(0.5)
        assert [problem["file"] for problem in show.live.status()["problems"]] == ["words.txt"]
        await show.save("25\n", 0.6, to=words)
        assert show.live.status()["ok"]
        assert show.runtime.stations["b"].instance is before

    show.play(filtered, story)
    assert SEEN["seen"][:12] == [str(number) for number in (*range(12),)]
    assert SEEN["seen"][12] == "13"
    assert show.lines == [
        "words.txt:1: UTF-8 글이 아니에요. 마지막으로 맞았던 내용을 그대로 써요",
        "words.txt: 다시 맞게 됐어요",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes among its files")
@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_file_stops_nothing_and_is_told(show):
    words = show.folder / "words.txt"
    words.write_text("나쁜말\n", encoding="utf-8")
    filtered = GRAPH.replace("chat.pass, in: a", "chat.filter, in: a, per_user: 500, banned_words: words.txt")

    async def story():
        for file in (words, show.file):
            file.unlink()
            os.mkfifo(file)
            Notices.notice(True)
            await asyncio.sleep(1.0)
        seen = len(SEEN["seen"])
        await asyncio.sleep(1.0)
        assert len(SEEN["seen"]) > seen
        show.file.unlink()
        await show.save(filtered, 1.0)
        await show.save("25\n", 0.6, to=show.folder / "other.txt")

    show.play(filtered, story)
    assert sum("words.txt" in line and "보통 파일이 아니에요" in line for line in show.lines) == 1
    assert sum("sample.yaml" in line and "보통 파일이 아니에요" in line for line in show.lines) == 1


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_a_graph_that_notepad_saved_in_another_encoding_goes_on_air_with_a_note(show, encoding):
    async def story():
        show.file.write_bytes(GRAPH.replace("name: sample", "name: 방송").encode(encoding))
        Notices.notice(True)
        await asyncio.sleep(1.0)
        assert show.live.status()["problems"] == []

    show.play(GRAPH, story)
    assert sum("UTF-8" in line and encoding.upper() in line for line in show.lines) == 1


def test_a_file_that_a_new_node_reads_is_watched_at_once(show):
    words = show.folder / "config" / "words.txt"
    words.parent.mkdir()
    words.write_text("나쁜말\n", encoding="utf-8")

    async def story():
        await show.save(GRAPH.replace("chat.pass, in: a", "chat.filter, in: a, banned_words: config/words.txt"), 0.1)
        assert words.parent in Notices.folders

    show.play(GRAPH, story)


def test_a_reload_and_an_undo_can_be_asked_for_by_hand(show):
    async def story():
        get, post = show.web.gets["/api/reload"], show.web.posts["/api/reload"]
        show.file.write_text(longer(1), encoding="utf-8")  # and no notice of it comes
        before = get({})["asked"]
        assert post({}) == {"accepted": True, "generation": 1, "asked": before + 1}
        assert get({})["done"] == before
        await asyncio.sleep(0.02)
        assert get({})["generation"] == 2
        asked = get({})["asked"]
        assert get({})["done"] == asked
        assert post({"undo": True}) == {"accepted": True, "generation": 2, "asked": asked + 1}
        await asyncio.sleep(0.02)
        assert settings(show).bad == ()
        with pytest.raises(ValueError, match="되돌릴 것이 없어요"):
            post({"undo": True})
        with pytest.raises(ValueError, match="true나 false"):
            post({"undo": "yes"})

    show.play(GRAPH, story)
    assert show.web.gets == show.web.posts == {}


def test_a_reload_by_hand_of_the_same_graph_says_so(show):
    async def story():
        show.live.reload()
        await asyncio.sleep(0.1)

    show.play(GRAPH, story, web=False)
    assert show.lines == ["graphs/sample.yaml: 바뀐 것이 없어요"]


def test_a_failure_of_reading_itself_does_not_end_the_watch(show):
    async def story():
        read, show.live._read = show.live._read, None
        await show.save(BAD)
        show.live._read = read
        await show.save(longer(1))
        assert settings(show).bad == ("x",)

    show.play(GRAPH, story)
    assert show.lines[0].startswith("graphs/sample.yaml: 바꾸지 못했어요: TypeError")


def test_the_end_of_the_run_in_the_middle_of_a_reload_leaves_nothing_behind(show):
    slow = GRAPH.replace("chat.pass, in: a", "chat.slow, in: a, work_s: 100.0") + (
        "  d: {type: chat.slow, in: a, work_s: 100.0}\n  e: {type: page.see, in: d, label: other}\n"
    )

    async def story():
        await show.save(GRAPH, 1.0)
        assert show.runtime.stations["b"].state == "draining"
        assert "d" in show.runtime.stations

    show.play(slow, story)
    assert set(show.runtime.stations) == {"a", "b", "c"}


def test_every_applied_graph_is_kept_up_to_a_limit(show, monkeypatch):
    monkeypatch.setattr("graphs.engine.reload.live.HISTORY", 3)

    async def story():
        for count in range(1, 7):
            await show.save(longer(count), 0.2)
        assert [entry.graph.nodes["b"].settings.bad for entry in show.live.history] == [("x" * n,) for n in (4, 5, 6)]
        assert show.live.history[-1].generation == 7
        for _ in range(10):
            with suppress(ValueError):
                show.live.undo()
            await asyncio.sleep(0.05)
        assert settings(show).bad == ("xxx",)

    show.play(GRAPH, story)


OTHER = """\
name: other
nodes:
  a: {type: chat.count, count: 1000, every_s: 0.1}
  z: {type: page.see, in: a}
"""


@pytest.fixture
def other(show):
    file = show.folder / "graphs" / "other.yaml"
    file.write_text(OTHER, encoding="utf-8")
    return file


def test_a_switch_goes_on_with_another_file_and_follows_it_from_then_on(show, other):
    async def story():
        source = show.runtime.stations["a"].instance
        show.live.switch(other)
        assert show.live.status()["file"] == "graphs/sample.yaml"
        await asyncio.sleep(0.1)
        status = show.live.status()
        assert (status["file"], status["generation"], status["ok"]) == ("graphs/other.yaml", 2, True)
        assert (status["undo"], status["undo_file"]) == (True, "graphs/sample.yaml")
        assert show.runtime.graph.name == "other"
        assert set(show.runtime.stations) == {"a", "z"}
        assert show.runtime.stations["a"].instance is source
        await show.save(GRAPH.replace("sample", "saved"))
        assert show.runtime.graph.name == "other"
        await show.save(OTHER.replace("page.see, in: a", "page.see, in: a, label: more"), to=other)
        assert settings(show, "z").label == "more"

    show.play(GRAPH, story)
    assert re.fullmatch(r"graphs/other\.yaml로 바꿈 #2 \([01] ms\): z 더함. b 뺌. c 뺌", show.lines[0])


def test_the_status_names_the_file_and_the_nodes_that_a_change_waits_for(show, other):
    slow = GRAPH.replace("chat.pass, in: a", "chat.slow, in: a, work_s: 3")

    async def story():
        assert show.live.status()["changing"] is None
        await asyncio.sleep(0.5)
        show.live.switch(other)
        await asyncio.sleep(1.0)
        changing = show.live.status()["changing"]
        assert changing["file"] == "graphs/other.yaml"
        assert {"name": "b", "type": "chat.slow"} in changing["waits"]
        assert changing["seconds"] == pytest.approx(1.0, abs=0.1)
        await asyncio.sleep(30.0)
        assert show.live.status()["changing"] is None
        assert show.live.status()["last"]["went"] == ["chat.slow"]

    show.play(slow, story)


def test_undo_of_a_switch_goes_back_to_what_was_on_air_and_to_its_file(show, other):
    async def story():
        show.live.switch(other)
        await asyncio.sleep(2.0)
        await show.save(longer(2))  # saved while the other one was on air: it never was
        show.live.undo()
        await asyncio.sleep(0.1)
        assert (settings(show).bad, show.live.status()["file"]) == ((), "graphs/sample.yaml")
        assert show.live.status()["undo_file"] is None
        await asyncio.sleep(3.0)
        assert settings(show).bad == ()
        await show.save(longer(3))
        assert settings(show).bad == ("xxx",)

    show.play(GRAPH, story)


def test_a_switch_to_a_wrong_graph_changes_nothing_and_tells_every_problem(show, other):
    other.write_text(OTHER.replace("page.see", "page.se").replace("in: a", "in: b"), encoding="utf-8")

    async def story():
        show.live.switch(other)
        await asyncio.sleep(0.5)
        status = show.live.status()
        assert (status["file"], status["generation"], status["ok"]) == ("graphs/sample.yaml", 1, False)
        assert [(one["file"], one["line"]) for one in status["problems"]] == [("graphs/other.yaml", 4)] * 2
        await show.save(longer(1))
        assert show.live.status()["ok"]
        assert settings(show).bad == ("x",)

    show.play(GRAPH, story)
    assert "graphs/other.yaml: 바꾸지 않았어요. 지금 그래프가 그대로 이어져요" in show.lines


def test_a_switch_to_a_graph_that_cannot_be_built_changes_nothing(show, other):
    other.write_text(OTHER.replace("in: a", "in: a, broken: true"), encoding="utf-8")

    async def story():
        show.live.switch(other)
        await asyncio.sleep(0.5)
        assert [str(problem) for problem in show.live.problems] == [
            "graphs/other.yaml:4:1: z (page.see): 켜지 못했어요: no page"
        ]
        assert show.live.file == show.file
        assert set(show.runtime.stations) == {"a", "b", "c"}

    show.play(GRAPH, story)


def test_a_switch_to_a_graph_that_fails_at_once_is_taken_back_with_its_file(show, other):
    other.write_text(BAD.replace("chat.pass, in: a, bad: ['12']", "chat.pass, in: a, bad: ['8']"), encoding="utf-8")

    async def story():
        show.live.switch(other)
        await asyncio.sleep(1.0)
        status = show.live.status()
        assert (status["file"], status["generation"], status["undo"]) == ("graphs/sample.yaml", 3, False)
        assert [(one["file"], one["line"]) for one in status["problems"]] == [("graphs/other.yaml", 4)]
        assert settings(show).bad == ()

    show.play(GRAPH, story)


def test_a_save_does_not_take_the_place_of_a_switch_that_was_asked_for(show, other):
    async def story():
        show.live.switch(other)
        await show.live._changed(show.file)
        await asyncio.sleep(0.1)
        assert show.live.file == other

    show.play(GRAPH, story)


TURNS = """\
name: turns
nodes:
  a: {type: chat.count, count: 300, every_s: 0.1, gift_every: 7}
  one: {type: chat.single, in: a, speaking: say.speaking}
  say: {type: audio.say, in: one, work_s: 0.05}
"""


def test_no_viewer_event_is_lost_or_answered_twice_by_switches_to_and_fro(show, other):
    other.write_text(
        TURNS.replace("one", "each").replace("say:", "tell:").replace("say.sp", "tell.sp"), encoding="utf-8"
    )

    async def story():
        for number in range(20):
            show.live.switch(other if number % 2 == 0 else show.file)
            await asyncio.sleep(0.73)
            assert show.live.file == (other if number % 2 == 0 else show.file)
        await asyncio.sleep(20.0)
        ledger = show.runtime.ledger
        assert (ledger.received_count, ledger.answered_count, ledger.waiting_count) == (300, 300, 0)
        assert dict(ledger.dropped) == {}

    show.play(TURNS, story)
    assert len([line for line in show.lines if "바꿈 #" in line]) == 20
