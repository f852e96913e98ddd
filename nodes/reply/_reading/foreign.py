"""Reads kana and common hanja as Hangul."""

import re
import unicodedata
from functools import lru_cache

_KANA = """
あ아い이う우え에お오か카き키く쿠け케こ코さ사し시す스せ세そ소た타ち치つ쓰て테と토な나に니ぬ누ね네の노は하ひ히ふ후へ헤ほ호ま마み미む무め메も모
や야ゆ유よ요ら라り리る루れ레ろ로わ와ゐ이ゑ에を오が가ぎ기ぐ구げ게ご고ざ자じ지ず즈ぜ제ぞ조だ다ぢ지づ즈で데ど도ば바び비ぶ부べ베ぼ보ぱ파ぴ피ぷ푸
ぺ페ぽ포ゔ부ぁ아ぃ이ぅ우ぇ에ぉ오ゃ야ゅ유ょ요ゎ와
"""
_YOUON = {
    "き": "캬큐쿄", "し": "샤슈쇼", "ち": "차추초", "に": "냐뉴뇨", "ひ": "햐휴효", "み": "먀뮤묘", "り": "랴류료",
    "ぎ": "갸규교",
    "じ": "자주조", "ぢ": "자주조", "び": "뱌뷰뵤", "ぴ": "퍄퓨표",
}  # fmt: skip
_SMALL = {
    "ふぁ": "파", "ふぃ": "피", "ふぇ": "페", "ふぉ": "포", "てぃ": "티", "でぃ": "디", "うぃ": "위", "うぇ": "웨",
    "うぉ": "워",
    "ちぇ": "체", "しぇ": "셰", "じぇ": "제", "とぅ": "투", "どぅ": "두", "ゔぁ": "바", "ゔぃ": "비", "ゔぇ": "베",
    "ゔぉ": "보",
}  # fmt: skip
_PAIRS = re.findall(r"(\S)(\S)", _KANA.replace("\n", ""))
SYLLABLES = (
    dict(_PAIRS)
    | {first + small: hangul for first, three in _YOUON.items() for small, hangul in zip("ゃゅょ", three, strict=True)}
    | _SMALL
)
"""Hiragana to Hangul by the loan-word rules, for sounds inside a word."""

_FIRST_SOUND = dict(zip("카키쿠케코타치테토캬큐쿄차추초", "가기구게고다지데도갸규교자주조", strict=True))
KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]+")
_FINALS = {"ん": 4, "っ": 19}


def kana(word: str) -> str:
    """Read kana, as ``さくら`` 사쿠라, ``カタカナ`` 가타카나: initial sounds are the softer ones."""
    hira = "".join(chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in word).replace("ー", "")
    said = ""
    while hira:
        if hira[0] in _FINALS:
            said = said[:-1] + _closed(said[-1], _FINALS[hira[0]]) if said else said
            hira = hira[1:]
            continue
        length = 2 if hira[:2] in SYLLABLES else 1
        sound = SYLLABLES.get(hira[:length], "")
        if not (sound == "우" and said and _rounded(said[-1])):  # a long vowel is not written
            said += sound if said else _FIRST_SOUND.get(sound, sound)
        hira = hira[length:]
    return said


