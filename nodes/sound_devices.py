"""Finds the sound device that a person means by a name, and the sound systems that miniaudio may use for one."""

from pathlib import Path

BACKENDS = ("WASAPI", "DSOUND", "WINMM", "COREAUDIO", "PULSEAUDIO", "ALSA")
"""What miniaudio may use. Its Null device is of no use here, and looking for a JACK server prints to the terminal."""
SOUND_CARDS = Path("/dev/snd")


def pick(name: str, names: list[str]) -> int | None:
    """Return the index of the best match: the same name, else the first that contains it; ``_`` counts as a space."""
    wanted = _plain(name)
    plain = [_plain(candidate) for candidate in names]
    if wanted in plain:
        return plain.index(wanted)
    return next((index for index, candidate in enumerate(plain) if wanted in candidate), None)


def usable_backends() -> list[str]:
    """Return those of ``BACKENDS`` to use here: ALSA without a card prints a line each time it is asked."""
    return [name for name in BACKENDS if name != "ALSA" or SOUND_CARDS.is_dir()]


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
