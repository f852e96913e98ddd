import numpy as np
import pytest

from nodes.speech._speaking.samples import Form
from tests.nodes.speech.stage import tone

SOUND = tone(200, 0.05)
WIDE = (SOUND.astype(np.float64) * (2**31 - 1)).astype("<i4")


def three(order: int) -> bytes:
    return b"".join(int(value >> 8).to_bytes(4, "little", signed=True)[:3][::order] for value in WIDE)


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (Form(), (SOUND * 32767).astype("<i2").tobytes()),
        (Form(big=True), (SOUND * 32767).astype(">i2").tobytes()),
        (Form("int", 8), (SOUND * 127).astype("i1").tobytes()),
        (Form("uint", 8), ((SOUND * 127) + 128).astype(np.uint8).tobytes()),
        (Form("int", 24), three(1)),
        (Form("int", 24, big=True), three(-1)),
        (Form("int", 32), WIDE.tobytes()),
        (Form("float", 32), SOUND.astype("<f4").tobytes()),
        (Form("float", 64, big=True), SOUND.astype(">f8").tobytes()),
        (Form("int", 16, 2), np.repeat((SOUND * 32767).astype("<i2"), 2).tobytes()),
    ],
)
def test_every_form_gives_the_same_sound(form: Form, data: bytes) -> None:
    assert form.known
    assert len(data) == form.frame * len(SOUND)
    assert np.allclose(form.mono(data), SOUND, atol=0.02)


def test_the_laws_of_telephones_are_those_of_the_norm() -> None:
    """Values of ITU-T G.711: the quietest, the loudest, and one between, of both signs."""
    mulaw = Form("mulaw", 8).mono(bytes([0xFF, 0x7F, 0x80, 0x00, 0xF0, 0x70])) * 32768
    assert mulaw.tolist() == [0, 0, 32124, -32124, 120, -120]
    alaw = Form("alaw", 8).mono(bytes([0xD5, 0x55, 0xAA, 0x2A, 0xC5, 0x45])) * 32768
    assert alaw.tolist() == [8, -8, 32256, -32256, 264, -264]


@pytest.mark.parametrize(
    "form", [Form("int", 12), Form("float", 16), Form("uint", 16), Form("int", 16, 0), Form("alaw", 16)]
)
def test_a_form_that_cannot_be_read_is_known_as_such(form: Form) -> None:
    assert not form.known
