"""Measures the limit: the servers' own times for a turn, one after the other, by a client that does nothing else.

A turn is the request to the language model, the first sentence in its stream, the request to the speech server and its
first sound. Sentences after the first are not requested.
"""

import asyncio
import json
import time

import aiohttp

from tests.bench.turns.row import WARM_S, Cpu, Job, Row, Turn, job, wait
from tests.peers.llm_peer import FIRST_SENTENCE_AND_ONE, PLAIN, SENTENCES

FIRST = SENTENCES[: FIRST_SENTENCE_AND_ONE - 1].strip()


async def one(session: aiohttp.ClientSession, asked: Job) -> Turn:
    now = time.monotonic()
    turn = Turn(now, now, 1, now)
    body = {"model": PLAIN, "stream": True, "messages": [{"role": "user", "content": "안녕"}]}
    async with session.post(f"{asked.llm}/chat/completions", json=body) as answer:
        text = ""
        async for line in answer.content:
            if line.startswith(b"data: {"):
                text += json.loads(line[6:])["choices"][0]["delta"].get("content", "")
            if len(text) >= FIRST_SENTENCE_AND_ONE:
                break
        speech = {"model": "tts-1", "input": FIRST, "voice": "default", "response_format": "pcm", "stream": True}
        async with session.post(f"{asked.tts}/v1/audio/speech", json=speech) as sound:
            async for data in sound.content.iter_any():
                turn.hand(len(data) // 2, time.monotonic())
        await answer.read()
    turn.ends = None  # nobody hears it, and the next one begins at once
    return turn


async def measure(asked: Job) -> None:
    wait()
    begin, cpu, turns = time.monotonic() + WARM_S, Cpu(), list[Turn]()
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < begin + asked.seconds:
            turns.append(await one(session, asked))
            if turns[-1].batched < begin:
                cpu.begin()
    Row(cpu_s=cpu.seconds()).tell(turns, begin, begin + asked.seconds)


if __name__ == "__main__":
    asyncio.run(measure(job()))
