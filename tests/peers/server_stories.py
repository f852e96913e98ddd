"""What servers of models and voices really send, one row for each: which server, what it does, and what is right.

The rows are from public reports of their users. ``Story`` is served over loopback as it is written here, byte by byte.
"""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodes.speech._serve_wire import pcm, wav_header
from tests.nodes.speech.stage import tone
from tests.peers.packed_sound import FLAC, MP3

TEXT = "안녕! 반가워요."
ANSWER = json.dumps({"emotion": "happy", "response": TEXT}, ensure_ascii=False)
SOUND = tone(200, 0.3)
PCM = pcm(SOUND)


@dataclass(frozen=True)
class Reply:
    """One response."""

    body: bytes
    kind: str = "text/event-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Story:
    """A server and one of its habits. The last reply is given again and again."""

    server: str
    does: str
    replies: tuple[Reply, ...]
    requests: int = 1
    """Requests for an answer until it is right."""
    without: tuple[str, ...] = ()
    """What the last of these requests does not contain."""
    path: str = "/v1"
    """How the address in the server's documents ends."""


def _data(fields: object) -> bytes:
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()


def _delta(finish: str | None = None, **fields: Any) -> bytes:
    return _data({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


END = _delta("stop") + b"data: [DONE]\n\n"
GOOD = Reply(_delta(content=ANSWER) + END)


def _refused(status: int, fields: object) -> Reply:
    return Reply(json.dumps(fields).encode(), "application/json", status)


def _openai(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


_CONTEXT = '{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_ctx":4096}'
_NO_STOP = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stop"], "msg": "Extra inputs are not permitted"}]}
_HALVES = (ANSWER[:20], ANSWER[20:])
_OWN = (
    json.dumps({"message": {"role": "assistant", "content": part}, "done": False}).encode() + b"\n" for part in _HALVES
)
"""Lines of Ollama's own API."""
HARMONY = "<|channel|>analysis<|message|>음<|end|><|start|>assistant<|channel|>final<|message|>" + ANSWER
# ruff: noqa: E501
MODELS = (
    Story("llama.cpp", "reports an error as a field of the stream", (Reply(f"error: {_CONTEXT}\n\n".encode()), GOOD), 2),
    Story("llama.cpp", "leaves gpt-oss's channels in the text", (Reply(b"".join(_delta(content=sign) for sign in HARMONY) + END),)),
    Story("vLLM", "names the context's length without an error around it", (_refused(400, {"object": "error", "message": "This model's maximum context length is 2048 tokens.", "code": 400}), GOOD), 2),
    Story("vLLM", "streams thoughts in a field of their own", (Reply(_delta(content="", reasoning="음") * 3 + _delta(content=ANSWER) + END),)),
    Story("vLLM", "leaves thoughts whose opening was in the prompt", (Reply(_delta(content="The user greets.\n</think>\n" + ANSWER) + END),)),
    Story("LM Studio", "answers an unloaded model's stream with an error event", (Reply(b'event: error\ndata: {"error":{"message":"Model is reloading"}}\n\n'), GOOD), 2),
    Story("LM Studio", "leaves special tokens in the text", (Reply(_delta(content=TEXT + "<|im_end|>\n<|im_start|>user\n뭐해?") + END),)),
    Story("LiteLLM", "puts data: in front twice, with comments and empty frames", (Reply(b": ping\n\ndata:\n\ndata: " + _delta(content=ANSWER) + END),)),
    Story("LiteLLM", "sends all of the text once more at the end", (Reply(_delta(content=ANSWER) + _data({"choices": [{"delta": {}, "message": {"content": ANSWER}, "finish_reason": "stop"}]})),)),
    Story("Groq", "refuses a parameter of another model", (_refused(400, _openai("property 'stop' is unsupported, did you mean 'top_p'?")), GOOD), 2, ("stop",)),
    Story("Groq", "stops a stream with an error of its own", (Reply(_data({"choices": [], "x_groq": {"error": "over_capacity"}})), GOOD), 2),
    Story("Gemini", "answers with a list of one error", (_refused(400, [{"error": {"code": 400, "message": "Unknown name \"stop\": Cannot find field.", "status": "INVALID_ARGUMENT"}}]), GOOD), 2, ("stop",), "/v1beta/openai"),
    Story("Gemini", "marks thoughts beside the text", (Reply(_delta(content="음", extra_content={"google": {"thought": True}}) + _delta(content=ANSWER) + END),), path="/v1beta/openai"),
    Story("Mistral", "forbids what it does not know", (_refused(422, {"object": "error", "message": _NO_STOP}), GOOD), 2, ("stop",)),
    Story("Mistral", "sends thoughts and text as parts", (Reply(_delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "음"}]}]) + _delta(content=[{"type": "text", "text": ANSWER}]) + END),)),
    Story("MLX", "answers a request for a stream in one piece", (Reply(json.dumps({"choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}]}).encode(), "application/json"),)),
    Story("MLX", "cuts an emoji in two", (Reply(b'data: {"choices":[{"delta":{"content":"[happy] ' + TEXT.encode() + b'"}}]}\n\n' + END),)),
    Story("Ollama", "invents the viewer's next line", (Reply(_delta(content=ANSWER + '\n{"n":2,"u":"가","t":"뭐해?"}') + END),)),
    Story("llama.cpp", "counts tokens after the end", (Reply(_delta(role="assistant", content=None) + _delta(content=ANSWER) + _delta("stop") + _data({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}, "timings": {"predicted_per_second": 9.5}}) + b"data: [DONE]\n\n"),)),
    Story("LM Studio", "calls a tool that nobody offered, in pieces", (Reply(b"".join(_delta(tool_calls=[{"index": 0, "function": {"arguments": part}}]) for part in ("", *_HALVES)) + _delta("tool_calls") + b"data: [DONE]\n\n"),)),
    Story("vLLM", "aborts before the first word", (Reply(_delta("abort", content="") + b"data: [DONE]\n\n"), GOOD), 2),
    Story("GLM", "gives an empty reason to end with every piece", (Reply(b"".join(_delta("", content=part) for part in _HALVES) + END),)),
    Story("gcli2api", "says stop with every piece", (Reply(_delta("stop", reasoning_content="음") + b"".join(_delta("stop", content=part) for part in _HALVES) + b"data: [DONE]\n\n"),)),
    Story("Gemini", "says in the details when to ask again", (_refused(429, [{"error": {"code": 429, "message": "Please retry in 0.4s.", "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.4s"}]}}]), GOOD), 2, path="/v1beta/openai"),
    Story("OpenRouter", "stops in the middle with an error beside a choice", (Reply(b": OPENROUTER PROCESSING\n\n" + _data({"error": {"code": 502, "message": "Provider disconnected"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]})), GOOD), 2),
    Story("Azure", "begins with events without a choice or a delta", (Reply(_data({"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}) + _data({"choices": [{"index": 0, "delta": None}]}) + _delta(content=ANSWER) + END),)),
    Story("a gateway", "never gives a reason to end, and a price", (Reply(_delta(content=ANSWER) + _data({"choices": [], "cost": "0"}) + b"data: [DONE]\n\n"),)),
    Story("a gateway", "loses the line break between events", (Reply((b"".join(_delta(content=part).strip() for part in _HALVES)) + b"\n\n" + END),)),
    Story("LiteLLM", "puts thoughts into fields of the provider", (Reply(_delta(content="", provider_specific_fields={"reasoning_content": "음"}) * 3 + _delta(content=ANSWER) + END),)),
    Story("OpenRouter", "hides the provider's error beside its own", (_refused(400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": json.dumps(_openai("This model's maximum context length is 2048 tokens."))}}}), GOOD), 2),
    Story("vLLM", "has a template that wants the roles in turn", (_refused(400, {"object": "error", "message": "Conversation roles must alternate user/assistant/user/assistant/...", "code": 400}), GOOD), 2),
    Story("a gateway", "writes marks as HTML", (Reply(_delta(content="&lt;think&gt;음&lt;/think&gt;" + ANSWER) + END),)),
    Story("Gemini", "leaves control tokens in the text", (Reply(_delta(content="<ctrl94>thought\n음<ctrl95>" + ANSWER + "<ctrl46>") + END),), path="/v1beta/openai"),
    Story("Ollama", "answers in lines of its own API", (Reply(b"".join(_OWN) + b'{"message":{"content":""},"done":true,"done_reason":"stop"}\n', "application/x-ndjson"),)),
    Story("LiteLLM", "passes Anthropic's events on", (Reply(b"event: message_start\n" + _data({"type": "message_start", "message": {"content": []}}) + _data({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "음"}}) + _data({"type": "content_block_delta", "delta": {"type": "text_delta", "text": ANSWER}}) + b"event: message_stop\n" + _data({"type": "message_stop"})),)),
    Story("a gateway", "passes Gemini's events on", (Reply(_data({"candidates": [{"content": {"parts": [{"text": ANSWER}]}, "finishReason": "STOP"}]})),)),
    Story("vLLM", "leaves Kimi's roles in the text", (Reply(_delta(content="<|im_assistant|>assistant<|im_middle|>" + TEXT + "<|im_end|><|im_user|>user<|im_middle|>뭐해?") + END),)),
    Story("llama.cpp", "loses the marks behind gpt-oss's thoughts", (Reply(_delta(content="<|channel|>analysis<|message|>음<|end|>" + ANSWER) + END),)),
    Story("llama.cpp", "leaves Gemma's tokens of tools in the text", (Reply(_delta(content=TEXT + "<|tool_response>") + END),)),
    Story("DashScope", "names the range of the input's length", (_refused(400, _openai("Range of input length should be [1, 3072]")), GOOD), 2),
    Story("Azure", "asks to wait in milliseconds", (Reply(b"{}", "application/json", 429, {"retry-after-ms": "200", "retry-after": "1"}), GOOD), 2),
    Story("a gateway", "asks to wait until a date", (Reply(b"{}", "application/json", 429, {"retry-after": "Mon, 30 Nov 2026 12:00:01 GMT", "date": "Mon, 30 Nov 2026 12:00:00 GMT"}), GOOD), 2),
    Story("a gateway", "begins with a mark of the order of bytes and blank lines", (Reply(b"\xef\xbb\xbf\n\n" + json.dumps({"choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}]}).encode(), "application/json"),)),
    Story("vLLM", "leaves Solar's marks in the text", (Reply(_delta(content="<|begin|>assistant<|think|>음<|end|><|begin|>assistant<|content|>" + ANSWER + "<|flush|>") + END),)),
    Story("vLLM", "leaves HyperCLOVA X's thoughts in the text", (Reply(_delta(content="<|im_start|>assistant/think\n음<|im_end|>\n<|im_start|>assistant\n" + ANSWER + "<|im_end|>") + END),)),
    Story("llama.cpp", "writes the end of the text as words", (Reply(_delta(content="[happy] " + TEXT + " [end of text]") + END),)),
    Story("vLLM", "repeats the question with the marks of GLM", (Reply(_delta(content="<|user|>\n뭐해?<|assistant|>\n" + ANSWER) + END),)),
    Story("Qwen", "writes JSON with wide signs", (Reply(_delta(content='{"emotion"："happy"，"response"："' + TEXT + '"}') + END),)),
    Story("Qwen", "escapes letters twice", (Reply(_delta(content=json.dumps({"emotion": "happy", "response": TEXT}).replace("\\u", "\\\\u")) + END),)),
    Story("Ollama", "invents the viewer's next line on several lines", (Reply(_delta(content=ANSWER + '\n{\n  "n": 2,\n  "u": "가",\n  "t": "뭐해?"\n}') + END),)),
    Story("Qwen", "goes on behind the mark of the end", (Reply(_delta(content="[happy] " + TEXT + "<|endoftext|>Human: 뭐해?") + END),)),
    Story("MiniMax", "calls a tool in marks of its own", (Reply(_delta(content='<minimax:tool_call><invoke name="x"></invoke></minimax:tool_call>' + ANSWER) + END),)),
    Story("a base model", "announces the next question", (Reply(_delta(content="[happy] " + TEXT + "\n다음 질문: 뭐해?") + END),)),
    Story("KoboldCpp", "ends lines as Windows does", (Reply(_delta(content="Thought: 음\r\nFinal Answer: [happy] " + TEXT + "\r\n---\r\nUser: 뭐해?") + END),)),
    Story("MLX", "counts tokens in words", (Reply(_delta(content=ANSWER) + _data({"choices": [], "usage": {"prompt_tokens": "n/a"}}) + END),)),
    Story("a gateway", "ends the stream with a mark alone", (Reply(_delta(content=ANSWER) + b"[DONE]\n\n"),)),
    Story("LM Studio", "calls a tool behind the text", (Reply(_delta(content="[happy] " + TEXT) + _delta(tool_calls=[{"index": 0, "function": {"name": "wave", "arguments": '{"a": 1}'}}]) + END),)),
    Story("HyperCLOVA X", "puts the refusal into the status", (_refused(400, {"status": {"code": "40001", "message": "Invalid parameter: temperature"}, "result": None}), GOOD), 2, ("temperature",)),
    Story("TabbyAPI", "calls the length max_seq_len", (_refused(400, {"detail": "Prompt length 9000 is greater than max_seq_len 4096"}), GOOD), 2),
    Story("a gateway", "answers each request with 201", (Reply(GOOD.body, status=201),)),
    Story("a gateway", "wraps the answer in its own success", (Reply(json.dumps({"code": 0, "message": "success", "data": {"choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}]}}).encode(), "application/json"),)),
    Story("DashScope", "refuses in an event", (Reply(b'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"BadRequest","message":"wrong value","param":"temperature"}\n\n', status=400), GOOD), 2, ("temperature",)),
    Story("Gemini", "spends all tokens on thoughts that it does not show", (Reply(_delta("length", role="assistant") + b"data: [DONE]\n\n"), GOOD), 2, ("stop",), path="/v1beta/openai"),
    Story("OpenAI", "streams only to organisations that are verified", (_refused(400, _openai("Your organization must be verified to stream this model.", param="stream")), Reply(json.dumps({"choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}]}).encode(), "application/json")), 2),
    Story("GLM", "takes fewer marks of an end", (_refused(400, _openai("stop:最大只能有1个停止词", code="1214")), GOOD), 2, ("stop",)),
    Story("OpenAI", "wants another name for the length", (_refused(400, _openai("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", param="max_tokens")), GOOD), 2, ("max_tokens",)),
)  # fmt: skip


def _file(data: bytes, size: int | None = None) -> bytes:
    return wav_header(24_000, None)[:-4] + (len(data) if size is None else size).to_bytes(4, "little") + data


def _mulaw(sound: Any) -> bytes:
    code = np.round(np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256) * 127)
    return bytes(np.where(code < 0, 127 + code, 255 - code).astype(np.uint8))


def _event(fields: object) -> bytes:
    return _data(fields)


_MOST_PIECES = 4000
_THIRDS = [PCM[at : at + len(PCM) // 6 * 2] for at in range(0, len(PCM), len(PCM) // 6 * 2)]
_TEXT = base64.b64encode(PCM).decode()
_STEREO = b"".join(PCM[at : at + 2] * 2 for at in range(0, len(PCM), 2))
VOICES = (
    Story("openai", "sends bare samples", (Reply(PCM, "audio/pcm"),), path=""),
    Story("openai", "sends events", (Reply(_event({"type": "speech.audio.delta", "audio": _TEXT}) + _event({"type": "speech.audio.done"})),)),
    Story("openai", "refuses with words", (_refused(400, _openai("Invalid voice")),)),
    Story("Kokoro-FastAPI", "sends a file for each sentence", (Reply(b"".join(map(_file, _THIRDS)), "audio/wav"),), path="/v1/audio/speech"),
    Story("Kokoro-FastAPI", "reports a failure with status 200", (Reply(b'{"detail":{"error":"processing_error"}}', "audio/wav"),)),
    Story("speaches", "does not know the length of a file", (Reply(_file(PCM, 0xFFFFFFFF), "audio/wav"),)),
    Story("speaches", "labels a file as MP3", (Reply(_file(PCM), "audio/mpeg"),)),
    Story("CrispASR", "writes notes behind the sound", (Reply(_file(PCM) + b"LIST" + (26).to_bytes(4, "little") + b"INFOISFT\x0e\0\0\0Lavf60.3.100\0\0" + b"C2PA" + (1500).to_bytes(4, "little") + bytes(range(250)) * 6, "audio/wav"),)),
    Story("ElevenLabs", "states the largest length that fits", (Reply(_file(PCM, 0x7FFFFFFF), "audio/wav"),)),
    Story("GPT-SoVITS", "sends the header of an empty file, then samples", (Reply(_file(b"", 0) + PCM, "audio/wav"),)),
    Story("Inworld", "sends a line of JSON with a file for each piece", (Reply(b"".join(json.dumps({"result": {"audioContent": base64.b64encode(_file(part)).decode()}}).encode() + b"\n" for part in _THIRDS), "application/json"),)),
    Story("Inworld", "states the length of the first piece alone", (Reply(b"".join(json.dumps({"result": {"audioContent": base64.b64encode(part).decode()}}).encode() + b"\n" for part in (_file(_THIRDS[0]), *_THIRDS[1:])), "application/json"),)),
    Story("a server that fails", "writes why behind the sound", (Reply(_file(PCM, 0xFFFFFFFF) + b'{"error": {"message": "CUDA out of memory"}}', "audio/wav"),)),
    Story("a server that fails", "sends a file of zeros", (Reply(_file(bytes(len(PCM))), "audio/wav"),)),
    Story("a server that fails", "sends a header and then text", (Reply(_file(b"Internal Server Error " * 20, 0xFFFFFFFF), "audio/wav"),)),
    Story("a studio", "pads the head of each file", (Reply((_file(PCM[:4800], 0xFFFFFFFF).replace(b"fmt ", b"PAD \x08\0\0\0" + bytes(8) + b"fmt ") + _file(PCM[4800:], 0xFFFFFFFF).replace(b"fmt ", b"PAD \x08\0\0\0" + bytes(8) + b"fmt ")), "audio/wav"),)),
    Story("pocket-tts", "guesses the length of a file", (Reply(_file(PCM, 2_000_000_000), "audio/wav"),)),
    Story("pocket-tts", "states two channels", (Reply(_STEREO, "audio/pcm;rate=24000;channels=2"),)),
    Story("a studio", "sends a file of 64 bits with notes behind it", (Reply(b"RF64\xff\xff\xff\xffWAVEds64" + (28).to_bytes(4, "little") + (len(PCM) + 100).to_bytes(8, "little") + len(PCM).to_bytes(8, "little") + bytes(12) + _file(PCM, 0xFFFFFFFF)[12:] + b"LIST" + (400).to_bytes(4, "little") + bytes(range(200)) * 2, "audio/wav"),)),
    Story("MiniMax", "writes the sound in hexadecimal", (Reply(json.dumps({"data": {"audio": PCM.hex(), "status": 2}}).encode(), "application/json"),)),
    Story("a phone's gateway", "sends mu-law without saying so", (Reply(_mulaw(SOUND), "audio/pcm"),)),
    Story("vLLM-Omni", "answers a request for events with a page", (Reply(b"<html><h1>502 Bad Gateway</h1></html>"),)),
    Story("MiniMax", "ends the events with all of the sound once more", (Reply(b"".join(_event({"data": {"audio": part.hex(), "status": 1}}) for part in _THIRDS) + _event({"data": {"audio": PCM.hex(), "status": 2}})),)),
    Story("Sarvam", "sends a list of files", (Reply(json.dumps({"audios": [base64.b64encode(_file(part)).decode() for part in _THIRDS]}).encode(), "application/json"),)),
    Story("a gateway", "sends a file as a part", (Reply(b"--x\r\nContent-Type: audio/wav\r\n\r\n" + _file(PCM) + b"\r\n--x--\r\n", "multipart/mixed; boundary=x"),)),
    Story("a gateway", "sends an empty object", (Reply(b"{}", "audio/wav"),)),
    Story("a gateway", "wraps the sound in JSON", (Reply(json.dumps({"audio": _TEXT, "sample_rate": 24_000}).encode(), "application/json"),)),
    Story("a gateway", "calls the sound by a name of its own", (Reply(json.dumps({"outputs": [{"AudioBase64": _TEXT}]}).encode(), "application/json"),)),
    Story("a gateway", "sends base64 and nothing else", (Reply(base64.b64encode(_file(PCM)), "text/plain"),)),
    Story("Hugging Face", "sends samples as numbers with a fraction", (Reply(json.dumps({"audio": [SOUND.round(5).tolist()], "sampling_rate": 24_000}).encode(), "application/json"),)),
    Story("a gateway", "sends the bytes of a file as numbers", (Reply(json.dumps({"type": "Buffer", "data": list(_file(PCM))}).encode(), "application/json"),)),
    Story("Gemini", "sends the sound inside a message", (Reply(json.dumps({"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": _TEXT}}]}}]}).encode(), "application/json"),)),
    Story("Google", "sends a list of objects with a piece in each", (Reply(json.dumps([{"audioContent": base64.b64encode(part).decode()} for part in _THIRDS], indent=1).encode(), "application/json"),)),
    Story("openai-edge-tts", "sends MP3 whatever it was asked for", (Reply(MP3, "audio/wav"),)),
    Story("LocalAI", "sends FLAC", (Reply(FLAC, "audio/flac"),)),
    Story("a gateway", "sends MP3 that nobody can unpack", (Reply(b"ID3\x04" + bytes(2000), "audio/pcm"),)),
)  # fmt: skip
SILENT = (
    "sends mu-law without saying so", "answers a request for events with a page", "sends an empty object",
    "refuses with words", "reports a failure with status 200", "sends MP3 that nobody can unpack",
    "writes why behind the sound", "sends a file of zeros", "sends a header and then text",
)  # fmt: skip
"""What these bring is no sound, or not all of it."""


@asynccontextmanager
async def served(story: Story, step: int) -> AsyncGenerator[tuple[str, list[dict[str, Any]]]]:
    """Serve a story on loopback; yield (its address, the requests for an answer).

    Args:
        step: bytes of a body that are sent at once; more of a long one.
    """
    asked: list[dict[str, Any]] = []

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            body = json.loads(await reader.readexactly(length) or b"{}")
            reply = Reply(b"{}", "application/json")
            if head.startswith(b"POST") and body.get("max_tokens", 0) != 8:
                reply = story.replies[min(len(asked), len(story.replies) - 1)]
                asked.append(body)
            lines = [f"HTTP/1.1 {reply.status} x", f"content-type: {reply.kind}", "connection: close"]
            lines += [f"{name}: {value}" for name, value in reply.headers.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            size = max(step, len(reply.body) // _MOST_PIECES)
            for at in range(0, len(reply.body), size):
                writer.write(reply.body[at : at + size])
                await writer.drain()
                await asyncio.sleep(0)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{story.path}", asked
    finally:
        server.close()
