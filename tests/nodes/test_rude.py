"""What is rude in Korean, and what only looks like it."""

import subprocess
import sys

import pytest

from nodes.rude import Profanity, unmasked
from nodes.text import clean

RUDE = """\
야 10새끼야
뒤1져
닥2쳐
보ㅈ1
s€x
쌰발 뭐야
ㅅ ㅣ ㅂ ㅏ ㄹ
씨브랄
이 뵹신아
미췬놈
개쎄끼야
쉐끼야
개세기야
섹@스
닥@쳐
ㅂㅈ 보여줘
f@ck you
fuсk
biitch
a$$hole
🖕
주둥이 닥쳐
시밬ㅋㅋ
fxck you
이 b!tch 봐
sh!t
퍼큐 머겅
凸
이 년놈들이
ㄷㅊ
야 이 병 신아
씨​발
ｓｉｂａｌ
ㅆㅣㅂㅏㄹ
시.발
ㅂ.ㅅ
이 뱡신아 그것도 모르냐
조까치 하네 진짜
미친색히 뭐래
야 이 색갸
저 쓰레기년
f*ck you
you slut
지럴
씨발 진짜 짜증나
시발 뭐하냐
존나 못하네
아 ㅅㅂ 또 졌네
ㅆㅂ 핵이네
병신같은 게임
븅신아 그것도 못 하냐
ㅂㅅ아 좀 잘해봐
ㅄ인가
개새끼야
개색기들
좆같네 진짜
좆까라
ㅈ같은 겜
지랄하네
ㅈㄹ 하지마
염병하네
미친놈아
미친년
미친새끼 아니냐
썅 열받네
썅년
니애미
느금마 뭐하시노
엠창인생
니미럴
창녀 같은
걸레년아
보지 빨아줘
자지 까봐
섹스하자
야스각이네
딸딸이 치냐
한남충들
김치녀 다 죽어
틀딱 꺼져라
맘충이네
짱깨 새끼
쪽바리
깜둥이
홍어새끼
운지했노
뒤져라 그냥
디질래?
꺼져 병1신아
시1발
씨.발
시   발
씨이발
tlqkf
fuck you
개지랄 떨지마
호로새끼
등신새끼
애미 뒤진년
육시랄
젓같네
씹새끼
엿먹어라
시bal
야 이 씨발놈아
시바알 또 죽었네
씨2발 진짜
ㅆ발 운빨겜
존나게 재미없다
ㅈㄴ 못한다 진짜
좆밥이네
좆망겜 접어라
병신새끼 뭐하냐
머저리 병쉰
이 개새1끼
개쌔끼
개년
쌍년아
미친년 아니야
지랄 좀 그만해
뭔 개지랄이야
엠뒤 놈
느금 뭐하냐
니 엄마 창녀
보지 보여줘
빨통 보여줘
따먹고 싶다
강간하고 싶다
한녀들 다 죽었으면
페미년들
게이새끼
조선족 새끼들
틀니딱딱
장애인새끼
홍어 냄새난다
재기해라
나가 뒤져
혀 깨물고 죽어
닥쳐 씹년아
아가리 닥쳐
fucking noob
bitch please
sibal
18놈아
""".splitlines()

