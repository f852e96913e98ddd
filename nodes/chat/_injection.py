"""Detects lines of chat that give orders to a language model instead of talking to the character.

It uses rules, not a model: they stop what is copied from the net and leave jokes alone. What slips through reaches the
model only as data in the user's message.
"""

from nodes.patterns import Pattern
from nodes.text import without_emotes

_ORDER = r"(?:지시|명령|지침|프롬프트|인스트럭션|instruction|prompt|rule)"
_RULES: tuple[str, ...] = (
    # markers of the Harmony, ChatML, Llama and Mistral chat formats
    r"<\|?\s*/?\s*(?:im_start|im_end|start|end|message|channel|return|call|system|assistant|endoftext|endofprompt)\s*\|?>",
    r"<\||\|>|\[/?inst\]|<</?sys>>|</?s>",
    r"#{2,}\s*(?:system|instructions?|시스템|지시)",
    # a role at the start of the line, or the shape of an answer
    r"^\W*(?:system|assistant|developer|시스템|어시스턴트)\s*(?:message|prompt|메시지|프롬프트|지시)?\s*:",
    r"""["'](?:emotion|response|role)["']\s*:""",
    # "forget your instructions"
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,30}}\b(?:previous|prior|above|earlier|all|your|system)\b"
    rf".{{0,20}}\b(?:{_ORDER}|guideline|direction|message)s?\b",
    rf"(?:이전|위|앞|지금까지|기존|모든|원래|방금|너|네|니|당신|시스템)\S{{0,4}}\s?(?:의\s?)?(?:\S{{1,3}}\s)?{_ORDER}\S{{0,4}}"
    r"\s?(?:다|전부|모두|싹|좀|그냥)?\s?(?:무시|잊|버려|버리고|따르지)",
    r"(?:너|네|니|당신)(?:의|에게 주어진)?\s?규칙\S{0,3}\s?(?:다|전부|모두|싹|좀)?\s?(?:무시|잊|버려|버리)",
    # "reveal your instructions"
    r"\b(?:reveal|show|print|repeat|output|leak|tell me|give me|what(?:'s| is))\b.{0,30}"
    r"\b(?:system|hidden|initial|secret|original)\s+(?:prompt|instruction|message|rule)s?\b",
    r"(?:시스템|system|초기|숨겨진|숨은|비밀|원본|너의|네|니)\s?(?:프롬프트|prompt|지시문|지침|인스트럭션)\S{0,3}.{0,12}"
    r"(?:알려|보여|출력|말해|공개|뭐|읊|복사|그대로|적어|번역|요약)",
    # "be someone without limits"
    r"\byou are now\b.{0,40}\b(?:ai|dan|assistant|model|bot|unrestricted|uncensored|evil)\b|\bjailbreak(?:ed)?\b",
    r"\bdo anything now\b|\bact as (?:dan\b|an? (?:unrestricted|uncensored|evil))",
    r"\b(?:enable|enter|activate) developer mode",
    r"(?:지금|이제|앞으로)\s?부터\s?(?:너|넌|네|니|당신).{0,30}(?:역할|캐릭터|모드|인공지능|\bai\b|검열|제한|규칙)",
    r"(?:개발자|디버그|관리자|탈옥|dan)\s?모드(?:로|를|을)?\s?(?:전환|진입|바꿔|들어가|변경|활성화해)",
    r"(?:규칙|제한|검열|필터|윤리)\S{0,2}\s?(?:없이|풀고|끄고|해제하고|해제한)\s?(?:대답|답변|답해|말해|얘기|이야기|역할)",
)
_ANY = Pattern("|".join(f"(?:{rule})" for rule in _RULES))
PATTERNS = (_ANY,)


def injects(text: str, names: tuple[str, ...] = ()) -> bool:
    """Return whether a text, as returned by ``clean``, tries to instruct the model.

    Args:
        names: what the character is called; an order may address it by name.
    """
    text = without_emotes(text.lower())
    for name in names:
        text = text.replace(name.lower(), "너")
    return _ANY.compiled.search(text) is not None
