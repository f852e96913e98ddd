"""Finds rude Korean by its words: curses and slurs, even as written to evade a list, but not harmless lookalikes.

The library korcen (Apache-2.0) is not used: measured, it stops one harmless sentence in 500, misses the most common
curses, and warns about its own source when it is compiled. tests/README.md has the figures.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from nodes.patterns import Pattern
from nodes.text import without_emotes
from nodes.words import BannedWords, Starts

_FIRST = ("씨", "씪", "씌", "쒸", "씹", "씻", "쓔", "쒜", "쓰")
_SECOND = ("발", "빨", "팔", "벌", "뻘", "밸", "펄", "봘", "뽤", "뿰", "바알", "부랄", "브랄", "불탱")
_SICK = [first + second for first in "병븅뷩뱡볍뵹벵뵨뱅" for second in "신싄쉰씬싢"]
_MAD = [
    first + second
    for first in ("미친", "미틴", "미췬", "미띤", "ㅁㅊ")
    for second in ("놈", "년", "련", "넘", "뇬", "쉐", "쉑", "ㄴ", "새끼", "쌔끼", "섀끼", "색히", "색기", "샊", "것들")
]
_WORDS = """
    씨뱔 씨뱅 씌이발 시봘 쉽알 슈벌 싀벌 시이바 시잇팔 시입팔 씨방새 시방새 시va ㅅi발 ㅅl발 si발 ci발 시발 시바알
    시이발 씨이발 씨이빨 시빨 시뻘 싀발 싯발 싯팔 쉬발 쉬이발 쉬빨 쉬벌 쉬펄 쉬부랄 슈발 싸발 씨바새 씨바놈 씨바년
    씨바꺼 씨댕 씨불탱 씨부럴 씨부랄 시부럴 시부랄 시팔놈 시팔년 시펄 시벌놈 시벌년 시벌탱 시bal 씨bal sibal ssibal
    c발 cbal 씨8 ㅆ8 ㅅ8 ㅅ발 ㅆ발 ㅆ빨 시ㅂ 씨ㅂ ㅅㅂ ㅆㅂ ㅅㅃ ㅆㅃ ㅆㅣ tlqkf qudtls wlfkf rotorl whssk ㅅㄲ 십쌔
    십새끼 십색 씹새 씹세끼 씹년 씹놈 씹덕 씹창 씹치 씹할 씹팔 씹지랄 씹버러지 씹물 쌍놈 쌍년 썅 썅년 쌍노무 쌍눔 쌍판
    뷰웅신 벼엉신 빙신새 병딱 병시나 병sin byungsin jonna 븅딱 벙신 붕신새 빙신아 ㅂㅅ ㅂ신 병ㅅ
    ㅄ 지랄 지럴하 지롤하 쥐랄 쥐럴 지뢀 야랄 g랄 zi랄 ㅈ랄 지ral z랄 ㅈㄹ 염병하 염병떨 옘병 엠병 엠뒤 육시랄 육시럴
    니미럴 니미랄 우라질 존나 존내 존니 조온나 존ㄴ 죤나 죤내 졸라게 줜나 쫀나 ㅈㄴ 좆 졷같 졷나 좃같 좃까 좃도 좃밥
    좃망 좃나 좃빠 좃대가리 좇같 좇까 좇밥 좇나 조까라 조까튼 조깥 죶 젓같 젓까라 ㅈ같 ㅈ까 ㅈ도 ㅈ됐 ㅈ되 ㅈ됨 ㅈ밥
    ㅈ망 ㅈ빠 잦같 또라이 또라2 돌아이새 정신병자새 머저리 찐따새 찐따같 얼간이새 돌대가리 빡대가리 닭대가리 개새끼
    개새기 개색기 개색끼 개새키 개세끼 개섀끼 개쉐끼 개쌔끼 개샛기 개쉑 개쉐이 개객끼 개객기 ㄱㅅㄲ 개시끼 개샤끼
    개새귀 개생키 개새꺄 개s끼 개ㅅㄲ 개샊 개새ㄲ 개자식 개잡놈 개잡년 개잡것 개지랄 개소리 개돼지 개쓰레기 개또라이
    개씨 개씹 호로새끼 호로자식 후레자식 후레아들 호래자식 빌어먹을놈 빌어먹을새 니기미 니어미 ㄴㄱㅁ ㅆㄴ 니애미
    니에미 니앰 느금마 느금 느개비 니애비 느그엄마 느그애미 느그애비 너거매 엠창 앰창 엄창 애미뒤진 애미없 에미없
    애비없 에미뒤진 애미터진 창녀 창년 걸레년 화냥년 잡년 된장녀 김치녀 한남충 한녀충 맘충 급식충 틀딱 틀니딱딱 똥꼬충
    페미년 꼴페미 보슬아치 짱깨 짱꼴라 쪽바리 쪽발이 쪽빠리 깜둥이 홍어새끼 홍어년 홍어놈 게이새끼 조센징 강간 윤간
    빨통 젖탱 젖통 따먹고싶 따먹을 따먹은 따먹는 딸딸이 후장 떡치고싶 사까시 빠구리 보지년 보지털 보지물
    자지털 섹스하 섹스해 섹스머신 쎅스 쎅쓰 섹쓰 좆물 뒤져라 뒈져 뒈진 뒈지 뒤질래 디질래 나가뒤져 나가죽어 자살해라
    목매달아라 꺼져라 엿먹어 엿이나먹 아가리닥쳐 아가리싸물 주둥아리닥 아닥해 대가리깨 십팔놈 십팔년 18놈 18년아
    18새끼 퍽큐 뻑큐 뻐큐 빡큐 엿머겅 냄져 짱개새 fuck fucking b1tch bitch motherfuck asshole nigger nigga faggot cunt
    개ㅅ끼 개섹끼 개섹기 개쉨 ㄱh새끼 7h새끼 졵나 줫나 도른년 느검마 늬애미 애미뒤짐 엠생 챙녀 보빨러 봊 섹ㅅ 김치년
    된장년 조센진 뒤지고싶냐 디지고싶냐 뒤지고싶나 개호로 조까치 시브랄 지럴병 개지럴 개쎄끼 개쎄키 개샛키 개쌔키
    메갈년 18련 십팔련 엿쳐먹 엿처먹 엿이나쳐먹 엿이나처먹 byungshin byeongsin gaesaekki gaesekki
    졸라짱나 좃또 지롤 또롸이 개색히 개쉬키 개ㅅ기 씹쉐끼 씹쉐키 느그매 늬에미 화냥뇬 일베충 fuking bltch
    shlt shithead 死ね
    쌰앙 조ㅅ까 조ㅈ까 조ㅅ같 조ㅈ같 개섀꺄 개세꺄 개쉐꺄 개쎄꺄 개새캬 개섀캬 개세캬 애미디진 애미디졌
    애미뒤졌 애미뒤져 에미뒤졌 에미뒤져 애비뒤진 애비뒤졌 애비뒤져 애미터졌 에미터진 stfu
    쌰발 시밬 씨밬 시뱔 fxck fvck 새꺄 새캬 색갸 육변기 쓰레기년 fuxk fcuk phuck sh1t biatch a55hole dickhead n1gger
    개샛끼 개셰끼 앰생 짱꺠 늑음마
