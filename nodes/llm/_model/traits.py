"""What is learnt about a model on its server: what a request must not contain, and how it answers. It decides, and does
nothing.

Servers of one API differ: OpenAI's newer models refuse ``max_tokens``, ``temperature`` and ``stop``; Mistral and Groq
refuse what they do not know; others ignore it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.errors import Told

TRUSTED = 3
"""After this many whole answers in plain text without a thought, the model's plain text is given as it comes."""
_MUST = ("model", "messages", "stream")
_WORDS = ("stop", "think")
"""Names that are words of any sentence too."""
_TWINS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_UNFIT = re.compile(
    r"un(?:supported|recognized|recognised|known|expected)|extra|forbidden|invalid|cannot find field|must |deprecated"
    r"|not (?:be )?(?:supported?|permitted|allowed|valid|available|enabled)|only (?:the )?default|only supported"
    r"|not one of|use '|exceed|at most|too (?:many|long)|should be"
    r"|(?:does|do|is|are)(?: not|n't) (?:support|accept|allow)|can(?:not|'t) |may only"
    r"|no field|unmarshal|restricted|additional propert|is unavailable (?:now|for|on)"
    r"|could not be converted"
    r"|(?:지원|허용)(?:하지|되지) ?않|(?:올바르|유효하)지 ?않|알 수 없는|잘못된|사용할 수 없|不支持|非法|无效|未知"
    r"|最[大多]",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"system (?:role|message|prompt|instruction)s?\b.{0,20}not|developer instruction is not enabled"
    r"|only user(?:,| and) assistant|not support .?system|got system|roles must alternate"
    r"|(?:invalid|unexpected|unsupported|unknown) role\W{1,4}system|role\W{1,4}system\W{1,4}(?:is )?(?:not|invalid)",
    re.IGNORECASE,
)
_ALSO = {
    "stop": "stop_?[Ss]equences?|[Ss]top(?: sequences?| words?)",
    "think": "thinking",
    "reasoning_effort": r"[Tt]hinking[ _](?:budget|level|mode)|[Rr]easoning(?: is\b|[ .]effort)|Budget 0",
    "chat_template_kwargs": "chat_template|enable_thinking",
}
"""What a server that translates our request calls a parameter."""
_MEANT = (r"(?:[`'\"$.(\[,:]\s?|support |(?:parameter|argument|field|propert|key)\w* )", r"(?! \w+ing\b)")
_LEFT = r"(?=\s?[`'\":(\])]|\s(?:is|are|must|should|may|does|cannot|parameter|value|exceed\w*)\b|$)"
"""What stands before and behind a word that is meant as a name; one of them is enough."""
_STREAM = re.compile(r"only supports? (?:the )?stream|verified to stream|stream\W+(?:mode )?(?:does|is) not support")
_EFFORTS = ("none", "minimal", "low")
_MANDATORY = re.compile(r"mandatory|cannot be (?:disabled|turned off)|only works in thinking mode", re.IGNORECASE)
SYSTEM = "messages.system"
"""Stands for the role ``system`` among the names of what is left out."""


