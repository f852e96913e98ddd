"""Reads dates, times of day and spans from one to another."""

import re

from nodes.reply._reading.numerals import NUMBER, counted, digits, month, sino
from nodes.reply._reading.rule import Rule, rule

MONTH = r"(?:1[0-2]|0?[1-9])"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?:1[5-9]\d\d|2[01]\d\d)"
_BEFORE = r"(?<![\w.,:/-])"
_DOT = r"(?:\.(?=\s?[가-힣(~]))?"
WEEK = "월화수목금토일"
_HALF = r"(?:오전|오후|새벽|아침|점심|낮|저녁|밤|정오|자정|한밤)"
_RATIO = r"(?:비율|배율|환율|비례|축척|스코어|점수|경쟁률|상대|대결|확률|화면비|해상도|승률|전적|세트)"
_WON = (
    r"(?:\s?(?:로|으로)\s?(?:이기|이겼|이긴|지|졌|진|앞|뒤|비기|비겼|승|패|끝|리드|역전|마무리|무승부)"
    r"|\s?(?:[완압대신참석]?[승패](?![치턴드션급])|무승부|역전|스윕|셧아웃))"
)
_TILDE = "[~∼〜～]"
_SPLIT = r"\d[-./]\s?\s?\d"
_WHOLE = r"\d[-./]\s?\s?\d\d?[-./]"
"""Two numbers with a sign between, and the same with a third to come."""
_AGAINST = r"\d\s?[:-]\s?\d"


def _date(match: re.Match[str]) -> str:
    year = f"{sino(match['y'].lstrip('0') or '0')} 년 " if match["y"] else ""
    day = match["d"].lstrip("0")
    return f"{year}{month(match['m'])} {sino(day)} 일"


def _great_day(match: re.Match[str]) -> str:
    """Read ``6·25`` 육이오 and ``12·12`` 십이십이."""
    month_, day = re.split("[./·]", match[0])
    return sino(month_) + (digits(day) if len(month_) == 1 and day != "10" else sino(day))


def _year_month(match: re.Match[str]) -> str:
    return f"{sino(match[1])} 년 {month(match[2])}"


def _clock(match: re.Match[str]) -> str:
    half = {"a": "오전 ", "p": "오후 "}.get((match["pre"] or match["post"] or "").strip()[:1].lower(), "")
    hour, minute, second = (str(int(match[part] or 0)) for part in "hms")
    words = [f"{half}{counted(hour, '시')} 시"]
    if minute != "0":
        words.append(f"{sino(minute)} 분")
    if second != "0":
        words.append(f"{sino(second)} 초")
    return " ".join(words)


def _bare_hour(match: re.Match[str]) -> str:
    half = {"a": "오전", "p": "오후"}[(match["pre"] or match["post"]).strip()[0].lower()]
    return f"{half} {counted(str(int(match['h'])), '시')} 시"


def _against(match: re.Match[str]) -> str:
    return " 대 ".join(sino(part) for part in re.findall(NUMBER, match[0]))


def _against_behind(match: re.Match[str]) -> str:
    score = re.findall(NUMBER, match["score"] or match["sets"])
    return (match["before"] or match["set"]) + " 대 ".join(map(sino, score))


def _weekdays(match: re.Match[str]) -> str:
    return " " + "부터 ".join(f"{day}요일" for day in match[0] if day in WEEK)


