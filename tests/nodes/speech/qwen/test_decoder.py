from collections.abc import Iterator
from typing import Any

import pytest

from nodes.speech._qwen import model as qwen_model
from nodes.speech._qwen import packages
from nodes.speech._qwen.decoder import CausalDecoder
from tests import tiny_qwen

pytestmark = [pytest.mark.component, pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]

FRAMES = 150
"""More than twice the window of the decoder's attention."""


@pytest.fixture(scope="module")
def parts() -> Iterator[tuple[Any, Any, Any, Any]]:
    """torch, the codec's decoder, codes [150, 16], their sound decoded whole."""
    folder = tiny_qwen.folder()
    torch, _ = packages.load()
    model = qwen_model.load(folder, "tiny", "cpu")
    decoder = model._tts.model.speech_tokenizer.model.decoder
    codes = torch.randint(0, 2048, (FRAMES, 16), generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        yield torch, decoder, codes, decoder(codes.T[None])[0, 0]


def pushed(torch: Any, decoder: CausalDecoder, codes: Any, sizes: list[int]) -> Any:
    out, at = [], 0
    while at < len(codes):
        size = sizes[min(len(out), len(sizes) - 1)]
        out.append(decoder.push(codes[at : at + size]))
        at += size
    return torch.cat(out)


@pytest.mark.parametrize("sizes", [[1], [3], [1, 2, 4, 8], [150]], ids=str)
def test_frame_by_frame_is_as_the_whole(parts: tuple[Any, Any, Any, Any], sizes: list[int]) -> None:
    torch, decoder, codes, whole = parts
    made = pushed(torch, CausalDecoder(torch, decoder), codes, sizes)
    assert made.shape == whole.shape == (FRAMES * 1920,)
    assert float(whole.std()) > 0.05
    assert float((made - whole).abs().max()) < 1e-4


def test_a_fork_goes_on_from_where_it_was_made_and_leaves_the_other_as_it_is(
    parts: tuple[Any, Any, Any, Any],
) -> None:
    torch, decoder, codes, whole = parts
    first = CausalDecoder(torch, decoder)
    first.push(codes[:100])
    for _ in range(2):  # what the first fork decodes must not be heard in the second
        made = pushed(torch, first.fork(), codes[100:], [8])
        assert float((made - whole[100 * 1920 :]).abs().max()) < 1e-4
    first.fork().push(codes[:30])
    made = pushed(torch, first, codes[100:], [5])
    assert float((made - whole[100 * 1920 :]).abs().max()) < 1e-4


def test_without_what_came_before_it_would_sound_otherwise(parts: tuple[Any, Any, Any, Any]) -> None:
    torch, decoder, codes, whole = parts
    alone = CausalDecoder(torch, decoder).push(codes[100:])
    assert float((alone - whole[100 * 1920 :]).abs().max()) > 0.01
