"""What pip, uv and the system print, and the sentence that a person gets for it."""

import pytest

from graphs.engine.commands._starting import causes
from graphs.engine.commands._starting.causes import FOUND, cause

PRINTED = {
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": causes.FULL,
    "error: Failed to write to the client cache\n  Caused by: No space left on device (os error 28)": causes.FULL,
    "ERROR: [WinError 112] There is not enough space on the disk: 'C:\\\\x'": causes.FULL,
    "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'": causes.NOT_WRITABLE,
    "error: failed to remove file `x.pyd`: Access is denied. (os error 5)": causes.NOT_WRITABLE,
    "PermissionError: [WinError 32] The process cannot access the file": causes.NOT_WRITABLE,
    "/usr/bin/python3: No module named venv": causes.NO_VENV,
    "The virtual environment was not created successfully because ensurepip is not\navailable.": causes.NO_VENV,
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n"
    "ERROR: No matching distribution found for numpy": causes.NO_NETWORK,
    "error: Request failed after 3 retries\n  Caused by: Failed to fetch: `x`": causes.NO_NETWORK,
    "  Caused by: dns error: failed to lookup address information": causes.NO_NETWORK,
    "ReadTimeoutError: HTTPSConnectionPool(host='x', port=443): Read timed out.": causes.NO_NETWORK,
    "pip._vendor.urllib3.exceptions.SSLError: certificate verify failed": causes.NO_NETWORK,
    "Resolved 56 packages in 3ms\nERROR: No matching distribution found for onnxruntime": causes.NO_PACKAGE,
    "  × No solution found when resolving dependencies": causes.NO_PACKAGE,
    "Segmentation fault": causes.UNKNOWN,
    "": causes.UNKNOWN,
}


@pytest.mark.parametrize("printed", PRINTED)
def test_the_cause_of_a_failure_is_found_in_what_was_printed(printed: str) -> None:
    assert cause(printed) is PRINTED[printed]


def test_every_cause_is_a_korean_sentence_with_what_to_do() -> None:
    for each in (*FOUND, causes.BUSY):
        refused = each.refused()
        assert refused.what.endswith("다.")
        assert refused.remedy.endswith("세요.") or "쓰세요" in refused.remedy or refused.remedy.endswith("씁니다.")
        assert refused.english.isascii()