"""
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_LONG_ONES = "개새끼 십새끼 씹새끼 느금마 니애미 니에미 미친놈 미친년 개자식 개지랄 씨발놈 씨발년".split()  # noqa: SIM905
_CUT_SHORT = [
    word[:at] + _LEADS[(ord(word[at]) - 0xAC00) // 588] + word[at + 1 :]
    for word in _LONG_ONES
    for at in range(len(word))
]
"""With one syllable of which only its first letter is left: ``느ㄱ마``."""
_LIST = BannedWords(
    [first + second for first in _FIRST for second in _SECOND] + _SICK + _MAD + _CUT_SHORT + _WORDS.split()
)
"""What is rude wherever it occurs."""

_BEFORE = r"(?:^|(?<=[^가-힣ㄱ-ㅎ]))"
_BY_CONTEXT = Pattern(
    rf"{_BEFORE}시8(?!\d|분|월|시|일)|{_BEFORE}빙신(?=[아이같은놈년새들ㅋ!?.\s]|$)|{_BEFORE}븅(?![가-힣])"
    rf"|{_BEFORE}짱개(?!\s?집)"
    rf"|{_BEFORE}(?:개새|개쉐|창놈|개놈|ㅉㄸ)(?=[야아들이가는의은ㅋ!?.~\s]|$)(?!야옹)|{_BEFORE}개(?:새"
    rf"|시)?[x×]{{1,2}}(?![a-z])|{_BEFORE}개쓉"
    rf"|{_BEFORE}ㅈ나(?=\s|[가-힣]{{2}}|$)|{_BEFORE}(?:디져라?|뒤지셈|꺼지셈|닥치셈|닥치라고|ㄲㅈ|ㄲㅈ라)(?![가-힣])"
    rf"|{_BEFORE}조까(?![가-힣])|{_BEFORE}병\s신(?=아(?![가-힣])|\s?새끼)|{_BEFORE}퍼큐(?![가-힣])|{_BEFORE}ㄷㅊ(?=[\s!?.라]|$)"
    rf"|{_BEFORE}(?:쉐끼|쌔끼|섀끼)(?=[야들아\s!?.]|$)|{_BEFORE}(?:색기|개세기|십새)(?=[야들])|미친(?:노마|늠)(?=[\s!?.~]|$)"
    rf"|{_BEFORE}니그로(?!\s?(?:영가|리그))|{_BEFORE}ㄴㅇㅁ(?![ㄱ-ㅎ])|{_BEFORE}ㅂㅈ(?=\s?(?:보여|빨|핥|만져))"
    rf"|{_BEFORE}ㅈㅈ(?=\s?(?:빨|까봐))|{_BEFORE}ㅅㅅ(?=\s?(?:하자|할래|하고\s?싶))"
    rf"|{_BEFORE}(?:ㅈ|족)\s?같(?=[네은다]|[\s!?.ㅋ]*$)(?!은\s(?:자음|글자|소리|발음|초성|받침))|{_BEFORE}똘아이(?=[야냐네들!?.~\s]|같|새|$)"
    r"|(?<![가-힣])(?:너희|너네|니네|니들|네)\s?[애에]미(?=[\s!?.~ㅋ]|$|[는가도랑])|^(?:(?:너|걍|그냥|넌)\s)?자살해[\s!?.~ㅋ]*$"
    r"|보[@#$%^&*_|]+지|자[@#$%^&*_|]+지|섹[@#$%^&*_|!./·~-]+스(?!타)|닥[@#$%^&*_|0-9]+쳐|뒤[@#$%^&*_|0-9]+져|꺼[@#$%^&*_|0-9]+져|죽[@#$%^&*_|0-9]+어|애[@#$%^&*_|]+미"
    r"|(?<![a-z])(?:a[s$]{2}hole|f+[u@v]+c+k+|b+i+t+c+h+|s[e€]x(?=\s?(?:하자|할래|하고\s?싶))|s[€*]x(?![a-z]))|(?<![0-9])10\s?(?:새끼|쌔끼|섀끼|쉐끼|새키|색히|새꺄)(?!손|발)|(?<![0-9])10놈(?=아|의\s?새)"
    rf"|{_BEFORE}[보자]ㅈ[1lㅣ](?![0-9개회명])"
    r"|(?<![가-힣])년놈|(?<![a-z])(?:b[!*]tch|sh[!*]t)(?![a-z])|凸(?=[\s!?.ㅋ]*$)"
    rf"|{_BEFORE}미친(?:새|색)(?![가-힣])|{_BEFORE}돌아이(?=[야냐네들!?.~\s]|같|새|$)|정신병자(?=[야냐네]|\s?같|\s?새)|{_BEFORE}(?:f[*.]{{1,3}}c?k|(?:slut|whore|retard|puss(?=y))(?:s|ed|y)?)(?![a-z])"
    rf"|{_BEFORE}(?:fck"
    rf"|fuk|shit)(?![a-z])"
    rf"|{_BEFORE}빠가(?=야로|[야냐니네들]|같|\s?[새쉐색]|[\s!?.ㅋ]*$)|{_BEFORE}s\s+h\s+i\s+t(?![a-z])|{_BEFORE}조또(?=\s?[모없아]|[\s!?.ㅋ]|$)|{_BEFORE}니미(?=[\s!?.]|$|씹|뽕)|{_BEFORE}아닥(?=[해하쳐\s!?.ㅋ]|$)|자살(?:이나|좀)\s?해"
    rf"|{_BEFORE}c8(?=\s?(?:놈|넘|년|련|새\s?[끼키]|럼))|(?:^|[아야]\s)c8(?=[\s!?.ㅋ]*$)|{_BEFORE}[보자][0-9]지(?![망역점구방원대명])"
    rf"|{_BEFORE}(?:보빨|섹파|지럴|시팔|쉬팔)(?![가-힣])|{_BEFORE}쓰바(?![가-힣])|{_BEFORE}시바[라거](?=[\s!?.ㅋ]|$)|{_BEFORE}c1발|{_BEFORE}[al]l발(?=[\s!?.아놈년]|$)"
    rf"|{_BEFORE}시(?:벌|펄|불|바)(?![가-힣])|{_BEFORE}(?:아이?|에이|야|와|아오|하)?\s?씨(?:바|벌|팔|불"
    rf"|밤바|빠)(?![가-힣])"
    rf"|{_BEFORE}시(?:팔|벌)(?=\s?(?:새|놈|년|아|진짜|것|꺼|뭐|련))|{_BEFORE}쓰[발벌](?![가-힣])"
    r"|졸라(?=\s?(?:방해|늦|오래|귀찮|피곤|지루|무섭|아프|슬프|짜증|재미|재밌|웃|많|못|잘|싫|귀|힘|쩔|좋|맛|예쁘|멋|크|비싸|느리|빡|어렵|쉽|시끄|더|덥|춥"
    r"|게|무|빨|길|열))"
    r"|(?<![가-힣])개\s?같(?=은|이|네|다|아|애|노)|(?<![가-힣0-9])개년(?![도간대])|(?<![가-힣])(?:이|저|그"
    r"|요)\s?(?:쉑|쉐끼|섀끼|새키|색히|샛기|세끼|샊)"
    r"|(?:같은|망할|더러운|추잡한|무식한|미개한|멍청한)\s?(?:놈|년(?!생|도|차|만|간))|(?:이런|저런|그런|못된"
    r"|나쁜)\s?년(?=[아들의이은은]|[\s!?.~]|$)"
    r"|(?:너|니|네)\s?같은\s?년|(?<![가-힣])(?:저|그)년(?=[이은을들도아]|[\s!?.~]|$)(?!도\b)"
    r"|(?:에미|애미|어미|닭|마누라|여편네|계집)(?:란|라는)?\s?년(?=[아들의이은을]|[\s!?.~]|$)"
    r"|미친\s?[x×](?![a-z])|(?<![a-z])fu{2,}ck|새기(?=들|야[\s!?.~]|야$)"
    r"|(?<![가-힣])[저이그]\s?새기(?=[가들]|[\s!?.~]|$)"
    r"|(?<![가-힣])씹(?=ㅋ|노잼|진지|월클|사기|구라|오[지져]|쩐|쩔|지리|지린|간지|망|극혐|띵|갓|창렬|아싸|인싸)"
    r"|등신(?=[아같새이들!?.]|\s|$)(?!대)|찐따(?=들|야|냐|새|[를은는가이인임같네라]|[\s!?.]|$)"
    rf"|자위(?=하|행위|질|를|했|중이|해서|해\s|해$|나\s?[하해])|섹스(?=[를을는은가로도나와]|[\s!?.,~ㅋ]|$)"
    r"|보지(?=\s?(?:빨(?![리간강래])|핥|만지|만져|보여|벌려|쑤시|쑤셔|구멍|냄새|까봐)|에\s?(?:박|싸|넣)|를\s?(?:빨|핥|만|벌|쑤))"
    r"|자지(?=\s?(?:빨(?![리간강래])|핥|만지|만져|까봐|썰|잘라)|를\s?(?:빨|핥|만|까|자|썰|잡))|야스(?=각|하자|했|해|중|할)"
    r"|(?<![호랑이사자악어뱀상어늑대괴물]\s)(?<![병])아가리(?!또|가또|쿠)(?=\s?(?:좀\s|쫌\s)?(?:닥|싸|다물|털|찢|쳐|여|벌|놀"
    r"|로|만|질|파)|[를을가이]\s?(?:닥|찢|확))"
    r"|(?<![가-힣])닥\s[쳐처](?=라|[\s!?.]*$)|(?<!바)닥[쳐처](?=라|[\s!?.,~]*(?:$|이|새|씨|시발|병|좀|제발|진짜))|(?<![가-힣])꺼져(?=[!?.~\s]*$|버려|줄래|이|제발)"
    r"|(?:안|왜|쳐|처|콱|확|그냥|다)\s?뒤져(?=[!?.~\s]*$|버|라)|(?<!안\s)뒤질(?=\s?(?:래|거|것|꺼|줄|뻔|라고|듯"
    r"|년|놈))|(?<![가-힣])운지(?=해|하|했)"
    r"|(?<![가-힣ㅗ])ㅗ+(?=[\s!?.]*$|\s?머거|\s?먹)|(?<![오호로고노ㅗ])ㅗ{2,}(?![ㅜㅑ])(?=[\s!?.]*$)"
)
"""What is rude only next to certain words."""

_STEMS = """
    시벌 시펄 시불 시바 시팔 씨바 씨벌 씨팔 씨불 씨밤바 쓰발 쓰벌 졸라 개같 개년 쉑 쉐끼 섀끼 새키 색히 샛기 세끼 샊
    시8 빙신 븅 짱개 개새 개쉐 창놈 개놈 ㅉㄸ 개x 개시x 개쓉 ㅈ나 디져 뒤지셈 꺼지셈 닥치셈 닥치라고 ㄲㅈ 조까 미친새
    미친색 돌아이 fk fck fuk shit 쓰바 c1발 al발 ll발 놈 년 등신 찐따 자위 섹스 보지 자지 야스 아가리 닥쳐 꺼져 뒤져
    뒤질 운지 ㅗ 병신 퍼큐 ㄷㅊ 凸 btch sht 미친x 미친× fuu 새기 씹 새끼 새ㄲ 섹끼 색끼 쉐키 보빨 섹파 지럴 slut whore
    retard pussy 색기 개세기 십새 미친늠 미친노 니그로 ㄴㅇㅁ ㅂㅈ ㅈㅈ ㅅㅅ 애미 ahole fucc fuuc fuc bii bit sex sx
    보ㅈ 자ㅈ 씨빠 조또 니미 쌔끼 닥처 죽어 빠가 아닥 자살 c8 정신병자
    족같 ㅈ같 똘아이 에미 쉬팔
