"""Says which Pythons it runs on. aischoco.py imports this on any Python, so the syntax must suit old ones too."""

import sys

OLDEST, NEWEST = (3, 11), (3, 14)
"""Also stated in pyproject.toml. onnxruntime has no wheels for 3.15."""
INSTEAD = "py -3.13 -m venv .venv (macOS, Linux: python3.13 -m venv .venv)"


def refusal(version: "tuple[int, ...]" = sys.version_info[:3]) -> str:
    """Say what to do on an unsupported Python, one line in Korean, one in English; empty if this one is supported."""
    if OLDEST <= version[:2] <= NEWEST:
        return ""
    here = ".".join(map(str, version))
    return (
        f"파이썬 3.11~3.14가 필요해요(지금은 {here}). 파이썬 3.13을 설치한 뒤 실행해 주세요: {INSTEAD}\n"
        f"Python 3.11 to 3.14 is needed; this is {here}. Install Python 3.13, then run: {INSTEAD}"
    )
