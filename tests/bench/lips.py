"""Measures how often the mouth shapes the right vowel with the embedded voice, and what that costs.

``python -m tests.bench.lips`` needs the package ``onnx`` (``pip install onnx``). The ground truth: the voice's model
decides how many frames of 25 ms each phoneme gets; that decision, an inner tensor of its graph, is exposed as an
output, so the vowel at every moment is known exactly. The mouth gets what it gets in a show: text and sound.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from nodes.pose._mouth import Mouth
from nodes.pose._vowels import Sentences
from nodes.pose.lipsync import Lipsync
from nodes.speech._kokoro import model as kokoro_model
from nodes.speech._kokoro.clauses import clauses
from nodes.speech._kokoro.korean_ipa import ipa
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.bench import figures

RATE = 24_000
FRAME = 600
DURATIONS = "/encoder/Clip_output_0"
VOWELS = {"a": "A", "ɐ": "A", "i": "I", "u": "U", "ɯ": "U", "e": "E", "ɛ": "E", "o": "O", "ʌ": "O"}
VOICES = ("jf_nezumi", "jm_kumo")
LINES = (
    "안녕하세요, 오늘도 와 주셔서 정말 고마워요.",
    "저는 초코라고 해요. 같이 재미있게 놀아요!",
    "어제는 비가 와서 집에서 게임만 했어요.",
    "와, 천 원 후원 정말 감사합니다!",
    "그건 저도 잘 모르겠는데, 누가 좀 알려 주세요.",
    "배가 고프니까 떡볶이가 먹고 싶어지네요.",
    "우리 동네에는 오래된 우체국이 하나 있어요.",
    "이 노래를 들으면 마음이 조금 슬퍼져요.",
    "내일은 몇 시에 방송을 켤까요?",
    "여러분의 응원 덕분에 힘이 나요.",
)


def open_model(folder: Path) -> tuple[Any, Any]:
    """Load the voice's model, and a session of it that also outputs the phoneme durations."""
    import onnx
    import onnxruntime

    weights = kokoro_model.locate()
    model = kokoro_model.load(weights, 2)
    path = folder / "kokoro.onnx"
    path.write_bytes(b"".join(part.read_bytes() for part in weights.parts))
    graph = onnx.load(str(path))
    graph.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATIONS))
    onnx.save(graph, str(path))
    return model, onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def say(model: Any, session: Any, phonemes: str, voice: str) -> tuple[np.ndarray, list[tuple[str, int]]]:
    """Return (samples, each phoneme with its number of frames)."""
    known = [phoneme for phoneme in phonemes if phoneme in model.vocabulary]
    tokens = [model.vocabulary[phoneme] for phoneme in known]
    given = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": model.voices[voice][len(tokens) - 1].reshape(1, 256).astype(np.float32),
        "speed": np.array([1.0], np.float32),
    }
    names = [output.name for output in session.get_outputs()]
    made = dict(zip(names, session.run(None, given), strict=True))
    durations = [int(value) for value in np.ravel(made[DURATIONS])]
    samples = np.ravel(made[names[0]]).astype(np.float32)
    assert abs(sum(durations) * FRAME - len(samples)) <= FRAME, (sum(durations), len(samples))
    return samples, list(zip(["", *known, ""], durations, strict=True))


def truth(phonemes: list[tuple[str, int]]) -> list[tuple[float, float, str]]:
    """Return (begin, end, vowel) of each vowel, in seconds."""
    found, at = [], 0.0
    for phoneme, frames in phonemes:
        end = at + frames * FRAME / RATE
        if phoneme in VOWELS:
            found.append((at, end, VOWELS[phoneme]))
        at = end
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    figures.options(parser)
    arguments = parser.parse_args()
    kept: dict[str, float] = {}
    try:
        import onnx  # noqa: F401
    except ImportError:
        print("not measured: pip install onnx")
        return 1
    with TemporaryDirectory() as folder:
        model, session = open_model(Path(folder))
    print("| voice | the voice tells clauses | right | frames | of which a constant guess gets right |")
    print("|---|---|---|---|---|")
    cost, seconds = 0.0, 0.0
    for voice in VOICES:
        for told in (True, False):
            right, counts = 0, dict.fromkeys("AIUEO", 0)
            for number, line in enumerate(LINES):
                mouth, pieces, at = Sentences(), [], 0.0
                cut = clauses(line)
                said = [say(model, session, ipa(clause.text), voice) for clause in cut]
                begun = time.process_time()
                mouth.take(SpeechStarted(turn="t", sentence=number, text=line, spoken=line))
                for clause, (samples, phonemes) in zip(cut, said, strict=True):
                    text = clause.text if told else ""
                    mouth.take(SpeechChunk(turn="t", sentence=number, samples=samples, rate=RATE, text=text))
                    pieces += [(at + begin, at + end, vowel) for begin, end, vowel in truth(phonemes)]
                    at += len(samples) / RATE
                mouth.take(SpeechEnded(turn="t", sentence=number))
                lips, shape = Mouth(), Lipsync()
                for step in range(int(at * 60)):
                    lips.move(shape, 0.1, mouth.vowel("t", number, step / 60), 1 / 60)
                cost += time.process_time() - begun
                seconds += at
                for begin, end, vowel in pieces:
                    for moment in np.arange(begin + 0.005, end, 0.01):
                        guess = mouth.vowel("t", number, float(moment))
                        if guess is not None:
                            right += guess == vowel
                            counts[vowel] += 1
            total = sum(counts.values())
            kept[f"{voice}{', told' if told else ''}: right"] = right / total
            print(
                f"| {voice} | {'yes' if told else 'no'} | {right / total:.2f} | {total} | "
                f"{max(counts.values()) / total:.2f} |"
            )
    print(f"\nCPU: {cost / seconds * 1000:.2f} ms a second of speech (vowels and mouth, at 60 Hz)")
    figures.done(arguments, "lips", {**kept, "CPU ms a second": cost / seconds * 1000})
    return 0


if __name__ == "__main__":
    sys.exit(main())
