"""Reads the written answers of config/canned_replies.yaml, and chooses the rule for an event."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from nodes.phrases import phrase
from nodes.written import WrongLine
from schemas.chat import Donation, Subscription, ViewerEvent
from schemas.reply import EMOTIONS

EMOTE = re.compile(r"\{:[\w-]{1,64}:\}")
KINDS = ("chat", "donation", "subscription")
PLACES = {"name", "names", "amount", "months", "count", "tier"}
CONDITIONS = {"kind", "any", "anonymous", "video", "gift", "emote_only", "first", "more"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the file, in the file's terms."""

    name: str
    kind: str
    lines: tuple[str, ...]
    emotion: str = "neutral"
    words: tuple[str, ...] = ()
    """The rule fits if any of these is in the text; if empty, it fits every text."""
    anonymous: bool = False
    video: bool = False
    gift: bool = False
    """Whether it answers subscriptions given to others; otherwise it answers the viewer's own."""
    emote_only: bool = False
    first: bool = False
    """Whether its line is added to the first answer of a run and used for nothing else."""
    more: bool = False
    """Whether its line is added when an answer leaves out others of the same kind."""

    @property
    def fallback(self) -> bool:
        return not (
            self.words or self.anonymous or self.video or self.gift or self.emote_only or self.first or self.more
        )

    def fits(self, event: ViewerEvent) -> bool:
        if self.first or self.more or self.kind != kind(event):
            return False
        if isinstance(event, Donation) and (
            (self.anonymous and not event.anonymous) or (self.video and event.kind != "VIDEO")
        ):
            return False
        if isinstance(event, Subscription) and self.gift != (event.gifts > 0):
            return False
        if self.emote_only and (plain(event.text) or not EMOTE.search(event.text)):
            return False
        return not self.words or says(event.text, self.words)


def kind(event: ViewerEvent) -> str:
    return "donation" if isinstance(event, Donation) else "subscription" if isinstance(event, Subscription) else "chat"


def plain(text: str) -> str:
    """Return the words of a text without emotes, in lower case, with blanks collapsed."""
    return " ".join(EMOTE.sub(" ", text).casefold().split())


def says(text: str, words: Iterable[str]) -> bool:
    """Return whether one of the words is in the text; blanks do not count, and a Latin word must stand alone."""
    text = plain(text)
    dense = text.replace(" ", "")
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text)
        if word.isascii() and word.isalnum()
        else word.replace(" ", "") in dense
        for word in map(str.casefold, words)
    )


def parse(text: str) -> tuple[Rule, ...]:
    """Read the rules.

    Raises:
        WrongLine: a rule is not one.
    """
    import yaml

    try:
        root: Any = cast(Any, yaml).compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark, last = error.problem_mark, len(text.splitlines())  # the end of the text stands on a line beyond the last
        where = min(mark.line + 1, last) if mark else 1
        raise WrongLine(where, phrase("not YAML: {why}", why=error.problem)) from None
    except yaml.YAMLError as error:
        raise WrongLine(1, phrase("not YAML: {why}", why=str(error).partition("\n")[0])) from None
    except RecursionError:
        raise WrongLine(1, phrase("nested too deep")) from None
    if not isinstance(root, yaml.SequenceNode):
        raise WrongLine(_line(root), phrase("the file must be a list of rules"))
    rules = tuple(_rule(item) for item in _children(root))
    names: set[str] = set()
    for item, rule in zip(_children(root), rules, strict=True):
        if rule.name in names:
            raise WrongLine(_line(item), phrase("two rules are called {name}", name=repr(rule.name)))
        names.add(rule.name)
    missing = [name for name in KINDS if not any(rule.kind == name and rule.fallback for rule in rules)]
    if missing:
        text = phrase("no rule without a condition for kind {kind}: some turns would stay unanswered", kind=missing[0])
        raise WrongLine(_line(root), text)
    return rules


def _rule(node: Any) -> Rule:
    fields = _mapping(node, {"name", "when", "emotion", "lines"})
    for key in ("name", "when", "lines"):
        if key not in fields:
            raise WrongLine(_line(node), phrase("a rule needs {name}", name=repr(key)))
    when = _mapping(fields["when"], CONDITIONS)
    if "kind" not in when or _text(when["kind"]) not in KINDS:
        where = _line(when.get("kind", fields["when"]))
        raise WrongLine(where, phrase("'kind' must be one of {kinds}", kinds=", ".join(KINDS)))
    lines = _texts(fields["lines"])
    for line, item in zip(lines, _children(fields["lines"]), strict=True):
        unknown = set(re.findall(r"\{(\w+)\}", line)) - PLACES
        if unknown:
            raise _unknown(item, f"{{{min(unknown)}}}", sorted(PLACES))
    emotion = _text(fields["emotion"]) if "emotion" in fields else "neutral"
    if emotion not in EMOTIONS:
        raise _unknown(fields["emotion"], repr(emotion), EMOTIONS)
    flags = {key: _flag(when[key]) for key in when if key not in ("kind", "any")}
    words = _texts(when["any"]) if "any" in when else ()
    return Rule(_text(fields["name"]), _text(when["kind"]), lines, emotion, words, **flags)


def _mapping(node: Any, known: set[str]) -> dict[str, Any]:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise WrongLine(_line(node), phrase("expected {names}", names=", ".join(sorted(known))))
    found: dict[str, Any] = {}
    pairs: list[tuple[Any, Any]] = node.value
    for key, value in pairs:
        name = _text(key)
        if name not in known:
            raise _unknown(key, repr(name), sorted(known))
        found[name] = value
    return found


def _texts(node: Any) -> tuple[str, ...]:
    import yaml

    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise WrongLine(_line(node), phrase("expected a list of texts"))
    return tuple(_text(item) for item in _children(node))


def _children(node: Any) -> list[Any]:
    return list(node.value)


def _text(node: Any) -> str:
    import yaml

    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise WrongLine(_line(node), phrase("expected a text"))
    return str(node.value)


def _flag(node: Any) -> bool:
    if _text(node) not in ("true", "false"):
        raise WrongLine(_line(node), phrase("expected true or false"))
    return _text(node) == "true"


def _unknown(node: Any, name: str, known: Iterable[str]) -> WrongLine:
    return WrongLine(_line(node), phrase("{name} is unknown; there are {known}", name=name, known=", ".join(known)))


def _line(node: Any) -> int:
    return node.start_mark.line + 1 if node is not None else 1
