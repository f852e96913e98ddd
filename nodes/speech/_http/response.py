"""What the answer of a voice server is: sound, or the reason why there is none."""

import asyncio
from typing import TYPE_CHECKING

from nodes.bodies import LARGE, beginning
from nodes.phrases import phrase, said_by
from nodes.services import Worker
from nodes.speech._http.plausible import words
from nodes.speech._http.wire import decoder
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.wav import Decoder, WireError
from nodes.waits import retry_after

if TYPE_CHECKING:
    import httpx

HEALTH_S = 2.0
"""How long a server may take to report that it is there."""
MOST_ERROR = 4096
"""Read at most this many bytes of an error."""
_NO_SUCH_PATH = (404, 405)


class Failed(Exception):
    """One server did not say the sentence."""

    def __init__(self, text: str, *, alive: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.alive = alive
        """The server is not at fault."""
        self.retry_after_s = retry_after_s


class NotThere(Exception):
    """The server does not have this interface."""


async def sound_of(response: "httpx.Response") -> Decoder:
    """Return the decoder that reads the answer.

    Raises:
        NotThere, Failed: the answer is not sound.
    """
    status = response.status_code
    if status == 200:
        try:
            return decoder(response.headers)
        except WireError as error:
            raise Failed(f"{error}: {await _words(response)}".rstrip(": ")) from None
    text = await _words(response)
    if status in _NO_SUCH_PATH:
        raise NotThere(text)
    if status in (401, 403):
        raise Failed(phrase("the token is wrong ({status})", status=status))
    if 300 <= status < 400:
        raise Failed(phrase("the address has changed: {address}", address=response.headers.get("location", "?")))
    raise Failed(
        f"{status} {text}", alive=400 <= status < 429, retry_after_s=retry_after(response.headers, text) or 0.0
    )


async def decoded(sound: Decoder, data: bytes | None, worker: Worker) -> Samples:
    """Return the samples of a piece (None for the end); what may take long is done off the loop."""
    if data is None:
        return await worker.thread(sound.end)
    return await worker.thread(sound.push, data) if len(data) > LARGE else sound.push(data)


async def _words(response: "httpx.Response") -> str:
    """Return what an answer says that is not sound."""
    async with asyncio.timeout(HEALTH_S):
        return words(await beginning(response, MOST_ERROR))


def reason(error: BaseException) -> str:
    """Put an error in words; httpx leaves some of its texts empty."""
    return said_by(error) or type(error).__name__
