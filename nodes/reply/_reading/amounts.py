"""Reads sums, money, measures, counters and whatever else a number counts."""

import re
from string import ascii_letters

from nodes.particles import after
from nodes.reply._reading import ages, fractions
from nodes.reply._reading.counters import COUNTER, FREE, NATIVE
from nodes.reply._reading.numerals import AMOUNT, NUMBER, amount, counted, sino
from nodes.reply._reading.rule import Rule, rule
from nodes.reply._reading.units import CURRENCIES, CURRENCY, PER, SCALES, UNIT, UNITS, named, per

_END = r"(?![A-Za-z])"
_SOME = rf"(?P<amount>(?=\d(?<![A-Za-z]\d)(?<!\d\d)){AMOUNT})\s?"
"""An amount that is not the end of a name: ``P2W``."""
_PARTICLE = r"(?P<particle>(?:으로|로|을|를|이|가|은|는|과|와)(?=[\s.,!?~]|$))?"
_OFTEN = (
    r"(?P<before>(?:하루에?|매일|매주|일주일에?|한\s?달에?|[한일]\s?년에?|\d+\s?(?:일|주일?|달|개월|년|시간|분|초)에|벌써|무려|최소|최대|딱|총|또|앞으로|지금까지"
    r"|오늘만|고작|겨우)\s)"
)
_WAY = (
    r"(?:달리기|거리|앞|뒤|전방|이내|높이|깊이|수영|질주|상공|지점|마라톤|러닝|달렸|뛰었|걸었|코스|자유형|접영|평영"
    r"|배영|계주|경주)"
)
_VIEWS = r"(?:뷰|조회|구독|팔로|명|회|달러|원|후원|다운|좋아요|시청|views?)"
_SCREEN = "(?:모니터|티비|티브이|TV|화면|디스플레이|노트북|패널|아이패드|태블릿)"
_MODEL = "(?:아이폰|갤럭시|갤|버전|모델|시리즈|노트|플스|iphone|galaxy|note|rtx|gtx|rx)"
_TIMES = (
    r"(?=\s?(?:이나|만에|만|더|씩|정도|연속|넘게|이상|쯤|밖에|은\s더|도\s(?:안|못))|\s(?:했|해|하|봤|봐|보|졌|져|이겼|이기|죽|먹|갔|가|왔|와|들|불|말|성공|실패"
    r"|시도|도전|클리어|반복|물어|읽|눌|쳤|돌|깼|넘|다시|연속|째|외쳐|찍|쏘|쐈|때|맞|뛰|날|울|웃|썼|쓰|만났|만나|났|나|있|없|걸))"
)


_NO_OTHER = r"(?![\d십백천만억조]|\s?(?:원|달러|유로|엔|위안|파운드))"
_CLOCK = ("시", "분", "초", "월", "일")
_ADDRESS = ("번", "번지", "번길", "번방", "호", "호선", "동", "반", "스테이지", "챕터")
"""Before these a hyphen does not mark a range: ``3-1번`` 삼 다시 일 번."""
_FROM = ("년대", "년도", "교시")


def _range(match: re.Match[str]) -> str:
    sign, first, unit, sep, counter = match.group("sign", "first", "unit", "sep", "counter")
    if sep == "-" and counter in _ADDRESS and not unit:
        return f"{amount(first)} 다시 "
    if sep in "-–—" and not match["sign2"] and not (counter or unit):
        low, high = (float(re.sub(r"[^\d.]", "", part)) for part in (first, match["second"]))
        if low >= high:
            return f"{amount(first)} 다시 "
    if sign and not match["sign2"]:
        return f"{sign}{first}에서 {sign}"
    if sign or unit:
        return f"{sign or ''}{first}{unit or ''}에서 "
    if counter == "시":
        return f"{counted(first, counter)} 시부터 "
    if counter in NATIVE and match["second"].isdecimal() and not (counter == "대" and match["second"].endswith("0")):
        return f"{counted(first, counter)}에서 "
    if counter in _FROM:
        return f"{amount(first)}부터 "
    return f"{amount(first)}에서 "


