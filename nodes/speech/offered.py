"""What pages offer for the settings of voices: those there are, by names for people, each to be heard first."""

from collections.abc import Sequence
from dataclasses import replace

from nodes.offers import Ask, File, Offer, Verdict, offers
from nodes.phrases import described, phrase
from nodes.speech._http.voice import Http
from nodes.speech._kokoro.voice import Kokoro
from nodes.speech._offered.audition import audition
from nodes.speech._offered.recordings import FOLDER, take, voices
from nodes.speech._qwen.sample import SUFFIXES
from nodes.speech._qwen.settings import Qwen
from nodes.speech._say import PEOPLE
from nodes.speech._supertonic.settings import Supertonic
from nodes.speech._voices import Choice
from nodes.speech.ladder import Voices
from schemas.language import first_of

_SUPERTONIC = ("F1", "F2", "F3", "F4", "F5", "M1", "M2", "M3", "M4", "M5")


async def _hear(ask: Ask) -> bytes:
    return await audition(ask.config, first_of(ask.config), ask.character, ask.probe)


async def _hear_one(ask: Ask) -> bytes:
    config: Voices = ask.config
    number = ask.inside[0] if ask.inside else 0
    if not isinstance(number, int) or number >= len(config.voices):
        raise ValueError(phrase("there is no such voice in the list"))
    choice = config.voices[number]
    language = first_of(choice) if choice.model_dump().get("language") else first_of(config)
    return await audition(choice, language, ask.character, ask.probe, over=config)


@offers("speech.kokoro.voice", hear=_hear)
async def embedded(ask: Ask) -> Sequence[Offer]:  # noqa: ARG001
    """List the voices of the embedded model."""
    return _embedded()


@offers("speech.supertonic.voice", hear=_hear)
async def supertonic(ask: Ask) -> Sequence[Offer]:  # noqa: ARG001
    """List the voices that come with Supertonic."""
    return _supertonic()


@offers("speech.system.name", hear=_hear)
@offers("speech.http.voice", hear=_hear)
async def none(ask: Ask) -> Sequence[Offer]:  # noqa: ARG001
    """List nothing: which voices a system or a server has is not known here."""
    return []


async def _take(ask: Ask, file: File) -> Verdict:
    return await ask.probe.worker.thread(take, file)


@offers("speech.qwen.samples", hear=_hear, take=_take, endings=SUFFIXES)
async def recorded(ask: Ask) -> Sequence[Offer]:
    """List the recordings that there are."""
    config: Qwen = ask.config
    return await ask.probe.worker.thread(voices, FOLDER, config.samples)


@offers("speech.ladder.voices", hear=_hear_one, take=_take, endings=SUFFIXES)
async def several(ask: Ask) -> Sequence[Offer]:
    """List the voices that each voice of the list may be, and what can only be heard as it is."""
    config: Voices = ask.config
    return await ask.probe.worker.thread(
        lambda: [offer for number, choice in enumerate(config.voices) for offer in _of(choice, number)]
    )


def _of(choice: Choice, number: int) -> Sequence[Offer]:
    if isinstance(choice, Http) and not any(url.strip() for url in choice.urls):
        return []
    if isinstance(choice, Kokoro):
        return _embedded((number, "voice"), phrase("Built-in voice"))
    if isinstance(choice, Supertonic):
        return _supertonic((number, "voice"), "Supertonic")
    if isinstance(choice, Qwen):
        cloned = phrase("Cloned voice")
        return [replace(each, inside=(number, "samples"), group=cloned) for each in voices(FOLDER, choice.samples)]
    named = phrase("Voice server") if isinstance(choice, Http) else phrase("Voice of the system")
    return [Offer(choice.type, phrase("As it is set"), inside=(number, "type"), group=named)]


def _embedded(inside: tuple[str | int, ...] = (), group: str = "") -> list[Offer]:
    usual = Kokoro.model_fields["voice"].default
    return [
        Offer(each.code, each.called, described(each.about), inside, group, usual=each.code == usual) for each in PEOPLE
    ]


def _supertonic(inside: tuple[str | int, ...] = (), group: str = "") -> list[Offer]:
    usual = Supertonic.model_fields["voice"].default
    women, men = phrase("A woman's voice"), phrase("A man's voice")
    return [
        Offer(code, code, women if code.startswith("F") else men, inside, group, usual=code == usual)
        for code in _SUPERTONIC
    ]
