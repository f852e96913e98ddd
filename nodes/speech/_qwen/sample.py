"""A recording of a voice to be cloned: read, judged, and made fit for the model."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nodes.phrases import Phrase, phrase

Samples = NDArray[np.float32]

RATE = 24_000
"""Samples a second that the codec and the speaker encoder of Qwen3-TTS take."""
NARROW_RATE = 16_000
"""Samples a second of the form that keeps what identifies a voice and none of the hiss above 8 kHz."""
SHORTEST_S, BEST_S, LONGEST_S = 3.0, 20.0, 30.0
"""Seconds of a recording: the least that a voice can be cloned from, the length beyond which more is no gain, and what
the model's window of 1024 positions can hold beside a sentence (12.5 positions a second)."""
TAIL_S = 0.5
"""Silence after the recording, without which its last sound is heard at the start of what is said."""
SUFFIXES = (".wav", ".mp3", ".flac", ".ogg")

_FRAME_S = 0.02
_MARGIN_S = 0.1
_SILENT_DB = -50.0
_BELOW_LOUD_DB = 40.0
"""A frame this far below the loud ones is not speech, however loud the whole is."""
_LEVEL_DB = -20.0
_PEAK = 0.95
_LOUDEST = 100.0
"""Floating-point sound may pass full scale; anything beyond this is not sound."""
_CLIPPED = 0.98
_CLIPPED_SHARE = 0.001
_NOISY_DB = 20.0
"""Loud frames relative to quiet ones; a close microphone in a quiet room gives 35 and more."""
_SYLLABLES_A_SECOND = (1.5, 11.0)
_TINY = 1e-9

Kind = Literal["silent", "short", "long", "stereo", "clipped", "noisy", "low_rate", "text", "no_text", "unreadable"]
_FATAL: frozenset[Kind] = frozenset({"silent", "short"})


class SampleError(Exception):
    """No voice can be cloned from the recording; the text is the report."""

    def __init__(self, text: str, problems: tuple["Problem", ...] = ()) -> None:
        super().__init__(text)
        self.problems = problems
        """What is wrong with the recording, if there is one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a recording, and what to do."""

    kind: Kind
    text: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording made fit for the model: mono, trimmed, at one loudness."""

    name: str
    """File name."""
    digest: str
    """SHA-256 of the file."""
    transcript: str
    """What is said in it, word for word; empty if nobody wrote it down."""
    wide: Samples
    """float32 [samples], mono, 24 kHz, the full band: for the codec. Ends with ``TAIL_S`` of silence."""
    narrow: Samples
    """float32 [samples], mono, 16 kHz, without the silence: for the speaker encoder."""
    problems: tuple[Problem, ...]
    """What could be better; none of them fatal."""

    @property
    def seconds(self) -> float:
        """Length of the recording without the silence."""
        return len(self.narrow) / NARROW_RATE

    def length(self) -> Phrase:
        """Return how long it is and whether its text is there."""
        seconds = f"{self.seconds:.1f}"
        if self.transcript:
            return phrase("{seconds} s, with its text", seconds=seconds)
        return phrase("{seconds} s, without its text", seconds=seconds)

    def report(self) -> str:
        """Return one line for a person, then a line for each problem."""
        length = f"{self.seconds:.1f}"
        if self.transcript:
            head = phrase("{name}: {seconds} s, with its text", name=self.name, seconds=length)
        else:
            head = phrase("{name}: {seconds} s, without its text", name=self.name, seconds=length)
        return "\n".join([head, *(f"  - {p.text}" for p in self.problems)])


def read(path: Path, transcript: str = "") -> Sample:
    """Decode, judge and prepare a recording (wav, mp3, flac or ogg of any rate and number of channels).

    Blocking: about 50 ms for 10 s of sound.

    Raises:
        SampleError: it cannot be used; the text says what is wrong and what to do.
    """
    try:
        data = path.read_bytes()
        sound, rate = _decoded(data, path.suffix.lower())
    except (OSError, ValueError) as error:
        text = phrase("{name}: the sound file cannot be read. Save it as WAV again. ({why})", name=path.name, why=error)
        raise SampleError(text, (Problem("unreadable", text, True),)) from error
    sample, problems = prepared(sound, rate, transcript)
    fatal = [problem.text for problem in problems if problem.fatal]
    if sample is None or fatal:
        raise SampleError("\n".join([f"{path.name}:", *(f"  - {problem.text}" for problem in problems)]), problems)
    wide, narrow = sample
    return Sample(path.name, hashlib.sha256(data).hexdigest(), transcript.strip(), wide, narrow, problems)


def _decoded(data: bytes, suffix: str) -> tuple[Samples, int]:
    """Decode to float32 [samples, channels] at the file's own rate."""
    import miniaudio

    lib: Any = miniaudio
    info_of = {".wav": lib.wav_get_info, ".mp3": lib.mp3_get_info, ".flac": lib.flac_get_info}
    try:
        info = info_of.get(suffix, lib.vorbis_get_info)(data)
        sound = lib.decode(data, lib.SampleFormat.FLOAT32, info.nchannels, info.sample_rate)
    except (lib.MiniaudioError, ValueError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    samples = np.asarray(sound.samples, np.float32).reshape(-1, info.nchannels)
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).clip(-_LOUDEST, _LOUDEST), int(info.sample_rate)


