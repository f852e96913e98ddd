import asyncio
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rich.console import Console

from graphs.engine.commands import top as module
from graphs.engine.commands.top import Frame, Unreachable, address, fetch, top
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import serve
from graphs.engine.web.server import LocalWeb
from tests.graphs.engine.commands.top.test_picture import TURN, graph, shown
from tests.graphs.engine.stage import REGISTRY, graph_of

# Where it asks.


@pytest.mark.parametrize(
    ("env", "url"),
    [
        ({}, "http://127.0.0.1:8765"),
        ({"OVERLAY_PORT": "9000", "OVERLAY_HOST": ""}, "http://127.0.0.1:9000"),
        ({"OVERLAY_HOST": "0.0.0.0"}, "http://127.0.0.1:8765"),
        ({"OVERLAY_HOST": "::"}, "http://[::1]:8765"),
    ],
)
def test_it_asks_where_the_program_listens(env, url):
    assert address(env) == url


@contextmanager
def answering(status, body) -> Iterator[str]:
    """A server that always says the same."""

    class Same(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, b"", "대답: 404"),
        (200, b"<html>", "읽을 수 없어요"),
        (200, b"[]", "읽을 수 없어요"),
        (200, b'{"x": 1}', "읽을 수 없어요"),
    ],
)
def test_another_program_there_is_told_apart(status, body, told):
    with answering(status, body) as url, pytest.raises(Unreachable, match=told):
        fetch(url)


def test_a_run_is_shown_as_it_is(tmp_path):
    async def main():
        web = LocalWeb("127.0.0.1", 0, EngineLog(quiet=True))
        show = graph_of({"a": ("chat.count", {"count": 2, "every_s": 0.001}), "b": "page.see"}, "a -> b")
        runtime = Runtime(show, REGISTRY, root=tmp_path, log=EngineLog(quiet=True), web=web)
        routes = serve(runtime, web)
        await runtime.start()
        await web.start()
        await runtime.idle()
        frame = await asyncio.to_thread(fetch, web.url)
        routes.dispose()
        await runtime.stop()
        return frame

    frame = asyncio.run(main())
    json.dumps(frame.graph)
    assert "채팅 받음 2" in shown(frame.graph, frame.turns)


# The command.


def quiet():
    return Console(file=io.StringIO(), width=100, color_system=None)


def test_a_port_that_is_none_is_told_as_when_the_program_starts():
    told = io.StringIO()
    assert top({"OVERLAY_PORT": "abc"}, once=True, console=Console(file=told, width=200)) == 1
    assert "OVERLAY_PORT 'abc'" in told.getvalue()
    assert "켜진 것이 없어요" not in told.getvalue()


def test_where_nothing_runs_the_way_to_start_it_is_told():
    console = quiet()
    assert top({"OVERLAY_PORT": "9"}, once=True, console=console) == 1
    assert "http://127.0.0.1:9 에 켜진 것이 없어요 " in console.file.getvalue()
    assert "python aischoco.py" in console.file.getvalue()


def test_one_frame_is_printed_and_that_is_all(monkeypatch):
    asked = []
    monkeypatch.setattr(module, "fetch", lambda url: asked.append(url) or Frame(graph(), [TURN]))
    console = quiet()
    assert top({"OVERLAY_PORT": "1234"}, once=True, console=console) == 0
    assert asked == ["http://127.0.0.1:1234"]
    assert "audio.play" in console.file.getvalue()


def test_it_goes_on_through_an_absence_until_it_is_interrupted(monkeypatch):
    answers = iter(
        [Frame(graph(), []), Unreachable("gone for now"), Frame(graph(name="again"), []), KeyboardInterrupt()]
    )
    pauses = []

    def answer(_):
        answer = next(answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(module, "fetch", answer)
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    console = Console(file=io.StringIO(), width=100, height=40, force_terminal=True, color_system=None)
    assert top({}, console=console) == 0
    text = console.file.getvalue()
    assert "gone for now" in text
    assert "again" in text
    assert pauses == [1.0, 1.0, 1.0]


def test_the_words_behind_the_command_are_read(monkeypatch, tmp_path, capsys):
    calls = []
    monkeypatch.setattr(module, "top", lambda env, *, once: calls.append((env["OVERLAY_PORT"], once)) or 0)
    (tmp_path / ".env").write_text("OVERLAY_PORT=1\n", encoding="utf-8")
    assert (module.main([], tmp_path), module.main(["--once"], tmp_path)) == (0, 0)
    assert calls == [("1", False), ("1", True)]
    (tmp_path / ".env").write_bytes(b"OVERLAY_PORT=\xff\xff\n")
    assert module.main(["--once"], tmp_path) == 1
    assert ".env는 UTF-8 글이 아니에요" in capsys.readouterr().err
