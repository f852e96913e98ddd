"""Bodies of servers as they are, cut anywhere, also inside a sign."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.bodies import BadBody
from nodes.llm._model.chat_wire import Delta, Refused
from nodes.llm._model.stream import Queue, read_answer
from tests.nodes.llm.chat_server import chunk

DONE = "data: [DONE]\n\n"


def data(fields: object) -> str:
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n"


def delta(**fields: object) -> str:
    return data({"choices": [{"index": 0, "delta": fields, "finish_reason": None}]})


def line(text: str, finish: str | None = None) -> str:
    return json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]})


END = chunk(None, "stop") + DONE


async def at_once(call: Callable[[], Any]) -> Any:
    return call()


def read(body: str | bytes, sizes: list[int] | None = None, **headers: str) -> list[Delta | Refused | None]:
    data = body.encode() if isinstance(body, str) else body

    async def stream() -> AsyncIterator[bytes]:
        left = data
        for size in sizes or []:
            yield left[:size]
            left = left[size:]
        yield left

    async def story() -> list[Delta | Refused | None]:
        queue: Queue = asyncio.Queue()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            await read_answer(httpx.Response(200, headers=named, content=stream()), queue, at_once)
        except Refused as refused:
            queue.put_nowait(refused)
        return [queue.get_nowait() for _ in range(queue.qsize())]

    return asyncio.run(story())


def text(found: list[Delta | Refused | None]) -> str:
    return "".join(each.text for each in found if isinstance(each, Delta))


def kind(found: list[Delta | Refused | None]) -> str:
    """How it ended, which is told once and last."""
    ends = [each for each in found if not isinstance(each, Delta)]
    assert len(ends) == 1
    assert found[-1] is ends[0]
    return ends[0].kind if isinstance(ends[0], Refused) else ""


TOO_LONG = '{"code":400,"message":"the request exceeds the available context size","type":"invalid_request_error"}'
WHOLE = json.dumps({"choices": [{"message": {"content": "안녕!"}, "finish_reason": "stop"}]})
LINES = json.dumps({"choices": [{"delta": {"content": "안녕!"}}]}, indent=1)
# ruff: noqa: E501
STORIES = {
    "as documented": (chunk("안녕") + chunk("!") + END, "안녕!", ""),
    "a separator of lines inside": ('data: {"choices":[{"delta":{"content":"안\u2028녕\u0085!"}}]}\n\n' + END, "안\u2028녕\u0085!", ""),
    "empty frames and comments": (": ping\n\ndata:\n\n" + chunk("안녕") + "data: \n\n: OPENROUTER PROCESSING\n\n" + chunk("!") + END, "안녕!", ""),
    "carriage returns": ((chunk("안녕!") + END).replace("\n", "\r"), "안녕!", ""),
    "both": ((chunk("안녕!") + END).replace("\n", "\r\n"), "안녕!", ""),
    "no blank lines": ((chunk("안녕") + chunk("!") + END).replace("\n\n", "\n"), "안녕!", ""),
    "no blank in front": ((chunk("안녕!") + END).replace("data: ", "data:"), "안녕!", ""),
    "no end of the last line": (chunk("안녕!") + chunk(None, "stop").rstrip(), "안녕!", ""),
    "a mark of the order of bytes": ("\ufeff" + chunk("안녕!") + END, "안녕!", ""),
    "an event on several lines": ("".join(f"data: {line}\n" for line in LINES.splitlines()) + "\n" + END, "안녕!", ""),
    "an error as a field": (f"error: {TOO_LONG}\n\n{DONE}", "", "too_large"),
    "an error as a field, with a blank": (f"error:{TOO_LONG}\n\n", "", "too_large"),
    "an error behind text": (chunk("안녕!") + f"error: {TOO_LONG}\n\n", "안녕!", "too_large"),
    "an error as an event": ('event: error\ndata: {"message":"slow down","code":429}\n\n', "", "busy"),
    "an error as data": (f'data: {{"error":{TOO_LONG}}}\n\n{DONE}', "", "too_large"),
    "an error in one piece": (f'{{"error":{TOO_LONG}}}', "", "too_large"),
    "an error in a list": (f'[{{"error":{TOO_LONG}}}]', "", "too_large"),
    "an answer in one piece": (WHOLE, "안녕!", ""),
    "an answer in one piece behind blanks": ("\n\n " + WHOLE, "안녕!", ""),
    "a page": ("<!DOCTYPE html><html>login</html>", "", "refused"),
    "nothing": ("", "", "broken"),
    "cut off": (chunk("안녕"), "안녕", "broken"),
    "a broken event": (chunk("안녕") + "data: {\n\n" + END, "안녕", "broken"),
    "a line without end": (chunk("안녕") + "data: " + "x" * 600_000, "안녕", "broken"),
    "a second answer beside it": (data({"choices": [{"index": 0, "delta": {"content": "안녕!"}}, {"index": 1, "delta": {"content": "딴말"}, "finish_reason": "stop"}]}) + END, "안녕!", ""),
    "all of it once more at the end": (chunk("안녕!") + data({"choices": [{"delta": {}, "message": {"content": "안녕!"}, "finish_reason": "stop"}]}), "안녕!", ""),
    "a message in place of the delta": (data({"choices": [{"message": {"content": "안녕!"}, "finish_reason": "stop"}]}), "안녕!", ""),
    "no delta, no choice": (data({"choices": [{"delta": None}]}) + data({"choices": [None]}) + data({"choices": None}) + data({"id": "1"}) + chunk("안녕!") + END, "안녕!", ""),
    "text beside": (data({"choices": [{"text": "안녕!"}]}) + END, "안녕!", ""),
    "an end without a mark": (chunk("안녕!") + chunk(None, "stop"), "안녕!", ""),
    "a mark without an end": (chunk("안녕!") + DONE, "안녕!", ""),
    "marks in other letters": (chunk("안녕!") + 'data: "[done]"\n\n', "안녕!", ""),
    "the end as an event": (chunk("안녕!") + "event: done\ndata: \n\n", "안녕!", ""),
    "signs of life": ("data: ping\n\ndata: : keepalive\n\ndata: null\n\ndata: []\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n" + chunk("안녕!") + END, "안녕!", ""),
    "a name twice": ("data: " + chunk("안녕!") + END, "안녕!", ""),
    "other fields": ("id: 1\nretry: 3000\nevent: message\n" + chunk("안녕!") + END, "안녕!", ""),
    "a reason of another kind": (chunk("안녕!") + data({"choices": [{"delta": {}, "finish_reason": {"type": "stop"}}]}), "안녕!", ""),
    "a strange count": (data({"choices": [{"delta": {"content": "안녕!"}}], "usage": "none"}) + END, "안녕!", ""),
    "a tab that is not escaped": ('data: {"choices":[{"delta":{"content":"안\t녕!"}}]}\n\n' + END, "안\t녕!", ""),
    "two objects in one event": (f"data: {line('안')}{line('녕!')}\n\n{END}", "안녕!", ""),
    "half a sign in each of two": ('data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\n' + END, "😀", ""),
    "half a sign alone": ('data: {"choices":[{"delta":{"content":"\\ud83d안"}}]}\n\n' + END, "\ufffd안", ""),
    "pieces as lines": (f"{line('안녕')}\n{line('!', 'stop')}\n", "안녕!", ""),
    "pieces as a list": (f"[{line('안녕')},{line('!', 'stop')}]", "안녕!", ""),
    "a mark of the order of bytes before an object": ("\ufeff" + WHOLE, "안녕!", ""),
    "an answer in one piece as an event": (f"data: {WHOLE}\n\n", "안녕!", ""),
    "what is declined": (delta(refusal="그건 안 돼요.") + END, "그건 안 돼요.", ""),
    "what is heard": (delta(audio={"transcript": "안녕!"}) + END, "안녕!", ""),
    "a part alone": (delta(content={"type": "text", "text": "안녕!"}) + END, "안녕!", ""),
    "parts of other names": (delta(content=[None, {"type": "output_text", "text": "안녕"}, {"type": "text", "content": "!"}]) + END, "안녕!", ""),
    "summaries of thoughts": (delta(content=[{"type": "summary_text", "text": "음"}, {"type": "redacted_thinking", "data": "x"}]) + chunk("안녕!") + END, "안녕!", ""),
    "a thought that is marked beside": (delta(content="음", extra_content={"google": {"thought": True}}) + chunk("안녕!") + END, "안녕!", ""),
    "a function that nobody offered": (delta(tool_calls=[{"function": {"arguments": "{"}}]) + delta(tool_calls=[{"function": {"arguments": "}"}}]) + chunk(None, "tool_calls"), "{}", ""),
    "an error in a choice": (data({"choices": [{"delta": {}, "finish_reason": "error", "error": {"code": 429, "message": "m"}}]}), "", "busy"),
    "an error in a list of data": ('data: [{"error":{"code":429,"message":"x"}}]\n\n', "", "busy"),
    "errors": (data({"errors": [{"message": "x", "code": 429}]}), "", "busy"),
    "an error in words": ("upstream connect error or disconnect", "", "server"),
    "an error in words as data": ("data: Internal Server Error\n\n", "", "server"),
    "a mark of the order of bytes before blanks": ("\ufeff\n\n" + WHOLE, "안녕!", ""),
    "Ollama's own lines": ('{"model":"m","message":{"role":"assistant","content":"안녕!"},"done":false}\n{"message":{"content":""},"done":true,"done_reason":"stop"}\n', "안녕!", ""),
    "Ollama's own lines of text": ('{"response":"안녕!","done":false}\n{"response":"","done":true}\n', "안녕!", ""),
    "llama.cpp's own events": (data({"content": "안녕!", "stop": False}) + data({"content": "", "stop": True}), "안녕!", ""),
    "Gemini's own events": (data({"candidates": [{"content": {"parts": [{"text": "음", "thought": True}]}}]}) + data({"candidates": [{"content": {"parts": [{"text": "안녕!"}]}, "finishReason": "STOP"}]}), "안녕!", ""),
    "Anthropic's own events": (data({"type": "message_start", "message": {"content": []}}) + data({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "음"}}) + data({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "안녕!"}}) + data({"type": "message_stop"}), "안녕!", ""),
    "events of OpenAI's Responses": (data({"type": "response.created", "response": {"id": "1"}}) + data({"type": "response.output_text.delta", "delta": "안녕!"}) + data({"type": "response.completed", "response": {}}), "안녕!", ""),
    "the choice that began is the one": (data({"choices": [{"index": 1, "delta": {"content": "안녕"}}]}) + data({"choices": [{"index": 0, "delta": {"content": "아니"}}, {"index": 1, "delta": {"content": "!"}}]}) + DONE, "안녕!", ""),
    "half a sign before plain text": ('data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n' + delta(content="ok") + END, "\ufffdok", ""),
    "a count that is none": (data({"choices": [{"index": "first", "delta": {"content": "안녕!"}}], "usage": {"prompt_tokens": "n/a", "completion_tokens": None, "prompt_tokens_details": {"cached_tokens": "none"}}}) + END, "안녕!", ""),
    "a count of cached tokens in a list": (data({"choices": [{"delta": {"content": "안녕!"}}], "usage": {"prompt_tokens": float("inf"), "prompt_tokens_details": ["x"]}}) + END, "안녕!", ""),
    "a mark of the end on a line of its own": (chunk("안녕!") + "[DONE]\n\n", "안녕!", ""),
    "a mark of the end in words": (chunk("안녕!") + "data: DONE\n\n", "안녕!", ""),
    "a mark of the end in other brackets": (chunk("안녕!") + "data: <DONE>\n\n", "안녕!", ""),
    "the end as an object": (chunk("안녕!") + data({"done": True}), "안녕!", ""),
    "the end as an object with a type": (chunk("안녕!") + data({"type": "done"}), "안녕!", ""),
    "the end as an event without data": (chunk("안녕!") + "event: message_stop\ndata: {}\n\n", "안녕!", ""),
    "no reason as a word": (data({"choices": [{"delta": {"content": "안녕"}, "finish_reason": "null"}]}), "안녕", "broken"),
    "objects with a comma between": (f"data: {line('안')},{line('녕!')};\n\n{END}", "안녕!", ""),
    "lines with a mark of the end": (f"{line('안녕')}\n{line('!', 'stop')}\n[DONE]\n", "안녕!", ""),
    "lines with a mark of the end as data": (f"{line('안녕')}\n{line('!', 'stop')}\ndata: [DONE]\n", "안녕!", ""),
    "a call of a function behind the text": (chunk("안녕!") + delta(tool_calls=[{"function": {"name": "wave", "arguments": '{"a":1}'}}]) + chunk(None, "tool_calls"), "안녕!", ""),
    "text under its own name": (delta(text="안녕!") + END, "안녕!", ""),
    "Anthropic's own answer": (json.dumps({"type": "message", "role": "assistant", "content": [{"type": "text", "text": "안녕!"}], "stop_reason": "end_turn"}), "안녕!", ""),
    "MiniMax's own error": (data({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}), "", "unpaid"),
    "MiniMax's own success": (data({"choices": [{"delta": {"content": "안녕!"}}], "base_resp": {"status_code": 0, "status_msg": "success"}}) + END, "안녕!", ""),
    "an answer with words of success around it": (json.dumps({"code": 0, "msg": "success", "data": json.loads(WHOLE)}), "안녕!", ""),
    "an answer beside its status": (json.dumps({"status": {"code": "20000", "message": "OK"}, "result": {"message": {"role": "assistant", "content": "안녕!"}, "stopReason": "stop_before"}}), "안녕!", ""),
    "pieces with words of success around them": (data({"code": 200, "message": "OK", "data": {"choices": [{"delta": {"role": "assistant"}}]}}) + data({"code": 200, "message": "OK", "data": {"choices": [{"delta": {"content": "안녕!"}}]}}) + DONE, "안녕!", ""),
    "an error with fields that are empty": (data({"error": {"code": 0, "message": "", "param": None}, "choices": [{"delta": {"content": "안녕!"}}]}) + END, "안녕!", ""),
    "a failure with nothing inside": (json.dumps({"code": 429, "msg": "slow down", "data": {"choices": []}}), "", "busy"),
    "a refusal in the place of a message": (data({"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "Extra"}]}}), "", "server"),
    "news of a queue": (data({"object": "chat.queue", "position": 3, "message": "in queue"}) + chunk("안녕!") + END, "안녕!", ""),
    "news that the model is loading": (data({"message": "Model is loading"}) + chunk("안녕!") + END, "", "loading"),
    "parts with thoughts": (
        'data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"음"}]}]}}]}\n\n'
        'data: {"choices":[{"delta":{"content":[{"type":"text","text":"안녕!"}]}}]}\n\n' + END, "안녕!", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_body_is_read_for_what_it_is_whatever_its_label_says(name: str) -> None:
    body, said, ended = STORIES[name]
    for label in ("text/event-stream", "application/json", "text/plain; charset=utf-8", ""):
        found = read(body, content_type=label)
        assert (text(found), kind(found)) == (said, ended)


@given(
    st.sampled_from([name for name in STORIES if name != "a line without end"]),
    st.lists(st.integers(1, 60), max_size=60),
)
def test_where_the_bytes_are_cut_changes_nothing(name: str, sizes: list[int]) -> None:
    body, said, ended = STORIES[name]
    found = read(body, sizes)
    assert (text(found), kind(found)) == (said, ended)


def test_a_thought_is_a_sign_of_life_without_text() -> None:
    for name in ("reasoning", "reasoning_content", "thinking"):
        first = read(f'data: {{"choices":[{{"delta":{{"content":"","{name}":"음"}}}}]}}\n\n' + END)[0]
        assert first == Delta(thought=True)


def test_news_of_a_load_in_the_place_of_thoughts_are_none() -> None:
    told = ("━━━━━\n", "llama-swap loading model: big\n", "...", "\nDone! (9.12s)", "━━━━━\n", " \n", "음")
    found = read("".join(delta(reasoning_content=each) for each in told) + chunk("안녕!") + END)
    assert [each.load for each in found[:7]] == ["rule", "begins", "goes on", "ends", "rule", "rule", ""]
    assert [each.thought for each in found[:7]] == [False] * 6 + [True]
    assert (text(found), kind(found)) == ("안녕!", "")


def test_a_bomb_is_no_answer() -> None:
    for begin in (": ", "{"):
        packed = gzip.compress((begin + " " * 100_000_000).encode(), 9)
        queue: Queue = asyncio.Queue()
        with pytest.raises(BadBody):
            asyncio.run(read_answer(_packed(packed), queue, at_once))


def _packed(data: bytes) -> httpx.Response:
    async def stream() -> AsyncIterator[bytes]:
        yield data

    return httpx.Response(200, headers={"content-encoding": "gzip"}, content=stream())


def test_a_long_answer_in_one_piece_is_parsed_off_the_loop() -> None:
    calls: list[str] = []

    async def thread(call: Callable[[], Any]) -> Any:
        calls.append("thread")
        return call()

    async def story() -> list[Any]:
        queue: Queue = asyncio.Queue()
        long = json.dumps({"choices": [{"message": {"content": "가" * 30_000}}]})
        await read_answer(httpx.Response(200, content=_one(long.encode())), queue, thread)
        return [queue.get_nowait() for _ in range(queue.qsize())]

    assert len(text(asyncio.run(story()))) == 30_000
    assert calls == ["thread"]


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data
