import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Span

from graphs.engine.commands._top import picture as module
from graphs.engine.commands._top.picture import Frame, draw

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


def test_the_head_is_the_account_of_the_chat():
    text = shown(graph(loop={"lag_max_s": 0.25, "incidents": 1}))
    assert "demo  graphs/demo.yaml  수정 3번째  켠 지 1:02:05" in text
    assert "채팅 받음 9 = 대답함 5 + 기다림 1 + 넘김 3 (링크 2, 너무 오래 기다림 1)" in text
    assert "가장 긴 멈춤 250 ms" in text


def test_what_each_process_and_each_graphics_card_takes_is_in_the_head():
    processes = [
        {"pid": 7, "name": "python", "cores": 0.5, "memory_mb": 363.4, "gpu_mb": 4200.0},
        {"pid": 9, "name": "voice", "cores": 0.0, "memory_mb": 20.0, "gpu_mb": 0.0},
    ]
    gpus = [{"name": "NVIDIA card", "used_mb": 5000.0, "total_mb": 24000.0}]
    text = shown(graph(usage={"cores": 2, "processes": processes, "gpus": gpus}))
    assert "python 7: CPU 0.50/2, 363 MB, 그래픽 메모리 4.2 GB" in text
    assert "voice 9: CPU 0.00/2, 20 MB\n" in text.replace(" \n", "\n").replace(" " * 3, "")
    assert "NVIDIA card: 5.0 GB / 24.0 GB" in text


def test_nodes_and_edges_have_a_line_each():
    text = shown(graph())
    assert "voice  audio.play  도는 중       4     9   3.2     0       0" in text
    assert "a.out -> b.chat     -    12   2/256    500 ms  채팅이 너무 많음 3" in text


def test_turns_have_their_times_and_what_they_aim_at():
    text = shown(graph(), [TURN, {**TURN, "marks": MARKS}])
    assert "채팅에서 목소리까지 보통 1.2초  느릴 때 4.0초  (대답 7개)" in text
    assert "시작에서 첫 소리까지 보통 750 ms  느릴 때 2.0초  목표 2.5초" in text
    assert "후원       1.0초    3.0초  고마워요!" in text
    assert "후원           -        -  고마워요!" in text


@pytest.mark.parametrize(
    ("over", "share", "said"), [(0, None, "넘음 0 (0%)"), (1, 0.05, "넘음 1 (5%)"), (3, 0.3, "넘음 3 (30%)")]
)
def test_a_budget_stands_beside_the_times_that_it_is_for(over, share, said):
    told = graph()
    told["voice"]["chat"] |= {"budget_s": 4.0, "over": over, "over_share": share}
    assert f"(대답 7개)  정한 시간 4.0초, {said}" in shown(told)
    assert module._promise(told["voice"]["chat"]).spans == ([Span(14, 24, "red")] if over == 3 else [])
    told["voice"]["chat"]["budget_s"] = None
    assert "정한 시간" not in shown(told)


def test_the_last_errors_stand_at_the_end_and_only_if_there_are_any():
    assert "마지막 오류" not in shown(graph())
    text = shown(
        graph(nodes=[NODE, {**NODE, "name": "reply", "state": "degraded", "errors": 5, "last_error": "E: x\ny"}])
    )
    assert "마지막 오류" in text
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
    assert "첫 소리" in text
    assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize(("seconds", "text"), [(None, "-"), (0.0001, "<1 ms"), (0.25, "250 ms"), (12.3, "12.3초")])
def test_times_are_short(seconds, text):
    assert module._span(seconds) == text