HARMLESS = """\
10새끼손가락
보ㅈ1개
앞뒤 1져
시뻘건 국물이 맛있어
낚시발판에서 떨어졌어
표시발광 다이오드
감씨발아율 실험
건강간식 추천
한강간다
참새끼리 싸우네
찹쌀엿먹어요
급식충족률
2018년아 잘 가
호ㅗㅗ
미친 노마드
색기가 넘쳐
메시 애미 상 섹 스포츠
얼굴이 시뻘게졌다
병신년 새해가 밝았다
병신춤 공연 봤어
급식충전하러 가자
급식충분해요
맘충분히 알겠어
개같이 벌어서 정승같이 쓴다
강아지 짖는 개소리가 나
시바 강아지 귀여워
딸딸이 슬리퍼 샀어
또라이더 타고 왔어
깜둥이 고양이 봤어
호박엿 먹어봤어?
슈퍼큐브 맞췄다
ㄷㅊㅎ
병 신호등
학년 놈은 없어
시발점이 어디였더라
그 사건이 시발점이 됐지
새끼손가락 걸고 약속
새끼 고양이 너무 귀여워
병신년에 태어났어요
아무것도 보지 마
보지 못한 영상이 많네요
그 영화 보지 않았어?
먹어보지도 않고
해보지 그래
일찍 자지 그래
왜 안 자지
밤새 자지 않고 뭐해
여자지만 축구 좋아해
남자지 여자지
감자지짐이 먹고싶다
다시 발표해 주세요
역시 발라드가 좋아
18시에 시작해요?
8시 방송 맞죠
1시 발송이래
시바견 키워요
시바이누 산책
개 새로 입양했어요
저 개 새끼 낳았대
개나리가 폈어요
무지개 새로 떴다
존댓말 쓰세요
존잘이네 진짜
미친 듯이 재밌다
와 미쳤다 이거
이미 친구예요
지랄탄이 뭐예요?
병원 신고했어요?
엄마가 창문 여셨어
걸레질 하다가 왔어요
자살골 넣었다
꺼져있는 불 켜줘
불 꺼져요
화면이 꺼져서 못 봤어
컴퓨터가 자꾸 꺼져
로비에서 만나
뒤져보니까 나왔어
서랍을 뒤져봐
운지버섯 효능
무서운지 아닌지
홍어 무침 먹고 싶다
한남동 맛집 추천
한남대교 막히네
짱구 재밌다
조개 새로 나왔네
3개 샀어 4개 샀어
년도가 언제죠
작년에 왔던 각설이
고맙습니다 사랑해요
족같이... 아니 가족같이
씨앗 발아 시키기
피씨방 가자
시방 뭐라고 했슈
섹시하다
섹션 나누기
sexy dance 노래 제목
야 스타 한판 하자
스파이 패밀리
에스파 노래 틀어줘
뭐 하나 봤더니 쉬하고 있네
엿 먹고 시험 잘 봐
찹쌀떡이랑 엿 먹었어
딸기 딸 때 조심
맘스터치 먹자
오ㅗㅗㅗ 대박
ㄷㄷㄷ
ㅅㄱ 수고
ㅂㅂ 내일 봐
ㅈㅈ 쳤네
ㅈㅅ 늦었어
ㄱㅅ합니다
ㅁㅊ 대박이다
개웃기네 ㅋㅋㅋ
개꿀잼
개쩐다
존맛탱
쩔어요
노무현 대통령 책
카카오톡 왔다
애미야 국이 짜다
assassin creed
class 102 pass
Scunthorpe
12345 678 시작
오늘 시험 망했어요 위로해 주세요
아저씨 발 냄새나요
글씨 발견했어요
날씨 발표 봤어요?
즉시 발송 됩니다
동시 발매래요
역시 발이 빨라
몇 시 발 열차예요
지하철 3시 발차
다시 발견했다
병신도라는 섬이 있대
병 신고 받았어요
존경합니다 나도 그렇게
좋은 나날 보내세요
조카랑 놀다 왔어요
저 까만 고양이 뭐예요
지난 랄라 노래 좋다
보지도 않고 말하네
나 보지 말고 저기 봐
찾아보지 못했네
자지 말고 놀자
졸려서 자지러지게 하품
혼자 지내요
섹터 나눠서 가자
스테이지 야호
야! 스킬 써
에이스 등장
개근상 받았어요
개 산책 시키고 올게요
새 끼니 챙겨 먹어요
세끼 다 먹었어요
이 새 끼룩끼룩 운다
모기새끼 때문에 잠을 못 잤어
미친 연기력
미쳤나봐 너무 좋아
죽여주는 노래다
배고파 죽겠다
웃겨 죽겠네
꺼져 가는 불씨
휴대폰 꺼졌어
주머니 뒤져 봤는데 없어
디지털 카메라 좋다
창녕 여행 다녀왔어요
걸레로 바닥 닦는 중
김치 녀석 맛있네
한남동 살아요
짱깨집? 중국집이요
흑인 음악 좋아해요
게이트 열어
레즈고 가자
페미니즘 수업 들었어
장애물 피해
조선시대 드라마 추천
홍어삼합 먹어봤어요?
운지 버섯 차 마셔요
노무사 시험 준비
일베? 아니 일본 베이커리
전라도 여행 추천
경상도 사투리 해줘
엿가락 먹고 싶다
쌍화차 한 잔
쌍둥이예요
씹을수록 고소하다
껌 씹는 소리
씹던 껌 버렸어
엠티 가요
느긋하게 하세요
애미야 물 좀 다오
에미상 받았대
닥터 스트레인지 봤어요
아가리가또 ㅋㅋ
fukuoka 여행 가요
sibling 있어요?
class 끝나고 왔어요
analysis 과제 중
essex 갔다 왔어요
18일에 봐요
7월 18일 놀러 가요
2시 8분
""".splitlines()

