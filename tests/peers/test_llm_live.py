"""``llm.reply`` against servers that others wrote, and its speed and leaks against one that streams like Groq."""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.playback import Stop
from tests.bench.llm import p95
from tests.e2e.show import Show, read_wav
from tests.e2e.test_shipped import voice_server
from tests.peers.llm_peer import Answering, Server, aimock, batch, groq_like, llama, llmock, paced
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(180)]

ANSWER = json.dumps(
    {"emotion": "happy", "response": "안녕! 오늘도 와 줘서 고마워요. 저녁은 드셨어요?"}, ensure_ascii=False
)
REPLY = {"type": "reply", "text": ANSWER, "times": None}
LATE_S = 5.5
"""5 s, plus an allowance for a busy machine."""
CHAT = {"path": "*/chat/completions"}


def fail(status: int, times: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"type": "fail", "status": status, "times": times, "match": CHAT, **more}


def fault(kind: str, after: int, times: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"type": "stream_fault", "kind": kind, "after_chunks": after, "times": times, **more}


BEFORE, AFTER = 3, 6
"""Chunks (words) of ANSWER: after the first number there is nothing to say yet, after the second there is."""


@pytest.fixture(scope="module")
def mock() -> Iterator[Server]:
    with llmock("--stream-chunk-delay-ms", "20") as server:
        yield server


def settings(server: Server, **more: Any) -> dict[str, Any]:
    """A service: nothing has to be loaded there."""
    return {"base_url": f"{server.url}/groq/openai/v1", "api_key": "peer-key", "load_s": 0.0, **more}


async def one_turn(server: Server, **more: Any) -> tuple[str, float, str, list[str]]:
    async with Answering(settings(server, **more)) as answering:
        port, seconds = await answering.turn("t1", "안녕 초코야")
        text = answering.text("t1")
    return port, seconds, text, answering.ran.log


async def judged(server: Server) -> list[str]:
    verdict = await asyncio.to_thread(server.get, "/_llmock/verdict")
    return [finding["code"] for finding in verdict["findings"]]


STORIES: list[Any] = [
    pytest.param([], "whole", [], id="streaming"),
    pytest.param([fail(429, retry_after=1)], "whole", [], id="429 that can be waited for"),
    pytest.param([fail(429, None, retry_after=30)], "none", ["gave_up"], id="429 that lasts"),
    pytest.param([fail(413)], "none", [], id="413"),
    pytest.param([fail(498)], "whole", [], id="498"),
    pytest.param([fail(503)], "whole", [], id="503"),
    pytest.param([fail(503, None)], "none", [], id="503 for good"),
    pytest.param([fail(500, 2)], "whole", [], id="500 twice"),
    pytest.param([fail(401, None)], "none", [], id="401"),
    pytest.param([fail(404, None)], "none", [], id="404"),
    pytest.param([{"type": "slow_first_token", "seconds": 1.2}], "whole", [], id="slow first token"),
    pytest.param([{"type": "slow_first_token", "seconds": 60.0}], "whole", [], id="too slow first token"),
    pytest.param([{"type": "slow_first_token", "seconds": 60.0, "times": None}], "none", [], id="no token ever"),
    pytest.param([fault("stall", BEFORE)], "whole", [], id="stall before the text"),
    pytest.param([fault("stall", AFTER)], "part", [], id="stall in the text"),
    pytest.param([fault("truncate", BEFORE)], "whole", [], id="cut before the text"),
    pytest.param([fault("truncate", AFTER)], "part", ["truncated_stream_accepted"], id="cut in the text"),
    pytest.param([fault("disconnect", BEFORE)], "whole", [], id="disconnect before the text"),
    pytest.param([fault("disconnect", AFTER)], "part", ["gave_up"], id="disconnect in the text"),
    # the second try is immediate: if it comes before the server has seen the first one end, the judge counts two calls
    pytest.param([fault("malformed", BEFORE)], "whole", ["malformed_chunk_ignored"], id="malformed before the text"),
    pytest.param([fault("malformed", AFTER)], "part", ["malformed_chunk_ignored"], id="malformed in the text"),
]
"""What goes wrong, the outcome, and what the judge may find: once a part was spoken, the answer is not requested again,
because it would be spoken twice; and a turn for which the server asks for 30 s of patience is passed on."""


@pytest.mark.parametrize(("behaviours", "comes", "found"), STORIES)
async def test_whatever_goes_wrong_ends_in_time_and_the_judge_finds_nothing_else(
    mock: Server, behaviours: list[dict[str, Any]], comes: str, found: list[str]
) -> None:
    await asyncio.to_thread(mock.post, "/_llmock/reset", {})
    await asyncio.to_thread(mock.post, "/_llmock/scenario", {"behaviors": [*behaviours, REPLY]})
    port, seconds, text, log = await one_turn(mock)
    whole = json.loads(ANSWER)["response"]
    assert seconds < LATE_S
    assert port == ("unanswered" if comes == "none" else "response"), log
    if comes == "part":
        assert text
        assert whole.startswith(text)
        assert text != whole
    else:
        assert text == (whole if comes == "whole" else "")
    codes = await judged(mock)
    assert set(codes) <= set(found), codes


