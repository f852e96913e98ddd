"""What pages offer for the sound device: those of this machine by name, each with a beep."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nodes.audio import _devices
from nodes.audio._outputs import RATE
from nodes.audio.device_list import CABLES
from nodes.offers import Ask, Offer, offers
from nodes.phrases import phrase, said_by
from nodes.sound_devices import DeviceMissing, pick

TONES = ((880.0, 0.16), (1174.7, 0.28))
"""Hz and seconds."""
FADE_S = 0.01
LOUD = 0.2
WITHIN_S = 6.0
"""A device has played the beep in this time; PulseAudio's null sink sleeps up to 2 s first."""
_LOOK_S = 0.05


async def beep(ask: Ask) -> bytes:
    """Play two tones on the device, beside what the show plays there.

    Raises:
        ValueError: it cannot be opened, or plays nothing.
    """
    device: str = ask.config.device
    if device in ("page", "none"):
        raise ValueError(phrase("this is no sound device of this machine"))
    worker, clock = ask.probe.worker, ask.probe.clock
    wanted = None if device == "auto" else device
    try:
        output = await worker.thread(_devices.open_device, wanted, clock, 0)
    except DeviceMissing as missing:
        there = ", ".join(missing.there) or phrase("none")
        text = phrase(
            "The sound device cannot be opened. Switch it on or plug it in, or choose another one. There are: {there} "
            "({why})",
            there=there,
            why=said_by(missing),
        )
        raise ValueError(text) from None
    try:
        sound = tones()
        output.write(sound)
        output.finish()
        until = clock.now() + WITHIN_S
        while output.played() < len(sound):
            if clock.now() > until:
                text = phrase(
                    "The device {device} takes no sound. Look whether it is switched on and not used by another "
                    "program.",
                    device=output.name,
                )
                raise ValueError(text)
            await worker.sleep(_LOOK_S)
    finally:
        if output.stream is not None:
            await worker.thread(output.stream.close)
    return b""


def tones() -> NDArray[np.float32]:
    """Return the beep: float32 [samples], mono, at ``RATE``."""
    parts: list[NDArray[np.float32]] = []
    for hertz, seconds in TONES:
        at = np.arange(int(seconds * RATE)) / RATE
        edges = np.clip(np.minimum(at, seconds - at) / FADE_S, 0.0, 1.0)
        parts.append((LOUD * edges * np.sin(2 * np.pi * hertz * at)).astype(np.float32))
    return np.concatenate(parts)


@offers("audio.play.device", hear=beep)
async def devices(ask: Ask) -> Sequence[Offer]:
    """List the devices; one that is set but gone is among them, with what to do."""
    found, _ = await ask.probe.worker.thread(_devices.listed)
    names = [each.name for each in found]
    now = next((each.name for each in found if each.default), "")
    if not found:
        about = phrase("There is none now, so the voice sounds in the page.")
    else:
        about = phrase("Now: {device}", device=now) if now else phrase("The one that the system uses.")
    wanted: str = ask.config.device
    index = pick(wanted, names) if wanted not in ("auto", "page", "none") else -1
    listed = [Offer(wanted if number == index else name, name, _about(name)) for number, name in enumerate(names)]
    if index is None:
        remedy = phrase(
            "It is not there now, so the voice sounds at the default device. Switch it on or plug it in, and it is "
            "taken by itself. Or choose another one."
        )
        listed.insert(0, Offer(wanted, wanted, remedy=remedy, audible=False))
    return [
        Offer("auto", phrase("Default device"), about, usual=True, audible=bool(found)),
        *listed,
        Offer(
            "page",
            phrase("Sound of the page"),
            phrase("The page on air plays the voice, in OBS or a browser."),
            audible=False,
        ),
        Offer("none", phrase("No sound"), phrase("Captions and movements go on in time."), audible=False),
    ]


def _about(name: str) -> str:
    cable = any(each in name.replace("_", " ") for each in CABLES)
    return phrase("A virtual cable, for VTube Studio or OBS.") if cable else ""
