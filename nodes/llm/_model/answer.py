"""What the model writes, read while it is being written: the emotion first, then the text piece by piece."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json

KEYS = ("response", "text", "reply", "answer", "message", "content")
"""Under which of them the text stands; the first is what the model is asked for."""
PROSE = 60
"""Characters that are held back at the beginning, because JSON may follow on a sentence that is not meant to be said.
About 40 tokens: 0.08 s at 500 tokens a second."""
LONGEST = 2_000
"""Characters of one answer; the rest is not said."""

_TAG = re.compile(r"\s*[\[({<*]{1,2}\s*([A-Za-z_]{2,20})\s*[\])}>*]{1,2}[ \t:]*")
_OPEN_TAG = re.compile(r"\s*[\[({<*]{1,2}\s*[A-Za-z_]{0,20}\s*")
_HARMONY = re.compile(r"<\|[^|<>]{0,40}\|>")
_OPEN_HARMONY = re.compile(r"<(?:\|[^|<>]{0,40}\|?)?$")
_CONTROL = dict.fromkeys(range(32), " ")
_OBJECT = re.compile(r"\{\s*[\"']")
_OPEN_OBJECT = re.compile(r"\{\s*$")
_KEY = re.compile(rf"[\"'](?:{'|'.join(KEYS)})[\"']\s*:\s*[\"']")
_UNQUOTED = re.compile(rf'"(?:{"|".join(KEYS)})"\s*:\s*"(?:[^"\\]|\\.)*"\s*[^\s,}}]')
"""A text with a bare quotation mark in it."""
_EMOTION = re.compile(r"[\"']emotion[\"']\s*:\s*[\"']?(\w+)[\"']?\s*[,}]")
_TAIL = re.compile(r"[\"'}\]\s`\\]*$")
_NOTHING = re.compile(r"[\s{}\[\]\"'`:,]*")
_FENCE = re.compile(r"```[A-Za-z]*\s?")
_THINK, _THOUGHT = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Piece:
    """What is new."""

    text: str
    emotion: str | None = None
    """Given once, with the first text if it is known by then."""


class Answer:
    """One answer: a JSON object with ``emotion`` and ``response``, or plain text that may begin with ``[happy]``.

    JSON may stand in a fence, after thoughts of the model, or behind prose, which is left out if it is short. Valid or
    not, what can be made out of it is given.
    """

    def __init__(self, emotions: Iterable[str]) -> None:
        self._emotions = frozenset(emotions)
        self._raw = ""
        self._plain = False
        self.emotion: str | None = None
        self.unknown = ""
        """An emotion that the character does not have."""
        self.text = ""
        """All that was given out."""

    def feed(self, text: str) -> Piece | None:
        """Take what came; gives what is new, if anything."""
        self._raw += text
        return self._piece(*self._found(ended=False))

    def finish(self) -> Piece | None:
        """Nothing more comes; gives what was held back."""
        return self._piece(*self._found(ended=True))

    def _found(self, *, ended: bool) -> tuple[str, str | None]:
        """(all text so far, emotion)"""
        raw = _HARMONY.sub("", self._raw)
        if not ended:
            raw = _OPEN_HARMONY.sub("", raw)
        raw = without_thoughts(raw)
        begun = _OBJECT.search(raw)
        if begun and (not self._plain or _KEY.search(raw, begun.start())):
            text, emotion = self._object(raw[begun.start() :], ended=ended)
            if ended and not text and not self.text:
                return _bare(raw), emotion
            return (_plain(raw[: begun.start()])[0] if self._plain else "") + text, emotion
        if not ended:
            begun = begun or _OPEN_OBJECT.search(raw)
            raw = (raw[: begun.start()] if begun else raw).rstrip("`")
            self._plain = self._plain or self._is_plain(raw)
            if not self._plain:
                return "", None
        return ("", None) if _NOTHING.fullmatch(raw) else _plain(raw)

    def _is_plain(self, raw: str) -> bool:
        """Whether it is text to be said, and not the beginning of something else."""
        tag = _TAG.match(raw)
        if tag and tag[1].lower() in self._emotions:
            return True
        return len(raw.strip()) >= PROSE and not _OPEN_TAG.fullmatch(raw)

    def _object(self, raw: str, *, ended: bool) -> tuple[str, str | None]:
        if _UNQUOTED.search(raw):
            return _loosely(raw)
        try:
            found: Any = from_json(raw.translate(_CONTROL).encode("utf-8", "replace"), allow_partial="trailing-strings")
        except ValueError:
            return _loosely(raw)
        fields = cast(dict[str, Any], found) if isinstance(found, dict) else {}
        names = [name for name in KEYS if isinstance(fields.get(name), str)]
        emotion = fields.get("emotion")
        last = next(reversed(fields), "")
        known = isinstance(emotion, str) and (last != "emotion" or ended or raw.rstrip().endswith("}"))
        return (fields[names[0]] if names else ""), (emotion if known else None)

    def _piece(self, text: str, emotion: str | None) -> Piece | None:
        given = None
        if emotion is not None and self.emotion is None and (text or self.text):
            self.emotion = emotion.strip().lower()
            if self.emotion not in self._emotions:
                self.unknown, self.emotion = self.emotion, "neutral"
            given = self.emotion
        text = text.lstrip()[:LONGEST]
        new = text[len(self.text) :] if text.startswith(self.text) else ""
        self.text += new
        return Piece(new, given) if new or given else None


def without_thoughts(raw: str) -> str:
    """Some models write down what they think before they answer."""
    if not raw.lstrip().startswith(_THINK):
        return raw if not _THINK.startswith(raw.strip()) else ""
    return raw.partition(_THOUGHT)[2]


def _loosely(raw: str) -> tuple[str, str | None]:
    """Of an object that is not valid JSON: what follows on the key, up to the marks at the end."""
    emotion = _EMOTION.search(raw)
    key = _KEY.search(raw)
    text = _TAIL.sub("", raw[key.end() :]) if key else ""
    return text.replace('\\"', '"').replace("\\n", " "), emotion[1] if emotion else None


def _plain(raw: str) -> tuple[str, str | None]:
    tag = _TAG.match(raw)
    text = _FENCE.sub("", raw[tag.end() if tag else 0 :])
    return text, tag[1] if tag else None


def _bare(raw: str) -> str:
    """A text that began like JSON and was none."""
    return "" if re.search(r"[\"']\s*:", raw) else _FENCE.sub("", raw).strip(" {}\"'\n")
