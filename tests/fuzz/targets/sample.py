"""Fuzzes recordings of a voice to clone: WAV, MP3, FLAC and Ogg Vorbis; the first byte chooses the file extension."""

import tempfile
import warnings
from pathlib import Path

import numpy as np

from nodes.speech._qwen.sample import LONGEST_S, NARROW_RATE, RATE, SHORTEST_S, SUFFIXES, TAIL_S, SampleError, read
from tests.fuzz.targets._laws import must, writable


def check(data: bytes) -> None:
    if not data:
        return
    with tempfile.TemporaryDirectory(prefix="fuzz-sample-") as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        path = Path(folder) / f"ref{SUFFIXES[data[0] % len(SUFFIXES)]}"
        path.write_bytes(data[1:])
        try:
            sample = read(path, "안녕하세요 초코입니다")
        except SampleError as error:
            must(0 < len(writable(str(error))) < 2000 and "ref." in str(error), "no word, or too many:", error)
            return
    must(SHORTEST_S - 0.2 <= sample.seconds <= LONGEST_S + 0.2, sample.seconds)
    for samples, rate, tail in ((sample.wide, RATE, TAIL_S), (sample.narrow, NARROW_RATE, 0.0)):
        must(samples.dtype == np.float32 and samples.ndim == 1, samples.dtype, samples.shape)
        must(bool(np.all(np.abs(samples) <= 2.0)), "too loud, or no number")
        must(abs(len(samples) / rate - tail - sample.seconds) < 0.1, "another length at", rate)
    must(bool(np.any(sample.narrow)), "it is silent")
    writable(sample.report())
