"""aischoco.py eval emotion: the questions, the count, and the plumbing against a server on the loopback.

No number here says anything of a model: the server repeats what the test wrote down.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.commands import commands
from nodes.llm import eval as command
from nodes.llm._eval import NONE, Case, in_turns, parse, report, wilson
from nodes.llm.eval import FILE, evaluate
from schemas.reply import EMOTIONS
from tests.harness import ROOT

CASES = "# 시험\nhappy,excited\t안녕하세요\nsad\t시험 망했어요\nangry\t사기당했어요\n"
Reply = tuple[int, dict[str, str], str]


class Peer:
    """A server that answers each line with what the test says, once for each time it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, dict[str, Any]]] = []
        self.answers: dict[str, list[Reply]] = {}
        self.url = ""

    def answer(self, body: dict[str, Any], key: str | None) -> Reply:
        self.asked.append((key, body))
        said = json.loads(body["messages"][-1]["content"])["t"]
        replies = self.answers[said]
        return replies.pop(0) if len(replies) > 1 else replies[0]


def gives(emotion: str, text: str = "네!") -> Reply:
    return content(json.dumps({"emotion": emotion, "response": text}, ensure_ascii=False))


def content(text: str) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return 200, {}, json.dumps({"choices": [choice]})


def refuses(status: int, message: str = "no", **headers: str) -> Reply:
    return (
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps({"error": {"message": message}}),
    )


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    monkeypatch.setattr(command, "PAUSE_S", 0.001)
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, text = peer.answer(body, self.headers["Authorization"])
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        peer.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield peer
        server.shutdown()
        serving.join()


@pytest.fixture
def sit(tmp_path: Path, peer: Peer, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "character.txt").write_text("너는 초코다.", encoding="utf-8")
    (tmp_path / "cases.tsv").write_text(CASES, encoding="utf-8")

    def run(*arguments: str, key: str = "") -> tuple[int, str]:
        env = {"GROQ_BASE_URL": peer.url, "GROQ_MODEL": "some-model", "GROQ_API_KEY": key}
        code = evaluate(["emotion", "--file", "cases.tsv", *arguments], tmp_path, env)
        return code, capsys.readouterr().out

    return run


Sit = Callable[..., tuple[int, str]]


def test_each_line_is_asked_as_a_turn_and_the_report_tells_of_whom_and_how_sure_it_is(peer: Peer, sit: Sit) -> None:
    peer.answers = {"안녕하세요": [gives("excited")], "시험 망했어요": [gives("sad")], "사기당했어요": [gives("sad")]}
    code, told = sit(key="KEY")
    assert code == 0
    assert f"서버: {peer.url}\n" in told
    assert "모델: some-model\n" in told
    assert "정확도: 2/3 = 66.7 % (Wilson 95 %: 20.8 ~ 93.9 %)" in told
    assert "아직 알 수 없어요" in told
    assert "주의" not in told
    assert "KEY" not in told
    [key, body] = peer.asked[0]
    assert key == "Bearer KEY"
    assert (body["model"], body["stream"]) == ("some-model", False)
    assert body["messages"][0]["content"].startswith("너는 초코다.")
    assert all(emotion in body["messages"][0]["content"] for emotion in EMOTIONS)
    assert [json.loads(body["messages"][-1]["content"])["t"] for _, body in peer.asked] == list(peer.answers)


def test_an_answer_without_a_known_emotion_is_wrong_and_counted(peer: Peer, sit: Sit) -> None:
    peer.answers = {
        "안녕하세요": [gives("sleepy")],
        "시험 망했어요": [content("힘내요!")],
        "사기당했어요": [gives("angry")],
    }
    code, told = sit()
    assert code == 0
    assert "정확도: 1/3" in told
    assert "감정이 없거나 모르는 감정: 2" in told


def test_a_server_that_stumbles_or_is_busy_is_asked_again(peer: Peer, sit: Sit) -> None:
    peer.answers = {
        "안녕하세요": [refuses(503), gives("happy")],
        "시험 망했어요": [refuses(429, retry_after="0.01"), refuses(429, retry_after="0.01"), gives("sad")],
        "사기당했어요": [refuses(500)],
    }
    code, told = sit()
    assert code == 0
    assert len(peer.asked) == 2 + 3 + command.TRIES
    assert "정확도: 2/3" in told
    assert "감정이 없거나 모르는 감정: 1" in told


@pytest.mark.parametrize(
    "refusal",
    [
        refuses(401, "bad key"),
        refuses(404, "no such model"),
        refuses(413, "too large"),
        refuses(429, "Rate limit reached on tokens per day (TPD): Limit 200000, Used 199999", retry_after="900"),
    ],
)
def test_a_refusal_that_stays_ends_the_test_and_what_was_asked_is_no_whole_result(
    peer: Peer, sit: Sit, refusal: Reply
) -> None:
    peer.answers = {"안녕하세요": [gives("happy")], "시험 망했어요": [refusal]}
    code, told = sit()
    assert code == 1
    assert len(peer.asked) == 2
    assert "3문장 가운데 1문장만 물었어요. 전체 시험의 결과가 아니에요." in told
    assert f"중단: {peer.url}: " in told


