"""Several recognisers as one: the best that works is asked, and the next one if it fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from nodes.listen._engine import Engine, EngineError
from nodes.listen._ghosts import Transcript
from nodes.listen._http import Http, HttpEngine
from nodes.listen._whisper import Whisper, WhisperEngine
from nodes.phrases import joined, noted, phrase
from nodes.services import Clock, Jobs, Log
from schemas.host import Utterance

BACKOFF_S = (2.0, 60.0)
"""First and longest time until one that failed is asked again."""
_TYPE = noted("Which recogniser it is.")


class HttpChoice(Http):
    """A server."""

    type: Literal["http"] = Field(description=_TYPE)


class WhisperChoice(Whisper):
    """Whisper on this computer."""

    type: Literal["whisper"] = Field(description=_TYPE)


Choice = Annotated[HttpChoice | WhisperChoice, Field(discriminator="type")]


@dataclass(slots=True)
class Rung:
    """One recogniser, and when it may be asked again."""

    name: str
    engine: Engine
    language: str = ""
    """The language it is told to hear; empty if it finds out by itself."""
    due: float = 0.0
    wait_s: float = BACKOFF_S[0]
    told: str = ""
    """The last error that was logged."""


class Recognisers:
    """Asks them in order."""

    def __init__(self, rungs: Sequence[Rung], patience_s: float, clock: Clock, log: Log) -> None:
        """
        Args:
            patience_s: one that has no answer after this long has failed.
        """
        self._rungs = rungs
        self._patience_s = patience_s
        self._clock = clock
        self._log = log
        self._used: Rung | None = None

    async def prepare(self) -> None:
        """Prepare the best one, so that the first words do not wait for it."""
        for rung in self._rungs:
            try:
                await rung.engine.prepare()
            except EngineError as error:
                self._failed(rung, error)
            else:
                return

    async def hear(self, utterance: Utterance, sample: str) -> Transcript:
        """Return what was said.

        Raises:
            EngineError: none of them answers.
        """
        failures: list[str] = []
        for rung in self._rungs:
            if rung.due > self._clock.now():
                failures.append(phrase("{name}: {why}", name=rung.name, why=rung.told))
                continue
            try:
                async with asyncio.timeout(self._patience_s):
                    heard = await rung.engine.hear(utterance, sample)
            except (EngineError, TimeoutError) as error:
                self._failed(rung, error)
                failures.append(phrase("{name}: {why}", name=rung.name, why=rung.told))
                continue
            self._worked(rung, heard)
            return replace(heard, language=rung.language)
        raise EngineError(joined(failures))

    async def close(self) -> None:
        for rung in self._rungs:
            await rung.engine.close()

    def _worked(self, rung: Rung, heard: Transcript) -> None:
        rung.wait_s, rung.told = BACKOFF_S[0], ""
        rung.due = self._clock.now() + heard.rest_s
        if heard.rest_s:
            rung.told = phrase("its limit is used up for {seconds} s", seconds=round(heard.rest_s))
        if rung is not self._used:
            self._used = rung
            self._log.info(phrase("what you say is understood by {name}", name=rung.name))

    def _failed(self, rung: Rung, error: Exception) -> None:
        told = (
            error.args[0]
            if isinstance(error, EngineError)
            else phrase("no answer in {seconds} s", seconds=round(self._patience_s, 1))
        )
        rest_s = error.rest_s if isinstance(error, EngineError) else 0.0
        rung.due = self._clock.now() + (rest_s or rung.wait_s)
        rung.wait_s = min(BACKOFF_S[1], 2 * rung.wait_s)
        if told != rung.told:
            rung.told = told
            self._log.warning(phrase("{name} does not understand you now: {why}", name=rung.name, why=told))


def recognisers(choices: Sequence[Choice], patience_s: float, jobs: Jobs, clock: Clock, log: Log) -> Recognisers:
    """Make them from their settings; a server without a key that needs one is among them, and says so."""
    rungs: list[Rung] = []
    for number, choice in enumerate(choices):
        worker = jobs.worker(f"{choice.type}{number}")
        if isinstance(choice, HttpChoice):
            rungs.append(Rung(choice.model, HttpEngine(choice, worker, log), choice.language))
        else:
            rungs.append(Rung(f"whisper {choice.model}", WhisperEngine(choice, worker), choice.language))
    return Recognisers(rungs, patience_s, clock, log)
