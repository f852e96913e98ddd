"""Reads 대 behind a number, and school years: people's ages, generations, the great three of something, or machines."""

import re

from nodes.reply._reading.numerals import digits, sino
from nodes.reply._reading.rule import Rule, one_of, rule

_OF_AN_AGE = (
    r"(?:남|여|초반|중반|후반|때|이상|이하|분들|청년|미만|들|중|인|의|에|가|는|도|라|부터|까지|와|과|를|을|로|만\s"
    r"|보다|처럼|같"
    r"|한테|이었|이에|이야|이지|였|예요|[1-9]0대|[\s.,!?~]|$)"
)
_COUNTED = r"(?!\s?(?:맞|때[려렸릴]|팔[렸았려아고]|샀|사[고서]|주차|한정|판매|생산|출고|보유|설치|빌[려렸]|들여))"
"""Not before what happens to things that are counted."""
_THINGS = """
    자동차 차량 차 버스 택시 트럭 컴퓨터 피시 PC 노트북 비행기 헬기 드론 카메라 에어컨 서버 기계 로봇 탱크 전차
    오토바이 자전거 폰 휴대폰 모니터 피아노 냉장고 세탁기 담배 매 카트 대포 전투기 선풍기 청소기 태블릿 티비 TV
"""
_GREATS = """
    보험 의혹 불가사의 기획사 몇 미스터리 성인 기서 비극 재앙 진미 기업 뉴스 문명 종교 영양소 폭포 영화제 도시 통신사
    은행 명절 축제 원칙 요소 과제 의무 욕구 맛집 짬뽕 빵집 산맥 발명품 명물 악플러 미녀 미남 거짓말 방송사 게임사
    광역시 궁궐 고궁 명문 명검 보물 난제 법칙 열강 강국 메이저 중독 질환 명소 걸그룹 보이그룹 아이돌 밴드 작가 문학상
    해변 해수욕장 온천 독자 세습 가족 천왕
"""
_WORLD = "(?:세계|국내|한국|전국|우리나라|서울|부산|조선|동양|서양|아시아|유럽|미국|일본|중국|북미|인류|역대|업계)"
_OFFICES = """
    대통령 국회 총선 대선 왕 임금 회장 총장 감독 교황 의장 총리 대표 후손 사장 교장 종손 주지 천황 황제
"""
_OF_A_GRADE = (
    "(?:병|생|때|땐|반|들|인|이|가|은|는|도|의|을|를|와|과|랑|로|에|한테|께|보다|처럼|같|만(?!\\s?[원명개])|부터|까지|밖에|쯤"
    "|짜리|예|였|임|야|라|래|네|군|구나|지|냐|니|면|나(?!절)|올|되|된|학|담임|수학)"
)
_THING, _GREAT, _OFFICE = (one_of(words.split()) for words in (_THINGS, _GREATS, _OFFICES))


def _decade(match: re.Match[str]) -> str:
    """Read ``20대`` as an age, unless it counts things whose counter is 대."""
    return match[0] if match["thing"] else f"{sino(match['years'])}대"


def _great(match: re.Match[str]) -> str:
    return f"{sino(match[1])}대"


RULES: tuple[Rule, ...] = (
    rule(
        "grade",
        rf"(?<![가-힣\d])(초|중|고|대)([1-6])(?:(\s?[~∼〜–—-]\s?)(?=[초중고대][1-6](?!\d))|(?={_OF_A_GRADE}|[\s.,!?~]|$))",
        lambda m: m[1] + digits(m[2]) + ("부터 " if m[3] else ""),
        needs="초중고대",
        near="[초중고대][1-6]",
    ),
    rule(
        "great",
        rf"({_WORLD}\s)(\d{{1,3}})대(?=\s?[가-힣])",
        lambda match: f"{match[1]}{sino(match[2])}대",
        needs="대",
        near=r"\s\d+대",
    ),
    rule(
        "decade",
        rf"(?P<thing>{_THING}\S?\s?)?(?<![\d.])(?P<years>[1-9]0)대(?=\s?{_OF_AN_AGE}){_COUNTED}",
        _decade,
        needs="대",
        near="0대",
    ),
    rule(
        "great",
        r"(?<![\d.])([2-9]|10|100)대(?=째|강|천왕|장(?=[은는이가들을의\s.,!?]|$)|양|주(?![가-힣])|륙|악|명산"
        rf"|\s?(?:{_GREAT})|가\s?(?:모여|함께\s살|같이\s살|한집)|에\s?걸[쳐친])",
        _great,
        needs="대",
        near=r"\d대",
    ),
    rule("great", rf"(?<![\d.])(\d{{1,3}})대(?=\s?(?:{_OFFICE}|손(?![가-힣])))", _great, needs="대", near=r"\d대"),
)
