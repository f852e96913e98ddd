"""Decides which batches ask something that a search could answer, and what to search for."""

import re
from collections.abc import Iterable
from functools import cache

from nodes.links import has_link
from nodes.text import clean, without_emotes
from schemas.chat import ViewerEvent

LONGEST = 60
"""A query has at most this many characters."""
_SHORTEST = 4
_ORDERED = re.compile(r"검색|찾아\s?(?:줘|봐|주|볼)|알아\s?봐|구글링|네이버에|\bsearch\b|\bgoogle\b")
_ASKED = re.compile(
    r"\?|(?:뭐|무엇|뭔|누구|누가|언제|어디|어떻게|얼마|몇|왜|어느|무슨)"
    r".{0,12}(?:야|예요|에요|이에요|인가요|나요|가요|죠|냐|니|까|임|인지|돼|되|해)\s*[?.!~ㅋㅎㅠ]*$"
)
_OF_THE_CHARACTER = (
    r"(?<![가-힣])(?:너|넌|네가|니가|너는|너의|너도|당신|NAME)(?![가-힣]{3})|뭐\s?(?:해|하고|하는|할까|먹을까|봐)"
    r"|기분|심심|(?:이름|나이|생일|취미|목소리)(?:이|가|은|는)?\s?(?:뭐|몇|언제)|몇\s?살|방송\s?(?:언제|몇|왜)|안녕|반가"
)
_ASIDE = (
    r"(?:좀|한번|한 번)?\s*(?:(?:네이버|구글|인터넷)(?:에|에서)?\s*)?"
    r"(?:검색\s?(?:해|좀)?\s?(?:줘|봐|주세요|주라|줄래)?|(?:찾아|알아)\s?(?:봐\s?줘|줘|봐|주세요|보자|볼래)|알려\s?(?:줘|주세요|줄래))"
    r"(?:요)?|구글링\S*|(?:NAME)(?:아|야|님)?(?![가-힣])|[?!~.…ㅋㅎㅠㅜ]+|(?<=\s)(?:좀|혹시)(?=\s)"
)


def question(events: Iterable[ViewerEvent], names: tuple[str, ...] = ()) -> str:
    """Return what to search for, from the newest event that asks; empty if none does.

    A line asks if it says so (검색, 찾아줘) or is a question that is not about the character itself.

    Args:
        names: what the character is called.
    """
    of_the_character, aside = _calling(_OF_THE_CHARACTER, names), _calling(_ASIDE, names)
    for event in reversed(tuple(events)):
        text = without_emotes(clean(event.text), " ").lower()
        if _ORDERED.search(text) or (_ASKED.search(text) and not of_the_character.search(text)):
            query = " ".join(aside.sub(" ", " ".join(w for w in text.split() if not has_link(w))).split())
            if len(query) >= _SHORTEST or (query and _ORDERED.search(text)):
                return query[:LONGEST].strip()
    return ""


@cache
def _calling(pattern: str, names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(pattern.replace("NAME", "|".join(re.escape(name.lower()) for name in names) or "(?!)"))
