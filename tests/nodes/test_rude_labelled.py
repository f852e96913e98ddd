"""A labelled set of chat lines: how much of what is rude by its words is found, and how much else is stopped.

The lines were written and labelled before the filter saw them; 17 rude ones are of kinds that had been missed in public
comments. Mild words (바보, 쓰레기, "great" said with 미친) count as harmless. In the first run 55 of 77 were found and
11 of 105 stopped; after that the filter was mended by kinds, so that only the first run tells how unseen lines fare.
"""

from nodes.rude import Profanity
from nodes.text import clean

RUDE = """\
씹노잼이네 진짜
씹ㅋㅋㅋ 이게 뭐야
씹진지충이네
와 개씹노잼
개객끼 또 왔네
개객기야
알바새기들 일 안 하냐
저 새기 뭐냐
에미란년이 저러냐
저 닭년이 또
ㅈ찐따냐
찐따를 왜 데려와
졸라 방해되네
졸라 늦네 배송
졸라 오래 걸리네
미친x가 뭐래
미친 x 아니냐
야 이 시1발1놈아
씨@발 뭐냐
씨!발!
시_발
시*발
씨/발 진짜
ㅅ ㅂ 또 졌다
ㅅ.ㅂ
ㅂ ㅅ
ㅂ.ㅅ 같은 게
병.신
병*신이냐
병_신
병ㅡ신
벼엉신
븅1신
개@새끼
개 새 끼들
개색ㄱㅣ
개쉐이야
ㄱㅅㄲ
ㄱㅐ새끼
ㅈㅗㄴ나 웃겨
존ㄴㅏ 길다
죤나 싫어
존1나 못함
좆1같네
ㅈ1같네
ㅈ.같은 게임
지2랄하네
지.랄하고 있네
ㅈㅣ랄 좀 그만
쥐.랄
시바알 뭐함
쉬이발
씌발 뭐야
씨팔 진짜
c발 뭐하냐
Tlqkf 진짜
qudtls아
Wlfkf하네
미친 새끼
또라이 새끼들
아가리 좀 다물어
아닥해라 쫌
주둥아리 닥쳐
닥치고 게임이나 해 병신아
꺼져 새끼야
느금마 뭐함
니 애미 뭐하냐
니 엄마 창녀
한남충 극혐
급식충들 나가
틀딱들은 왜 저래
맘충들 또 왔네
ㅗㅗㅗ
엿 처먹어라 새끼야
fuuuck you
f.u.c.k
sib al
""".splitlines()

HARMLESS = """\
시발역이 어디예요? 종점이요?
이 버스 시발 시각이 몇 시예요
3시 발표라 떨려요
9시 반에 봐요
역시 발라드가 최고야
다시 벌 서고 있어
몇 시 벌써 다 됐네
감자 씨 발아시켰어요
김씨 발표 잘하더라
호박씨 빨리 심자
앵두 씨 뱉었어
병신년은 2016년이에요
그 병 신기하게 생겼다
신병 신고합니다
음료수 병 신상 나왔대
보름달 보지 못했어요
이 영화 절대 보지 마세요
눈치 보지 말고 편하게 해요
한번 써보지도 않고
그럼 내가 해보지 뭐
얼른 자지 왜 안 자
낮잠 자지 마
혼자지만 괜찮아
여자지만 힘이 세요
부자지간이 닮았네
의자 지금 주문했어요
새끼 고양이 너무 귀엽다
고양이가 새끼 세 마리 낳았대
미운 오리 새끼 이야기
새끼발가락 찧었어요
펭귄 새끼들 뒤뚱거리네
모기쉐키 또 물었어
새끼줄 꼬기 체험
내 새끼 보고 싶다
다 내 새끼들 같아서
세 끼 다 챙겨 먹어요
한 끼 새끼손톱만큼 먹네
이 색히트텍 있나요
은색 끼고 싶어요
무지개색끼리 모아요
개년도 계획 말고 올해 계획
5개년 계획 발표
무지개 같은 방송이에요
안개같이 흐릿해
베개 같은 인형
번개같이 왔다
육개장 같은 거 먹고 싶다
날개 같은 옷
조개 새로 사왔어요
좌석 같은 데 앉자
존경하는 존 나이트 경
좋나 안 좋나 골라줘
졸라도 안 사줄 거예요
동생이 졸라서 게임 켰어요
허리띠 졸라매고 모았어요
목을 졸라 죽이는 영화 무서워
사과 씹는 소리
꼭꼭 씹어 드세요
껌 씹으면서 게임해
곱씹을수록 좋은 말
문자 씹혔어
엿 먹고 시험 잘 보세요
호박엿 먹어봤어요?
수능엿 선물 받았다
불이 꺼져서 깜짝 놀랐어
화면이 자꾸 꺼져요
마이크 꺼져 있어요
큰일이 닥쳐도 괜찮아
시험이 코앞에 닥쳐왔다
인터넷 다 뒤져 봤는데 없어
가방 뒤져서 찾았어
뒤졌다 찾았다 반복
악어 아가리가 크다
아가리 어부 그림책
섹소폰이 좋아 색소폰이 좋아
유니섹스 티셔츠예요
서섹스 대학교 다녀요
자위대 뉴스 봤어요?
정당방위 자위권 설명
강간죄 처벌 강화 뉴스
강간 사건 뉴스 무섭다
성폭행과 강간 피해자 지원 단체
창녕 양파 맛있다
성장녀 드라마 봤어
걸레질 했어요
행주랑 걸레 삶았어
한남동 맛집 추천해줘
한남대교 막혀요
충남 한남대 나왔어요
해충약 뿌렸어
기생충 영화 봤어요
애벌레 충이 뭐예요
김치녀석 맛있네
된장녀석 냄새
18시 18분이에요
18번 노래 불러주세요
2018년 18일에 만났어
5.18 민주화운동
시부모님 오신대
시바견 키우고 싶다
시바 이누 귀여워
시발레타 오페라
전염병 신규 확진자
등신대 세워 놨어요
미친 이 노래 좋다
""".splitlines()


def test_most_of_what_is_rude_by_its_words_is_found() -> None:
    profanity = Profanity()
    missed = [line for line in RUDE if clean(line) not in profanity]
    assert len(missed) <= 0.1 * len(RUDE), missed


def test_almost_nothing_that_only_looks_rude_is_stopped() -> None:
    profanity = Profanity()
    stopped = {line: profanity.found(clean(line)) for line in HARMLESS if clean(line) in profanity}
    assert len(stopped) <= 0.02 * len(HARMLESS), stopped
