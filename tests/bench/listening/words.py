"""Measures how well Whisper on this computer reads what is said: ``python -m tests.bench.listening.words FOLDER``.

FOLDER holds a model (``python aischoco.py listen pull base`` downloads one); it needs requirements-listen.txt. An
embedded voice says sentences of the written answers and topics into a room; the detector of voices cuts them out, as in
a show. Prints how many were handed over from before their first sound to their last, the share of wrong letters, in how
many the first syllable is understood, and the seconds that a sentence takes.
"""

import argparse
import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import yaml

from nodes.listen._blocks import RATE
from nodes.listen._ghosts import is_ghost
from nodes.listen._whisper import Whisper, WhisperEngine
from nodes.listen.text import Words, sample
from nodes.reply._reading.pronunciation import NONE
from nodes.reply._spoken import spoken
from nodes.speech.serve import Hand
from schemas.host import Utterance
from tests.bench import figures
from tests.bench.lips import LINES
from tests.bench.listening.echo import FLOOR_DB, HERS, HERS_DB, OWN, decibels, heard, loud
from tests.bench.listening.turns import end_of
from tests.bench.listening.voices import Sound, kept
from tests.harness import ROOT

COUNT = 100
FEWEST, MOST = 8, 60
"""Letters of a sentence."""
BEFORE_S, AFTER_S = 1.0, 2.0
NAMES = {"{character}": "초코", "{name}": "달토끼"}
_FOREIGN = re.compile(r"[^가-힣\s.,?!~]")


def sentences(count: int = COUNT) -> list[str]:
    """Return sentences in Hangul alone: how a number is written is no matter of hearing."""
    rules = yaml.safe_load((ROOT / "config" / "canned_replies.yaml").read_text(encoding="utf-8"))
    topics = (ROOT / "config" / "topics.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for rule in rules for line in rule["lines"]] + [line for line in topics if line[:1] != "#"]
    lines += [*LINES, *OWN, *HERS]
    for name, said in NAMES.items():
        lines = [line.replace(name, said) for line in lines]
    return [line for line in dict.fromkeys(lines) if FEWEST <= len(line) <= MOST and not _FOREIGN.search(line)][:count]


def letters(text: str) -> str:
    """Return what is to be heard of a text: as it is read aloud, so that 2 and 두 are the same."""
    return re.sub(r"[\W_]+", "", spoken(text, NONE))


def wrong(said: str, understood: str) -> int:
    """Return how many letters have to be changed, added or left out."""
    row = list(range(len(understood) + 1))
    for number, sign in enumerate(said, 1):
        last, row = row, [number]
        for place, other in enumerate(understood, 1):
            row.append(min(last[place] + 1, row[-1] + 1, last[place - 1] + (sign != other)))
    return row[-1]


def utterances(sounds: list[Sound]) -> Iterator[list[Utterance]]:
    """Yield what is handed over of each sentence that is said in a quiet room."""
    random = np.random.default_rng(11)
    for sound in sounds:
        said = [np.zeros(int(BEFORE_S * RATE)), loud(sound, HERS_DB), np.zeros(int(AFTER_S * RATE))]
        room = np.concatenate(said).astype(np.float32)
        room += random.normal(0, decibels(FLOOR_DB), len(room)).astype(np.float32)
        yield [event for _, event in heard(np.zeros_like(room), room) if isinstance(event, Utterance)]


def is_whole(parts: list[Utterance], sound: Sound) -> bool:
    """Return whether everything that was said is in what was handed over."""
    ends = BEFORE_S + end_of(sound)
    return bool(parts) and parts[0].began <= BEFORE_S and parts[-1].began + parts[-1].seconds >= ends


async def read(folder: Path, said: list[str], sounds: list[Sound]) -> dict[str, float]:
    """Let the model read all of them, and return the figures."""
    hand = Hand()
    engine = WhisperEngine(Whisper.model_validate({"folder": folder}), hand)
    style = sample(Words.model_validate({"engines": [{"type": "whisper"}]}))
    wrongs, all_letters, first, ghosts, whole, seconds = 0, 0, 0, 0, 0, list[float]()
    try:
        await engine.prepare()
        for text, sound, parts in zip(said, sounds, utterances(sounds), strict=True):
            understood = ""
            whole += is_whole(parts, sound)
            begun = time.perf_counter()
            for part in parts:
                transcript = await engine.hear(part, style)
                ghosts += is_ghost(transcript, part.voiced_s)
                understood += transcript.text
            seconds.append(time.perf_counter() - begun)
            mine, theirs = letters(text), letters(understood)
            errors = wrong(mine, theirs)
            wrongs, all_letters, first = wrongs + errors, all_letters + len(mine), first + (mine[:1] == theirs[:1])
            print(f"{errors / len(mine):4.2f}  {text}  >  {understood.strip()}", flush=True)
    finally:
        await engine.close()
        hand.close()
    return {
        "sentences": len(said),
        "whole": whole,
        "wrong_letters": round(wrongs / all_letters, 4),
        "first_syllable": first,
        "taken_for_ghosts": ghosts,
        "seconds_p50": round(median(seconds), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--voice", default="jm_kumo")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--voices", type=Path, metavar="FILE", help="keep the voice in a file (.npz) for another run")
    figures.options(parser)
    options = parser.parse_args()
    said = sentences(options.count)
    sounds = kept(options.voices, {"said": (options.voice, said)})["said"]
    found = asyncio.run(read(options.folder, said, sounds))
    print(", ".join(f"{name} {value:g}" for name, value in found.items()))
    figures.done(options, "listening.words", found)


if __name__ == "__main__":
    main()