async def test_a_failing_model_is_replaced_by_the_second(mock: Server) -> None:
    await asyncio.to_thread(mock.post, "/_llmock/reset", {})
    sick = {"path": "*/chat/completions", "model": "openai/gpt-oss-120b"}
    behaviours = [{"type": "fail", "status": 429, "retry_after": 30, "times": None, "match": sick}, REPLY]
    await asyncio.to_thread(mock.post, "/_llmock/scenario", {"behaviors": behaviours})
    port, seconds, text, _ = await one_turn(mock, second_model="openai/gpt-oss-20b")
    assert (port, text) == ("response", json.loads(ANSWER)["response"])
    assert seconds < 2.0


async def test_an_answer_with_a_schema_is_understood(mock: Server) -> None:
    await asyncio.to_thread(mock.post, "/_llmock/reset", {})
    port, _, text, log = await one_turn(mock, mode="strict")
    assert port == "response", log
    assert text


@pytest.mark.parametrize("quota", [("--rpm", "4"), ("--tpm", "4000")])
async def test_with_a_small_quota_every_turn_ends_in_time_and_no_limit_is_ignored(quota: tuple[str, str]) -> None:
    with llmock(*quota) as server:
        await asyncio.to_thread(server.post, "/_llmock/scenario", {"behaviors": [REPLY]})
        async with Answering(settings(server)) as answering:
            await answering.ready()
            ends = [await answering.turn(f"t{number}", f"{number}번째") for number in range(12)]
        assert {port for port, _ in ends} == {"response", "unanswered"}
        assert max(seconds for _, seconds in ends) < LATE_S
        assert "retry_after_ignored" not in await judged(server)


async def test_what_aimock_streams_in_pieces_of_three_characters_is_understood(tmp_path: Path) -> None:
    def fixture(word: str, content: str, **more: Any) -> dict[str, Any]:
        return {"match": {"userMessage": word}, "response": {"content": content}, **more}

    fixtures = [
        fixture("빠르게", ANSWER, streamingProfile={"ttft": 180, "tps": 500}),
        fixture("울타리", f"```json\n{ANSWER}\n```"),
        fixture("꼬리표", "[sad] 비가 와서 조금 울적해요."),
        fixture("그냥", "그냥 이렇게 대답할게요."),
        fixture("끊어", ANSWER, truncateAfterChunks=20),
        {"match": {"userMessage": "바빠"}, "response": {"error": {"message": "busy", "type": "x"}, "status": 503}},
    ]
    whole = json.loads(ANSWER)["response"]
    with aimock(tmp_path, fixtures) as server:
        async with Answering({"base_url": f"{server.url}/v1"}) as answering:
            for word, text in (
                ("빠르게", whole),
                ("울타리", whole),
                ("꼬리표", "비가 와서 조금 울적해요."),
                ("그냥", "그냥 이렇게 대답할게요."),
            ):
                port, seconds = await answering.turn(word, word)
                assert (port, answering.text(word)) == ("response", text)
                assert seconds < LATE_S
            _, seconds = await answering.turn("끊어", "끊어")
            assert seconds < LATE_S
            assert whole.startswith(answering.text("끊어"))
            assert (await answering.turn("바빠", "바빠"))[0] == "unanswered"


def sockets() -> int:
    """Count the open sockets of this process."""
    links = (os.path.join("/proc/self/fd", each) for each in os.listdir("/proc/self/fd"))
    return sum(os.path.exists(link) and os.readlink(link).startswith("socket:") for link in links)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system does not tell what is open")
async def test_five_hundred_turns_that_are_broken_off_leave_no_connection_behind() -> None:
    with groq_like() as server:
        async with Answering({"base_url": f"{server.url}/v1"}) as answering:
            await answering.ready()
            await answering.turn("warm", "안녕")
            before = sockets()
            for number in range(500):
                turn = f"t{number}"
                answering.put(batch(turn, "안녕"))
                # before the request, while it is sent, before the first token, in the text
                await asyncio.sleep(0.22 if number % 10 == 9 else number % 10 * 0.003)
                answering.put(Stop(turn=turn))
                while "batch" in answering.reply.instance.jobs.busy:  # type: ignore[union-attr]
                    await asyncio.sleep(0)
            port, seconds = await answering.turn("last", "안녕")
            assert port == "response"
            assert len(answering.clients) <= 2  # a pool that was full for a moment on a busy machine is replaced
            assert seconds < 2.0
            assert answering.connections() <= 4
            assert sockets() <= before + 3
            told = await asyncio.to_thread(server.get, "/told")
            assert told["open"] == 0
        assert answering.ran.log == []


