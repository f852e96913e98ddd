"""Recognizes what is in a line but not said aloud: stage directions, feeling tags, code and Markdown."""

import html
import re

from nodes.reply._reading.rule import final

_TAG = re.compile(
    r"(?:(?:감정|기분|표정|말투|emotion|feeling|mood|tone)\s*[:=]?\s+|(?:감정|기분|표정|말투|emotion|feeling|mood|tone)\s*[:=]\s*)?"
    r"(?:(?:아주|매우|정말|너무|살짝|조금|약간|완전|엄청|좀|very|slightly|so|a\sbit|a\slittle)\s+)?"
    r"(기쁨|기쁜|기뻐|행복(?:함|한|해)?|즐거움|즐거운|슬픔|슬픈|슬퍼|우울(?:함|한|해)?|분노|화남|화난|화나|짜증|놀람|놀라움|놀란|놀라|당황|신남|신난"
    r"|신나|흥분|설렘|설레|중립|평온|차분|무표정|보통"
    r"|(?:사랑|부끄러움|부끄|수줍음|걱정|민망|진지|장난|긴장|피곤|졸림|애교|감동|감사|궁금|의아|귀찮음|무서움|공포"
    r"|실망|안도|만족|흐뭇|억울"
    r"|귀여움|기대|흥미|당당|편안|씁쓸|쓸쓸|짜릿|뻔뻔|능청|상쾌|좋음"
    r"|외로움|그리움|호기심|단호|뿌듯|질투|후회|미안|반가움|혼란|황당|시무룩|초조|불안|지루|심심|새침|도도|정색)(?:함"
    r"|한|해|하게)?"
    r"|love|shy|embarrassed|smirk|proud|confused|worried|scared|disgusted|bored|tired|thinking|curious|relaxed|sleepy"
    r"|playful|teasing|nervous|smug|fear|disgust|serious|disappointed|grateful|touched|amused|annoyed|happy|sad|angry"
    r"|surprised|neutral|excited|joy|happiness|sadness|anger|surprise"
    r"|calm|joyful|excitement)",
    re.IGNORECASE,
)
_GESTURE = re.compile(
    r"노래를|노래하|생각하(?:며|면서|더니|다가)|고민하(?:며|더니|다가)|머뭇|웃|미소|손키스|손가락|카메라를|턱을|꼬리|눈썹|끄덕|갸웃|갸우뚱|절레|손을|손짓|손뼉|흔들|흔든|박수|한숨|윙크|찡긋|꾸벅|고개|속삭|울먹|훌쩍|눈물|눈을"
    r"|눈빛|볼을|볼이|숨을|팔을|모금|침을|코를|귀를|혀를|머리카락|얼굴|팔짱|두근|콩닥|깜짝"
    r"|헛기침|하품|기지개|춤|점프|폴짝|방방|안아|포옹|쓰다듬|토닥|손하트|노려|째려|삐죽|입을|입술|침묵|정적|잠시|목소리|표정|말투|수줍|부끄|당황|빙그레|방긋|활짝|씩씩"
    r"|히죽|피식|키득|킥킥|큭큭|으쓱|어깨|엄지|주먹|인사|몸을|허리|무릎|발을|자리에|의자|놀라|놀란|신나|화를|화난|중얼|외치|소리치|바라보|쳐다|가리키|가리킨|머리를|뛰|달려|다가|물러|음악이|음악과|흐르|흐른|울리|울린|등장|퇴장|조명"
)  # fmt: skip
_ALONE = re.compile(
    r"(?:작게|크게|살짝|조용히|빵|환하게|밝게|깊은|큰|작은|힘찬|잠시|한참|어색한|긴|짧은|\d+초(?:간|\s?동안)?)?\s*(?:정적|(?:[가-힣]+\s){0,3}(?:알림음|효과음|배경음|브금|이모티콘|이모지)|(?:화면|장면)\s?전환|(?:생각|고민|로딩|독서|식사)\s?중|두둥|짜잔|톡톡|쾅쾅|쿵쿵|똑똑|쓱쓱|탁탁|툭툭|쿨럭|큼큼|크흠|에헴|냥냥|부비부비|짝짝(?:짝)?|환호|함성|비명|효과음|음악"
    r"|(?:웃음|울음|박수|종|발|문|알람)\s?소리|웃음|미소|한숨|박수|침묵|정적|윙크|헛?기침|하품|눈물|훌쩍(?:훌쩍)?|끄덕(?:끄덕)?|갸웃(?:갸웃)?"
    r"|절레(?:절레)?|꾸벅(?:꾸벅)?|속닥(?:속닥)?|속삭임|두근(?:두근)?|빙긋|방긋|찡긋|피식|풉|깜짝|으쓱|부끄(?:부끄)?|토닥(?:토닥)?|쓰담(?:쓰담)?|포옹|경례|인사|손인사|속으로|마음속으로|혼잣말(?:로)?|귓속말(?:로)?|(?:행복|우울|흥분|피곤|졸리|미안|반갑|서운|의아|진지|단호|다정|차분|새침|당당|시무룩|퉁명|장난|조심|능청|수줍|부끄|씩씩|힘차|활기차|신나|귀엽|슬프|기쁘|즐겁|화나|밝)(?:하|스럽|럽)?게|기지개"
    r"|울음|침묵|폭소|미소|정색|심호흡|재채기|콧노래|흥얼(?:흥얼)?|긁적(?:긁적)?|머쓱|폴짝(?:폴짝)?|빼꼼|냠냠|꿀꺽"
    r"|우물쭈물|멈칫|움찔|화들짝|벌떡|털썩|와락"
    r"|슬쩍|힐끔|갸우뚱|도리도리|콜록(?:콜록)?|에취|(?:[가-힣]{1,4}[을를]?\s)?(?:먹|마시|웃|우|자|듣|보|생각하|고민하)는\s?중|눈웃음|코웃음"
    r"|헤헤|히히|활짝|손하트|하트|엄지척|엄지|박수갈채|씨익|싱긋|생긋|씽긋|빙그레|울컥|뭉클|뾰로통|흠칫|꽈당|찰칵|쭈뼛|멀뚱(?:멀뚱)?"
    r"|두리번(?:두리번)?|털털|뿌듯|뿅|쾅"
    r"|소곤|글썽|쭈글|덜덜덜|동공\s?지진|식은\s?땀|딴청|메롱|뿌잉|현웃|(?:폭풍\s)?오열|절규|좌절|[후호]다닥|먼\s?산|코쓱|풀썩|철푸덕"
    r"|쓰윽|스윽|후후|흐흐|[에데]헷|힛|흠흠|(?:음악|노래|효과음)\s?(?:재생|시작|종료))"
)
_ENDING = re.compile(
    r"(?:으며|며|면서|더니|듯|듯이|척|채|채로|목소리로|표정으로|표정|얼굴로|(?:웃는|우는|화난|놀란|기쁜|슬픈)\s얼굴|말투로|톤으로|눈빛으로|소리로|뒤|후|다가|는다)$"
)
_AND_THEN = re.compile(r"[을를]\s.*(?:고|려|[아어해려]서)$")
"""How a direction at the beginning ends if speech follows what was done: ``(물을 마시고)``."""
_TWICE = re.compile(r"(?!진짜|정말|아주|매우|많이|빨리|제발|하나|매일)([가-힣]{2})\1(?:\s?(?:대며|거리며))?")
_SOUND = re.compile(r"(?:는|은|한)\s소리$")
_LABELLED = re.compile(
    r"(?:OOC|BGM|SE|SFX|속마음|효과음|배경\s?음악|음악|지문|행동|동작|표정|카메라|화면|조명)\s*[:：]", re.IGNORECASE
)
_ENGLISH = re.compile(
    r"^(?:(?:\w+ly|long|short|brief|soft|deep|big|small)\s)?(?:music\b|laugh|giggl|sigh|smil|wav|nod|cry|cri|wink|gasp|blush|bow|clap|hug|paus|whisper|shrug|chuckl|grin|sniff|sob|cough|yawn|jump"
    r"|danc|tilt|look|stretch|pout|stare|lean|point|scratch|hum|sing|spin|think)\w*",
    re.IGNORECASE,
)
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_IN_BRACKETS = (
    r"(?P<open>[(（\[［<＜【〈《〔{「『])"
    r"(?P<inner>[^()（）\[\]［］<>＜＞【】〈〉《》〔〕{}「」『』\n]{1,80})[)）\]］>＞】〉》〕}」』]"
)
_ELEMENT = r"<(?P<element>emotion|feeling|mood|감정)>(?P<felt>[^<>\n]{1,40})</(?P=element)>"
_IN_STARS = r"(?<![\w*])(?P<mark>\*)(?P<star> ?[^\s*](?:[^*\n]{0,78}[^\s*])? ?)\*"
_IN_MARKS = r"(?<![\w*~_-])(?P<rare>\*\*|[~_-])(?P<sign>[가-힣A-Za-z](?:[^*~_\n-]{0,78}[^\s*~_-])?)(?P=rare)(?![*~_-])"
_BRACKETS = re.compile(rf"{_ELEMENT}|{_IN_BRACKETS}(?!\()|{_IN_STARS}(?!\*)|{_IN_MARKS}")
_CLOSED = re.compile(rf"(?:{_ELEMENT}|{_IN_BRACKETS}|{_IN_STARS}|{_IN_MARKS})\Z")
_AND = re.compile(r"\s*[,，/·&+]\s*|\s+(?:and|그리고)\s+")
_STRENGTH = re.compile(
    r"(?<=\w)(?:\s*[,/|]\s*(?:intensity|strength|level|강도|세기))?\s*[:=(]?\s*\d[\d.]*\s*(?:%|/\s?\d+)?$"
    r"|\s*[,/|]\s*(?:(?:intensity|strength|level|강도|세기)\s*[:=]\s*)?(?:높음|낮음|중간|강함|약함|high|low|medium)$"
)
"""How strong a feeling is: ``happy: 0.8``, ``기쁨/높음``."""
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_EMPTY = re.compile(r"(?<!\w)(\*{1,3}|__|~~)\s+\1(?!\w)|\(\s+\)|\[\s+\]")
"""The emphasis or the brackets of what was left out."""
_STRONG = re.compile(r"(\*\*\*|\*\*|__)(?=\S)([^\n]*?\S)\1")
_MARKDOWN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "[",
        re.compile(r"(?<=[가-힣.!?\"')])(?:\[\^?\d{1,3}(?:[,–-]\s?\d{1,3})*\])+|\s(?:\[\^?\d{1,3}\])+(?=[.,!?]|\s*$)"),
        "",
    ),
    ("[", re.compile(r"^\s*(?:\[\^?\d{1,3}\])+(?=\s|$)(?!.*\[\d)"), ""),
    ("†", re.compile(r"\s?【[^【】\n]*†[^【】\n]*】"), ""),
    ("](", re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*(?:\s+\"[^\"\n]*\")?\)"), r"\1"),
    ("<", re.compile(r"</?[A-Za-z][^<>\n]{0,60}>"), " "),
    ("^", re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|={3,}|_{3,})[ \t]*$", re.MULTILINE), ""),
    ("|", re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE), ""),
    (
        "^",
        re.compile(
            r"^[ \t]*(?:#{1,6}[ \t]+|>+[ \t]+|[-*•][ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)|\+[ \t]+(?=[가-힣A-Za-z]))+",
            re.MULTILINE,
        ),
        "",
    ),
    ("||", re.compile(r"\|\|([^|\n]+)\|\|"), r"\1"),
    ("|", re.compile(r"^[ \t]*\||\|[ \t]*$", re.MULTILINE), ""),
    ("|", re.compile(r"[ \t]*\|{1,2}[ \t]*"), ", "),
    ("**", _STRONG, r"\2"),
    ("__", _STRONG, r"\2"),
    ("~~", re.compile(r"(?<!\S)~~(?=\S)([^~\n]*\S)~~(?!\S)"), r"\1"),
    ("*", re.compile(r"(?<![\w*])\*(?=[\w\"'])([^*\n]*[^\s*])\*(?!\*)"), r"\1"),
    ("`", re.compile(r"(`+)([^`\n]+)\1"), r"\2"),
    ("$", re.compile(r"\$(\d[\d.,]*|[A-Za-z])\$"), r"\1"),
    ("$", re.compile(r"\$([^$\n가-힣]*[\\^_=][^$\n가-힣]*)\$"), r"\1"),
    ("\\", re.compile(r"\\d?frac\{([^{}\n]*)\}\{([^{}\n]*)\}"), r"\1/\2"),
    ("\\", re.compile(r"\\(?:times|cdot)(?![a-z])"), "×"),
    ("\\", re.compile(r"\\([\\`*_{}\[\]()#+.!|~>-])"), r"\1"),
)
_BEGINS = tuple("-*=_#>•+")
"""A line of Markdown (``^``) begins with one of these."""
MARKS = "*_`#|~[]<>\\-+&$†"
"""Without one of these there is no Markdown."""
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|hellip|#\d{2,5});")
_MARKED = re.compile(f"[{re.escape(MARKS)}]")
OPENING = re.compile(
    r"(?:[(（\[［<＜【〈《〔{「『]|(?<![\w*])\*)(?=[가-힣A-Za-z])[^()（）\[\]［］<>＜＞【】〈〉《》〔〕{}「」『』*\n]{0,80}$"
)
"""The end of a text that may be inside a direction."""
CLOSING = ")）]］>＞】〉》〕}」』*~_-"
"""A direction ends with one of these."""