def prepared(
    sound: Samples, rate: int, transcript: str = ""
) -> tuple[tuple[Samples, Samples] | None, tuple[Problem, ...]]:
    """Return (wide, narrow) as in ``Sample`` and what is wrong; None in place of the sound if there is none.

    Args:
        sound: float32 [samples, channels] at ``rate``.
    """
    problems = [*_shape(sound, rate)]
    mono = _mono(sound)
    speech = _trimmed(mono, rate)
    if not len(speech):
        return None, (
            *problems,
            _problem("silent", phrase("No sound, or too soft a one. Look at the microphone and record again.")),
        )
    problems += [*_quality(speech, rate), *_length(speech, rate), *_text(transcript, len(speech) / rate)]
    if any(problem.fatal for problem in problems):
        return None, tuple(problems)
    level = _levelled(speech, rate)
    wide = np.concatenate((resampled(level, rate, RATE), np.zeros(round(TAIL_S * RATE), np.float32)))
    return (wide, resampled(level, rate, NARROW_RATE)), tuple(problems)


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    """Return the same sound at another rate; what the new rate cannot hold is filtered out."""
    if rate == to:
        return samples.astype(np.float32)
    import soxr

    return np.asarray(soxr.resample(samples, rate, to, quality="VHQ"), np.float32)  # pyright: ignore[reportUnknownMemberType]


def _problem(kind: Kind, text: str) -> Problem:
    return Problem(kind, text, kind in _FATAL)


def _shape(sound: Samples, rate: int) -> list[Problem]:
    found: list[Problem] = []
    if sound.shape[1] > 1:
        text = phrase("Not mono, but {count} channels, which are mixed into one.", count=sound.shape[1])
        found.append(_problem("stereo", text))
    if rate < RATE:
        if rate >= NARROW_RATE:
            text = phrase("The voice gets dull: {rate} Hz are few. Record with 24000 Hz or more.", rate=rate)
        else:
            text = phrase(
                "The voice gets very dull and unlike: {rate} Hz are too few. Record with 24000 Hz or more.", rate=rate
            )
        found.append(_problem("low_rate", text))
    return found


def _quality(speech: Samples, rate: int) -> list[Problem]:
    found: list[Problem] = []
    clipped = float(np.mean(np.abs(speech) >= _CLIPPED))
    if clipped > _CLIPPED_SHARE:
        text = phrase(
            "So loud that it is clipped ({share}). Turn the microphone down and record again.", share=f"{clipped:.1%}"
        )
        found.append(_problem("clipped", text))
    levels = _levels(speech, rate)
    distance = float(np.percentile(levels, 95) - np.percentile(levels, 5))
    if distance < _NOISY_DB:
        text = phrase(
            "There seems to be noise or music behind it ({distance} dB below the speech, {least} dB are good). Record "
            "the voice alone where it is quiet.",
            distance=f"{distance:.0f}",
            least=f"{_NOISY_DB:.0f}",
        )
        found.append(_problem("noisy", text))
    return found