UNSEEN_RUDE = """\
와 씨발 깜짝이야
시발련아 나가
존내 웃기네
ㅂㅅ같은 팀원
이 병신같은 새끼가
개씨발 억까
좆도 모르면서
좆나 재미없네
지랄병이 도졌네
미친 새끼들 많네
너 애미 없지
느금마 출석체크
창년아
보지년
섹스 하고싶다
빠구리
씹덕새끼
찐따새끼
돌대가리 새끼
짱깨들 다 나가
틀딱들 또 왔네
김치녀들 또 시작이네
아가리 싸물어
엿이나 먹어라 새끼야
꺼지라고 병신아
f u c k
씨 발
개.새.끼
야이 ㅅㅂ롬아
대가리 깨버린다 개새
""".splitlines()
"""Written after the lists were settled; the lists are not to be made to fit these."""

UNSEEN_HARMLESS = """\
오늘 급식 뭐 나왔어요
내일 시험인데 공부하기 싫다
다시 바꿔 주세요
택시 발견!
임시 발행된 표예요
감시 받는 기분
혹시 발 사이즈 몇이에요
수박씨 발라 먹기
해바라기씨 발아 실험
존 나이스 샷
병아리 신기하다
지 랄라 하고 노래하네
게임 캐릭터 새로 뽑았어요
개발새발 썼네 글씨
사과 보지 못했어?
가자 지금 당장
일찍 자지 그랬어
강아지 새끼 키워요
너구리 새끼 봤어요
까치 새끼가 떨어졌어
미친 텐션 뭐야
이야 스케일 크다
섹소폰 배워요
엄마 창문 닫아
걸레 빨았어요
육개장 시켰다
조 까마득하다
졸라대서 사 줬어
좋까지는 아니고 좋기는 해
엠창섭 성우님 아니죠
불 끄니까 화면도 꺼져 보여
뒤로 뒤져가며 찾았어
느긋한 금요일
한남역에서 내렸어
쌍년도가 뭐지 짝년도?
에프 유 씨 케이
bitcoin 올랐대
shitake 버섯
강감찬 강의 들음
강간죄 뉴스 봤어?
""".splitlines()

MASKED = """\
지1랄하네
씪발
야랄하지 마
병1신아
시1발
씨2발 진짜
개1새끼
개새1끼
ㅅㅣ발
ㅆㅣ발
ㅂㅕㅇ신
씨ㅣ발
ㅆㅂ
ㅅ발
씨ㅂ
ㅂ신
ㅈ같네
ㅈ망겜
씨.발
씨 발
씨~발
tlqkf
씨8
쉬발
싯팔
씹새끼
쒸발
쥐랄
옘병
존1나
미1친놈
""".splitlines()

INNOCENT = """\
잠을 자지 못했어
오늘은 유튜브 보지 뭐
어떻게 알아보지?
도시락 싸가지고 가야지
세 끼 식사는 제시간에 먹어
일찍 자지 말고 놀자
그건 두고 보지
한번 가보지 그래
물어보지도 않고
18시에 시작해요
오후 3시 8분
12시 1발
무지개같은 하늘
번개 같은 속도
날개같이 가벼워
5개년 계획
새끼손가락 걸고
미운오리새끼
강아지가 새끼를 낳았어
자위대 뉴스
집단적 자위권
섹스폰 연주
야스오 장인
야스쿠니 신사
시발역에서 출발
날씨 빨리 좋아져라
아저씨 발 밟았어요
졸라서 사 줬어
껌 씹지 마
씹던 껌
가방을 뒤져라
불 꺼져라
꺼져가는 불씨
짱깨집 배달
질겅질겅
싸가지고 왔어
등신대 포스터
슈발리에
존나단 스위프트
위기가 닥쳐서
스페셜인가 예전에
창녕 여행
오이ㅗㅜㅑ
""".splitlines()


