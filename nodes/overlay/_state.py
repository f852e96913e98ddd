"""Computes what the overlay shows, as a fold over changes; the page does the same fold (assets/overlay/overlay.js).

A snapshot is plain JSON: ``{"lines": [...], "answers": [...], "caption": {...} | None, "host": {...} | None, "show":
{...} | None, "streamer_hidden": bool}``. A change is one of ``{"type": "line", "line"}``, ``{"type": "withdraw", "ids":
[...]}``, ``{"type": "answer", "answer"}``, ``{"type": "answered", "ids": [...]}``, ``{"type": "caption", "caption"}``,
``{"type": "host", "host"}`` (what the streamer said), ``{"type": "show", "show"}`` (what is known of the show),
``{"type": "clear"}``, ``{"type": "restore", "lines": [...], "answers": [...]}`` (all that is shown once a ``clear`` was
undone) and ``{"type": "streamer", "hidden": bool}``: a line or answer with a known id replaces the old one, a new one
goes to the end, and the oldest beyond the limit leave; withdrawn lines leave at once, and so do their authors' names
beside the answers. An answer without sentences (all of it was cut before a sound) is kept but not shown.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from nodes.text import EMOTE
from schemas.chat import NO_CHANNEL, Donation, Subscription, ViewerEvent
from schemas.playback import Heard
from schemas.reply import Sentence

Item = dict[str, Any]
Snapshot = dict[str, Any]
Change = dict[str, Any]

LONGEST = 300
"""How many characters of a viewer's text are shown."""
LONGEST_NAME = 40
MARKS = 2
"""How many combining marks one letter may have; more would overwrite the lines above and below."""
EMOTES = 30
"""How many different emotes in one line become images."""
BADGES = 3
ANONYMOUS = "익명의 후원자"

_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)


def empty() -> Snapshot:
    return {"lines": [], "answers": [], "caption": None, "host": None, "show": None, "streamer_hidden": False}


def apply(shown: Snapshot, change: Change, most: int) -> Snapshot:
    """Return the snapshot after a change; at most ``most`` lines and ``most`` answers are kept."""
    match change["type"]:
        case "caption" | "host" | "show" as part:
            return {**shown, part: change[part]}
        case "withdraw":
            return without(shown, change["ids"])
        case "answered":
            lines = [{**line, "processed": True} if line["id"] in change["ids"] else line for line in shown["lines"]]
            return {**shown, "lines": lines}
        case "clear":
            return {**shown, "lines": [], "answers": []}
        case "restore":
            return {**shown, "lines": change["lines"][-most:], "answers": change["answers"][-most:]}
        case "streamer":
            return {**shown, "streamer_hidden": change["hidden"]}
        case kind:
            return {**shown, f"{kind}s": _put(shown[f"{kind}s"], change[kind])[-most:]}


def viewer_line(event: ViewerEvent, now: float, image: Callable[[str], str | None] = lambda _: None) -> Change:
    """Return the line of a viewer's event at ``now``; ``image`` gives the key of an image that may be shown.

    The event is a message, donation or subscription. ``emotes`` (emote -> key), ``badges`` (keys) and ``channel``
    (the id) are in the line only if there are any.
    """
    line: Item = {
        "id": event.id,
        "kind": "chat",
        "user": name(event),
        "role": event.role,
        "message": clean(event.text, LONGEST),
        "processed": False,
        "ts": round(now, 3),
    }
    used = [emote for emote in dict.fromkeys(EMOTE.findall(line["message"])) if emote in event.emotes][:EMOTES]
    if emotes := {emote: key for emote in used if (key := image(event.emotes[emote]))}:
        line["emotes"] = emotes
    if badges := [key for url in event.badges[:BADGES] if (key := image(url))]:
        line["badges"] = badges
    if event.channel_id not in ("", NO_CHANNEL):
        line["channel"] = clean(event.channel_id, LONGEST_NAME)
    if event.lane == "host":
        line["kind"] = "host"
    elif isinstance(event, Donation):
        line |= {"kind": "donation", "amount": event.amount}
    elif isinstance(event, Subscription):
        line |= {"kind": "subscription", "tier": clean(event.tier_name, LONGEST_NAME), "months": event.months}
        if event.gifts:
            line["gifts"] = event.gifts
    return {"type": "line", "line": line}


def host_line(event: ViewerEvent, until: float) -> Change:
    """Return the caption of what the streamer said, which is shown until a time on the run's clock."""
    host: Item = {"user": name(event), "text": clean(event.text, LONGEST), "until": round(until, 3)}
    return {"type": "host", "host": host if host["text"] else None}


