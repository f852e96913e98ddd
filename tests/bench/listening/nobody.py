"""Measures what is taken for the streamer while she says nothing: ``python -m tests.bench.listening.nobody FOLDER``.

FOLDER holds a Whisper model, as for ``words``. For half an hour our own voice reaches the microphone, quieter by 20 dB.
With ``--sound FOLDER`` a game is heard for ten minutes, too: the long sound files of that folder one after the other,
as loud as the streamer, and the short ones over them (``pip download arcade`` gives a wheel with some). Prints how many
turns began, how many utterances were handed over, and how many lines became of them in the modes open and name.
"""

import argparse
import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import miniaudio
import numpy as np

from nodes.listen._blocks import RATE
from nodes.listen._whisper import Whisper, WhisperEngine
from nodes.listen.text import Words, _Understanding
from nodes.speech.serve import Hand
from schemas.chat import HostLine
from schemas.event import Event
from schemas.host import HostTurn, Ignored, Utterance
from tests.bench import figures
from tests.bench.listening.echo import HERS_DB, OWN, echoed, heard, loud, own_voice, quiet_room
from tests.bench.listening.voices import Sound, kept

OWN_S, GAME_S = 1800.0, 600.0
ECHO_DB = -20.0
MUSIC_S = 20.0
"""A sound that lasts this long is music."""
EVERY_S = 1.5
"""Another sound of the game is heard this often."""


def game(folder: Path, seconds: float) -> Sound:
    """Return what a game sounds like, from the files in a folder."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in {".wav", ".mp3", ".ogg", ".flac"})
    sounds = [decoded(file) for file in files]
    music = [loud(sound, HERS_DB) for sound in sounds if len(sound) >= MUSIC_S * RATE]
    others = [loud(sound, HERS_DB) for sound in sounds if len(sound) < MUSIC_S * RATE]
    if not music or not others:
        raise SystemExit(f"{folder} has no music of {MUSIC_S:g} s, or no shorter sound")
    length = int(seconds * RATE)
    mixed: Sound = np.resize(np.concatenate(music), length)
    random = np.random.default_rng(4)
    for at in range(0, length, int(EVERY_S * RATE)):
        sound = others[random.integers(len(others))][: length - at]
        mixed[at : at + len(sound)] += sound
    return mixed


def decoded(file: Path) -> Sound:
    read = miniaudio.decode_file(str(file), miniaudio.SampleFormat.FLOAT32, 1, RATE)
    return np.frombuffer(read.samples, np.float32).copy()


async def judged(folder: Path, told: list[tuple[float, Event]]) -> dict[str, float]:
    """Return what becomes of what the detector told."""
    hand = Hand()
    engine = WhisperEngine(Whisper.model_validate({"folder": folder}), hand)
    quiet: Any = SimpleNamespace(well=lambda what: None)
    config = Words.model_validate({"engines": [{"type": "whisper"}], "names": ["초코"]})
    understanding = _Understanding(config, engine, SimpleNamespace(now=lambda: 0.0), quiet)
    lines: list[str] = []
    called = 0
    try:
        await engine.prepare()
        for utterance in [event for _, event in told if isinstance(event, Utterance)]:
            async for event in understanding.hear(replace(utterance, called=False)):
                print(f"{utterance.began:7.1f} s  {event}", flush=True)
                if isinstance(event, HostLine):
                    called += 1
                if isinstance(event, HostLine) or (isinstance(event, Ignored) and event.why == "name"):
                    lines.append(event.text)
    finally:
        await engine.close()
        hand.close()
    return {
        "turns": sum(isinstance(event, HostTurn) and event.state == "speaking" for _, event in told),
        "utterances": sum(isinstance(event, Utterance) for _, event in told),
        "lines_open": len(lines),
        "lines_name": called,
    }


def measure(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, float]]]:
    voice = kept(options.voices, {"own": ("jf_nezumi", OWN)})["own"]
    own, said = own_voice(voice, OWN_S)
    told = heard(own, echoed(own, ECHO_DB) + quiet_room(len(own)), said)
    yield "own_voice", asyncio.run(judged(options.folder, told))
    if options.sound is not None:
        sound = game(options.sound, GAME_S)
        told = heard(np.zeros_like(sound), sound + quiet_room(len(sound)))
        yield "game", asyncio.run(judged(options.folder, told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sound", type=Path, metavar="FOLDER", help="sound files of games")
    parser.add_argument("--voices", type=Path, metavar="FILE", help="keep the voice in a file (.npz) for another run")
    figures.options(parser)
    options = parser.parse_args()
    found: dict[str, float] = {}
    for what, measured in measure(options):
        found |= {f"{what}_{name}": value for name, value in measured.items()}
        print(f"{what}: {', '.join(f'{name} {value:g}' for name, value in measured.items())}", flush=True)
    figures.done(options, "listening.nobody", found)


if __name__ == "__main__":
    main()
