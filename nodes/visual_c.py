"""The Visual C++ runtime of Windows, without which compiled packages such as onnxruntime cannot be imported."""

import ctypes
import platform
from collections.abc import Callable

LIBRARIES = ("msvcp140", "vcruntime140_1")
REMEDY = (
    "Visual C++ 재배포 가능 패키지를 설치하고 컴퓨터를 다시 켜세요: https://aka.ms/vs/17/release/vc_redist."
    f"{'arm64' if platform.machine().lower() == 'arm64' else 'x64'}.exe "
    "(install the Visual C++ Redistributable, then restart the computer)"
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
