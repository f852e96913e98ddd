"""What the model is asked: the messages of a turn, in the order that keeps the server's prompt cache.

``system`` (persona and rules: only the streamer's own words), then ``user`` and ``assistant`` in turns, the newest
batch last. A prefix changes only when old turns leave; servers cache by exact prefix. What anybody else wrote is in
``user`` messages as JSON lines: ``{"n":1,"u":nickname,"t":text}`` for a viewer, with ``spoken`` in the place of ``t``
for what the streamer said into the microphone, ``{"summary":...}``, ``{"note":...}`` for what a tool found,
``{"topic":...}`` if nobody wrote, and ``{"viewer":...,"said":...,"told":...}`` for what is known of a viewer.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nodes.llm._memory.history import Turn, newest_turns
from schemas.chat import PAID, Donation, Subscription, ViewerEvent

FIXED, SYSTEM, USER, ASSISTANT = 52, 7, 4, 6
"""Tokens that the Harmony format adds to a request, and to each message (openai-harmony 0.0.8, reasoning low)."""
LONGEST = 300
"""Show the model at most this many characters of a viewer's text."""
SHORTER = (LONGEST, 150, 80, 40)
"""Lengths tried in this order when a batch is large."""
LONGEST_NAME = 40
LONGEST_NOTE = 600
NOTES = 5
SPOKEN = "spoken"
"""Key of what the streamer said into the microphone."""
READ = 4_000
"""Read at most this many characters of a text."""

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a request."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request: one system message, then user and assistant in turns, a user message last."""

    messages: tuple[Message, ...]
    tokens: int
    """Tokens, as the server is expected to count them."""


def answer_line(emotion: str, text: str) -> str:
    """Return an answer in the form the model is asked to write."""
    return _json({"emotion": emotion, "response": text})


def data_line(key: Literal["summary", "note", "topic"], text: str, longest: int = LONGEST_NOTE) -> str:
    """Put a text that is not from the streamer on a line of a user message."""
    return _json({key: clean(text, longest)})


def viewer_line(author: str, said: str, told: str) -> str:
    """Put what is known of a viewer on a line of a user message; the texts are clean."""
    return _json({"viewer": author, "said": said, "told": told})


def event_line(number: int, event: ViewerEvent, longest: int = LONGEST) -> str:
    """Put a viewer's message, donation or subscription, or what the streamer said, on a line of a user message."""
    anonymous = isinstance(event, Donation) and event.anonymous
    author = "익명의 후원자" if anonymous else clean(event.author, min(LONGEST_NAME, longest)) or "시청자"
    line: dict[str, Any] = {"n": number, "u": author}
    if event.role != "viewer":
        line["role"] = event.role
    if isinstance(event, Donation):
        line["donation_cheese"] = event.amount or "모름"
        if event.kind == "VIDEO":
            line["video"] = True
    elif isinstance(event, Subscription):
        gifts = {"gifted_subscriptions": event.gifts} if event.gifts else {"subscription_months": event.months}
        line |= {**gifts, "tier": event.tier}
    return _json(line | {SPOKEN if event.lane == "host" else "t": clean(event.text, longest)})


def batch_text(events: Sequence[ViewerEvent], count: Count, most: int, topic: str = "") -> str:
    """Return all events as JSON lines of at most ``most`` tokens, or the topic if there are no events.

    If they take more, long texts are cut shorter, then the oldest chat is left out, then the oldest donations and
    subscriptions; a last line says how many are left out, and the sum of cheese among them.
    """
    if not events:
        return data_line("topic", topic, LONGEST // 3)
    for longest in SHORTER:
        lines = [event_line(number, event, longest) for number, event in enumerate(events, 1)]
        if _fitting(lines, count, most) == len(lines):
            return "\n".join(lines)
    return _some(events, count, most)


def _some(events: Sequence[ViewerEvent], count: Count, most: int) -> str:
    """Return as many of the events as fit, cut short: paid ones first, then newer ones."""
    shortest = SHORTER[-1]
    ranked = sorted(range(len(events)), key=lambda index: (_kept_longest(events[index]), index), reverse=True)
    lines = (event_line(len(events), events[index], shortest) for index in ranked)
    fitting = _fitting(lines, count, most - count(_more(events)) - 1)
    while True:
        shown = set(ranked[: max(fitting, 1)])
        left_out = [event for index, event in enumerate(events) if index not in shown]
        lines = [event_line(number, events[index], shortest) for number, index in enumerate(sorted(shown), 1)]
        text = "\n".join([*lines, *([_more(left_out)] if left_out else [])])
        if count(text) <= most or shortest <= 1:
            return text
        fitting, shortest = fitting - 1, shortest if fitting > 1 else shortest // 2


def cut(text: str, count: Count, most: int) -> str:
    """Cut a text to at most ``most`` tokens, at the end of a sentence if one is near."""
    if count(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle] + "…") <= most else (low, middle - 1)
    ends = [match.end() for match in re.finditer(r"[.!?…~](?=\s)", text[:low])]
    return text[: ends[-1]] if ends and ends[-1] > low // 2 else text[:low].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a prompt may be made of."""

    system: tuple[str, int]
    """The text and its tokens, as for the others."""
    summary: tuple[str, int]
    """A JSON line, or nothing."""
    turns: Sequence[Turn]
    newest: tuple[str, int]
    """The batch."""
    viewers: Sequence[str]
    """JSON lines."""
    notes: Sequence[str]
    """JSON lines."""