"""
_YOUNG = (
    "손가락|발가락|손톱|발톱|고양이|강아지|곰|사자|호랑이|양|새|오리|펭귄|돼지|염소|거북|토끼|다람쥐|여우|참새"
    "|고래|원숭이|늑대|물고기|뱀|판다|햄스터|줄|치기|친"
)
_PARENTS = (
    "고양이|냥이|강아지|개|제비|호랑이|모기|벌레|쥐|오리|새|곰|사자|토끼|펭귄|여우|늑대|소|말|양|염소|돼지|까치"
    "|공룡|너구리|다람쥐|거북이?|물고기|뱀|고래|판다|햄스터|병아리|닭|동물|짐승|매|독수리"
    "|악어|원숭이|금"
)
_SHOOTS = "보리|벼|호밀|귀리|토란|바나나|선인장|다육이|알로에|난초|쪽파"
"""Plants, whose side shoots are called young as well."""
_CUB = Pattern(
    rf"새끼(?=\s?(?:{_YOUNG}))|(?:{_PARENTS})\s새끼|(?<![가-힣])(?:{_SHOOTS})새끼|(?:모기|벌레|고양이|강아지|냥이)(?:쉐키|시키|섀끼)|(?:고양이|냥이|강아지|제비|호랑이|모기|벌레|오리|곰|사자"
    rf"|토끼|펭귄|여우|늑대|거북이?|돼지|동물|병아리|금)새끼"
    r"|새끼(?=(?:를|도|들을|들이|가|들도)?\s?(?:\S{1,3}\s?마리\s?)?(?:낳|뱄|배서|키우|키웠|기르|돌보|태어|부화"
    r"|예쁘|이쁘|귀여|귀엽|작|자[라란랐랄]|큰다|젖|먹이))"
    r"|(?:귀여운|예쁜|이쁜|사랑스러운|어린|작은|갓난|낳은|태어난|키우는|품은|우리|내|자기|제)\s?새끼|(?:^"
    r"|[^가-힣\s]\s*|[의가를을도와과]\s)새끼(?=[는은를을가이도의]?\s|들[은이을]?\s|$)"
)
"""Words for young animals, and for a finger."""
_SWORN = re.compile(
    r"새끼|새[@#*^_./·~-]{1,3}끼(?=[야들가는의]|\s?[!?]|\s?봐)|새ㄲ|샛기(?=[야들!?]|$)|새키(?=[야들!?]|$)|섹끼|색끼|쉐키"
)

HARMLESS = Pattern(
    r"시발(?:점|역|\s?시각|\s?택시|\s?자동차|차|유|음|노선|열차|비용)|씨발라|씨\s발(?=라|아|달|견|표|송|매)"
    r"|[표낚접잠도]시[발팔벌빨]|씨발아(?=율|시[키켰킨킬]|실험)|새끼리(?!얼|스)|[깨쌀박]엿\s?먹|(?<=\d\d)18년"
    r"|\d\s*시\s*[발팔벌빨]|역시\s*[발빨팔]|[즉동임혹다감몇택]\s?시\s*[발팔벌빨]"
    r"|시\s*발(?=표|송|매|견|생|언|령|행|화|전|동|포|사|목|상|열|걸음|등|끝|차|급|레|라)"
    r"|(?:아저|아가|날|글|솜|말|불|맘|마음|솜|홍|수박|해바라기|꽃|볍|상추|배추|고추|호박|포도|사과|목화|김|이|박|최|정)씨\s*[발빨팔벌밸]|시방(?!새)"
    r"|쓰[발팔](?=라|아|았)|씹[어는던을은기고히힌지]"
    r"|슈발리에|시팔(?=이|삼)|병신(?=일주|월주|년주|기[해하방])|[질염이상간화발성지귀]병신(?=고|청|규|경|약)|(?:음료|맥주|소주|물"
    r"|약)병신(?=제품|기|상)|[가-힣]병신(?=제품|상품|모델)|병신년(?=에|도|생|이던"
    r"|[은이]?\s?\d|\s?(?:새해|원숭이|정월|설날))|병신춤|시뻘(?=건|게|겋)|급식충(?=전|분|족|실)|맘충(?=분|전|만|족)|개같이\s?벌어|짖는\s개소리|(?<=[가-힣])병신도|병신도(?=시|라는\s섬|에서)|병\s신(?=고|청|규|입|호)|지랄탄|전염병|염병동"
    r"|[보공현의생자실잔기]존나|존나무(?=[가를는은의도에와로만]?(?:[\s.,!?]|$))|[a-z]c\s?발|bitchat|니앰(?=프|불|블)|니어미(?=스)|(?<=[가-힣])개씨|창녀(?=촌)"
    r"|[가-힣]지랄까|essex|sussex|middlesex|unisex|scunthorpe|지\s랄라|존\s나(?=이|무|폴)|존나(?=단|레|이트)|졸라(?=서|대|댔"
    r"|매|도\s|\s?달)|저지랄(?=로)"
    r"|김치\s녀|느금(?=히)|엠창(?=섭|석|민)|창녀(?=리|구|석)|윤간(?=\s?(?:사건|혐의|피해|범|죄|예방|뉴스))|[한경남서금동건]강간(?=선|다|다리|을|과|에|식|판)|강간(?=죄|범|상|호"
    r"|도|\s?(?:사건|혐의|피해|미수|살인|치상|치사|방조|예방|방지|처벌|신고|뉴스"
    r"|교사))|공개소리|\d\s?개소리"
    r"|[가-힣]+개\s?같(?=은|이|네|다|아|애)|번개년"
    r"|(?<![가-힣])(?:유니|서|에|미들)섹스|무지개색|색히트|시바(?=\s신(?:[이은의을과께전화]|\s|$)|\s?(?:키우|산책|한\s?마리|분양|인형|간식))|시바\s?(?:이누|견|강아지|도그|료타로|스\s?리갈|여왕)|김치녀석|(?:목|끈"
    r"|허리|허리띠|줄|신발끈|멱살)[을를]?\s?(?:꽉\s"
    r"|꼭\s)?졸라|에밀\s?졸라|(?:엄마|아빠|부모님|누나|언니|형|오빠|할머니|할아버지|이모|삼촌|고모|선생님|사장님|남편"
    r"|아내|남친|여친|동생)(?:[을를]|한테|에게|께)\s(?:막\s"
    r"|계속\s)?졸라|섹스(?:폰|텀|턴|투스|피스|텟|틴)|자위(?=대|권|적|수단)|(?:불|화면|컴|컴퓨터|모니터|핸드폰|휴대폰"
    r"|폰|전원"
    r"|tv|티비|소리|조명|노트북|게임|앱|방송|마이크|캠|카메라|알람|서버"
    r"|화력|촛불|전등|에어컨)\S{0,2}\s?(?:\S{1,4}\s)?꺼져(?:라)?|(?:가방|주머니|서랍|지갑|책상|창고|집"
    r"|방)\S{0,3}\s?(?:다\s|싹\s|좀\s)?뒤져라?"
    r"|(?<=[가-힣][이가])(?<![너니네지쟤걔끼]가)(?<![놈년들아]이)(?<!둥이)\s(?:\S{1,3}\s)?(?:꺼져라?"
    r"|닥쳐)(?=[\s!?.~]|$)|(?:배|볼|거품|땅)\s꺼져|(?:앞에|시험|마감)\s닥쳐|[을를]\s(?:\S{1,3}\s)?뒤져|(?:인터넷"
    r"|유튜브|구글|네이버|검색|커뮤)\s?(?:다"
    r"|싹)\s뒤져|(?:한테|에게|보다|에|절대)\s안\s뒤져|뒤져(?=보|봐|봤|볼|본|서\s?찾|가며)"
    r"|개\s새끼(?=\s?(?:\S{1,3}\s?마리\s?)?(?:낳|뱄|키우|태어|젖|[두세네]\s?마리))|짱깨(?=집|\s?시[켜킬])"
    r"|개자식(?=물)|개새로|개씨(?=앗)|개창녀|[0-9]\s?개\s?새|조깥(?=지)|오후장|후장(?=식)|딸딸이(?=\s?슬리퍼)|시ㅂ(?=ㅣ)"
    r"|또라이(?=브|더)|머저리(?=그)|쌍판(?=지름)|[0-9팔구칠육]\s?등신|[이삼사오육칠팔구]십색|십색(?=상|크레|볼펜)"
    r"|(?:옆집|이웃|강아지|동네|윗집|아랫집|밖에서)\s?개\s?소리"
    r"|개씨(?=름)|쌍판지|우라질(?=없)|씨댕(?=이)|개\s?소리(?=나|\s?들[리려렸린]|가\s?들|에\s?깼|도\s?들)"
    r"|사까시(?=ㄴ)|틀딱딱|잡년도|쌍년도|된장녀석|개년도|오개년|[0-9]개년|존니(?=스)|좃(?=아)|빙신(?=같이\s?웃)"
    r"|(?<![가-힣])ㅁㅊ(?!\s?[놈년새ㄴ])|깜둥이(?=\s(?:고양이|강아지|개))|엿\s?먹어(?=봤|보|본)"
)
"""What only looks rude; it is removed before anything is judged."""

_LIKE_I = re.compile("(?<=[ㄱ-ㅎ])[l|!i](?=[가-힣ㄱ-ㅎ0-9])")
_HIDING = re.compile("[0-9ㅏ-ㅣㄱ-ㅎ]|이이|오온나|아아|아알")
_JAMO_SYLLABLE = re.compile("([ㄱ-ㅎ])([ㅏ-ㅣ])([ㄱ-ㅎ](?![ㅏ-ㅣ]))?")
_STRETCHED = re.compile("(?<=[가-힣])(?:[ㅏ-ㅣ]+|[ㄱ-ㅎ]|(?<![가-힣]{2})ㅋ+)(?=[가-힣])")
_LONG = re.compile("(?<=[시씨쓰지쥐])이이+(?=[가-힣])|(?<=조)오+(?=온나)|(?<=바)아+(?=알|ㄹ)")
"""A drawn-out vowel: ``씨이이발``."""
_MASKED = re.compile(
    r"(?<=[가-힣ㄱ-ㅎ])[^\w\s]*[0-9]{1,4}[^\w\s]*(?=[가-힣ㄱ-ㅎ])(?![0-9]*\s?(?:개|명|살|시|분|초|번|원|월|일|년|대|위|등|층|회|권"
    r"|마리|장|점|배|주|호|세|인|곡|판|킬))"
)
_APART = re.compile("(?:[ㄱ-ㅣ] ){3,}[ㄱ-ㅣ]")
_ALIKE = str.maketrans(
    dict(zip("асеорхуіѕԁһкмтɑɡʜɪᴋᴄᴜғʀɴᴛᴍʙᴘᴅᴇᴀᴏʏ", "aceopxyisdhkmtaghikcufrntmbpdeaoy", strict=True))
    | dict(zip("αικνορτυƒ", "aiknoptuf", strict=True))
    | {chr(code): unicodedata.normalize("NFKD", chr(code))[0] for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))}
    | {"🖕": "뻐큐"}
)
"""Letters that look like those of the Latin alphabet, and a picture that means a word."""
_TAILS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


_LEET = {"a": "4@", "b": "8", "e": "3€", "g": "9", "i": "1!|", "o": "0", "s": "5$", "t": "7+", "u": "v@", "c": "(k"}


def _masked(word: str) -> str:
    """Return what matches an English word with signs or digits in place of letters after the first one."""
    letters = (f"(?:{each}{{1,3}}|[*#@$%&_{re.escape(_LEET.get(each, ''))}])" for each in word[1:])
    return word[0] + "".join(letters)


_ENGLISH = "fuck shit bitch asshole cunt slut whore nigger nigga faggot dickhead".split()  # noqa: SIM905
_MASKED_ENGLISH = Pattern(
    r"(?<![a-z0-9])(?:mother)?(?=[a-z][^a-z\s가-힣]{0,6}[a-z])(?![a-z]{1,3}\*{2,}(?![a-z]))"
    rf"(?:{'|'.join(map(_masked, _ENGLISH))}|fcu?k)"
    r"(?:ing|ers?|ed|e?s|y)?(?![a-z])"
)
_SIGN_BETWEEN = re.compile(r"[a-z][*#@$%&_0-9(€!|+]+[a-z]|fc|[a-z]{2}[*#@$%&][^a-z]?")
"""Without it there is no such mask."""
PATTERNS = (_BY_CONTEXT, _CUB, HARMLESS, _MASKED_ENGLISH)


class Profanity:
    """Finds slurs and curses in Korean, but not malice in plain words; a line of chat takes about 0.03 ms."""

    def __contains__(self, text: str) -> bool:
        """Whether the text, already cleaned by ``clean``, is rude."""
        return found(text) is not None

    def found(self, text: str) -> str | None:
        """Return what is rude in the text, already cleaned by ``clean``."""
        return found(text)


_TRIGGERS = Starts(
    [*_LIST.letters, *_STEMS.split(), *(first + digit for first in "뒤닥꺼죽보자" for digit in "0123456789")]
)
"""Almost no line contains one of these; without one, no pattern is tried."""


@lru_cache(maxsize=2048)  # chat repeats itself
def found(text: str) -> str | None:
    """Return the rude word in a text, unmasked if it was masked."""
    lowered = without_emotes(text.lower(), " ").translate(_ALIKE)
    shapes: Iterable[str] = dict.fromkeys((lowered, unmasked(lowered), without_emotes(text.lower())))
    for shape in shapes:
        if next(_TRIGGERS.within("".join(filter(str.isalnum, shape))), None) and (word := _in(shape)) is not None:
            return word
    if _SIGN_BETWEEN.search(lowered) is not None and (match := _MASKED_ENGLISH.compiled.search(lowered)) is not None:
        return match[0]
    return None


def _in(text: str) -> str | None:
    for part in HARMLESS.compiled.split(text):
        if not part.strip():
            continue
        if (word := _LIST.found(part)) is not None:
            return word
        if (match := _BY_CONTEXT.compiled.search(part)) is not None:
            return match[0].strip()
        rest = _CUB.compiled.sub(" ", part)
        if _SWORN.search(rest) is not None:
            return "새끼"
    return None


def unmasked(text: str) -> str:
    """Return a text without the digits and letters that hide a word: ``지1랄``, ``ㅅㅣ발``, ``씨ㅣ발``, ``병ㅋ신``."""
    if _HIDING.search(text) is None:
        return text
    text = _APART.sub(lambda match: match[0].replace(" ", ""), text)
    text = _JAMO_SYLLABLE.sub(_joined, _LIKE_I.sub("ㅣ", text))
    return _LONG.sub("", _MASKED.sub("", _STRETCHED.sub("", text)))


def _joined(match: re.Match[str]) -> str:
    lead, vowel, tail = match.groups()
    if lead not in _LEADS:
        return match[0]
    syllable = 0xAC00 + (_LEADS.index(lead) * 21 + ord(vowel) - ord("ㅏ")) * 28
    return unicodedata.normalize("NFC", chr(syllable + (_TAILS.index(tail) + 1 if tail and tail in _TAILS else 0)))
