"""How the headers of a server describe the samples in the body: size, order, channels, rate. Pure.

Sources: RFC 3190 and RFC 2586 (``audio/L16`` is big-endian, with ``rate`` and ``channels``), RFC 4856 (``audio/PCMU``),
GStreamer's and ffmpeg's names (``S16LE``, ``pcm_f32le``), and what voice servers write into headers of their own
(``X-Sample-Rate``, ``X-Audio-Channels``, ``X-Bits-Per-Sample``, ``X-Sample-Format`` ...).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nodes.speech._speaking.samples import Coding, Form
from nodes.speech._speaking.sound import RATE
from nodes.speech._speaking.wav import RATES

_OURS = re.compile(
    r"rate|sample|audio|channel|bit|pcm|codec|encod|format|endian|order|dtype|frequency|(?:^|-)(?:sr|hz)$"
)
_NOT = re.compile(r"^(?:content-|transfer-encoding|accept|access-control|x-ratelimit|ratelimit|vary)|bitrate|bit-rate")
_IS = r"\"?\s*[=:]\s*\"?(?:\(\w+\)\s*)?"
_RATE = re.compile(
    rf"(?:^|[^a-z])(?:sampl(?:e|ing)[-_]?)?(?:rate|frequency)(?:[-_]?(?:hertz|hz))?{_IS}(\d{{4,6}})(?!\d)"
)
_ALSO = re.compile(rf"\b(?:sr|hz){_IS}(\d{{4,6}})\b|\bpcm[-_](\d{{4,6}})\b|\b(\d{{4,6}})\s?hz\b")
_USUAL_RATE = re.compile(r"(?<![\d.])((?:8|12|16|24|32|48|96)000|11025|22050|44100)(?![\d.])")
_FORMATS = re.compile(r"format|encod|codec|(?:^|-)pcm$")
"""Headers in which a number that is a usual rate is one."""
_KILO = re.compile(
    r"(?:^|[^a-z])(?:sample[-_]?)?(?:rate|frequency)\"?\s*[=:]\s*\"?(\d{1,3}(?:\.\d{1,3})?)\s?k(?:hz)?\b"
    r"|\b(?:raw|riff|audio)-(\d{1,3})khz"
)
_CHANNELS = re.compile(rf"(?:channels?(?:[-_]?count)?|\bch){_IS}(\d{{1,2}})(?:ch)?\b")
_FORM = re.compile(r"(?<![a-z0-9])(?:pcm[-_]?)?([sfu])(8|16|24|32|64)[-_]?(le|be)?(?![a-z0-9])")
_LETTERS: dict[str, Coding] = {"s": "int", "u": "uint", "f": "float"}
_NAMED: tuple[tuple[re.Pattern[str], Coding], ...] = (
    (re.compile(r"float[-_ ]?(32|64)?"), "float"),
    (re.compile(r"mu[-_]?law|\bulaw|pcmu\b"), "mulaw"),
    (re.compile(r"\ba[-_]?law|pcma\b"), "alaw"),
    (re.compile(r"uint[-_ ]?(8)|unsigned"), "uint"),
    (re.compile(r"(?<![a-z])(?:int|linear|pcm|lpcm)[-_ ]?(8|16|24|32)\b"), "int"),
)
_BITS = re.compile(r"(?:bits?(?:[-_ ]?per[-_ ]?sample)?|bit[-_ ]?depth)\"?\s*[=:]\s*\"?(8|16|24|32|64)\b")
_WIDTH = re.compile(r"sample[-_ ]?(?:width|size)\"?\s*[=:]\s*\"?([12348]|16|24|32|64)\b")
_NUMPY = re.compile(r"([<>])([fiu])([1248])\b")
_BIG = re.compile(r"(?:endian(?:ness)?|byte[-_]?order)\"?\s*[=:]\s*\"?(big|be)\b|big[-_ ]?endian|\bnetwork[-_ ]order")
_LITTLE = re.compile(r"(?:endian(?:ness)?|byte[-_]?order)\"?\s*[=:]\s*\"?(little|le)\b|little[-_ ]?endian")
_BY_TYPE: dict[str, tuple[Coding, int, int]] = {
    "audio/l8": ("uint", 8, RATE),
    "audio/l16": ("int", 16, RATE),
    "audio/l20": ("int", 24, RATE),
    "audio/l24": ("int", 24, RATE),
    "audio/basic": ("mulaw", 8, 8_000),
    "audio/pcmu": ("mulaw", 8, 8_000),
    "audio/mulaw": ("mulaw", 8, 8_000),
    "audio/x-mulaw": ("mulaw", 8, 8_000),
    "audio/pcma": ("alaw", 8, 8_000),
    "audio/alaw": ("alaw", 8, 8_000),
    "audio/x-alaw": ("alaw", 8, 8_000),
}
_USUAL: tuple[Coding, int, int] = ("int", 16, RATE)
SPEECH = Form()


@dataclass(frozen=True, slots=True)
class Declared:
    """What the headers say."""

    rate: int = RATE
    form: Form = SPEECH
    sure: bool = True
    """False: the sound decides on the byte order, which is that of a standard that few servers follow, or, of 8 bits,
    on the sign."""
    counted: bool = False
    """Whether the number of channels is stated."""


def declared(headers: Mapping[str, str]) -> Declared:
    """Read the headers of an answer (names in lower case)."""
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    kind = kind.strip()
    ours = {name: value for name, value in headers.items() if _OURS.search(name) and not _NOT.search(name)}
    told = "; ".join([kind.partition("/")[2], parameters, *(f"{name}={value}".lower() for name, value in ours.items())])
    told = _NUMPY.sub(_plain, told).replace("double", "float64")
    coding: Coding
    coding, bits, rate = _BY_TYPE.get(kind, _USUAL)
    big: bool | None = None
    form = _FORM.search(told)
    named = next((each for each in _NAMED if each[0].search(told)), None)
    if form:
        coding, bits = _LETTERS[form[1]], int(form[2])
        big = form[3] == "be" if form[3] else None
    elif named:
        coding = named[1]
        size = next((found[1] for found in named[0].finditer(told) if found.lastindex), None)
        bits = int(size) if size else {"float": 32, "mulaw": 8, "alaw": 8, "uint": 8}.get(coding, bits)
    sized, wide = _BITS.search(told), _WIDTH.search(told)
    if sized and coding in ("int", "float"):
        bits = int(sized[1])
    elif wide and coding in ("int", "float"):
        bits = int(wide[1]) * (8 if int(wide[1]) <= 8 and wide[1] != "8" else 1)
    if _BIG.search(told) or _LITTLE.search(told):
        big = _BIG.search(told) is not None
    channels = _CHANNELS.search(told)
    count = int(channels[1]) if channels else 2 if "stereo" in told else 1
    formats = " ".join([kind, parameters, *(value.lower() for name, value in ours.items() if _FORMATS.search(name))])
    rate = rate_in(told) or rate_in(formats, bare=True) or rate
    by_norm = big is None and kind in ("audio/l16", "audio/l20", "audio/l24")
    unsigned = bits == 8 and coding == "int" and not re.search(r"\bs8\b|int[-_ ]?8|signed(?!=[f0n])", told)
    coding = "uint" if unsigned else coding
    by_sound = by_norm or unsigned or kind == "audio/l8"
    made = Form(coding, bits, count, by_norm if big is None else big)
    counted = channels is not None or "stereo" in told or "mono" in told
    return Declared(rate, made if made.known else SPEECH, sure=not by_sound, counted=counted)


def rate_in(text: str, *, bare: bool = False) -> int | None:
    """Return the rate that a text in lower case states.

    Args:
        bare: a usual rate counts wherever it stands.
    """
    found, kilo = _RATE.search(text) or _ALSO.search(text), _KILO.search(text)
    found = found or (_USUAL_RATE.search(text) if bare else None)
    stated = int(next(filter(None, found.groups()))) if found else 0
    if not found and kilo:
        stated = round(1000 * float(kilo[1] or kilo[2]))
    return stated if stated in RATES else None


def _plain(name: re.Match[str]) -> str:
    """Return how we call what NumPy calls ``<f4``."""
    return f"{name[2].replace('i', 's')}{8 * int(name[3])}{'be' if name[1] == '>' else 'le'}"