def without_code(text: str) -> str:
    return _CODE.sub(" ", text) if "```" in text else text


def is_tag(inner: str) -> bool:
    """Whether it names feelings and nothing else: ``happy``, ``아주 기쁨``, ``기쁨/설렘``, ``신남!``."""
    return all(_TAG.fullmatch(part) for part in _AND.split(_STRENGTH.sub("", _EDGES.sub("", inner))))


def within(match: re.Match[str]) -> str:
    """Return what stands between the brackets or signs."""
    return match["felt"] or match["inner"] or match["star"] or match["sign"]


def direction(match: re.Match[str]) -> bool:
    """Return whether text in brackets or between asterisks describes looks or gestures instead of being said."""
    if match["sign"]:
        return _between_marks(match["sign"], emphasis=match["rare"] == "**")
    inner = within(match).strip()
    if match["felt"]:
        return True
    attached = match["open"] in ("(", "（") and match.start() > 0 and match.string[match.start() - 1].isalnum()
    if is_tag(inner):
        return not attached
    if (
        _ALONE.fullmatch(inner.rstrip(" .!~…"))
        or _LABELLED.match(inner)
        or (inner and all(map(_ALONE.fullmatch, inner.split())))
    ):
        return True
    if inner.isascii():
        return _ENGLISH.match(inner) is not None and not attached
    last = inner.rstrip(" .!~…")
    ends = _ENDING.search(last) is not None or (last[-1:] == "다" and final(last[-2:-1]) == 4)
    gesture = _GESTURE.search(inner) is not None
    if _TWICE.fullmatch(inner) and not attached and match["open"] in (None, "(", "（"):
        return True
    if match["star"]:
        if _SOUND.search(inner):
            return True
        return ends or (gesture and " " in inner) or (gesture and last[-1:] in "음임기고")
    if match.start() == 0 and gesture and _AND_THEN.search(last):
        return True
    return (ends and (gesture or last.endswith(("며", "면서", "듯", "듯이")))) or (gesture and last[-1:] in "음임기고")


