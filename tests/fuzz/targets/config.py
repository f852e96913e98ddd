"""Fuzzes the files that a person writes; the first line says which.

``env``, ``persona``, ``replies``, ``topics``, ``words``, ``secret``, ``poses``, ``cases`` (of the test of feelings).
"""

import tempfile
from collections.abc import Callable
from math import isfinite
from pathlib import Path

from graphs.engine.language.env import environment
from nodes.chat.silence import parse as topics
from nodes.llm._eval import in_turns
from nodes.llm._eval import parse as cases
from nodes.llm._memory.rules import system_text
from nodes.pose._mapping import parse as poses
from nodes.reply._leak import Secrets
from nodes.reply._rules import parse as rules
from nodes.reply.canned import _Script
from nodes.text import clean
from nodes.words import BannedWords
from schemas.chat import ChatBatch, ChatMessage, Donation, Subscription, ViewerEvent
from schemas.graph import GraphError
from schemas.reply import EMOTIONS
from tests.fuzz.targets._laws import must, writable

_SAID = "안녕 초코야, 시 발 점이야? Hello {:smile:}"
_EVENTS: tuple[ViewerEvent, ...] = (
    ChatMessage(id="1", author="가나", author_id="a", text=_SAID, received_at=0.0),
    Donation(id="2", author="다라", author_id="b", text=_SAID, received_at=0.0, amount=1000, kind="CHAT"),
    Subscription(id="3", author="마바", author_id="c", text="", received_at=0.0, tier=1, tier_name="x", months=3),
)


def check(data: bytes) -> None:
    kind, _, content = data.partition(b"\n")
    name = kind.decode("utf-8", "replace")
    if name == "env":
        _env(content)
    elif (read := _KINDS.get(name)) is not None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:  # reported by the code that opens the file
            return
        try:
            read(text)
        except ValueError as error:
            must(0 < len(writable(str(error))) < 500, "no word, or too many:", str(error)[:600])


def _env(content: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="fuzz-env-") as folder:
        root = Path(folder)
        (root / ".env").write_bytes(content)
        try:
            found = environment(root)
        except GraphError as error:
            must(".env" in str(error), error)
            return
    for name, value in found.items():
        must(name and "=" not in name, "no name:", name)
        must(isinstance(value, str), value)


def _persona(text: str) -> None:
    told = writable(system_text(text.strip(), EMOTIONS))
    must(text.strip() in told, "the model is not told of it")


def _topics(text: str) -> None:
    found = topics(text)
    must(found and all(each == each.strip() and each for each in found), found)
    must(all("\n" not in each and "\r" not in each for each in found), found)


def _words(text: str) -> None:
    words = BannedWords.parse(text)
    for said in (_SAID, "", text[:300]):
        must((clean(said) in words) in (True, False))


def _secret(text: str) -> None:
    secrets = Secrets(text)
    must(not secrets.told_by(""), "silence tells it")
    letters = "".join(filter(str.isalnum, text.lower()))
    must(len(letters) < 20 or secrets.told_by(letters[:20]), "it may be said aloud")


def _rules(text: str) -> None:
    found, script = rules(text), _Script()
    for event in (*_EVENTS, *_EVENTS):
        chunks = list(script.answer(found, ChatBatch(turn="t", events=(event,) * 4, lane=event.lane)))
        must([chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True], "no end, or many", chunks)
        must(chunks[0].emotion in EMOTIONS and writable("".join(chunk.text for chunk in chunks)), chunks)


def _poses(text: str) -> None:
    found = poses(text)
    for emotion in (*found.poses, "unknown"):
        for name, value in found.calculation(emotion, 0.0).target.values.items():
            low, high = found.range(name)
            must(low <= value <= high and low < high, name, value, low, high)
            must(isfinite(found.speed(name)) and found.speed(name) > 0, name, found.speed(name))
    must(all(0 <= each <= 3 for each in found.energy.values()), found.energy)


def _cases(text: str) -> None:
    found = cases(text, EMOTIONS)
    must(found and sorted(map(repr, in_turns(found))) == sorted(map(repr, found)), "some are left out")


_KINDS: dict[str, Callable[[str], None]] = {
    "persona": _persona,
    "replies": _rules,
    "topics": _topics,
    "words": _words,
    "secret": _secret,
    "poses": _poses,
    "cases": _cases,
}