def name(event: ViewerEvent) -> str:
    """Return the author's name as shown."""
    anonymous = isinstance(event, Donation) and event.anonymous
    return ANONYMOUS if anonymous else clean(event.author, LONGEST_NAME)


def withdrawal(shown: Snapshot, covered: Iterable[str]) -> Iterator[Change]:
    """Remove viewers' lines; no change if none of them is shown, by itself or beside its answer."""
    seen = [line["id"] for line in shown["lines"]]
    seen += [one["id"] for answer in shown["answers"] for one in answer["to"]]
    ids = set(covered)
    if leaving := [id_ for id_ in dict.fromkeys(seen) if id_ in ids]:
        yield {"type": "withdraw", "ids": leaving}


def sentence_came(shown: Snapshot, sentence: Sentence, to: list[Item], now: float) -> Iterator[Change]:
    """Show a whole sentence at once, if nothing reports when it is heard; ``to`` is whom it answers."""
    if sentence.text.strip():
        answer = _answer(shown, sentence.turn, sentence.index, sentence.text, sentence.emotion, to, now)
        yield from _begun(shown, answer)
        yield answer
        yield _caption(sentence.turn, sentence.index, sentence.text, 1.0, ended=True)


def sentence_heard(shown: Snapshot, heard: Heard, emotion: str, to: list[Item], now: float) -> Iterator[Change]:
    """Show a sentence as it begins to be heard, goes on, or ends; if it was cut, the heard part stays."""
    if not heard.text.strip():
        return
    text = heard.text if not heard.ended or heard.fraction >= 1 else heard_part(heard.text, heard.fraction)
    change = _answer(shown, heard.turn, heard.sentence, text, emotion, to, now)
    known = any(answer["id"] == heard.turn for answer in shown["answers"])
    if change["answer"] not in shown["answers"] and (known or change["answer"]["sentences"]):
        yield from _begun(shown, change)
        yield change
    yield _caption(heard.turn, heard.sentence, text, 1.0 if heard.ended else heard.fraction, heard.ended)


def heard_part(text: str, fraction: float) -> str:
    """Return the heard part of a sentence that was cut, with an ellipsis; empty if nothing was heard."""
    part = text[: math.floor(len(text) * fraction + 0.5)].rstrip()
    return f"{part}…" if part else ""


def clean(text: str, longest: int) -> str:
    """Return text that cannot disturb the lines around it: no controls, reordering or stacked marks, not too long."""
    kept: list[str] = []
    marks = 0
    for sign in _HIDDEN.sub(" ", text):
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MARKS:
            kept.append(sign)
    plain = " ".join("".join(kept).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def _answer(shown: Snapshot, turn: str, index: int, text: str, emotion: str, to: list[Item], now: float) -> Change:
    old = next((answer for answer in shown["answers"] if answer["id"] == turn), None)
    sentences: list[Item] = [] if old is None else old["sentences"]
    sentences = [item for item in _put(sentences, {"id": index, "text": text.strip()}) if item["text"]]
    first: Item = {"id": turn, "emotion": emotion, "to": to, "ts": round(now, 3)} if old is None else old
    return {"type": "answer", "answer": {**first, "sentences": sentences}}


def _begun(shown: Snapshot, change: Change) -> Iterator[Change]:
    """Mark the lines that an answer is for as answered, once it begins."""
    ids = {one["id"] for one in change["answer"]["to"]}
    if answered := [line["id"] for line in shown["lines"] if line["id"] in ids and not line["processed"]]:
        yield {"type": "answered", "ids": answered}


def _caption(turn: str, index: int, text: str, fraction: float, ended: bool) -> Change:
    caption: Item = {"turn": turn, "sentence": index, "text": text, "fraction": round(fraction, 3), "ended": ended}
    return {"type": "caption", "caption": caption if text else None}


def _put(items: list[Item], item: Item) -> list[Item]:
    if any(old["id"] == item["id"] for old in items):
        return [item if old["id"] == item["id"] else old for old in items]
    return [*items, item]


def without(shown: Snapshot, ids: Collection[str]) -> Snapshot:
    """Return the snapshot without these viewers' lines, and without their authors beside the answers."""
    answers = [{**said, "to": [one for one in said["to"] if one["id"] not in ids]} for said in shown["answers"]]
    lines = [line for line in shown["lines"] if line["id"] not in ids]
    return {**shown, "lines": lines, "answers": answers}
