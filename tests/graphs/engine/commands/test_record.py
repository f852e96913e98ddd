import asyncio
import json
import threading

import pytest

from graphs.engine.cli import main
from graphs.engine.commands.record import Asking, Recorder, Refused, edge_of
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import serve
from graphs.engine.offline.recording import Read
from graphs.engine.web.server import LocalWeb
from schemas.command import FAILED, OK, USAGE
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import ROOT

KEYS = ["chzzk.out -> parse.payload", "parse.chat -> filter.chat", "parse.withdrawn -> batch.withdrawn"]


@pytest.mark.parametrize(
    ("word", "key"),
    [
        (KEYS[1], KEYS[1]),
        ("chzzk", KEYS[0]),
        ("parse", KEYS[1]),
        ("parse.withdrawn", KEYS[2]),
        ("parse.withdrawn -> batch", KEYS[2]),
        ("parse.chat->filter.chat", KEYS[1]),
    ],
)
def test_an_edge_is_named_whole_or_by_its_beginning(word, key):
    assert edge_of(word, KEYS) == key


def test_an_edge_that_does_not_exist_is_told_with_those_near():
    with pytest.raises(Refused, match="filter"):
        edge_of("filte", KEYS)


class Show:
    """What ``/api/record`` answers, from a list of events that grows at each look."""

    def __init__(self, *looks):
        self.looks = list(looks)
        self.asked = []

    def __call__(self, path, query):
        self.asked.append(dict(query))
        look = self.looks.pop(0) if self.looks else None
        if look is None:
            raise Refused("gone")
        if isinstance(look, BaseException):
            raise look
        now, count, *lines = look
        return {
            "now": now,
            "count": count,
            "lines": [{"n": n, "t": t, "event": "CHAT", "payload": p} for n, t, p in lines],
        }


def recorded(path, *looks, most_bytes=1e6, seconds=100.0):
    show = Show(*looks)
    recorder = Recorder(show, "e", path, mask=True, most_bytes=most_bytes, seconds=seconds)
    recorder.run(lambda _: None)
    return recorder, show


def test_lines_are_written_in_order_with_times_from_the_beginning(tmp_path):
    file = tmp_path / "r.jsonl"
    recorder, show = recorded(file, (10.0, 5), (11.0, 7, (6, 10.5, "a"), (7, 10.75, "b")), (12.0, 8, (8, 11.5, "c")))
    assert [(at, event.payload) for at, event in Read(file)] == [(0.5, "a"), (0.75, "b"), (1.5, "c")]
    assert (recorder.count, recorder.missed) == (3, 0)
    assert "방송이 끝났어요" in recorder.why
    assert [query.get("after") for query in show.asked] == [None, "5", "7", "8"]
    assert show.asked[0]["mask"] == "1"


def test_what_came_too_fast_is_counted(tmp_path):
    recorder, _ = recorded(tmp_path / "r.jsonl", (0.0, 0), (1.0, 205, (204, 0.9, "a"), (205, 1.0, "b")))
    assert (recorder.count, recorder.missed) == (2, 203)


def test_a_recording_ends_at_its_size_and_at_its_time(tmp_path):
    small, _ = recorded(
        tmp_path / "a.jsonl", (0.0, 0), (1.0, 2, (1, 0.5, "x" * 50), (2, 0.6, "y" * 50)), most_bytes=120
    )
    assert "정한 크기" in small.why
    assert small.count == 1
    assert (tmp_path / "a.jsonl").stat().st_size <= 120
    short, _ = recorded(tmp_path / "b.jsonl", (0.0, 0), (61.0, 0), seconds=60.0)
    assert "정한 시간이" in short.why


def test_another_show_at_the_same_address_ends_it(tmp_path):
    assert "새로 시작됐어요" in recorded(tmp_path / "a.jsonl", (50.0, 9), (1.0, 9))[0].why
    assert "새로 시작됐어요" in recorded(tmp_path / "b.jsonl", (50.0, 9), (51.0, 3))[0].why


def test_ctrl_c_is_an_orderly_end(tmp_path):
    assert "멈췄어요" in recorded(tmp_path / "a.jsonl", (0.0, 0), KeyboardInterrupt())[0].why


def test_a_file_that_exists_is_not_overwritten(tmp_path):
    (tmp_path / "r.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        recorded(tmp_path / "r.jsonl", (0.0, 0))


class Running:
    """A show on a loop of its own thread, with its page."""

    def __init__(self):
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self):
        log = EngineLog(quiet=True)
        web = LocalWeb("127.0.0.1", 0, log)
        stations = {"count": ("chat.count", {"count": 10_000, "every_s": 0.02}), "pass": "chat.pass"}
        graph = graph_of(stations, "count -> pass.chat")
        runtime = Runtime(graph, REGISTRY, root=ROOT, log=log, web=web)
        await runtime.start()
        await web.start()
        served = serve(runtime, web)
        self.port, self.over, self.loop = web._port, asyncio.Event(), asyncio.get_running_loop()
        self.ready.set()
        await self.over.wait()
        served.dispose()
        await runtime.stop(0.1)

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(20)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(20)


def test_a_running_show_is_recorded_over_its_page(tmp_path, monkeypatch, capsys):
    file = tmp_path / "r.jsonl"
    with Running() as show:
        monkeypatch.setenv("OVERLAY_PORT", str(show.port))
        assert main(["record", "count", str(file), "--mask-names", "--max-minutes", "0.008"], ROOT) == OK
        assert main(["record", "nobody", str(file)], ROOT) == FAILED
        assert main(["record", "count", str(file)], ROOT) == FAILED
        assert main(["record", "count", str(tmp_path / "none" / "r.jsonl")], ROOT) == FAILED
        ask = Asking("0.0.0.0", show.port)
        with pytest.raises(Refused, match="없는 연결"):
            ask("/api/record", {"edge": "nobody"})
        ask.close()
    told = capsys.readouterr()
    assert "정한 시간이" in told.out
    assert all(text in told.err for text in ("라는 연결이 없어요", "이미 있는 파일", "쓸 수 없어요"))
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    ids = [int(line["data"]["id"]) for line in lines]
    assert len(ids) > 5
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert all(0 <= line["t"] <= 5 for line in lines)


def test_without_a_show_the_command_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OVERLAY_PORT", "9")
    assert main(["record", "chzzk", str(tmp_path / "r.jsonl")], ROOT) == FAILED
    assert "먼저 방송을 시작" in capsys.readouterr().err
    assert not (tmp_path / "r.jsonl").exists()


def test_a_port_that_is_none_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OVERLAY_PORT", "99999")
    assert main(["record", "chzzk", str(tmp_path / "r.jsonl")], ROOT) == FAILED
    assert "OVERLAY_PORT '99999'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["e", "f", "--max-mb", "0"], ["e", "f", "--max-minutes", "soon"]])
def test_a_wrong_call_is_told(words):
    assert main(["record", *words], ROOT) == USAGE


def test_help_is_no_failure():
    assert main(["record", "--help"], ROOT) == OK
