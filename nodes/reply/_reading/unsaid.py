"""What a line holds that is said in no language: code, directions, Markdown, pictures and links."""

from nodes.links import without_links
from nodes.reply._reading import directions
from nodes.reply._reading.rule import Rule, rule

RULES = (
    Rule("code", directions.without_code, frozenset("`")),
    Rule("directions", directions.without_directions, frozenset(directions.CLOSING)),
    Rule("markdown", directions.without_markdown, frozenset(directions.MARKS)),
    rule("emotes", r"\{:[\w-]{1,64}:\}", " ", needs="{"),
    Rule("links", without_links, frozenset(".:")),
)