_AMPM = r"(?:[AaPp]\.?[Mm]\.?)"
_ON = (
    r"(?:부터|까지(?=\s?(?:예약|신청|접수|방송|진행|이벤트|판매))|에(?:는|도)?\s?(?:만나|봐|보|봬|뵙|시작|열|나와|나온|나올|출시|발매|해|합|할|하|있|오픈|업데"
    r"|방송|찾아|와|온|올|가|갈|돌아|끝|출발|도착|공개|이벤트|콘서트|시험|생일|휴방))"
)
OCCASION = (
    "새해|신정|설날|설\\s|크리스마스|성탄|이브|할로윈|핼러윈|어린이날|어버이날|스승의|광복절|삼일절|개천절|한글날"
    "|현충일|식목일|추석|생일|기념|만우절|빼빼로|발렌타인|밸런타인|화이트데이|부처님|석가|근로자|노동절|동지|입춘|제헌절"
    "|투표|총선|대선|졸업|입학|개학|방학|소풍|축제|정모|이벤트|행사|결혼|개강|종강"
    "|개봉|출시|발매|오픈|공개|컴백|데뷔|합방|휴방|생방|방송|콘서트|공연|팬미팅|경기|시험|수능|마감|예정|점검|업뎃"
)
"""What is on a day."""
LATE = r"(?:1[3-9]|2\d|3[01])"
"""A day that is rarely the denominator of a fraction."""
_GREAT_DAYS = (
    r"(?:3[./·]1|4[./·]3|4[./·]19|5[./·]16|5[./·]18|6[./·]10|6[./·]25|6[./·]29|8[./·]15|9[./·]11|10[./·]26"
    r"|12[./·]3|12[./·]12)"
)
_EVENTS = (
    r"(?:절|테러|운동|전쟁|혁명|민주|광복|사건|사태|항쟁|쿠데타|때|세대|선언|참사|정신|비상|계엄|군사|동란|이후|당시)"
)
DATES: tuple[Rule, ...] = (
    rule(
        "great_day",
        rf"(?<![\d.,·])(?:{_GREAT_DAYS}(?=\s?{_EVENTS})|{_GREAT_DAYS.replace('[./·]', '·')}(?![\d.,·]))",
        _great_day,
        needs="·./",
        near=r"\d[·./]\d",
    ),
    rule(
        "dates",
        rf"{_BEFORE}(?P<y>)(?P<m>{MONTH})/(?P<d>{DAY})\s?{_TILDE}\s?(?={MONTH}/{DAY}(?![\d./])(?!\s?(?:컵|스푼|큰술|정도|이상|이하|인분)))",
        lambda match: f"{_date(match)}부터 ",
        needs="~∼〜～",
        near=rf"{_TILDE}\s?\d",
    ),
    rule(
        "dates",
        rf"{_BEFORE}(?P<y>{_YEAR})(?P<s>[-./])(?P<m>{MONTH})(?P=s)(?P<d>{DAY})\s?{_TILDE}\s?(?P<m2>{MONTH})(?P=s)(?P<d2>{DAY})(?![\d./-])",
        lambda match: f"{_date(match)}부터 {month(match['m2'])} {sino(match['d2'].lstrip('0'))} 일",
        needs="~∼〜～",
        near=rf"{_TILDE}\s?\d",
    ),
    rule("date", rf"(?<=부터 )(?P<y>)(?P<m>{MONTH})/(?P<d>{DAY})(?![\d./])", _date, needs="./", near=_SPLIT),
    rule("weekday", rf"(?<=[일\d.])\s?\([{WEEK}](?:요일)?(?:\s?{_TILDE}\s?[{WEEK}](?:요일)?)?\)", _weekdays, needs=")"),
    rule(
        "until",
        rf"((?<=월)\s?\d+\s?일|(?<=월)\s?\d+(?=\s?{_TILDE}\s?\d+\s?일)|{_YEAR}년|\d\s?월|\d\s?시(?:\s?\d+\s?분)?|:\d\d(?:\s?[AaPp]\.?[Mm]\.?)?|요일)"
        rf"\s?{_TILDE}\s?(?=\d|{_HALF}|[AaPp]\.?[Mm]|[{WEEK}]요일|내일|다음)",
        r"\1부터 ",
        needs="~∼〜～",
        near=rf"{_TILDE}\s?[\d오새아점낮저밤정자한AaPp{WEEK}내다]",
    ),
    rule(
        "until",
        rf"(:\d\d(?:\s?{_AMPM})?|\d\s?시(?:\s?\d+\s?분|\s?반)?)\s?[-–—]\s?(?=(?:{_HALF}\s?"
        rf"|{_AMPM}\s?)?\d{{1,2}}(?::\d\d|\s?시))",
        r"\1부터 ",
        needs=":시",
        near=r"[-–—]\s?[\d오새아점낮저밤정자한AaPp]",
    ),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>{_YEAR})(?P<s>[-./]|\. )\s?(?P<m>{MONTH})(?P=s)\s?(?P<d>{DAY})(?![\d])(?!\.\d){_DOT}",
        _date,
        needs="./-",
        near=_WHOLE,
    ),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>{_YEAR})\.\s?(?P<m>{MONTH})\.\s?(?P<d>{DAY})(?![\d]){_DOT}",
        _date,
        needs="./-",
        near=_WHOLE,
    ),
    rule(
        "date",
        rf"{_BEFORE}'(?P<y>\d\d)\.\s?(?P<m>{MONTH})\.\s?(?P<d>{DAY})(?!\d){_DOT}",
        _date,
        needs="./-",
        near=_WHOLE,
    ),
    rule(
        "date",
        rf"{_BEFORE}'?(?P<y>\d\d)(?P<s>[-./])(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>{DAY})(?![\d.-]\d|\d){_DOT}",
        _date,
        needs="./-",
        near=_WHOLE,
    ),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>2\d)\.(?P<m>{MONTH})\.(?P<d>{DAY})(?:\.(?=\s?[가-힣(~]|\s*$)|(?![\d.])(?={_ON}|\s?\([{WEEK}]|\s(?:{OCCASION})))",
        _date,
        needs=".",
        near=_WHOLE,
    ),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\d,.]\d|\d|\s?[원명개뷰회점])",
        _date,
    ),
    rule(
        "date",
        rf"{_BEFORE}'?(?P<y>[23]\d)/(?P<m>{MONTH})/(?P<d>{DAY})(?![\d/])(?!\s?(?:킬|데스|어시|KDA|kda|했|기록))",
        _date,
        needs="/",
        near=_WHOLE,
    ),
    rule("date", rf"{_BEFORE}(?P<y>)(?P<m>{MONTH})/(?P<d>{DAY})(?={_ON})", _date, needs="/", near=_SPLIT),
    rule("date", rf"{_BEFORE}(?P<y>)(?P<m>{MONTH})/(?P<d>{LATE})(?=[에은날]|까지|부터)", _date, needs="/", near=_SPLIT),
    rule(
        "date",
        rf"(?<=[는은도]\s)(?P<y>)(?P<m>{MONTH})/(?P<d>{LATE})(?=[.!?~\s]*$)",
        _date,
        needs="/",
        near=_SPLIT,
    ),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>)(?P<m>{MONTH})/(?P<d>{DAY})(?=\s(?:{OCCASION}))",
        _date,
        needs="/",
        near=_SPLIT,
    ),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>)(?P<m>1[0-2]|[2-9])/(?P<d>{LATE})(?=\s[가-힣])(?!\s(?:확률|정도|크기|이상|이하|수준|지점|컵|만|의|쯤))",
        _date,
        needs="/",
        near=_SPLIT,
    ),
    rule("date", rf"{_BEFORE}(?P<y>)(?P<m>{MONTH})\.\s(?P<d>{DAY})\.(?=\s?[가-힣(~])", _date, needs="./-", near=_SPLIT),
    rule(
        "date",
        rf"{_BEFORE}(?P<y>)(?P<m>{MONTH})[./-](?P<d>{DAY})(?![\d.])(?=\s[{WEEK}]요일|\s?{_HALF}\s?\d|\s?(?:일정|방송|공지|패치|업데이트))",
        _date,
        needs="./-",
        near=_SPLIT,
    ),
    rule(
        "year_month",
        rf"{_BEFORE}({_YEAR})(?:[./-]|\. )(0[1-9]|1[0-2])(?!\d|[./-]\d)(?:\.(?=\s?[가-힣])|\s?월(?!요))?",
        _year_month,
        needs="./-",
        near=r"\d{4}[-./]",
    ),
    rule(
        "year_month",
        rf"{_BEFORE}({_YEAR})\. ({MONTH})\.(?=\s?[가-힣]|\s*$)",
        _year_month,
        needs="./-",
        near=r"\d{4}[-./]",
    ),
    rule("dates", rf"( 일)\s?{_TILDE}\s?(?=[가-힣]+ 년 )", r"\1부터 ", needs="~∼〜～", near=rf"일\s?{_TILDE}"),
    rule(
        "season",
        r"(?<![\d.])(\d\d|[12]\d{3})[-/](\d\d)\s?(?=시즌)",
        lambda match: f"{sino(match[1])} {sino(match[2])} ",
        needs="-/",
        near=_SPLIT,
    ),
)
DATED = re.compile(rf"\d{{8}}|\d\s?[./·-]|[-–—]\s?[\d오새아점낮저밤정자한AaPp]|{_TILDE}|\)")
"""Without this there is no date in figures alone, and no span of days."""
TIMES: tuple[Rule, ...] = (
    rule(
        "score",
        rf"(?<![\d:])\d+\s?[:-]\s?\d+(?={_WON})|\d+(?:\s?:\s?\d+)+(?=\s?{_RATIO})",
        _against,
        needs=":-",
        near=_AGAINST,
    ),
    rule(
        "score",
        rf"(?P<before>{_RATIO}\S{{0,2}}\s?)(?P<score>\d+(?:\.\d+)?(?:\s?:\s?\d+(?:\.\d+)?)+)"
        r"|(?P<set>(?:스코어|점수|전적)\S{0,2}\s?)(?P<sets>\d{1,3}\s?-\s?\d{1,3})(?![\d-])",
        _against_behind,
        needs="율례축코수률상결면해적트",
        near=_AGAINST,
    ),
    rule(
        "clock",
        rf"(?<![\d:.])(?P<pre>{_AMPM}\s?)?(?P<h>2[0-4]|1\d|0?\d):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])(?P<post>\s?{_AMPM}(?![A-Za-z]))?",
        _clock,
        needs=":",
        near=r"\d:[0-5]\d",
    ),
    rule(
        "clock",
        rf"(?<![\w])(?<!먼지\s)(?:(?P<pre>{_AMPM})\s?(?P<h>1[0-2]|0?[1-9])\s?시?(?![\d:.,])(?P<post>))",
        _bare_hour,
        needs="mM",
        near=_AMPM,
    ),
    rule(
        "clock",
        rf"(?<![\d:.,])(?P<pre>)(?P<h>1[0-2]|0?[1-9])\s?(?P<post>{_AMPM})(?![A-Za-z가-힣])",
        _bare_hour,
        needs="mM",
        near=_AMPM,
    ),
    rule(
        "clock",
        r"(?<![\w.])(\d{1,2})['′](\d\d)(?:[\"″]|'')",
        lambda match: f"{sino(match[1])} 분 {sino(match[2])} 초",
        needs="'′",
    ),
    rule("score", r"\d+(?:\.\d+)?(?:\s?:\s?\d+(?:\.\d+)?)+", _against, needs=":-", near=_AGAINST),
    rule(
        "months",
        rf"(?<![\d.,-])(1[0-2]|[1-9])월?\s?(?:{_TILDE}|-)\s?(?=(?:1[0-2]|[1-9])\s?월(?!급|세))",
        lambda match: f"{month(match[1])}에서 ",
        needs="~∼〜～-",
        near=r"[~∼〜～-]\s?\d",
    ),
    rule(
        "month",
        r"(?<![\d.,])(0?\d|1[0-9])\s?월(?!급|세|간)",
        lambda match: month(match[1]),
        needs="월",
        near=r"\d\s?월",
    ),
)
