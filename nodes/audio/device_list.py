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
        default = "  (기본 장치, default)" if device.default else ""
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
        return "소리 장치가 없습니다. 오버레이 페이지를 열면 거기서 소리가 납니다. (no device: the overlay page plays)"
    if wanted in ("page", "none"):
        return f"TTS_OUTPUT_DEVICE={wanted}: 장치를 쓰지 않습니다. (no device is used)"
    if wanted != "auto" and chosen is not None and pick(wanted, [chosen.name]) is None:
        return f'"{wanted}" 장치는 없어서 기본 장치를 씁니다. (there is no device {wanted!r}: the default one is taken)'
    cable = next((device.name for name in CABLES for device in found if name in device.name), None)
    if wanted == "auto" and cable is not None:
        return f".env에 TTS_OUTPUT_DEVICE={cable} 라고 쓰면 가상 케이블로 나갑니다. (to use the virtual cable)"
    return "다른 장치를 쓰려면 .env에 TTS_OUTPUT_DEVICE=이름(또는 그 일부). (another one: TTS_OUTPUT_DEVICE=its name)"
