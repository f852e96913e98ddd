"""Measures how well the streamer is heard over our own voice: ``python -m tests.bench.listening.echo``.

The embedded voice speaks without a pause, and what it says reaches the microphone, delayed and quieter. Prints for each
loudness of that echo how often it was taken for the streamer, and how long it takes until another voice is, that begins
to speak now and then. The detector of voices is the real one; nothing runs in real time.
"""

import argparse
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from nodes.listen import _vad as vad
from nodes.listen._blocks import BLOCK, BLOCK_S, RATE
from nodes.listen._detector import Detector
from schemas.event import Event
from schemas.host import HostTurn, Utterance
from schemas.playback import Heard
from tests.bench import figures
from tests.bench.listening.voices import Sound, kept

OWN = (
    "안녕하세요, 오늘도 와 주셔서 정말 고마워요. 저는 초코라고 해요!",
    "어제는 비가 와서 집에서 게임만 했는데, 그만 밤을 새우고 말았지 뭐예요.",
    "와, 만 원 후원 정말 감사합니다! 덕분에 오늘 저녁은 떡볶이로 정했어요.",
    "그건 저도 잘 모르겠는데, 혹시 아는 분이 계시면 알려 주세요.",
    "우리 동네에는 오래된 우체국이 하나 있어요. 편지를 쓰는 사람은 이제 별로 없지만요.",
    "이 노래를 들으면 마음이 조금 슬퍼져요. 그래도 자꾸 듣게 되네요.",
    "내일은 몇 시에 방송을 켤까요? 여덟 시쯤이면 다들 괜찮으신가요?",
    "여러분의 응원 덕분에 힘이 나요. 조금만 더 해 볼게요!",
)
HERS = (
    "초코야, 잠깐만.",
    "아니, 그게 아니고.",
    "맞아, 나도 그렇게 생각해.",
    "그런데 오늘 뭐 하기로 했지?",
    "좋아, 그럼 시작하자.",
    "하하, 진짜 웃기다.",
)
OWN_DB, HERS_DB, FLOOR_DB = -18.0, -20.0, -62.0
DELAY_S = 0.16
END_S = 0.8
"""Silence that ends a turn, as the graphs have it."""
SECONDS = 150.0
EVERY_S = 6.3
"""She begins to speak this often, after ``FIRST_S``."""
FIRST_S = 20.0
LEVELS_HZ = 60
BEGUN = 0.1
"""She has begun where she is this loud, as a part of her loudest."""
ECHOES_DB = (-10.0, -20.0, -30.0)


Said = tuple[float, str]
"""When our own voice says what."""


def decibels(value: float) -> float:
    return float(10 ** (value / 20))


def loud(sound: Sound, db: float) -> Sound:
    """Return the sound at this loudness, pauses left out of account."""
    rms = np.sqrt(np.mean(np.square(sound[np.abs(sound) > 0.02 * np.abs(sound).max()])))
    return (sound * (decibels(db) / rms)).astype(np.float32)


