"""``python aischoco.py devices``: lists the sound devices of this machine and marks the one the voice would use."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodes.audio._devices import Found, listed
from nodes.commands import command
from nodes.phrases import phrase
from nodes.sound_devices import pick
from schemas.command import FAILED, OK

CABLES = ("CABLE Input", "BlackHole")
"""Names of the playback side of virtual cables: VB-Cable on Windows, BlackHole on macOS."""


@command("devices", "list the sound devices")
def devices(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:  # noqa: ARG001
    """Print one line for each output device; ``->`` marks the one that TTS_OUTPUT_DEVICE selects."""
    parser = argparse.ArgumentParser("aischoco.py devices", description=phrase("list the sound devices"))
    parser.parse_args(arguments)
    found, wrong = listed()
    wanted = environment.get("TTS_OUTPUT_DEVICE") or "auto"
    chosen = _chosen(wanted, found)
    for device in found:
        default = f"  ({phrase('default device')})" if device.default else ""
        print(f"{'->' if device is chosen else '  '} {device.name}  [{device.library}]{default}")
    for line in wrong:
        print(f"   ({line})")
    print(_advice(wanted, chosen, found))
    return OK if found else FAILED


def _chosen(wanted: str, found: list[Found]) -> Found | None:
    if wanted in ("page", "none"):
        return None
    if wanted != "auto":
        index = pick(wanted, [device.name for device in found])
        if index is not None:
            return found[index]
    return next((device for device in found if device.default), found[0] if found else None)


def _advice(wanted: str, chosen: Found | None, found: list[Found]) -> str:
    if not found:
        return phrase("There is no sound device. The voice sounds in the page once it is open.")
    if wanted in ("page", "none"):
        return phrase("TTS_OUTPUT_DEVICE={wanted}: no device is used.", wanted=wanted)
    if wanted != "auto" and chosen is not None and pick(wanted, [chosen.name]) is None:
        return phrase('There is no device "{wanted}", so the default one is used.', wanted=wanted)
    cable = next((device.name for name in CABLES for device in found if name in device.name), None)
    if wanted == "auto" and cable is not None:
        return phrase("To use the virtual cable, write TTS_OUTPUT_DEVICE={cable} into .env.", cable=cable)
    return phrase("For another device, write TTS_OUTPUT_DEVICE=its name, or a part of it, into .env.")