@pytest.mark.alone
async def test_the_first_sentence_is_handed_on_within_30_ms_of_its_last_token() -> None:
    for again in (True, False):  # one busy second of the machine must not decide the result
        rows = [each async for each in paced(40)]
        if p95([after for _, after, _ in rows]) <= 0.030 or not again:
            break
    assert p95([after for _, after, _ in rows]) <= 0.030


TURNS, LOADING_S = 10, 300.0
LOADING, LOADED = "모델을 불러오는 중이에요", "모델을 불러왔어요"
SCHEMA = {
    "type": "object",
    "properties": {"emotion": {"type": "string"}, "response": {"type": "string"}},
    "required": ["emotion", "response"],
}


def with_its_grammar(root: Path) -> None:
    """Ask for the form of an answer: a base model only goes on with what it reads."""
    file = root / "graphs" / "local-llm.yaml"
    extra = json.dumps({"response_format": {"type": "json_object", "schema": SCHEMA}})
    text = file.read_text(encoding="utf-8").replace("    total_s: 30.0\n", f"    total_s: 30.0\n    extra: {extra}\n")
    assert extra in text
    file.write_text(text, encoding="utf-8")


def says(show: Show, text: str) -> str:
    """Type a message into the show; return its id."""
    return str(show.post("/api/say", {"text": text, "name": "하늘"})["id"])


def answered(show: Show, which: str) -> bool:
    return (show.get(f"/api/why?id={which}") or {}).get("verdict") == "answered"


def show_with_a_model(folder: Path, python: str | None, url: str | None) -> Show:
    """Type one message while the model is loaded and ``TURNS`` afterwards; return the show that is over."""
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(llama(python, folder)) if python else None
        voice = stack.enter_context(voice_server())
        cold = stack.enter_context(contextlib.ExitStack())
        if model:
            cold.enter_context(model.frozen())  # however fast the machine is, the show begins before the model is ready
        env = {
            "OLLAMA_URL": f"{model.url}/v1" if model else str(url),
            "OLLAMA_MODEL": os.environ.get("LOCAL_LLM_MODEL", "default"),
            "TTS_REMOTE_URL": voice.url,
            "VTS_PORT": str(free_port()),
        }
        prepare = with_its_grammar if model else (lambda _: None)
        show = stack.enter_context(Show(folder / "show", "graphs/local-llm.yaml", env=env, prepare=prepare))
        show.until(lambda: show.get("/api/state"))
        if model:
            show.until(lambda: LOADING in show.log)
            first = says(show, "초코야 안녕?")
            show.until(lambda: answered(show, first), 60.0)
            cold.close()
            show.until(lambda: LOADED in show.log, LOADING_S)
        for number in range(TURNS):
            which = says(show, f"초코야, {number + 1}번째로 물어볼게. 오늘 기분 어때?")
            show.until(lambda which=which: answered(show, which), 120.0)
        show.process.terminate()
        assert show.ends(30) == 0, show.log
    return show


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_real_model_is_loaded_while_the_show_goes_on_and_answers_ten_turns_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``graphs/local-llm.yaml`` as shipped. LOCAL_LLM_PYTHON names an interpreter (see ``llama``), or LOCAL_LLM_URL and
    LOCAL_LLM_MODEL a server of your own.

    What it says is not judged, but nothing from the prompt, from thoughts or from a template may be in it.
    """
    python, url = os.environ.get("LOCAL_LLM_PYTHON"), os.environ.get("LOCAL_LLM_URL")
    if not (python or url):
        pytest.skip("LOCAL_LLM_PYTHON names no interpreter, and LOCAL_LLM_URL no server")
    monkeypatch.setenv("TTS_PEER_S_PER_CHAR", "0.03")
    show = await asyncio.to_thread(show_with_a_model, tmp_path, python, url)
    turns = show.report["turns"]
    marks = [turn["marks"] for turn in turns]
    waits = [round(mark["first_sound"] - mark["batched"], 2) for mark in marks]
    print(*(line for line in show.log.splitlines() if LOADING in line or LOADED in line), sep="\n")
    print(*((turn["rung"], wait, turn["text"]) for turn, wait in zip(turns, waits, strict=True)), sep="\n")
    rungs = [turn["rung"] for turn in turns]
    early = rungs[:-TURNS]  # the message, and a topic of its own where loading takes minutes
    assert len(early) >= bool(python), show.log
    assert rungs[-TURNS:].count("model") >= TURNS // 2, show.log
    assert set(early) <= {"canned"}, show.log
    said = " ".join(turn["text"] for turn in turns if turn["rung"] == "model")
    assert not any(mark in said for mark in ("<|", "</s>", '"response"', '{"n"', "<end_of_turn>"))
    assert read_wav(show.session / "session.wav").loudest() > 0.01
    recent = json.loads((show.root / "history" / "recent.json").read_text(encoding="utf-8"))
    remembered = [json.loads(turn["assistant"])["response"] for turn in recent["turns"]]
    assert remembered == [turn["text"].strip() for turn in turns], "it remembers what was heard, and nothing else"