@dataclass(slots=True)
class Traits:
    """One model on one server."""

    thinks: bool = False
    """It was seen thinking."""
    loaded: bool = False
    """It answered in this run."""
    thoughts: int = 0
    """Tokens that it needs for its thoughts, which count as its answer; given only where no limit is known."""
    plain: int = 0
    """Whole answers in plain text without a thought."""
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    """Parameter -> what is sent in its place; empty for nothing."""
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    """Parameter -> the value that is sent instead of ours."""
    bare: bool = False
    """It refused a request without naming a reason: everything that is not needed is left out."""
    vague: str = ""
    """What it said then, until it has answered: if it says the same again, the reason was another one."""

    @property
    def trusted(self) -> bool:
        return self.plain >= TRUSTED and not self.thinks

    def fitted(
        self, body: Mapping[str, Any], less: Mapping[str, Any], optional: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return the request in the form that this model accepts.

        Args:
            less: parameters that ask it to think less, if it thinks.
            optional: what is left out if something is refused and nothing is named.
        """
        made = dict(body)
        if self.thinks:
            made = {**less, **{name: value for name, value in made.items() if name != "stop"}}
        made |= {name: value for name, value in self.values.items() if name in made}
        for name, instead in self.left_out.items():
            if name in made:
                value = made.pop(name)
                if instead and instead not in made:
                    made[instead] = value
        if self.bare:
            made = {name: value for name, value in made.items() if name not in optional}
        return _without_system(made) if SYSTEM in self.left_out else made

    def learn(self, refused: Refused, body: Mapping[str, Any], optional: tuple[str, ...] = ()) -> str:
        """Return what is left out from now on, because an error names it; empty if that is nothing new."""
        about = refused.told
        if refused.kind not in ("refused", "server") or not about.message:
            return ""
        if _NO_SYSTEM.search(about.message) and SYSTEM not in self.left_out:
            self.left_out[SYSTEM] = ""
            return SYSTEM
        streams = "stream" in about.params or _STREAM.search(about.message)
        if streams and "stream" in body and "stream" not in self.values:
            self.values["stream"] = not body["stream"]
            return "stream"
        named = _named(body, about, surely=refused.status in (400, 422))
        for name in named:
            effort = _effort(about.message, body[name]) if name == "reasoning_effort" else ""
            if effort and name not in self.values:
                self.values[name] = effort
                continue
            instead = _TWINS.get(name, "")
            self.left_out[name] = "" if instead in self.left_out else instead
        if named:
            return ", ".join(named)
        some = [name for name in optional if name in body]
        if refused.kind == "refused" and refused.status in (400, 422):
            vague = re.sub(r"\S*\d\S*", "", about.message)
            same = bool(vague) and vague == self.vague
            if some and not self.bare and not same:
                self.bare, self.vague = True, vague
                return ", ".join(some)
            self.bare = self.bare and not same
        return ""


def _named(body: Mapping[str, Any], about: Told, *, surely: bool) -> list[str]:
    """Return the parameters of the request that an error is about: all that it has in a field of their own, or the
    first that its words name.

    Args:
        surely: the error is about the request, so that a name alone is enough if it is not a word of any sentence.
    """
    names = [name for name in body if name not in _MUST]
    fields = {re.split(r"[./]", param)[-1] for param in about.params}
    if found := [name for name in names if name in fields]:
        return found
    words = " ".join((about.message, *(param for param in about.params if " " in param)))
    if not _UNFIT.search(words):
        names = [name for name in names if surely and name not in _WORDS]
    places = [(at, name) for name in names if (at := _place(name, words)) >= 0]
    return [min(places)[1]] if places else []


def _place(name: str, words: str) -> int:
    """Return where words name a parameter; -1 if they do not."""
    camel = re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
    pattern = rf"(?<![\w-])(?:{name}|{camel}|{_ALSO.get(name, name)})(?![\w-])"
    if name in _WORDS:
        pattern = rf"{_MEANT[0]}{pattern}{_MEANT[1]}|{pattern}{_LEFT}"
    found = re.search(pattern, words)
    return found.start() if found else -1


def _effort(message: str, refused: Any) -> str:
    """Return the least effort that a server takes, by the words with which it refuses another one; empty if unknown."""
    named = (each for each in _EFFORTS if each != refused and re.search(rf"\b{each}\b", message))
    return next(named, "low" if _MANDATORY.search(message) and refused != "low" else "")


def _without_system(body: dict[str, Any]) -> dict[str, Any]:
    """Let the user say what the system says, and each role only once in a row."""
    messages = cast(list[dict[str, Any]], body.get("messages", []))
    made: list[dict[str, Any]] = []
    for message in messages if len(messages) > 1 else []:
        message = {**message, "role": "user"} if message.get("role") == "system" else message
        if made and made[-1]["role"] == message.get("role"):
            made[-1] = {**message, "content": f"{made[-1]['content']}\n\n{message['content']}"}
        else:
            made.append(message)
    return {**body, "messages": made or messages}