def begin_of(sound: Sound) -> float:
    """Return the second in which a voice begins."""
    size = RATE // 100
    levels = np.sqrt(np.mean(np.square(sound[: len(sound) // size * size].reshape(-1, size)), axis=1))
    return float(np.argmax(levels > BEGUN * levels.max())) * 0.01


def own_voice(sounds: list[Sound], seconds: float = SECONDS) -> tuple[Sound, list[Said]]:
    """Return our own voice, with short pauses between sentences, and when it says which of ``OWN``."""
    random = np.random.default_rng(3)
    parts, said, length = list[Sound](), list[Said](), 0
    while length < seconds * RATE:
        number = int(random.integers(len(sounds)))
        said.append((length / RATE, OWN[number]))
        parts += [loud(sounds[number], OWN_DB), np.zeros(RATE // 4, np.float32)]
        length += len(parts[-2]) + len(parts[-1])
    return np.concatenate(parts)[: int(seconds * RATE)], said


def echoed(own: Sound, echo_db: float) -> Sound:
    """Return what of our own voice arrives at the microphone."""
    return np.concatenate([np.zeros(int(DELAY_S * RATE), np.float32), own])[: len(own)] * np.float32(decibels(echo_db))


def quiet_room(length: int, seed: int = 5) -> Sound:
    """Return so many samples of a room in which nobody speaks."""
    return np.random.default_rng(seed).normal(0, decibels(FLOOR_DB), length).astype(np.float32)


def heard(own: Sound, arriving: Sound, said: Iterable[Said] = ()) -> list[tuple[float, Event]]:
    """Return what the detector makes of what arrives at the microphone while our own voice speaks."""
    config: Any = SimpleNamespace(mode="open", end_s=END_S, cut="auto", quiet_db=-50.0, key_s=60.0)
    detector, silero, sentences = Detector(config), vad.load(), deque(said)
    samples = np.clip(arriving * 32768, -32768, 32767).astype(np.int16)
    blocks = [samples[at : at + BLOCK] for at in range(0, len(samples) - BLOCK + 1, BLOCK)]
    step, told, said = RATE // LEVELS_HZ, list[tuple[float, Event]](), 0
    for number, (block, sure) in enumerate(zip(blocks, silero.probabilities(blocks), strict=True), 1):
        while (said + 1) * step <= number * BLOCK:
            piece = own[said * step : (said + 1) * step]
            said += 1
            detector.echo.own(float(np.sqrt(np.mean(np.square(piece)))), said * step / RATE)
        at = number * BLOCK_S
        while sentences and sentences[0][0] <= at:
            detector.said(Heard(turn="bench", sentence=0, text=sentences.popleft()[1], fraction=1.0), at)
        told += [(at, event) for event in detector.block(block, sure, at)]
    return told


def measure(own: Sound, hers: list[Sound], echo_db: float) -> dict[str, float]:
    """Return the figures for one loudness of the echo."""
    random = np.random.default_rng(6)
    arriving = echoed(own, echo_db) + quiet_room(len(own))
    alone = heard(own, arriving)
    mixed, begins = arriving.copy(), list[float]()
    at_s = FIRST_S
    for number in range(int((SECONDS - FIRST_S) / EVERY_S) - 1):
        voice = loud(hers[number % len(hers)], HERS_DB)
        begin = int((at_s + float(random.uniform(0, 0.5))) * RATE)
        mixed[begin : begin + len(voice)] += voice
        begins.append(begin / RATE + begin_of(voice))
        at_s += EVERY_S
    turns = [at for at, event in heard(own, mixed) if isinstance(event, HostTurn) and event.state == "speaking"]
    waits = sorted(min([at - begin for at in turns if -0.05 <= at - begin < 2.0], default=2.0) for begin in begins)
    return {
        "false_turns": sum(isinstance(event, HostTurn) and event.state == "speaking" for _, event in alone),
        "false_utterances": sum(isinstance(event, Utterance) for _, event in alone),
        "onset_p50_s": round(waits[len(waits) // 2], 3),
        "onset_p95_s": round(waits[int(0.95 * (len(waits) - 1))], 3),
        "missed": sum(wait >= 2.0 for wait in waits),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", type=Path, metavar="FILE", help="keep the voices in a file (.npz) for another run")
    figures.options(parser)
    options = parser.parse_args()
    voices = kept(options.voices, {"own": ("jf_nezumi", OWN), "hers": ("jm_kumo", HERS)})
    own, _ = own_voice(voices["own"])
    found: dict[str, float] = {}
    for echo_db in ECHOES_DB:
        measured = measure(own, voices["hers"], echo_db)
        found |= {f"{echo_db:g}_{name}": value for name, value in measured.items()}
        print(f"echo {echo_db:+.0f} dB: {', '.join(f'{name} {value:g}' for name, value in measured.items())}")
    figures.done(options, "listening.echo", found)


if __name__ == "__main__":
    main()
