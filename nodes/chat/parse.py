"""``chat.parse``: turns CHZZK's wire format into viewer events."""

from typing import NamedTuple

from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.chat._chzzk.reading import read
from nodes.services import Clock, Verdicts
from nodes.streams import only
from schemas.chat import RawPayload, ViewerEvent, Withdrawn
from schemas.settings import Settings


class Parse(Settings):
    """Settings of ``chat.parse``, which has none."""


class Parsed(NamedTuple):
    chat: Observable[ViewerEvent]
    withdrawn: Observable[Withdrawn]


@node("chat.parse")
def parse(
    config: Parse,  # noqa: ARG001
    payload: Observable[RawPayload],
    *,
    clock: Clock,
    verdicts: Verdicts,
) -> Parsed:
    """Read chat messages, donations and subscriptions from what CHZZK sends, and which messages were withdrawn.

    The payload is JSON in a string or an object. What cannot be read is counted as malformed: ``json`` (no JSON
    object), ``event`` (an unknown kind of event) or ``field`` (a message without text, a subscriber without a name, or
    a hidden message without a sender). A donation whose amount cannot be read passes with amount 0. Any other missing
    field has a default, so that no viewer is lost because CHZZK changes a field. ``SYSTEM`` is ignored silently. CHZZK
    gives no message id: ``id`` is 16 hexadecimal digits of a hash of kind, sender, time, amount and text, so it is the
    same when the same event comes twice. A donation without a time counts as a new one each time it comes.

    ``BLIND`` has ``senderChannelId`` and ``messageTime`` of a message that was hidden or deleted; without
    ``messageTime`` everything that the sender has written so far is withdrawn.
    """

    def judge(found: ViewerEvent | Withdrawn | str | None) -> None:
        if isinstance(found, str):
            verdicts.malformed(found)

    found = payload.pipe(ops.map(lambda raw: read(raw, clock.now())), ops.do_action(judge), ops.share())
    return Parsed(
        chat=only(ViewerEvent, found),
        withdrawn=only(Withdrawn, found),
    )
