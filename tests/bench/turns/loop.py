"""Measures the sequential loop: take what came since the last answer, get the whole answer and all its sound, play it.

This is our own reading of how the first AIsChoco works, in short form: a worker takes what is waiting without a timer
or a limit, asks the model for JSON in one piece, sends the whole answer to ``POST /synthesize``, reads the WAV and
plays it before it looks at the chat again. It has no filter and no age limit.
"""

import io
import json
import queue
import threading
import time
import wave

import httpx

from tests.bench.turns.row import WARM_S, Cpu, Job, Row, Turn, feed, job, wait

PERSONA = 'You are 초코. Answer in JSON: {"emotion": "...", "response": "..."}'


def play_chat(asked: Job, begun: float, chat: "queue.Queue[tuple[float, str]]") -> None:
    for at, text in feed(asked.recording):
        time.sleep(max(0.0, begun + at - time.monotonic()))
        chat.put((time.monotonic(), text))


def waiting(chat: "queue.Queue[tuple[float, str]]") -> list[tuple[float, str]]:
    """Wait for one message, and take all that are queued behind it."""
    found = [chat.get()]
    while not chat.empty():
        found.append(chat.get())
    return found


def answered(client: httpx.Client, asked: Job, texts: list[str]) -> str:
    messages = [{"role": "system", "content": PERSONA}, {"role": "user", "content": "채팅 목록:\n" + "\n".join(texts)}]
    body = {"model": "whole", "messages": messages, "response_format": {"type": "json_object"}}
    told = client.post(f"{asked.llm}/chat/completions", json=body).raise_for_status().json()
    return str(json.loads(told["choices"][0]["message"]["content"])["response"])


def said(client: httpx.Client, asked: Job, text: str) -> tuple[int, float]:
    """Return (samples, seconds) of its sound."""
    body = {"text": text, "emotion": "happy", "language": "Korean"}
    sound = client.post(f"{asked.tts}/synthesize", json=body).raise_for_status().content
    with wave.open(io.BytesIO(sound)) as file:
        return file.getnframes(), file.getnframes() / file.getframerate()


def measure(asked: Job) -> None:
    chat: queue.Queue[tuple[float, str]] = queue.Queue()
    cpu, row, turns = Cpu(), Row(), list[Turn]()
    wait()
    begun = time.monotonic()
    begin, warm = begun + WARM_S, False
    threading.Thread(target=play_chat, args=(asked, begun, chat), daemon=True).start()
    with httpx.Client(timeout=30.0, trust_env=False) as client:
        while time.monotonic() < begin + asked.seconds:
            found = waiting(chat)
            now = time.monotonic()
            if now >= begin:
                row.received += len(found)
                if not warm:
                    cpu.begin()
                    warm = True
            turn = Turn(found[0][0], found[-1][0], len(found), now)
            samples, seconds = said(client, asked, answered(client, asked, [text for _, text in found]))
            turn.hand(samples, time.monotonic())
            turns.append(turn)
            time.sleep(seconds)
    row.cpu_s = cpu.seconds()
    row.tell(turns, begin, begin + asked.seconds)


if __name__ == "__main__":
    measure(job())
