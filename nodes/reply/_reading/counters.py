"""Korean counters, and which numerals stand before them.

A counter that is in neither list takes Sino-Korean numerals. The native ones are the dependent counting nouns in the
Standard Korean Language Dictionary that are still in use, and the nouns that themselves serve to count things.
"""

from nodes.reply._reading.rule import one_of

_NATIVE = """
    개 명 사람 마리 살 시 시간 달 나절 번째 가지 군데 곳 그루 그릇 대 병 잔 장 권 벌 켤레 채 척 송이 자루 줄 쌍 통 판
    곡 끼 캔 모 조각 포기 다발 묶음 꾸러미 상자 박스 봉지 봉 컵 접시 숟가락 숟갈 스푼 젓가락 국자 방울 모금 톨 알 가닥
    갈래 겹 칸 뼘 발짝 발자국 걸음 바퀴 돌 차례 팩 덩이 덩어리 더미 무더기 뭉치 토막 움큼 줌 꼬집 다스 갑 개비 보루
    두름 쌈 타래 홉 가마 근 냥 돈 푼 마디 소절 구절 문장 단어 글자 문제 과목 가구 식구 집안 형제 남매 자매 마당 무리
    패거리 짝 사발 공기 대접 바가지 동이 항아리 자리 고개 배 팀 커플 컷 테이블 타임 바늘 사리 꿰미 자밤 방 술 꼭지
    꼬치 쪽지 모둠 바구니 트럭 스쿱 샷 뿌리 떨기 마지기 정거장 큰술 작은술 티스푼 골 도움 종류 블록 블럭 포대 가마니
    그룹 캡슐 튜브 클립 트레이 뭉텅이
"""
_SINO = """
    퍼센트 프로 개월 개국 개년 시즌 인분 인용 인실 주년 주일 주차 레벨 렙 티어 킬로 미터 센티 그램 리터 초 분 년 년대
    년도 년생 월
    일 일간 일차 원 층 호 호선 호차 회 회차 회전 위 등 등급 급 점 화 편 강 킬 데스 어시 도 세 세기 세대 주 승 패 연승
    연패 연속
    연차 달러 유로 엔 위안 파운드 치즈 교시 학년 학기 반 조 부 장면 층수 동 번 번지 번길 번호 번방 호실 차 차원 차선
    차전 단계
    챕터 스테이지 라운드 세트 쿼터 페이지 쪽 매 평 리 인 인칭 인조 종 건 박 배속 배율 성 성급 타 타수 안타 루
    이닝 아웃
    콤보 딜 코인 포인트 마일 골드 다이아 크레딧 루피 루블 바트 동전 프레임 비트 바이트 기가 메가 테라 와트 볼트
    칼로리 헥타르 톤
    절 항 조항 막 악장 푼리 각형 촌 음절 획 행 열 진법 학점 교대 시리즈 관왕 만점 점대
    그람 키로 시대 인승 마력 해리 노트 광년 데시벨 헤르츠 픽셀 화소 인치 피트 야드 온스
"""
_WHERE_NO_WORD_GOES_ON = "발 입 필 정 표 톳 축 손 쾌 접 땀 담불 우리 아름"
"""Counters that are also the beginnings of words: ``3발`` but ``3발생``, ``1정`` but ``1정도``."""
NATIVE = frozenset(_NATIVE.split()) | frozenset(_WHERE_NO_WORD_GOES_ON.split())
SINO = frozenset(_SINO.split()) - NATIVE
NATIVE_TO = {"시": 12, "시간": 20, "달": 12, "배": 20}
"""The largest number still read with native numerals before these; 99 before others."""

_GUARDED = dict.fromkeys(_WHERE_NO_WORD_GOES_ON.split(), "(?=[을은만씩의]|[^가-힣]|$)") | {
    "시": "(?![작즌청험합계절점키킨켜])",
    "승": "(?!급)",
}
COUNTER = one_of(NATIVE | SINO, _GUARDED)
FREE = rf"(?:{COUNTER})(?=[^가-힣]|[이가은는을를의에도만로으부까씩째쯤정나보와과랑한들짜당간동전후뒤넘더남안입예였]|$)"
"""A counter apart from its number, where no other word begins: ``3 대`` but ``3 대박``."""