EVADED = """\
ㅅi발
si발 뭐야
씨뱔
시봘
시8 진짜
시바라
ㅅ1ㅂ
ㅈ1ㄹ
이 ㅅㄲ가
개ㅅㄲ
개샤끼
개새야
개xx
병sin
빙신아
븅
미친련
미친ㄴ
미틴놈
ㅁㅊ새끼
ㅈ나 못하네
조온나 길다
지ral
니기미
육시럴
꺼지셈
ㄲㅈ
디져라
니들이 꺼져
그 새끼가 꺼져
아이 꺼져
퍽큐
f**k you
b1tch
씨이이이발
시바아알
시ㅋ발
병ㅋ신
미ㅋ친놈
ㄱH새끼
느검마
뒤지고 싶냐
phuck
""".splitlines()

LOOKING_RUDE = """\
배가 꺼져요
소화돼서 배가 꺼져
거품이 다 꺼져
땅이 꺼져라 한숨
위기가 닥쳐
마감이 닥쳐!
눈앞에 닥쳐
집안을 다 뒤져
유튜브 다 뒤져
남한테 안 뒤져
엄마를 졸라 늦게까지 놀았어
할머니한테 졸라 많이 받았어
신발끈을 꽉 졸라 맸어
에밀 졸라 좋아해요
시발 자동차 박물관
시바 료타로 소설
질병신고 했어요
간병신청 하려고요
병신일주
팔등신 미녀
8등신
오후장 마감
이십색 크레파스
옆집 개소리 시끄러워
경강간선
개씨름
안개새벽
다시바라봐
싸이발표
3시8분
무지개xx
보존나무 아래
아버지랄까 형이랄까
다시ㅋ발표
기존나라 지도
""".splitlines()


@pytest.fixture(scope="module")
def profanity() -> Profanity:
    return Profanity()


def test_what_is_rude_is_found_but_for_malice_in_plain_words(profanity: Profanity) -> None:
    missed = [line for line in RUDE if clean(line) not in profanity]
    assert missed == ["한녀들 다 죽었으면", "홍어 냄새난다", "재기해라", "혀 깨물고 죽어"]


def test_what_only_looks_rude_passes(profanity: Profanity) -> None:
    assert {line: profanity.found(clean(line)) for line in HARMLESS + INNOCENT if clean(line) in profanity} == {}


def test_lines_that_the_lists_were_not_made_for_fare_as_well(profanity: Profanity) -> None:
    found = sum(clean(line) in profanity for line in UNSEEN_RUDE)
    stopped = sum(clean(line) in profanity for line in UNSEEN_HARMLESS)
    assert (found, len(UNSEEN_RUDE)) == (30, 30)
    assert (stopped, len(UNSEEN_HARMLESS)) == (0, 40)


def test_digits_single_letters_and_lookalikes_hide_nothing(profanity: Profanity) -> None:
    assert [line for line in MASKED if clean(line) not in profanity] == []


def test_new_ways_to_write_curses_are_found_and_what_looks_like_them_passes(profanity: Profanity) -> None:
    assert [line for line in EVADED if clean(line) not in profanity] == []
    assert {line: profanity.found(clean(line)) for line in LOOKING_RUDE if clean(line) in profanity} == {}


@pytest.mark.parametrize(
    "text", ["시{:d_56:}발", "시.발", "시 발", "시\u200b발", "ｆｕｃｋ", "f u c k", "아 병 신 아", "개 새 끼"]
)
def test_signs_blanks_and_emotes_between_the_letters_hide_nothing(profanity: Profanity, text: str) -> None:
    assert clean(text) in profanity