def test_where_nobody_answers_nothing_was_measured(sit: Sit) -> None:
    code, told = sit("--base-url", "http://127.0.0.1:9/v1")
    assert code == 1
    assert told.startswith("측정하지 않음: http://127.0.0.1:9/v1: ")
    assert "정확도" not in told


def test_a_part_of_the_test_says_that_it_is_a_part(peer: Peer, sit: Sit) -> None:
    peer.answers = {"안녕하세요": [gives("happy")], "시험 망했어요": [gives("sad")]}
    code, told = sit("--lines", "2")
    assert code == 0
    assert "정확도: 2/2" in told
    assert "3문장 가운데 2문장만" in told


def test_without_a_key_it_says_that_nothing_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["emotion"], ROOT, {}) == 2
    told = capsys.readouterr().out
    assert told.startswith("측정하지 않음: ")
    assert "GROQ_API_KEY" in told
    assert "%" not in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--file", "none.tsv"], "none.tsv: 그런 파일이나 폴더가 없어요"),
        (["--file", "requirements.txt"], "번째 줄: 감정, 탭"),
        (["--file", "assets/screenshots/dock.png"], "assets/screenshots/dock.png: 1번째 줄: "),
        (["--base-url", "nowhere"], "측정하지 않음: base_url 'nowhere'"),
        (["--model", ""], "--model (GROQ_MODEL): "),
        (["--persona", "none.txt"], "none.txt: 그런 파일이나 폴더가 없어요"),
    ],
)
def test_a_wrong_call_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert evaluate(["emotion", *arguments], ROOT, {"GROQ_API_KEY": "k"}) == 2
    out = capsys.readouterr().out
    assert out.startswith("측정하지 않음: ")
    assert told in out


@pytest.mark.parametrize(("words", "told"), [(["weather"], "weather"), (["emotion", "--lines", "-5"], "--lines")])
def test_an_unknown_subject_and_a_number_that_cannot_be_are_refused(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    with pytest.raises(SystemExit):
        evaluate(words, ROOT, {})
    assert told in capsys.readouterr().err
    assert commands["eval"].run is evaluate


def test_a_person_may_break_it_off(peer: Peer, sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken_off(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(command._Exam, "_asked", broken_off)
    assert sit() == (1, "측정하지 않음: 그만두었어요.\n")


def test_a_long_test_says_how_far_it_is(peer: Peer, sit: Sit, tmp_path: Path) -> None:
    lines = [f"happy\t안녕 {number}" for number in range(20)]
    (tmp_path / "cases.tsv").write_text("\n".join(lines), encoding="utf-8")
    peer.answers = {f"안녕 {number}": [gives("happy")] for number in range(20)}
    code, told = sit()
    assert code == 0
    assert told.startswith("20/20 ...\n")


def test_the_questions_that_come_with_it_are_many_even_and_each_said_once() -> None:
    cases = parse((ROOT / FILE).read_text(encoding="utf-8"), EMOTIONS)
    assert len(cases) >= 220
    assert len({case.text for case in cases}) == len(cases)
    assert set(Counter(case.accepted[0] for case in cases).values()) == {len(cases) // len(EMOTIONS)}
    assert max(len(case.accepted) for case in cases) <= 3
    assert sum(len(case.accepted) > 1 for case in cases) < len(cases) / 2
    persona = (ROOT / "config" / "character.txt").read_text(encoding="utf-8")
    assert not any(case.text in persona for case in cases)
    first = in_turns(cases)[: len(EMOTIONS)]
    assert [case.accepted[0] for case in first] == list(dict.fromkeys(case.accepted[0] for case in cases))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# 없음\n\n", "1번째 줄: 물어볼 문장이 없어요"),
        ("happy 안녕\n", "1번째 줄: 감정, 탭"),
        ("# a\nhappy\t \n", "2번째 줄: 감정, 탭"),
        ("happy\t안녕\nhappy,joy\t하이\n", "2번째 줄: 'joy'는 없는 감정"),
        ("x" * 5000 + "\t안녕\n", "1번째 줄: 'xxxxxxxxxxxxxxxxxxxx'"),
    ],
)
def test_a_wrong_line_of_the_questions_is_told_with_its_number(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(text, EMOTIONS)


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (180, 200, 0.8506, 0.9344),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_the_interval_is_wilsons(right: int, asked: int, low: float, high: float) -> None:
    assert wilson(right, asked) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_stays_within_bounds(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    share = right / max(1, right + wrong)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


@pytest.mark.parametrize(("right", "verdict"), [(200, "넘었어요"), (172, "아직 알 수 없어요"), (100, "못 미쳐요")])
def test_the_goal_counts_as_reached_only_when_the_lower_end_is_above_it(right: int, verdict: str) -> None:
    results = [(Case("줄", ("sad",)), "sad" if number < right else NONE) for number in range(200)]
    told = report(results, EMOTIONS, {"모델": "m"}, 200)
    assert f"목표 85 %: {verdict}" in told
    row = next(line for line in told.splitlines() if line.startswith("sad"))
    assert row.split()[2] == str(right)
    assert row.split()[-4:-2] == [str(200 - right), f"{right}/200"]