def _length(speech: Samples, rate: int) -> list[Problem]:
    seconds = len(speech) / rate
    if seconds < SHORTEST_S:
        text = phrase(
            "Only {seconds} s of speech. Record {least} s or more, better 8 to {best} s.",
            seconds=f"{seconds:.1f}",
            least=f"{SHORTEST_S:.0f}",
            best=f"{BEST_S:.0f}",
        )
        return [_problem("short", text)]
    if seconds > LONGEST_S:
        text = phrase(
            "{seconds} s are too long. Cut it to at most {most} s, and its text as well.",
            seconds=f"{seconds:.0f}",
            most=f"{LONGEST_S:.0f}",
        )
        return [Problem("long", text, True)]
    if seconds > BEST_S:
        text = phrase(
            "{seconds} s only make the first sound later; 8 to {best} s are better.",
            seconds=f"{seconds:.0f}",
            best=f"{BEST_S:.0f}",
        )
        return [_problem("long", text)]
    return []


def _text(transcript: str, seconds: float) -> list[Problem]:
    if not transcript.strip():
        text = phrase(
            "Without the text of the recording ({file}) only its timbre is copied. With it the voice is far closer.",
            file="ref_text.txt",
        )
        return [_problem("no_text", text)]
    count = len(re.findall(r"\w", transcript))
    slowest, fastest = _SYLLABLES_A_SECOND
    if not slowest * seconds <= count <= fastest * seconds:
        text = phrase(
            "The text has {count} letters, the recording {seconds} s. Look whether the text is what was said.",
            count=count,
            seconds=f"{seconds:.1f}",
        )
        return [_problem("text", text)]
    return []


def _mono(sound: Samples) -> Samples:
    """Return the mean of the channels, or the loudest one if they cancel each other out; without a constant offset."""
    if not len(sound):
        return sound[:, 0]
    sound = sound - sound.mean(axis=0)
    mean = sound.mean(axis=1)
    loudest = sound[:, int(np.argmax((sound**2).sum(axis=0)))]
    cancels = float((mean**2).sum()) < 0.1 * float((loudest**2).sum())
    return (loudest if cancels else mean).astype(np.float32)


def _levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return the loudness of each frame of 20 ms, in dBFS."""
    size = max(1, round(_FRAME_S * rate))
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    return 10 * np.log10((frames**2).mean(axis=1) + _TINY)


def _trimmed(mono: Samples, rate: int) -> Samples:
    """Remove the silence at both ends except for ``_MARGIN_S``; empty if there is no sound."""
    levels = _levels(mono, rate)
    if not len(levels):
        return mono[:0]
    heard = np.flatnonzero(levels > max(_SILENT_DB, float(np.percentile(levels, 95)) - _BELOW_LOUD_DB))
    if not len(heard):
        return mono[:0]
    size, margin = max(1, round(_FRAME_S * rate)), round(_MARGIN_S * rate)
    return mono[max(0, int(heard[0]) * size - margin) : (int(heard[-1]) + 1) * size + margin]


def _levelled(speech: Samples, rate: int) -> Samples:
    """Bring the speech to ``_LEVEL_DB`` unless a peak would pass full scale."""
    levels = _levels(speech, rate)
    loud = levels[levels > np.percentile(levels, 95) - 25.0]
    mean_db = 10 * np.log10(np.mean(10 ** (loud / 10)))
    gain = min(10 ** ((_LEVEL_DB - mean_db) / 20), _PEAK / float(np.abs(speech).max()))
    return (speech * gain).astype(np.float32)
