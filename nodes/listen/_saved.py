"""Reads and writes what was said as WAV files: 16 bits, one channel, at the rate of an utterance."""

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.listen._blocks import RATE
from nodes.phrases import phrase
from nodes.services import Files, Jobs, Log
from schemas.host import Utterance


async def record(said: Utterance, files: Files, jobs: Jobs, log: Log) -> None:
    """Write what she said into the folder of the run; if that fails, it is told, and she is heard all the same."""
    try:
        await jobs.thread(write_wav, files.session() / f"{said.id}.wav", said.samples)
    except OSError as error:
        why = OSError(*error.args)  # without the name of the file, so that it is told once
        log.trouble("record", phrase("What you say cannot be recorded: {why}", why=why))
    else:
        log.well("record", phrase("What you say is recorded again."))


def write_wav(path: Path, samples: NDArray[np.int16]) -> None:
    """Blocking: write a file."""
    path.write_bytes(wav(samples))


def wav(samples: NDArray[np.int16]) -> bytes:
    """Return the content of a file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.ascontiguousarray(samples, "<i2").tobytes())
    return content.getvalue()


def read_wav(path: Path) -> NDArray[np.int16]:
    """Blocking: read a file of any rate and number of channels.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not a WAV file of 16 bits.
    """
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(phrase("{path} is not a WAV file of 16 bits: {error}", path=path, error=error)) from error
    if width != 2:
        raise ValueError(phrase("{path} is not a WAV file of 16 bits: {error}", path=path, error=f"{8 * width} bits"))
    samples = np.frombuffer(data, "<i2").reshape(-1, channels).astype(np.float32).mean(axis=1) / 32768.0
    if rate != RATE:
        import soxr

        samples = soxr.resample(samples, rate, RATE)
    return np.clip(np.round(samples * 32767.0), -32768, 32767).astype(np.int16)
