"""The Visual C++ runtime of Windows, without which compiled packages such as onnxruntime cannot be imported."""

import ctypes
import platform
from collections.abc import Callable

from nodes.phrases import Phrase, phrase

LIBRARIES = ("msvcp140", "vcruntime140_1")


def remedy() -> Phrase:
    """Say how to get the runtime."""
    machine = "arm64" if platform.machine().lower() == "arm64" else "x64"
    return phrase(
        "Install the Visual C++ Redistributable, then restart the computer: {address}",
        address=f"https://aka.ms/vs/17/release/vc_redist.{machine}.exe",
    )


def missing(load: Callable[[str], object] | None = None) -> list[str]:
    """Return the libraries of the runtime that cannot be loaded; none on other systems than Windows.

    Args:
        load: loads a library by its name, or raises OSError; that of the system by default.
    """
    load = load or getattr(ctypes, "WinDLL", None)
    if load is None:
        return []
    found: list[str] = []
    for name in LIBRARIES:
        try:
            load(name)
        except OSError:
            found.append(f"{name}.dll")
    return found