def _listed(match: re.Match[str]) -> str:
    """Read ``3,4개``: the counter applies to each number; behind a blank, only if the next one follows: ``3, 4개``."""
    counter, last = match["counter"], match["last"]
    decades = counter == "대" and last.endswith("0")
    numbers = [each.strip() for each in match["list"].split(",")]
    if " " in match[0].removesuffix(counter).rstrip() and [int(each) + 1 for each in numbers] != [
        int(each) for each in [*numbers[1:], last]
    ]:
        return match[0]
    return "".join(f"{sino(each) if decades else counted(each, counter)}, " for each in numbers) + last + counter


def _money(match: re.Match[str]) -> str:
    scale = SCALES.get(match["scale"] or "")
    if scale:
        number = str(round(float(match["amount"].replace(",", "")) * scale))
        return f"{sino(number)} {CURRENCIES[match['sign'].upper()]}"
    return f"{amount(match['amount'])} {CURRENCIES[match['sign'].upper()]}"


def _millions(match: re.Match[str]) -> str:
    number, scale = match[1] or match[3], match[2] or match[4]
    return f"{sino(str(round(float(number.replace(',', '')) * SCALES[scale])))} "


def _hours(match: re.Match[str]) -> str:
    return f"{counted(match[1], '시간')} 시간" + (f" {sino(match[2])} 분" if match[2] else "")


def _measure(match: re.Match[str]) -> str:
    unit = per(match["unit"])
    particle = match.groupdict().get("particle")  # it may fit how the letters of the unit are called: 60fps로
    return f"{amount(match['amount'])} {unit}{after(unit, particle) if particle else ''}"


def _count(match: re.Match[str]) -> str:
    number, counter = match["amount"], match["counter"] or match["apart"]
    if counter in _CLOCK and number.isdecimal():
        number = number.lstrip("0") or "0"
    if counter not in NATIVE:
        return f"{amount(number)} {counter}"
    return f"{counted(number, counter)} {counter}" if re.fullmatch(r"[\d,]+", number) else f"{amount(number)} {counter}"


def _model(match: re.Match[str]) -> str:
    return f"{match['name']} {sino(match['number'])}{match['letter'].upper()}"


def _times(match: re.Match[str]) -> str:
    from hangulpy import susa

    written = match[1] or match["often"]
    number = int(written)
    return f"{match['before'] or ''}{susa(number, classifier=True) if 0 < number <= 20 else sino(written)} 번"


def _people(match: re.Match[str]) -> str:
    from hangulpy import susa

    return f"{susa(int(match[1]), classifier=True)} 분"


def _tens(match: re.Match[str]) -> str:
    """Read ``8~90년대`` as 팔구십 년대."""
    low, high, unit = match.groups()
    if int(low) + 1 != int(high):
        return match[0]
    return f"{sino(low)}{sino(high)}십" + (f" {named(unit)}" if unit else "")


