"""Measures pipecat: its OpenAI LLM service, its OpenAI speech service and its output transport in a pipeline.

``OpenAILLMService`` -> ``OpenAITTSService`` -> a transport derived from ``BaseOutputTransport`` that discards the sound
in real time, all with their defaults; no transcription, no voice activity, no aggregators. It has no rule for a chat,
so it gets one that keeps it fast: when the bot is silent, the newest message is answered, and the earlier ones are
skipped. The model answers in plain text, since the pipeline would read JSON aloud.
"""

import asyncio
import os
import time
from typing import Any

from loguru import logger

logger.remove()
from pipecat.frames.frames import (  # noqa: E402
    BotStoppedSpeakingFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # noqa: E402
from pipecat.processors.aggregators.llm_context import LLMContext  # noqa: E402
from pipecat.processors.frame_processor import FrameProcessor  # noqa: E402
from pipecat.services.openai.llm import OpenAILLMService  # noqa: E402
from pipecat.services.openai.tts import OpenAITTSService  # noqa: E402
from pipecat.transports.base_output import BaseOutputTransport  # noqa: E402
from pipecat.transports.base_transport import TransportParams  # noqa: E402
from pipecat.workers.runner import WorkerRunner  # noqa: E402

from tests.bench.turns.row import RATE, WARM_S, Cpu, Job, Row, Turn, feed, job, wait  # noqa: E402

PERSONA = "You are 초코. Answer shortly."
LONGEST_S = 20.0
"""A turn whose end is not reported is abandoned after this time."""


class Stage:
    """What the parts of the pipeline share outside of it."""

    def __init__(self) -> None:
        self.turn: Turn | None = None
        self.written = False
        """Set once the model's whole answer has passed through."""
        self.silent = asyncio.Event()
        self.started = asyncio.Event()


class Device(BaseOutputTransport):
    """Discards the sound, in real time."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(TransportParams(audio_out_enabled=True, audio_out_sample_rate=RATE))
        self._stage = stage
        self._due = 0.0

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._stage.started.set()

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        now = time.monotonic()
        if self._stage.turn is not None and any(frame.audio):
            self._stage.turn.hand(len(frame.audio) // 2, now)
        self._due = max(now, self._due) + len(frame.audio) / 2 / RATE
        await asyncio.sleep(self._due - len(frame.audio) / 2 / RATE - now)
        return True

    async def process_frame(self, frame: Any, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMFullResponseEndFrame):
            self._stage.written = True


class Mouth(FrameProcessor):
    """The head of the pipeline: contexts go down from here, the end of speech comes up."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    async def process_frame(self, frame: Any, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, BotStoppedSpeakingFrame) and self._stage.written:
            self._stage.silent.set()
        await self.push_frame(frame, direction)


async def measure(asked: Job) -> None:
    stage, row, cpu, turns = Stage(), Row(), Cpu(), list[Turn]()
    head = Mouth(stage)
    settings = OpenAILLMService.Settings(model="plain", system_instruction=PERSONA)
    llm = OpenAILLMService(api_key="none", base_url=asked.llm, settings=settings)
    tts = OpenAITTSService(api_key="none", base_url=f"{asked.tts}/v1")
    worker = PipelineWorker(
        Pipeline([head, llm, tts, Device(stage)]),
        params=PipelineParams(audio_out_sample_rate=RATE),
        idle_timeout_secs=None,
        enable_rtvi=False,
        enable_turn_tracking=False,
        check_dangling_tasks=False,
        cancel_on_idle_timeout=False,
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.ensure_future(runner.run())
    await asyncio.wait_for(stage.started.wait(), 30)
    await asyncio.to_thread(wait)
    chat: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
    begun = time.monotonic()
    begin, ends = begun + WARM_S, begun + asked.ends

    async def play_chat() -> None:
        for at, text in feed(asked.recording):
            await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
            await chat.put((time.monotonic(), text))
            row.received += time.monotonic() >= begin

    playing, warm = asyncio.ensure_future(play_chat()), False
    while time.monotonic() < ends:
        received, text = await chat.get()
        passed = 0
        while not chat.empty():
            received, text = chat.get_nowait()
            passed += 1
        now = time.monotonic()
        if now >= begin and not warm:
            cpu.begin()
            warm = True
        if warm and passed:
            row.dropped["passed over"] = row.dropped.get("passed over", 0) + passed
        stage.turn, stage.written = Turn(received, received, 1, now), False
        stage.silent.clear()
        turns.append(stage.turn)
        await head.queue_frame(LLMContextFrame(context=LLMContext([{"role": "user", "content": text}])))
        await asyncio.wait_for(stage.silent.wait(), LONGEST_S)
    row.cpu_s = cpu.seconds()
    row.tell(turns, begin, ends)
    playing.cancel()
    running.cancel()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(measure(job()))