def _between_marks(inner: str, *, emphasis: bool) -> bool:
    """Judge ``~웃음~`` and ``**웃으며**``: marks that usually mean something else."""
    if inner.isascii():
        return not emphasis and _ENGLISH.match(inner) is not None
    gesture = _GESTURE.search(inner) is not None
    described = gesture and (_ENDING.search(inner) is not None or (" " in inner and inner.endswith("기")))
    return described or (not emphasis and (is_tag(inner) or _ALONE.fullmatch(inner) is not None))


def closed(text: str) -> re.Match[str] | None:
    """Return the direction or tag that the last character of the text closes."""
    found = _CLOSED.search(text)
    return found if found is not None and direction(found) else None


def without_directions(text: str) -> str:
    left = _BRACKETS.sub(lambda match: " " if direction(match) else match[0], text)
    return left if left == text else _EMPTY.sub(" ", left)


def without_markdown(text: str) -> str:
    if _MARKED.search(text) is None:
        return text
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    for needs, pattern, put in _MARKDOWN:
        if _begins(text) if needs == "^" else needs in text:
            text = pattern.sub(put, text)
    return text


def _begins(text: str) -> bool:
    return "\n" in text or text.lstrip(" \t").startswith(_BEGINS)


def shown(text: str, *, stage: bool = False) -> str:
    """Return a sentence as its caption shows it: no Markdown, no tags, and directions only with ``stage``."""
    text = _BRACKETS.sub(_staged, text) if stage else without_directions(text)
    return re.sub(r"[ \t]{2,}", " ", without_markdown(without_code(text))).strip()


def _staged(match: re.Match[str]) -> str:
    if not direction(match):
        return match[0]
    inner = within(match)
    return " " if is_tag(inner) else f"({inner.strip()})"