def _rounded(syllable: str) -> bool:
    return ((ord(syllable) - 0xAC00) // 28) % 21 in (8, 12, 13, 17) and (ord(syllable) - 0xAC00) % 28 == 0


def _closed(syllable: str, consonant: int) -> str:
    return chr(ord(syllable) + consonant) if (ord(syllable) - 0xAC00) % 28 == 0 else syllable


# No maintained library fits: `hanja` requires pytest and PyYAML 6.0.1 at run time and takes a second to load, the wheel
# of `hanjadict` lacks its table, and `hangulpy` only detects hanja. The 4,888 hanja of KS X 1001 are sorted by reading.
_FIRST_OF_A_READING = """
가伽각刻간侃갈乫감勘갑匣강剛개介객喀갱坑갹醵거倨건乾걸乞검儉겁劫게偈격擊견堅결抉겸兼경京계係고古곡哭곤困골汨공供
관串과寡확廓곽槨관冠괄刮광侊괘卦괴乖굉宏교交구丘국國군君굴堀궁宮권倦궐厥궤机귀晷규叫균勻귤橘극克근僅금今급伋긍亘
기企긴緊길佶금金끽喫나儺낙諾난暖날捏남南납納낭囊내乃녀女년年념念녕寧노努농濃뇌惱뇨尿눈嫩눌訥뉴杻능能니尼닉匿다多
단丹달撻담啖답沓당唐대代택宅덕德도倒독毒돈墩돌乭동仝두兜둔屯득得등嶝라喇락洛란亂랄剌람嵐랍拉랑廊래來랭冷략掠량亮
려侶력力련憐렬冽렴廉렵獵령令례例로勞록碌론論롱壟뢰儡료了룡龍루壘류劉륙六륜侖률律륭隆륵勒름凜릉凌리俚린吝림林립砬
마摩막寞만万말唜망亡매埋맥脈맹孟멱冪면免멸滅명冥몌袂모侮목木몰歿몽夢묘卯무務묵墨문們물勿미味민岷밀密박剝반伴발勃
방倣배倍백伯번幡벌伐범凡법法벽僻변卞별別병丙보保복伏본本볼乶봉俸불不부付북北분分불佛붕崩비丕빈嚬빙憑사乍삭削산傘
살乷삼三삽揷상上새塞색穡생牲서墅석夕선仙설卨섬剡섭攝성城세世소召속俗손孫솔率송宋쇄刷쇠衰수修숙叔순巡술戌숭崇슬瑟
습濕승丞시侍식埴신伸실失심審십什쌍雙씨氏아亞악堊안安알斡암唵압壓앙仰애厓액厄앵櫻야也약弱양佯어圄억億언偃얼孼엄俺
업嶪엔円여予역亦연嚥열悅염厭엽曄영塋예乂오五옥屋온溫올兀옹壅와渦완婉왈曰왕往왜倭외外요僥욕慾용俑우于욱勖운云울蔚
웅熊원元월月위位유乳육堉윤允율聿융戎은垠을乙음吟읍揖응凝의依이二익瀷인人일一임任입入잉仍자仔작作잔孱잠岑잡雜장丈
재再쟁爭저佇적勣전佃절切점占접接정丁제制조俎족族존存졸卒종倧좌佐죄罪주主죽竹준俊줄茁중中즉卽즐櫛즙楫증增지之직直
진唇질侄짐斟집執징徵차且착捉찬撰찰刹참僭창倉채債책冊처凄척倜천仟철凸첨僉첩堞청廳체剃초初촉促촌寸총叢촬撮최催추墜
축丑춘春출出충充췌悴취取측側층層치侈칙則친親칠七침侵칩蟄칭秤쾌快타他탁倬탄呑탈奪탐探탑塔탕宕태兌택擇탱撑터攄토兎
통慟퇴堆투偸특慝틈闖파坡판判팔八패佩팽彭퍅愎편便폄貶평坪폐吠포佈폭幅표俵품品풍楓피彼필匹핍乏하下학壑한寒할割함函
합合항亢해亥핵劾행倖향享허噓헌憲헐歇험險혁奕현俔혈孑혐嫌협俠형亨혜兮호乎혹惑혼婚홀忽홍哄화化확擴환丸활活황凰회匯
획劃횡宖효哮후侯훈勛훙薨훤喧훼卉휘彙휴休휼恤흉兇흑黑흔昕흘吃흠欠흡吸흥興희僖힐詰
"""
_OTHER_FORMS = """
가仮価 각殻覚 간栞 갈渇 강強 거拠挙 검倹剣検 게掲 격撃 경径茎経軽 계渓継鶏届 관寛関観 광広鉱 괴壊 교教
구欧殴亀旧区駆鴎 국国 권巻勧圏権 귀帰 기気 내内匂 뇌悩脳 니祢你 단単団断 담担胆 당当党 대対帯 덕徳 도図盗稲祷
독独読 동东働 등灯邓 란乱兰 람覧 랍蝋 랑郎 래来莱 량両涼 려励丽 력暦歴 련恋錬 렵猟 령霊齢澪 례礼 로炉労 록緑録
롱滝 뢰瀬頼 룡竜龙 루涙塁楼 류刘 름凛 마马 만蛮満湾 매売毎 맥麦 면麺 몽梦 묵黙 미梶 발発髪抜 배拝 변変辺 병併並
보歩宝 봉凤 불払仏 비飞 사糸辞写谢 삽渋挿 상状峠 서叙 석釈 선禅 섬繊 섭渉摂 성声 세笹 소焼巣騒咲 속属続 손孙
쇄砕 수寿収獣粋穂随髄数捜 숙粛 습湿 승乗縄 신慎榊 실実 십辻 쌍双 아亜児 악悪 압圧 애爱 앵桜鴬 약薬
양壌嬢譲醸様穣杨阳 엄厳 역駅訳 연縁研渕 염塩 영栄営 예誉芸 오奥吴 온穏 요揺謡尭遥瑶 위囲偽伟 은隠 응応 의医
이弐 일壱 입込 잉剰 잔桟残 잠蚕潜 잡雑 장将奨壮荘装蔵张 재斎 쟁争 전専戦銭転伝畑畠 절窃 정浄静 제済剤斉 조条赵
종従縦柊 주昼鋳 준噂 증証曽 지遅凪 진真尽鎮陈 찬賛 참参惨 처処 천浅践 철鉄 첩畳 청庁聴清青 체体滞逓 촉触嘱 총総
추枢 충虫 취酔 치歯 침寝 칭称 타堕 탄弾 택択沢 투闘 폐廃 학学 한韩 함陥 향郷 허虚许嘘 헌献 험険験 현県顕
협峡挟狭叶 형蛍 혜恵 호号壷 홍红 화画华 확拡 환歓 황黄 회会絵懐桧栃 횡横 효暁効 훈勲薫 흑黒 희戯犠姫 락樂楽
"""
"""Japanese and simplified forms, and hanja that names read otherwise than the standard does first."""
HANJA = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+")


@lru_cache(maxsize=1)
def readings() -> dict[str, str]:
    """Return how each known hanja is read."""
    rows, columns = range(0xCA, 0xFE), range(0xA1, 0xFF)
    in_order = bytes(byte for row in rows for column in columns for byte in (row, column)).decode("euc_kr")
    first = {hanja: hangul for hangul, hanja in re.findall(r"(\S)(\S)", _FIRST_OF_A_READING)}
    known: dict[str, str] = {}
    reading = ""
    for character in in_order:
        if unicodedata.is_normalized("NFC", character):  # others repeat one that has several readings
            reading = first.get(character, reading)
            known[character] = reading
    return known | {character: entry[0] for entry in _OTHER_FORMS.split() for character in entry[1:]}


_FIRST = dict(
    zip(
        "라락란람랑래랭량려력련렬령례로록론롱뢰료룡루류륙륜률릉리림립녀년념니",
        "나낙난남낭내냉양여역연열영예노녹논농뇌요용누유육윤율능이임입여연염이",
        strict=True,
    )
)


def hanja(word: str) -> str:
    """Read hanja, as ``黒猫`` 흑묘; uncommon ones are left out. The first syllable follows the initial-sound law."""
    repeated = "".join(
        word[max(index - 1, 0)] if character == "々" else character for index, character in enumerate(word)
    )
    known = readings()
    said = "".join(known.get(character, "") for character in unicodedata.normalize("NFC", repeated))
    return _FIRST.get(said[:1], said[:1]) + said[1:]


_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        (
            "알파", "베타", "감마", "델타", "엡실론", "제타", "에타", "세타", "요타", "카파", "람다", "뮤", "뉴",
            "크시", "오미크론", "파이", "로", "시그마", "타우", "입실론", "피", "카이", "프시", "오메가",
        ),
        strict=True,
    )
)  # fmt: skip
GREEK = re.compile(f"[{''.join(_GREEK)}{''.join(_GREEK).upper()}]")


def greek(letter: str) -> str:
    """Read a Greek letter by its name."""
    return _GREEK[letter.lower()]
