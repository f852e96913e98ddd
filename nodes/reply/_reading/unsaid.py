"""What a line holds that is said in no language: code, directions, Markdown, pictures and links."""

import re

from nodes.links import links
from nodes.particles import after
from nodes.reply._reading import directions
from nodes.reply._reading.rule import Rule, rule

_PARTICLE = re.compile(
    r"\s?(?:(?P<fits>으로|로|을|를|은|는|이|가|와|과|이에요|예요|이랑|랑)|에서|에|의|도|만|까지|부터|입니다)(?![가-힣])"
)


def without_links(text: str) -> str:
    """Return the text without addresses; one that a particle follows is called a link: ``naver.com에서`` 링크에서."""
    end, parts, found = 0, list[str](), sorted(links(text))
    if not found:
        return text
    for start, stop in found:
        if start < end:
            continue
        parts.append(text[end:start])
        end = stop
        particle = _PARTICLE.match(text, stop)
        if particle is None:
            parts.append(" ")
            continue
        name = " 메일" if "@" in text[start:stop] else " 링크"
        parts.append(name)
        if particle["fits"]:
            parts.append(after(name, particle["fits"]))
            end = particle.end()
        else:
            end += len(particle[0]) - len(particle[0].lstrip())
    return "".join([*parts, text[end:]])


RULES = (
    Rule("code", directions.without_code, frozenset("`")),
    Rule("directions", directions.without_directions, frozenset(directions.CLOSING)),
    Rule("markdown", directions.without_markdown, frozenset(directions.MARKS)),
    rule("emotes", r"\{:[\w-]{1,64}:\}", " ", needs="{"),
    rule("emotes", r":(?<![A-Za-z0-9:].)[a-z][a-z0-9_+-]{1,30}:(?![A-Za-z0-9:])", " ", needs=":"),
    Rule("links", without_links, frozenset(".:")),
)
