"""Reads kana and common hanja as Hangul."""

import re

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
# of `hanjadict` lacks its table, and `hangulpy` only detects hanja. Names need only the common ones.
_HANJA = """
가家歌加可價街假佳暇架伽 각角各刻覺閣 간間看干簡幹肝 갈葛渴 감感甘減監敢 갑甲 강江強强康剛講降鋼姜 개開改個介皆 객客
거巨去居擧距 건建健乾件 걸傑 검劍剣檢 게
격格激擊 견見犬堅 결結決潔 겸兼謙 경京景敬慶輕經鏡驚競境庚 계界季計鷄階溪系桂 고高古苦告故固孤鼓庫 곡曲谷哭穀 곤坤困
골骨 공空公工共功孔恐攻 과果過科課 관觀關官冠館管 광光廣狂鑛
괴怪塊 교敎教校交橋 구九口求救球舊久丘龜狗究具句 국國国局菊 군軍君群 굴屈窟 궁宮弓窮 권權拳勸券 귀鬼歸貴 규規叫
극極劇克 근近根勤 금金今禁琴 급急級給及 긍 기氣気技記期基奇旗起器機己騎麒 길吉
나那 난難暖 남南男 납納 낭 내內内乃 녀女 년年 념念 노努怒奴 농農 뇌腦 능能 니泥 다多茶 단單短端壇團斷丹檀 달達 담談淡
답答 당當堂黨糖 대大代對待帶隊 덕德 도道刀島都圖度到桃逃盜陶
독獨毒讀 돌突 동東動同冬童洞銅 두頭豆斗 득得 등登等燈藤 라羅螺裸 락落樂楽 란卵蘭亂 람藍覽 랑浪狼郞朗 래來来 랭冷
량良量涼 려麗旅黎 력力歷 련戀恋連蓮鍊 렬烈列 령令靈霊嶺鈴 례禮例 로鷺爐路老露 록綠緑錄鹿 론論 롱弄籠 뢰雷
료料 룡龍竜 루樓淚累 류流柳留 륙六陸 륜輪倫 률律 릉陵 리理里利李離梨 림林臨 립立粒 마馬魔麻 막幕 만萬万滿満晩漫 말末
망望忘亡 매梅妹賣買每 맥脈 맹猛盟盲 면面眠綿 멸滅 명明名命鳴冥 모母毛模慕暮 목木目牧
몰沒 몽夢 묘猫貓妙墓苗 무武無舞霧茂務 묵墨默 문門文問聞紋 물物勿 미美米味未尾微迷 민民敏 밀密蜜 박朴薄博 반半反班飯伴
발發髮 방方房放防訪芳 배倍拜背盃 백白百伯 번番煩 벌罰 범凡範犯 법法 벽壁碧 변變變辺邊 별別
병兵病甁 보寶宝步保普報 복福服復伏 본本 봉鳳峰蜂封奉 부父夫富部府浮副 북北 분分粉憤紛 불不佛仏 붕朋崩
비飛非悲祕秘比鼻費 빈貧賓 빙氷 사士四死師事社蛇史思寫獅砂私絲 산山産散 살殺 삼三森 상上相想商霜常象賞傷 새塞 색色索
생生
서西書徐瑞暑序 석石夕席昔釋 선仙先線善船選鮮 설雪說舌 섬 성星城性聖成聲姓盛 세世歲細洗稅 소小少笑所消素昭蘇
속速俗續束 손孫損 솔 송松送頌 쇠 수水手秀修數壽樹守首獸愁 숙宿淑叔 순純順瞬舜 술術 숭崇 습習濕 승勝僧承昇
시時詩市始視示 식食植式識息
신神新身信臣辛 실實室失 심心深審 십十 쌍雙 씨氏 아兒児我雅牙亞亜 악惡悪樂 안安眼案顔 암暗岩庵 압壓 앙央 애愛哀 액
앵櫻桜鶯 야夜野也耶 약弱藥薬約 양陽羊洋養楊 어魚語漁 억億 언言 엄嚴 업業 여女如餘 역力驛逆易 연然煙緣燕硯演 열熱悅
염炎鹽艶 엽葉 영永英影榮栄映零靈迎 예藝芸禮 오五午吾烏誤悟梧 옥玉屋獄
온溫穩 옹翁 와瓦臥 완完緩 왕王 외外 요妖要曜謠 욕浴慾 용龍勇用容 우雨牛友右宇羽愚優 욱旭 운雲運韻 울鬱 웅雄熊
원元原園圓怨願遠 월月越 위位危威偉衛 유有遊柔油幽 육肉六 윤尹允潤 율律 은銀恩隱 을乙 음音陰飮 읍邑 응應 의義意衣醫疑
이二李異移以耳 익翼益 인人仁因印刃
일一日 임任林 입入 자子自者字紫姉 작作雀 잔殘 잠潛 장長張將場章藏壯 재才財再在災 쟁爭 저低著 적赤敵的積寂
전電戰戦前全田傳殿 절絶節切 점店點 접蝶接 정正情定精靜貞政井 제帝第祭弟題 조鳥朝祖趙造助 족足族 존存尊 종終鐘種宗從
좌左座 죄罪 주主酒週住朱珠走州 죽竹 준俊準 중中重 즉卽
증增 지地知紙智志指池 직直職 진眞真進辰鎭珍 질質 집集 차車茶次 찬讚贊燦 찰察 참慘參 창窓蒼創槍昌 채彩菜蔡 책冊冊責
처妻 천天千川泉 철鐵鉄哲 첨 첩 청靑青淸清聽廳 체體体 초草超初焦 촌村寸 총銃總 최最崔 추秋追 축祝 춘春 출出 충忠蟲
취醉取趣 측側 층層 치治齒 칙 친親 칠七漆 침針寢 쾌快
타他打 탁卓 탄炭彈誕 탈奪 탐探 탑塔 탕湯 태太泰台 택宅 토土討 통通痛 퇴退 투鬪投 특特 파波破派 판判板 팔八 패敗覇
편片便 평平評 폐閉 포砲浦 폭爆暴 표表豹 품品 풍風 피皮避 필必筆 하夏河下何 학學学鶴 한韓漢寒恨限 할割 함艦 합合 항港
해海解害 핵核 행幸行 향香鄕向 허虛許 헌憲 험險
혁革 현現賢玄弦 혈血 협俠協 형兄形刑 혜惠慧 호虎湖號狐好護 혼魂混婚 홍紅洪弘 화火花和話華畵画 환幻歡丸 활活
황黃黄皇荒 회會会回灰 획 효孝曉效 후後侯 훈訓勳 휘輝 휴休 흉凶 흑黑黒 희喜希熙姬姫戱 흡吸 흥興
"""
HANJA = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+")
READINGS: dict[str, str] = {}
for _entry in _HANJA.split():
    for _character in _entry[1:]:
        READINGS.setdefault(_character, _entry[0])
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
    said = "".join(READINGS.get(character, "") for character in repeated)
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
