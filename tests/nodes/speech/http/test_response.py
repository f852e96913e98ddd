import httpx
import pytest

from nodes.speech._http.response import Failed, NotThere, reason, sound_of

pytestmark = pytest.mark.asyncio


async def test_a_path_that_is_missing_is_not_a_failure_of_the_server() -> None:
    with pytest.raises(NotThere, match="no such path"):
        await sound_of(httpx.Response(404, json={"detail": "no such path"}))


@pytest.mark.parametrize(
    ("status", "alive", "wait_s", "told"),
    [(400, True, 0.0, "no voice"), (429, False, 3.0, "429"), (503, False, 3.0, "503")],
)
async def test_an_error_tells_whose_fault_it_is_and_how_long_to_wait(
    status: int, alive: bool, wait_s: float, told: str
) -> None:
    headers = {"retry-after": "3"} if wait_s else {}
    with pytest.raises(Failed, match=told) as caught:
        await sound_of(httpx.Response(status, json={"error": "no voice"}, headers=headers))
    assert (caught.value.alive, caught.value.retry_after_s) == (alive, wait_s)


async def test_a_wrong_token_and_a_new_address_are_told() -> None:
    with pytest.raises(Failed, match="token"):
        await sound_of(httpx.Response(401))
    with pytest.raises(Failed, match="http://new"):
        await sound_of(httpx.Response(308, headers={"location": "http://new"}))


async def test_sound_has_the_rate_of_its_headers_and_an_error_without_words_has_its_name() -> None:
    assert (await sound_of(httpx.Response(200, headers={"content-type": "audio/pcm;rate=8000"}))).rate == 8_000
    assert reason(httpx.ReadError("")) == "ReadError"
