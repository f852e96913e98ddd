"""Sound in MP3 and FLAC, which some servers send whatever they are asked for."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from nodes.speech._http import packed
from nodes.speech._http.wire import decoder
from nodes.speech._speaking.wav import WireError
from tests.nodes.speech.http.test_wire import ended, event
from tests.peers.packed_sound import FLAC, MP3
from tests.peers.server_stories import SOUND


@pytest.mark.parametrize("label", ["audio/mpeg", "audio/pcm", "audio/wav"])
@pytest.mark.parametrize("size", [0, 1, 100])
def test_mp3_and_flac_are_heard_whatever_their_label_says(label: str, size: int) -> None:
    assert np.allclose(ended(decoder({"content-type": label}), FLAC, size), SOUND, atol=1e-3)
    read = decoder({"content-type": label})
    found = ended(read, MP3, size)
    assert read.rate == 24_000
    assert len(SOUND) <= len(found) < len(SOUND) + 2400, "MP3 has silence around the sound"
    assert np.max(found) == pytest.approx(np.max(SOUND), abs=0.05)


def test_a_packed_file_may_come_in_pieces_inside_events_or_an_object() -> None:
    pieces = [FLAC[at : at + 300] for at in range(0, len(FLAC), 300)]
    whole = event(data={"audio": FLAC.hex(), "status": 2})
    body = b"".join(event(data={"audio": piece.hex(), "status": 1}) for piece in pieces) + whole
    assert np.allclose(ended(decoder({"content-type": "text/event-stream"}), body), SOUND, atol=1e-3)
    body = json.dumps({"audioContent": base64.b64encode(FLAC).decode()}).encode()
    assert np.allclose(ended(decoder({"content-type": "application/json"}), body), SOUND, atol=1e-3)


def test_a_packed_file_without_the_library_or_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(packed, "_MOST", 100)
        with pytest.raises(WireError, match="FLAC"):
            ended(decoder({}), FLAC, 50)
    with monkeypatch.context() as patch:
        patch.setattr(packed, "_MOST_S", 0.1)
        assert len(ended(decoder({}), FLAC)) < len(SOUND)

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(packed, "import_module", missing)
    with pytest.raises(WireError, match=r"MP3.*response_format"):
        ended(decoder({}), MP3)


def test_a_packed_file_that_is_damaged_is_told() -> None:
    for kind, data in (("MP3", b"ID3\x04" + bytes(2000)), ("FLAC", FLAC[:20] + bytes(2000))):
        with pytest.raises(WireError, match=kind):
            ended(decoder({}), data)
