"""The marks around an answer, left out of it: of a block, of a feeling. Code within an answer is left to ``Ends``."""

import re
from collections.abc import Collection

from nodes.feelings import NAMES

LANGUAGE = r"[A-Za-z][A-Za-z0-9_+#.-]{0,15}"
"""What stands behind the mark that opens a block."""
_AROUND = r"(?:json5?|jsonc|te?xt|plaintext|plain|markdown|md|output|response|answer|xml|ko|korean)"
"""What a model calls a block that holds its answer."""
FENCE_BEFORE = re.compile(r"\s*(?:```[A-Za-z]*\s|(?:json|ya?ml|text|markdown)\n)?\s*")
OPEN_FENCE = re.compile(r"\s*`{1,3}[A-Za-z]{0,12}")
_FENCE = re.compile(rf"(?<!\n)```(?:{_AROUND}(?![A-Za-z0-9_+#.-])|(?!{LANGUAGE}))\s?", re.IGNORECASE)
_OPEN = re.compile(r"(?:`{1,2}|```[A-Za-z0-9_+#.-]{0,16})\Z")
QUOTED = re.compile(r"\s*[\"“'‘「『](?P<text>[^\"“”'‘’「」『』\n]+)(?P<end>[\"”'’」』]\s*)?")
"""A whole answer in quotation marks."""
_LISTED = re.compile(r"\s*\[\s*(?:(?:\"[^\"\n]*\"|'[^'\n]*')\s*,?\s*){1,9}\]\s*")
_CODE = re.compile(rf"```(?P<language>{LANGUAGE})?[ \t]*(?:\n|$)")


RULE = re.compile(rf"(?:(?P<sign>[-=_*#])(?P=sign){{2,}}|```(?:{LANGUAGE})?)[ \t]*(?:\n|$)")
OPEN_RULE = re.compile(rf"(?:[-=_*#]+|`{{1,2}}|```(?:{LANGUAGE})?)[ \t]*")
"""A line between two parts, or one that opens or closes a block of code."""
HEADING = re.compile(r"#{2,}")
OPEN_HEADING = re.compile(r"#$")
_OPENING, _CLOSING = r"\[({<*＜「『【〔〈《（［", r"\])}>*＞」』】〕〉》）］"
_NAMED = r"(?:[-•*]\s)?\**(?:emotion|mood|감정)\**\s*[:=]\s*\**\s*"
_SAYS = r"\**(?:response|reply|answer|text|대답|답변|응답)\**[ \t]*[:=]"
TAG = re.compile(
    r"\s*(?:<(?:emotion|mood)>\s*(?P<element>[A-Za-z_]{2,20})\s*</(?:emotion|mood)>\s*"
    r"|<(?:emotion|mood)(?:\s+\w+)?\s*=\s*[\"']?(?P<attribute>[A-Za-z_]{2,20})[\"']?\s*/?>\s*"
    rf"|\**[{_OPENING}]{{1,2}}\s*(?:{_NAMED})?(?P<bare>[A-Za-z_]{{2,20}}|[가-힣]{{2,8}})\s*[{_CLOSING}]{{1,2}}\**"
    r"(?:[ \t]|:(?![()DP3oO]))*"
    rf"|{_NAMED}[\"'\[]?(?P<key>[A-Za-z_]{{2,20}}|[가-힣]{{1,12}})[\"'\]]?\**[ \t]*"
    rf"(?:[,;|\n]+|$|[.]?[ \t]+(?={_SAYS}))\s*"
    rf"|(?P<felt>{'|'.join(NAMES)})[ \t]*[:：|]\s*"
    r"|(?P<word>[A-Za-z_]{2,20})(?:[ \t]*[:|][ \t]*|,[ \t]*(?=[가-힣])|[ \t]+[-–—][ \t]+|[ \t]*\n\s*))",
    re.IGNORECASE,
)
"""An emotion in front of the text. Groups: how it stands there."""
OPEN_TAG = re.compile(
    rf"\s*(?:\*{{1,2}}|\**[{_OPENING}]{{1,2}}[^{_CLOSING}\n\"'“]{{0,40}}[{_CLOSING}]{{0,2}}\**\s*|<(?:emotion|mood)>[^<\n]{{0,24}}(?:</?[a-z]{{0,7}}>?)?\s*|<(?:emotion|mood)\s*[^<>\n]{{0,40}}>?\s*)",
    re.IGNORECASE,
)
OPEN_KEY = re.compile(
    r"\s*(?:[-•*]\s)?\**(?:emotion|mood|감정)\**\s*(?:[:=]\s*\**\s*[\"'\[]?[A-Za-z_가-힣]{0,20}[\"'\]]?\**"
    r"(?:[ \t]*|[.]?[ \t]+\**[A-Za-z가-힣]{0,8}\**[ \t]*))?",
    re.IGNORECASE,
)
LEADS = ("emotion", "mood", "감정", *NAMES)


class Fences:
    """Takes text as it comes and gives it back without the marks of blocks of code."""

    def __init__(self) -> None:
        self._held = ""
        """What may become such a mark."""
        self._last = ""
        """The character before."""

    def push(self, text: str, *, ended: bool = False) -> str:
        """Return what is certain.

        Args:
            ended: nothing more comes.
        """
        data, self._held = self._held + text, ""
        open_ = None if ended or "`" not in data else _OPEN.search(data)
        if open_:
            data, self._held = data[: open_.start()], open_[0]
        last, self._last = self._last, data[-1:] or self._last
        return unfenced(last + data)[len(last) :] if "`" in data else data


def unfenced(text: str) -> str:
    """Remove these marks from a whole text."""
    return _FENCE.sub("", text)


def unlisted(text: str, emotions: Collection[str]) -> tuple[str | None, str]:
    """Return (emotion, text) of an answer that is a list of strings: ``["happy", "안녕!"]``."""
    if not _LISTED.fullmatch(text):
        return None, text
    parts = [part[1:-1] for part in re.findall(r"\"[^\"\n]*\"|'[^'\n]*'", text)]
    emotion = parts.pop(0) if len(parts) > 1 and parts[0].lower() in emotions else None
    return emotion, " ".join(parts)


def opens_code(line: str, *, said: bool) -> bool:
    """Return whether code begins with this line, which is not said: ``print(1)`` is no sentence.

    Args:
        said: something was said before, so that a mark without a language does not stand around the answer.
    """
    found = _CODE.match(line)
    if found is None:
        return False
    language = found["language"]
    return re.fullmatch(_AROUND, language, re.IGNORECASE) is None if language else said