@pytest.mark.parametrize("text", ["", "ㅋㅋㅋㅋ", "!?", "{:d_56:}", "1234", "안녕하세요"])
def test_what_says_nothing_is_not_rude(profanity: Profanity, text: str) -> None:
    assert clean(text) not in profanity


@pytest.mark.parametrize(
    ("text", "shape"),
    [("지1랄", "지랄"), ("ㅂㅕㅇ신", "병신"), ("씨ㅣ발", "씨발"), ("3시8분", "3시8분"), ("ㄳㅏ", "ㄳㅏ")],
)
def test_a_hidden_word_gets_its_own_shape_back(text: str, shape: str) -> None:
    assert unmasked(text) == shape


def test_the_word_that_was_found_is_told(profanity: Profanity) -> None:
    assert (profanity.found("와 지1랄"), profanity.found("개 같은 놈"), profanity.found("안녕")) == (
        "지랄",
        "개 같",
        None,
    )


def test_judging_needs_no_other_library_and_prints_nothing() -> None:
    source = "from nodes.rude import Profanity\nassert '씨발' in Profanity()\nprint('ok')"
    command = [sys.executable, "-W", "error", "-c", source]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout, ended.stderr) == ("ok\n", "")


@pytest.mark.parametrize(
    "line",
    """\
씨222발
시1234발
c8놈아
아 c8
fu*k you
f**k
motherf*cker
s**t
bi*ch
n1gga
assh0le
c*nt
10쌔끼
10 쉐끼야
닥 쳐라
닥처라
죽1어
죽@어
보1지
느ㄱ마
니ㅇ미
조ㅅ까
씨봘
뵨신아
개섀꺄
애미뒤졌냐
빠가야로
빠가 새끼
돌아이냐
정신병자냐
자살이나 해라
아닥해
아 씨빠
ㅅ.1.발
시*1*발
ㅆl발
ㅅl8
등ㅅ신
씨ㅂ발
미친색기
개색히
또롸이
조또 모르네
니미 씹
fúck
fυck
bltch
s h i t
死ね
돼지샛기들
저 새-끼들
이 새.끼야
섹.스
ㅈ 같네
족같은 팀운
개샛끼야
개셰끼
앰생아
짱꺠들
늑음마
쉬팔 뭐야
조오오온나 웃겨
너희 애미
니들 에미는
똘아이야
그냥 자살해
씨ㅋㅋㅋ발
병ㅋㅋ신
지ㅋㅋㅋ랄
병신도 아니고
""".splitlines(),
)
def test_a_curse_is_known_behind_signs_digits_and_other_spellings(line: str) -> None:
    assert clean(line) in Profanity()


@pytest.mark.parametrize(
    "line",
    """\
PC발 렉이 너무 심해요
MBC발 뉴스 봤어요?
bitchat 앱 써 보셨나요
개소리 들린다
옆집 개 소리
강간 예방 교육
창녀촌 철거 뉴스
같이 보지 빨리 와
자지 빨리 일어나
자지 빨래는 왜 해
니어미스 사고
니앰프 소리 좋네
번개씨 안녕하세요
시바 신 신화
시바 키우고 싶다
존나무 그늘에서 쉬자
보리새끼
고양이새끼가 자란다
빠가사리 매운탕
보온병신제품
여우 같은 년생
니미츠 제독
조또리 만두
감ㅅ사합니다
도시ㅇ발표
값:3만 원
질병신도 수
어미 새와 새끼
공룡 새끼
남자1지망
의자1지점
죽어도 못 보내
바닥쳐라
c8 엔진
10놈 잡았다
참새,끼룩끼룩
냄새.끼어들기
ㅅ이나 ㅈ 같은 글자
새~끼룩
가족같은 분위기
민족 같은
어머니 애미야
네 에미리트
시애미
주인공이 자살해요
다시ㅋㅋ발표
뭐하시ㅋㅋ벌써 끝
날씨ㅋㅋ벌써 덥네
병ㅋㅋ신기해
아쉬팔
니 금마 아나
조오온 나무
정신병자가 나오는 영화
sh**님 감사
be@t
p@ssword
""".splitlines(),
)
def test_what_holds_the_letters_of_a_curse_by_chance_passes(line: str) -> None:
    assert Profanity().found(clean(line)) is None