_SIGNS = "".join(CURRENCIES)
RULES: tuple[Rule, ...] = (
    rule(
        "score",
        rf"(?<![\d.])(\d+)\s?대\s?(?=\d+(?!\d|{COUNTER}))",
        lambda match: f"{sino(match[1])} 대 ",
        needs="대",
        near=r"\d\s?대\s?\d",
    ),
    rule(
        "version",
        r"\d+(?:\.\d+){2,}",
        lambda match: " 점 ".join(sino(part) for part in match[0].split(".")),
        needs=".",
        near=r"\d\.\d+\.\d",
    ),
    *fractions.RULES,
    rule(
        "apart",
        r"\d(?<=[가-힣]\d)(?<![십백천만억조경]\d)(?<!(?<![가-힣])제\d)(?=[\d.,]*\s?[~∼〜～–—-]\s?\d)",
        r" \g<0>",
        needs="~∼〜～–—-",
        near=r"\d\s?[~∼〜～–—-]\s?\d",
    ),
    rule(
        "tens",
        r"(?<![\d.])([2-8])\s?[~,]\s?([3-9])0(?:(?=\s?(?:대|년대|분|명|개|살|세|원|만|퍼|도|초|점|위|회|년|일|권|마리|번))|\s?(%|[kc]?[mg](?![A-Za-z])))",
        _tens,
        needs="~,",
        near=r"[~,]\s?[3-9]0",
    ),
    rule(
        "range",
        r"(?<![가-힣])([일이삼사오육칠팔구십백천만억]*[백천만억]\s?(?:원|명|달러|개)?)\s?~\s?(?=\d"
        r"|[일이삼사오육칠팔구십백천만억]+\s?(?:원|명|달러|개))",
        r"\1에서 ",
        needs="~",
        near=r"[백천만억원명러개]\s?~",
    ),
    rule(
        "range",
        rf"(?<![A-Za-z0-9_.])(?P<sign>(?:{CURRENCY})\s?)?(?P<first>{AMOUNT})(?P<unit>\s?(?:{COUNTER}|(?:{UNIT}){_END}|{CURRENCY}))?"
        rf"\s?(?P<sep>[~∼〜～–—-])\s?(?=(?P<sign2>{CURRENCY})?\s?(?P<second>{AMOUNT})\s?(?P<counter>{COUNTER}|(?:{UNIT}){_END}|{CURRENCY})?)",
        _range,
        needs="~∼〜～–—-",
        near=r"[~∼〜～–—-]\s?[^\s가-힣]",
    ),
    rule(
        "list",
        rf"(?<![\d.,])(?P<list>\d{{1,2}}(?:,\s?\d{{1,2}})*),\s?(?P<last>\d{{1,2}})\s?(?P<counter>{COUNTER})(?!,)",
        _listed,
        needs=",",
        near=r"\d,\s?\d",
    ),
    rule(
        "money",
        rf"(?<![A-Za-z])(?P<sign>{CURRENCY})\s?(?P<amount>{AMOUNT})(?:\s?(?P<scale>[KkMB]|million|billion){_END})?{_NO_OTHER}",
        _money,
        re.IGNORECASE,
        needs=_SIGNS + _SIGNS.lower(),
        near=rf"[{''.join(sorted({re.escape(sign[-1]) for sign in CURRENCIES}))}]\s?\d",
    ),
    rule(
        "money",
        rf"(?P<amount>{AMOUNT})(?P<scale>)\s?(?P<sign>{CURRENCY}){_END}",
        _money,
        needs=_SIGNS,
        near=rf"[\d십백천만억조경]\s?[{''.join(sorted({re.escape(sign[0]) for sign in CURRENCIES}))}]",
    ),
    rule("millions", rf"({NUMBER})([KkMB])\s?(?={_VIEWS})|(\d+\.\d+)([KM])(?![A-Za-z])", _millions, needs="KkMB"),
    rule("distance", rf"({NUMBER})([KM])(?=\s?{_WAY})", lambda m: f"{m[1]}{'km' if m[2] == 'K' else 'm'}", needs="KM"),
    rule(
        "batting",
        r"(\d)할\s?(\d)푼(?:\s?(\d)리)?",
        lambda m: f"{sino(m[1])}할 {sino(m[2])} 푼" + (f" {sino(m[3])} 리" if m[3] else ""),
        needs="할",
    ),
    rule(
        "hours",
        rf"(?<![A-Za-z\d.,])(\d{{1,2}})\s?(?:h|hr|hrs){_END}(?:\s?(\d{{1,2}})\s?(?:m|min){_END})?",
        _hours,
        needs="h",
    ),
    rule("best_of", r"(\d)판\s?(\d)선", lambda match: f"{sino(match[1])}판 {sino(match[2])}선", needs="선"),
    rule(
        "chapter",
        r"(\d+)\s?(권|막|부)\s?(\d+)\s?(?=장(?:[이의을에은까부]|[^가-힣]|$))",
        lambda match: f"{sino(match[1])} {match[2]} {sino(match[3])} ",
        needs="장",
        near=r"[권막부]\s?\d",
    ),
    rule("verse", r"(\d+)장\s?(?=\d+절)", lambda match: f"{sino(match[1])} 장 ", needs="절"),
    rule(
        "each",
        r"(?<![A-Za-z\d])(k?[gmLl]|cm|ml|mL|kWh|[GM]B|t)당(?=[\s\d]|$)",
        lambda match: f"{named(match[1])}당",
        needs="당",
    ),
    *ages.RULES,
    rule(
        "model",
        rf"(?P<name>{_MODEL})\s?(?P<number>\d+)(?P<letter>[A-Za-z]{{1,2}}){_END}",
        _model,
        re.IGNORECASE,
        needs=ascii_letters,
        near=r"\d[A-Za-z]{1,2}(?![A-Za-z])",
    ),
    rule(
        "measure",
        rf"{_SOME}(?P<unit>(?:{UNIT})(?:\s?/\s?{PER}){_END}){_PARTICLE}",
        _measure,
        needs="/",
    ),
    rule("measure", rf"{_SOME}(?P<unit>{UNIT}){_END}{_PARTICLE}", _measure, needs="".join(UNITS)),
    rule(
        "feet",
        r"(?<![\w.])([3-8])['′]\s?(\d)(?:[\"″]|'')",
        lambda match: f"{sino(match[1])} 피트 {sino(match[2])} 인치",
        needs="'′",
    ),
    rule(
        "inches",
        rf"({NUMBER})(?:[\"″]\s?(?P<screen>(?={_SCREEN}))|″)",
        lambda match: f"{sino(match[1])} 인치" + (" " if match["screen"] is not None else ""),
        needs='"″',
    ),
    rule(
        "measure",
        rf"(?P<amount>{AMOUNT})\s?(?P<unit>(?:회|원|개|명|건|번|장|점|잔|병|마리|분|시간|초)\s?/\s?{PER}){_END}",
        _measure,
        needs="/",
    ),
    rule(
        "people",
        r"(?:(?<=손님)|(?<=게스트)|(?<=시청자)|(?<=구독자)|(?<=후원자)|(?<=어르신)|(?<=모두)|(?<=[오계하주보]신))(\s[1-9]|\s[1-9]\d)\s?분(?!\s?(?:만|간|동안|뒤|후|전|씩))",
        lambda m: f" {_people(m)}",
        needs="분",
        near=r"\d\s?분",
    ),
    rule(
        "people",
        r"((?<=[가-힣])\s[1-9]\d?|^[1-9]\d?)\s?분(?=께|이서|\s?[오모]셨|이\s?(?:오|계|들어|후원|와|가)|의\s?(?:시청|손님|게스트"
        r"|팬))",
        lambda m: f" {_people(m)}",
        needs="분",
        near=r"\d\s?분",
    ),
    rule(
        "times",
        rf"(?<![\d.,])(\d+)\s?번{_TIMES}|{_OFTEN}(?P<often>\d+)\s?번(?![가-힣]?\s?(?:문제|버스|출구|선수))",
        _times,
        needs="번",
        near=r"\d\s?번",
    ),
    rule(
        "films",
        r"(?:(?<=영화)|(?<=영상)|(?<=소설)|(?<=광고)|(?<=논문)|(?<=작품)|(?<=만화))\s([1-9]\d?)\s?편(?!집|성)",
        lambda match: f" {counted(match[1], '개')} 편",
        needs="편",
    ),
    rule("half_past", r"(?<=\d)\s?시\s?반(?![가-힣]*\d)(?=[\s.,!?에부까쯤이]|$)", "시 반", needs="시"),
    rule("apart", r"\d(?<=[가-힣]\d)(?<![십백천만억조경]\d)(?<!(?<![가-힣])제\d)", r" \g<0>"),
    rule("count", rf"(?P<amount>{AMOUNT})(?:(?P<counter>{COUNTER})(?!(?<=부)터)|\s(?P<apart>{FREE}))", _count),
    rule("root", r"√(?=\d)", "루트 ", needs="√"),
    rule("apart", r"2(?<=[A-Za-z\"'”’」』》〉)\]}>]2)(?!\w|\.\d)", " 2", needs="2"),
    rule("number", AMOUNT, lambda match: amount(match[0])),
)
