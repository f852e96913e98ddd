import asyncio
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rich.console import Console
from rich.text import Span

from graphs.engine.commands import top as module
from graphs.engine.commands.top import Frame, Unreachable, address, draw, fetch, top
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import serve
from graphs.engine.web.server import LocalWeb
from tests.graphs.engine.stage import REGISTRY, graph_of

NODE = {
    "name": "voice",
    "type": "audio.play",
    "state": "running",
    "events_in": 4,
    "events_out": 9,
    "rate_in": 0.0,
    "rate_out": 3.25,
    "errors": 0,
    "restarts": 0,
    "last_error": "",
}
EDGE = {
    "key": "a.out -> b.chat",
    "policy": "fresh",
    "length": 2,
    "capacity": 256,
    "count": 12,
    "rate": 0.02,
    "dropped": {"flood": 3},
    "age_p95_s": 0.5,
}
MARKS = dict.fromkeys(("received", "batched", "first_token", "first_sentence", "first_pcm", "first_sound", "ended"))
TURN = {
    "id": "t1",
    "lane": "donation",
    "text": "고마워요!",
    "marks": {**MARKS, "received": 1.0, "batched": 2.0, "first_sound": 5.0},
}


def graph(**more):
    return {
        "name": "demo",
        "file": "graphs/demo.yaml",
        "generation": 3,
        "seconds": 3725.0,
        "nodes": [NODE],
        "edges": [EDGE],
        "viewer_events": {"in": 9, "answered": 5, "waiting": 1, "dropped": {"link": 2, "stale": 1}},
        "voice": {
            "chat": {"count": 7, "p50_s": 1.25, "p95_s": 4.0},
            "turn": {"count": 7, "p50_s": 0.75, "p95_s": 2.0},
            "targets_s": {"turn_to_sound": 2.5, "sentence_to_sound": 1.5},
        },
        **more,
    }


def shown(told, turns=(), width=100):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(draw(Frame(told, turns)))
    return console.file.getvalue()


# The picture.


def test_the_head_is_the_account_of_the_chat():
    text = shown(graph(loop={"lag_max_s": 0.25, "incidents": 1}))
    assert "demo  graphs/demo.yaml  generation 3  up 1:02:05" in text
    assert "chat 9 in = 5 answered + 1 waiting + 3 dropped (link 2, stale 1)" in text
    assert "longest stall 250 ms" in text


def test_nodes_and_edges_have_a_line_each():
    text = shown(graph())
    assert "voice  audio.play  running   4    9  3.2       0         0" in text
    assert "a.out -> b.chat   -     12  2/256   500 ms  flood 3" in text


def test_turns_have_their_times_and_what_they_aim_at():
    text = shown(graph(), [TURN, {**TURN, "marks": MARKS}])
    assert "chat to voice p50 1.2 s  p95 4.0 s  (7 turns)" in text
    assert "turn to voice p50 750 ms  p95 2.0 s  target 2.5 s" in text
    assert "donation   1.0 s        3.0 s  고마워요!" in text
    assert "donation       -            -  고마워요!" in text


@pytest.mark.parametrize(
    ("over", "share", "said"), [(0, None, "over 0 (0%)"), (1, 0.05, "over 1 (5%)"), (3, 0.3, "over 3 (30%)")]
)
def test_a_budget_stands_beside_the_times_that_it_is_for(over, share, said):
    told = graph()
    told["voice"]["chat"] |= {"budget_s": 4.0, "over": over, "over_share": share}
    assert f"(7 turns)  budget 4.0 s, {said}" in shown(told)
    assert module._promise(told["voice"]["chat"]).spans == ([Span(16, 28, "red")] if over == 3 else [])
    told["voice"]["chat"]["budget_s"] = None
    assert "budget" not in shown(told)


def test_the_last_errors_stand_at_the_end_and_only_if_there_are_any():
    assert "last errors" not in shown(graph())
    text = shown(
        graph(nodes=[NODE, {**NODE, "name": "reply", "state": "degraded", "errors": 5, "last_error": "E: x\ny"}])
    )
    assert "last errors" in text
    assert "reply E: x y" in text


@pytest.mark.parametrize(
    ("length", "policy", "style"),
    [(1, "fresh", ""), (130, "fresh", "yellow"), (250, "fresh", "bold red"), (256, "latest", "dim")],
)
def test_a_queue_that_fills_up_is_seen(length, policy, style):
    assert module._fill({**EDGE, "length": length, "policy": policy}) == style


def test_what_a_terminal_would_obey_does_not_reach_it():
    wicked = "\x1b]0;x\x07\x1b[2J\u202e[bold]hi[/bold]\r\n"
    text = shown(graph(nodes=[{**NODE, "last_error": wicked}]), [{**TURN, "text": wicked}])
    assert not any(sign in text for sign in "\x1b\x07\r\u202e")
    assert text.count("[bold]hi[/bold]") == 2


def test_it_fits_an_old_terminal():
    text = shown(graph(), [{**TURN, "text": "아주 긴 대답 " * 20}], width=80)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "first sound" in text


@pytest.mark.parametrize(("seconds", "text"), [(None, "-"), (0.0001, "<1 ms"), (0.25, "250 ms"), (12.3, "12.3 s")])
def test_times_are_short(seconds, text):
    assert module._span(seconds) == text


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
        (404, b"", "answers 404"),
        (200, b"<html>", "cannot be read"),
        (200, b"[]", "cannot be read"),
        (200, b'{"x": 1}', "cannot be read"),
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
    assert "chat 2 in" in shown(frame.graph, frame.turns)


# The command.


def quiet():
    return Console(file=io.StringIO(), width=100, color_system=None)


def test_a_port_that_is_none_is_told_as_when_the_program_starts():
    told = io.StringIO()
    assert top({"OVERLAY_PORT": "abc"}, once=True, console=Console(file=told, width=200)) == 1
    assert "OVERLAY_PORT 'abc'" in told.getvalue()
    assert "nothing runs" not in told.getvalue()


def test_where_nothing_runs_the_way_to_start_it_is_told():
    console = quiet()
    assert top({"OVERLAY_PORT": "9"}, once=True, console=console) == 1
    assert "nothing runs at http://127.0.0.1:9 " in console.file.getvalue()
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
    assert ".env is not UTF-8 text" in capsys.readouterr().err
