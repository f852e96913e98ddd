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

TRUSTED = 3
"""After this many whole answers in plain text without a thought, the model's plain text is given as it comes."""
_MUST = ("model", "messages", "stream")
_TWINS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_UNFIT = re.compile(
    r"un(?:supported|recognized|recognised|known|expected)|extra|forbidden|invalid|cannot find field|must be|deprecated"
    r"|not (?:be )?(?:supported?|permitted|allowed|valid|available|enabled)|only (?:the )?default|only supported"
    r"|not one of|use '"
    r"|(?:does|do|is|are)(?: not|n't) (?:support|accept|allow)|can(?:not|'t) |may only"
    r"|no field|unmarshal|restricted|additional propert|is unavailable (?:now|for|on)|too many stop"
    r"|could not be converted"
    r"|(?:지원|허용)(?:하지|되지) ?않|(?:올바르|유효하)지 ?않|알 수 없는|잘못된|사용할 수 없|不支持|非法|无效|未知",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"system (?:role|message|prompt|instruction)s?\b.{0,20}not|developer instruction is not enabled"
    r"|only user(?:,| and) assistant|not support .?system|got system|roles must alternate"
    r"|(?:invalid|unexpected|unsupported|unknown) role\W{1,4}system|role\W{1,4}system\W{1,4}(?:is )?(?:not|invalid)",
    re.IGNORECASE,
)
_ALSO = {"stop": "stop_?[Ss]equences?", "think": "thinking", "reasoning_effort": "[Tt]hinking[ _](?:budget|level)"}
"""What a server that translates our request calls a parameter."""
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
    bare: bool = False
    """It refused a request without naming a reason: everything that is not needed is left out."""

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
        named = _named(body, about.message, about.params)
        if named:
            instead = _TWINS.get(named, "")
            self.left_out[named] = "" if instead in self.left_out else instead
            return named
        some = [name for name in optional if name in body]
        if refused.kind == "refused" and refused.status in (400, 422) and some and not self.bare:
            self.bare = True
            return ", ".join(some)
        return ""


def _named(body: Mapping[str, Any], message: str, params: list[str]) -> str:
    """Return the parameter of the request that an error is about: the first that it names."""
    places: list[tuple[int, str]] = []
    for name in body:
        if name in _MUST:
            continue
        if any(re.split(r"[./]", param)[-1] == name for param in params):
            return name
        camel = re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
        found = re.search(rf"(?<![\w-])(?:{name}|{camel}|{_ALSO.get(name, name)})(?![\w-])", message)
        if found and _UNFIT.search(message):
            places.append((found.start(), name))
    return min(places)[1] if places else ""


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
