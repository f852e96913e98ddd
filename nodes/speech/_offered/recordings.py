"""Takes recordings of voices that a page gives: each into a folder of its own below that of the voice samples."""

import re
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from nodes.offers import File, Offer, Verdict
from nodes.phrases import phrase, reason_of
from nodes.speech._qwen.sample import SUFFIXES, Problem, SampleError, read
from nodes.speech._qwen.sample_set import DEFAULT, read_all

FOLDER = Path("assets/voice_samples")
"""The project's own folder for them; nothing is written anywhere else."""
MOST = 50
"""At most this many voices are kept."""
LONGEST_NAME = 40
NAMELESS = "voice"
TEXT = "ref_text.txt"
_NOT_A_NAME = re.compile(r"[^0-9A-Za-z가-힣_-]+")


def named(name: str) -> str:
    """Return the name of a folder for a file of this name: letters, digits, Hangul, ``-`` and ``_``, no path."""
    stem = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1].rpartition(".")[0]
    return _NOT_A_NAME.sub("-", stem)[:LONGEST_NAME].strip("-_") or NAMELESS


def voices(folder: Path = FOLDER, chosen: Path | None = None) -> Sequence[Offer]:
    """List the voices that are there and the one that is set, each with its length or what is wrong. Blocking."""
    own = sorted(each for each in folder.glob("*/") if any(each.glob("ref*.*"))) if folder.is_dir() else []
    first = [folder] if any(folder.glob("ref*.*")) else []
    there = [*first, *own[:MOST]]
    if chosen is not None and chosen.as_posix() not in {each.as_posix() for each in there}:
        there.insert(0, chosen)
    return [offer(each, folder) for each in there]


def offer(voice: Path, folder: Path = FOLDER) -> Offer:
    """Return what a page lists for a folder of recordings. Blocking."""
    name = voice.name if voice.parent == folder else phrase("The samples in {folder}", folder=voice.as_posix())
    usual = voice == folder
    try:
        found = read_all(voice)
    except SampleError as error:
        return Offer(voice.as_posix(), name, usual=usual, remedy=_only(error), audible=False, takes=True)
    sample = found.samples[DEFAULT]
    more = len(found.samples) - 1
    about = (
        phrase("{length}, {count} more for feelings", length=sample.length(), count=more) if more else sample.length()
    )
    return Offer(voice.as_posix(), name, about, usual=usual, takes=True)


def take(file: File, folder: Path = FOLDER) -> Verdict:
    """Judge a recording and keep it, if a voice can be cloned from it. Blocking.

    The same file again is the same voice: only its text is written anew.

    Raises:
        ValueError: there are too many, or it cannot be written.
    """
    suffix = Path(file.name.lower()).suffix
    if suffix not in SUFFIXES:
        raise ValueError(phrase("only files of these kinds are taken: {kinds}", kinds=", ".join(SUFFIXES)))
    try:
        place, mine = _place(folder, named(file.name), suffix, file.data)
        place.mkdir(parents=True, exist_ok=True)
        sound = place / f"ref{suffix}"
        try:
            if mine:
                sound.write_bytes(file.data)
            sample = read(sound, file.text)
            if file.text:
                (place / TEXT).write_text(f"{file.text}\n", encoding="utf-8", newline="\n")
        except SampleError as error:
            _forget(place, mine=mine)
            return Verdict(_lines([problem for problem in error.problems if problem.fatal]))
        except OSError:
            _forget(place, mine=mine)
            raise
    except OSError as error:
        raise ValueError(phrase("the recording cannot be kept: {why}", why=reason_of(error))) from None
    good = () if sample.problems else (phrase("A good recording."),)
    lines = (sample.length(), *good, *_lines(sample.problems))
    return Verdict(lines, offer(place, folder), sound.as_posix())


def _place(folder: Path, name: str, suffix: str, data: bytes) -> tuple[Path, bool]:
    """Return the folder for a recording, and whether it is a new one."""
    place, number = folder / name, 1
    while place.exists():
        sound = place / f"ref{suffix}"
        if sound.is_file() and sound.read_bytes() == data:
            return place, False
        number += 1
        place = folder / f"{name}-{number}"
    if folder.is_dir() and sum(each.is_dir() for each in folder.iterdir()) >= MOST:
        shown = folder.as_posix()
        raise ValueError(phrase("{count} voices are kept already; delete one from {folder}", count=MOST, folder=shown))
    return place, True


def _forget(place: Path, *, mine: bool) -> None:
    if mine:
        shutil.rmtree(place, ignore_errors=True)


def _lines(problems: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(problem.text for problem in problems)


def _only(error: SampleError) -> str:
    return error.problems[0].text if error.problems else str(error.args[0])
