"""Units of measure and currencies, and how Korean says them."""

from nodes.reply._reading.rule import one_of

_SCALED = {
    "m": "미터", "g": "그램", "l": "리터", "L": "리터", "b": "비트", "B": "바이트", "W": "와트", "Wh": "와트시",
    "V": "볼트",
    "A": "암페어", "Ah": "암페어시", "Hz": "헤르츠", "hz": "헤르츠", "Pa": "파스칼", "cal": "칼로리", "J": "줄",
    "bps": "비피에스",
    "Bq": "베크렐", "Sv": "시버트", "N": "뉴턴", "Ω": "옴", "s": "초", "eV": "전자볼트", "rad": "라드", "t": "톤",
}  # fmt: skip
_PREFIXES = {
    "m": ("밀리", "m g l L A Ah V W s b Pa Sv eV"), "c": ("센티", "m l L"), "d": ("데시", "l L"),
    "k": ("킬로", "m g l L b B W Wh V Hz hz Pa cal J bps Bq N Ω t eV"), "K": ("킬로", "m g b B bps Hz hz cal W V"),
    "M": ("메가", "b B W Wh V Hz hz Pa J bps Ω t eV"), "G": ("기가", "b B W Wh Hz hz Pa bps eV"),
    "T": ("테라", "b B W Hz bps"), "P": ("페타", "b B"), "h": ("헥토", "Pa"), "n": ("나노", "m s g"),
    "µ": ("마이크로", "m s g l L"), "u": ("마이크로", "m s g"),
}  # fmt: skip
_AREAS = {
    f"{unit}{power}": f"{word}{prefix}미터"
    for unit, prefix in {"m": "", "km": "킬로", "cm": "센티", "mm": "밀리"}.items()
    for powers, word in (("²2", "제곱"), ("³3", "세제곱"))
    for power in powers
}
_OTHERS = {
    "%": "퍼센트", "%p": "퍼센트포인트", "‰": "퍼밀", "°": "도", "°C": "도", "°c": "도", "℃": "도", "°F": "화씨 도",
    "′": "분",
    "h": "시간", "hr": "시간", "hrs": "시간", "min": "분", "mins": "분", "sec": "초", "secs": "초",
    "day": "일", "days": "일",
    "fps": "프레임", "FPS": "프레임", "px": "픽셀", "pt": "포인트", "dB": "데시벨", "db": "데시벨", "rpm": "알피엠",
    "RPM": "알피엠",
    "bpm": "비피엠", "BPM": "비피엠", "mph": "마일 퍼 시간", "kph": "킬로미터 퍼 시간", "in": "인치", "inch": "인치",
    "ft": "피트",
    "yd": "야드", "mi": "마일", "lb": "파운드", "lbs": "파운드", "oz": "온스", "ha": "헥타르", "cc": "시시",
    "CC": "시시",
    "gal": "갤런", "ppm": "피피엠", "ppb": "피피비", "pH": "피에이치", "mol": "몰", "lx": "럭스", "lm": "루멘",
    "kcal": "킬로칼로리",
    "s²": "제곱초", "s2": "제곱초", "atm": "기압", "hp": "마력", "bit": "비트", "dpi": "디피아이", "ppi": "피피아이",
    "mmHg": "밀리미터 수은주", "kn": "노트", "KM": "킬로미터",
    "CM": "센티미터", "MM": "밀리미터", "KG": "킬로그램", "MG": "밀리그램", "ML": "밀리리터", "Ml": "밀리리터",
    "Km": "킬로미터",
    "Kg": "킬로그램", "Cm": "센티미터", "gb": "기가바이트", "mb": "메가바이트", "tb": "테라바이트",
    "kb": "킬로바이트",
}  # fmt: skip
BARE = ("m", "g", "l", "L", "W", "V", "N", "s", "t", "Ω")
"""Units without a prefix that may follow a number; a capital not among these is a letter: ``5G``."""
UNITS = (
    {
        prefix + unit: name + _SCALED[unit]
        for prefix, (name, bases) in _PREFIXES.items()
        for unit in bases.split()
    }
    | {unit: _SCALED[unit] for unit in (*BARE, "Wh", "Ah", "Hz", "hz", "Pa", "cal", "bps", "Bq", "Sv", "eV")}
    | _AREAS
    | _OTHERS
)  # fmt: skip
SQUARE = {
    "㎡": "m²", "㎢": "km²", "㎠": "cm²", "㎟": "mm²", "㎥": "m³", "㎤": "cm³", "㎦": "km³", "㎞": "km", "㎝": "cm",
    "㎜": "mm", "㎛": "µm",
    "㎚": "nm", "㎏": "kg", "㎎": "mg", "㎍": "µg", "㎖": "ml", "㎗": "dl", "ℓ": "L", "㎘": "kl", "㏄": "cc",
    "㎐": "Hz", "㎑": "kHz",
    "㎒": "MHz", "㎓": "GHz", "㎾": "kW", "㎿": "MW", "㏈": "dB", "㎅": "KB", "㎆": "MB", "㎇": "GB", "㎉": "kcal",
    "㎈": "cal",
    "㎧": "m/s", "㎳": "ms", "㎲": "µs", "㏊": "ha", "㎩": "Pa", "㎪": "kPa", "㍱": "hPa", "㎷": "mV", "㎸": "kV",
    "㎃": "mA", "μ": "µ",
    "Ω": "Ω", "℉": "°F", "㏏": "kt", "㎯": "m/s²",
}  # fmt: skip
"""Units that are one character, and their letters."""
UNIT = one_of(UNITS)
PER = rf"(?:{UNIT}|시간|분|초|일|주|월|년|명|개|회|인|판|km|평)"

_SIGNS = {
    "원": "₩ KRW", "달러": "$ US$ USD", "홍콩 달러": "HK$ HKD", "호주 달러": "A$ AU$ AUD",
    "캐나다 달러": "C$ CA$ CAD",
    "뉴질랜드 달러": "NZ$ NZD", "싱가포르 달러": "S$ SG$ SGD", "대만 달러": "NT$ TWD", "유로": "€ EUR",
    "파운드": "£ GBP",
    "엔": "¥ JP¥ JPY 円", "위안": "CN¥ CNY RMB 元", "루피": "₹ INR", "루블": "₽ RUB", "동": "₫ VND", "바트": "฿ THB",
    "페소": "₱ PHP", "멕시코 페소": "MX$ MXN", "리라": "₺ TRY", "스위스 프랑": "CHF", "아랍에미리트 디르함": "AED",
    "헤알": "R$ BRL",
    "루피아": "IDR", "링깃": "MYR", "크로나": "SEK", "노르웨이 크로네": "NOK", "덴마크 크로네": "DKK",
    "즈워티": "PLN",
    "투그릭": "₮ MNT", "셰켈": "₪ ILS", "랜드": "ZAR", "리얄": "SAR", "센트": "¢", "비트코인": "₿ BTC",
    "이더리움": "ETH",
}  # fmt: skip
CURRENCIES = {sign: name for name, signs in _SIGNS.items() for sign in signs.split()}
CURRENCY = one_of(CURRENCIES)
SCALES = {"K": 1_000, "k": 1_000, "M": 1_000_000, "B": 1_000_000_000, "million": 1_000_000, "billion": 1_000_000_000}


def named(name: str) -> str:
    """Return how a unit is read, or a Korean word as it stands."""
    return UNITS.get(name) or UNITS.get(name.lower(), name)


def per(written: str) -> str:
    return " 퍼 ".join(named(part.strip()) for part in written.split("/"))
