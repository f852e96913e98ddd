"""``aischoco.py eval emotion``: how often the model answers with the right feeling."""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from nodes.commands import command
from nodes.llm._eval import NONE, Case, digest, in_turns, parse, report
from nodes.llm._memory.prompt import Message, Prompt, event_line
from nodes.llm._memory.rules import system_text
from nodes.llm._model.answer import Answer
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.limits import Limits
from nodes.llm._settings import GROQ, Reply
from nodes.phrases import phrase, reason_of
from nodes.written import NotText, contents, note, written
from schemas.chat import ChatMessage
from schemas.command import FAILED, OK, USAGE

FILE = "config/eval/emotion.tsv"
TRIES = 4
WAIT_S = 65.0
"""The longest wait for a server that is asked too often: a minute's limit is free again by then."""
PAUSE_S = 0.5
"""Wait before the second try of a line; twice as long before each later one."""
ANSWER_S = 30.0
TOKENS = 400
"""A guess at what an answer takes beside its prompt, for the limits."""
_ENDING = ("unauthorised", "unpaid", "refused", "too_large")
"""Refusals that the next line would get as well."""

_NAMES = {
    "base_url": "--base-url (GROQ_BASE_URL)",
    "model": "--model (GROQ_MODEL)",
    "persona": "--persona",
    "api_key": "GROQ_API_KEY",
}
"""Setting -> where a person set it."""


@command("eval", "measure the model: eval emotion asks it the lines of config/eval/emotion.tsv")
def evaluate(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:
    """Ask the model each line as a turn of its own and print how many of its emotions are right.

    Returns:
        0 all was asked, 1 it was broken off, 2 a setting is wrong or there is no key: nothing was measured.
    """
    asked = _parser(env).parse_args(argv)
    try:
        values = {"base_url": asked.base_url, "model": asked.model, "persona": asked.persona}
        settings = Reply.model_validate(values | {"api_key": env.get("GROQ_API_KEY", ""), "mode": "strict"})
        persona = _read(root, settings.persona)
        cases = in_turns(_cases(root, asked.file, settings))
    except ValidationError as error:
        wrong = error.errors()[0]
        place = _NAMES.get(str(wrong["loc"][0])) if wrong["loc"] else None
        why = f"{f'{place}: ' if place else ''}{wrong['msg'].removeprefix('Value error, ')}"
        print(phrase("not measured: {why}", why=why))
        return USAGE
    except ValueError as error:
        print(phrase("not measured: {why}", why=error))
        return USAGE
    if settings.needs_key and not settings.key:
        why = phrase("there is no GROQ_API_KEY in .env. Another server is chosen by --base-url.")
        print(phrase("not measured: {why}", why=why))
        return USAGE
    chosen = cases[: asked.lines or len(cases)]
    exam = _Exam(settings, system_text(persona, settings.all_emotions))
    try:
        asyncio.run(exam.sit(chosen))
    except KeyboardInterrupt:
        exam.trouble = phrase("given up.")
    count, file = len(cases), f"{asked.file} ({digest(repr(cases))})"
    about: dict[str, str] = {
        phrase("emotion test"): phrase("{count} lines, {file}", count=count, file=file),
        phrase("server"): settings.base_url,
        phrase("model"): settings.model,
        phrase("prompt"): phrase(
            "{digest} (temperature {temperature})",
            digest=digest(exam.system),
            temperature=f"{settings.temperature:g}",
        ),
        phrase("date"): datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    if exam.results:
        print(report(exam.results, settings.all_emotions, about, len(cases)))
    if exam.trouble:
        why = exam.trouble
        print(phrase("broken off: {why}", why=why) if exam.results else phrase("not measured: {why}", why=why))
        return FAILED
    return OK


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aischoco.py eval", description=phrase("Measure the model."))
    parser.add_argument("what", choices=["emotion"], help=phrase("emotion: is the feeling of an answer right?"))
    parser.add_argument(
        "--base-url", default=env.get("GROQ_BASE_URL") or GROQ, help=phrase("server of the OpenAI chat API")
    )
    parser.add_argument(
        "--model", default=env.get("GROQ_MODEL") or "openai/gpt-oss-120b", help=phrase("name of the model")
    )
    parser.add_argument("--persona", default="config/character.txt", help=phrase("file of the character"))
    parser.add_argument("--file", default=FILE, help=phrase("lines with their accepted emotions"))
    parser.add_argument(
        "--lines", type=_count, default=0, help=phrase("ask only so many, evenly over the emotions; 0 for all")
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(phrase("{text} is no number of lines; 0 asks all", text=repr(text)))
    return int(text)


def _read(root: Path, file: str | Path) -> str:
    """
    Raises:
        ValueError: it cannot be read; the text names it.
    """
    try:
        found = written(contents(root / file))
    except OSError as error:
        raise ValueError(f"{file}: {reason_of(error)}") from None
    except NotText as error:
        raise ValueError(f"{file}: {error}") from None
    if said := note(found):
        print(f"{file}: {said}", file=sys.stderr)
    return found.text


def _cases(root: Path, file: str, settings: Reply) -> list[Case]:
    text = _read(root, file)
    try:
        return parse(text, settings.all_emotions)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


class _Exam:
    """Asks line by line, as fast as the server's limits allow."""

    def __init__(self, settings: Reply, system: str) -> None:
        self.settings = settings
        self.system = system
        self.results: list[tuple[Case, str]] = []
        self.trouble = ""
        """Why the exam ended early."""
        self._limits = Limits(lambda: asyncio.get_running_loop().time())

    async def sit(self, cases: Sequence[Case]) -> None:
        settings = self.settings
        api = ChatApi(settings.url, settings.key, thread=asyncio.to_thread, heard=self._limits.note)
        try:
            for case in cases:
                self.results.append((case, await self._emotion(api, case)))
                if len(self.results) % 20 == 0:
                    print(f"{len(self.results)}/{len(cases)} ...", flush=True)
        except Refused as refused:
            self.trouble = f"{settings.base_url}: {refused}"
        finally:
            await api.close()

    async def _emotion(self, api: ChatApi, case: Case) -> str:
        """Return the emotion of the answer; ``NONE`` if there is none, or no answer after several tries.

        Raises:
            Refused: the server will not answer the next lines either.
        """
        event = ChatMessage(id="eval", author="시청자", text=case.text)
        messages = (Message("system", self.system), Message("user", event_line(1, event)))
        body = self.settings.body(self.settings.model, Prompt(messages, 0), schema=False)
        for attempt in range(TRIES):
            wait = self._limits.wait_s(self.settings.model, TOKENS + len(self.system) // 2)
            await asyncio.sleep(min(wait, WAIT_S))
            try:
                return await self._asked(api, body)
            except Refused as refused:
                if refused.kind in _ENDING or (refused.kind == "busy" and refused.over.daily):
                    raise
                if attempt < TRIES - 1:
                    await asyncio.sleep(min(WAIT_S, refused.retry_after_s or PAUSE_S * 2**attempt))
                elif refused.kind in ("broken", "busy"):
                    raise
        return NONE

    async def _asked(self, api: ChatApi, body: Mapping[str, object]) -> str:
        answer = Answer(self.settings.all_emotions)
        async with api.ask(body) as reading:
            while (delta := await reading.next(ANSWER_S)) is not None:
                answer.feed(delta.text)
        answer.finish()
        return NONE if answer.unknown or answer.emotion is None else answer.emotion