def compose(parts: Parts, count: Count, hard: int, room: int | None = None) -> Prompt:
    """Build the prompt with as many of the newest turns as fit.

    Args:
        hard: most tokens of summary and turns together.
        room: most tokens of all, if there is such a limit: older turns, then the summary and the viewers, are left out
            for it; the system text, the batch and its notes never are.
    """
    must = FIXED + SYSTEM + parts.system[1] + USER + parts.newest[1] + sum(map(count, parts.notes))
    (summary, summary_tokens), viewers = parts.summary, parts.viewers
    viewer_tokens = sum(map(count, viewers))
    free = hard if room is None else min(hard, room - must - viewer_tokens)
    if free < summary_tokens:
        summary, summary_tokens, viewers, viewer_tokens = "", 0, (), 0
        free = hard if room is None else min(hard, room - must)
    turns = newest_turns(parts.turns, free - summary_tokens)
    tokens = must + viewer_tokens + summary_tokens + sum(turn.tokens for turn in turns)
    return Prompt(
        _messages(parts.system[0], summary, turns, "\n".join([parts.newest[0], *viewers, *parts.notes])), tokens
    )


def _messages(system: str, summary: str, turns: Iterable[Turn], newest: str) -> tuple[Message, ...]:
    """Return all in order. The summary, a JSON line or nothing, opens the first user message: roles must alternate."""
    before = summary + "\n" if summary else ""
    made = [Message("system", system)]
    for turn in turns:
        made += (Message("user", before + turn.user), Message("assistant", turn.assistant))
        before = ""
    return (*made, Message("user", before + newest))


def clean(text: str, longest: int = LONGEST) -> str:
    """Return a viewer's text on one line, without anything that a chat template could take for its own.

    Control and bidi characters, the special tokens of Harmony, ChatML, Llama and Gemma, and role words at the beginning
    of a line are taken out; what is longer than ``longest`` characters is cut. Plain text stays as it is.
    """
    lines = (_ROLES.sub("", _without_tokens(_printable(line))) for line in text[: max(READ, longest)].splitlines())
    joined = _ROLES.sub("", " ".join(" ".join(lines).split()))
    return joined if len(joined) <= longest else joined[: longest - 1].rstrip() + "…"


_TOKENS = re.compile(
    r"<\|[^<>|]{0,64}\|>|</?s>|<</?sys>>|\[/?(?:inst|system_prompt)\]|<(?:start|end)_of_turn>|</?think>|<(?:bos|eos)>",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"^(?:[\s#*>\[(]*(?:system|developer|assistant|user|tool|시스템|개발자|사용자)[\s*\])]*[:：])+\s*", re.I
)


def _without_tokens(text: str) -> str:
    for _ in range(4):  # a token may hide inside another one
        text, found = _TOKENS.subn(" ", text)
        if not found:
            break
    return text.replace("<|", "< |").replace("|>", "| >")


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(_SHOWN.get(unicodedata.category(each), each) if each != _JOINER else each for each in text)


_SHOWN = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": "", "Co": "", "Cn": ""}
_JOINER = "\u200d"
"""Joins several emoji into one picture."""


def _fitting(lines: Iterable[str], count: Count, most: int) -> int:
    """Return how many of the lines fit, from the first on; no more lines are counted than that takes."""
    fitting = 0
    for line in lines:
        most -= count(line) + 1
        if most < 0:
            break
        fitting += 1
    return fitting


def _more(left_out: Sequence[ViewerEvent]) -> str:
    cheese = sum(event.amount for event in left_out if isinstance(event, Donation))
    return _json({"more": len(left_out)} | ({"donation_cheese": cheese} if cheese else {}))


def _kept_longest(event: ViewerEvent) -> bool:
    return event.lane in ("host", *PAID)


def _json(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))
