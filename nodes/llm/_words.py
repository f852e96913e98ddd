"""What the operator is shown about a model."""

from nodes.llm._model.errors import Kind
from nodes.phrases import Phrase, described, noted, phrase

_WRONG_KEY = noted(
    "The language model server does not take the API key (401), so the show goes on without a language model. "
    "Enter it again at /settings, or as GROQ_API_KEY=key in the file .env; it is read at once."
)
_OWN = noted(
    "The program that runs the model was not reached, or its answer broke off. Check that it (Ollama, LM Studio or "
    "another) is running, and base_url."
)
_WHY: dict[Kind, str] = {
    "broken": noted("The server was not reached, or its answer broke off. Check the internet connection and base_url."),
    "slow": noted(
        "The answer comes too late. If that goes on, raise first_s and total_s, and budget_s if the graph has one."
    ),
    "thinking": noted(
        "The model used up its time or tokens on thoughts. From now on it is asked to think less. If that goes on, "
        "raise think_s and max_tokens, or use another model."
    ),
    "loading": noted("The server is loading the model. It goes on when that is done."),
    "unloaded": noted(
        "No model is loaded in the program that runs models. Load it there (LM Studio: at the top of its chat or of "
        "its developer page). It goes on when that is done."
    ),
    "server": noted("The server has a problem. It passes in a while."),
    "busy": noted(
        "There were too many requests. It passes in a while. If it happens often, raise max_wait_s of the batch node."
    ),
    "too_large": noted("The request is longer than may be sent at once. Lower max_tokens and keep_tokens."),
    "bad_output": noted("The model's answer is empty or cut off. If that goes on, raise max_tokens."),
    "filtered": noted(
        "A filter of the server let this chat or its answer not through. It may pass with the next one. If it happens "
        "often, use another model."
    ),
    "unauthorised": _WRONG_KEY,
    "unpaid": noted(
        "The account has no money or free requests left. Check its balance and limits on the server's page."
    ),
    "refused": noted("The server does not take the request. Check model and base_url."),
}


def no_key() -> Phrase:
    """Tell that there is no key, and how to get one."""
    return phrase(
        "There is no GROQ_API_KEY, so the show goes on without a language model. Make a key at "
        "https://console.groq.com/keys, and enter it at /settings, or as GROQ_API_KEY=key in the file .env; it is "
        "read at once."
    )


def bad_key(wrong: str) -> Phrase:
    """Tell that the key has a character that no key can have: ``keys.wrong``."""
    return phrase(
        "The API key has a character that no key can have, so the show goes on without a language model: {wrong}. "
        "Enter only the key again, at /settings or as GROQ_API_KEY=key in the file .env; it is read at once.",
        wrong=wrong,
    )


def why(kind: Kind, *, own: bool = False) -> Phrase:
    """Tell why a model did not answer, and what to do.

    Args:
        own: the server is a program of the user's.
    """
    return described(_OWN if own and kind == "broken" else _WHY[kind])


def cut(why: str, count: int) -> Phrase | None:
    """Tell why an answer was ended early, for the how manieth time; None where that is no news."""
    if why == "loop":
        return phrase(
            "The model said the same again and again, so its answer was ended there ({count} so far). If that happens "
            "often, raise temperature or use another model.",
            count=count,
        )
    if why == "long":
        return phrase(
            "An answer was longer than max_chars and was ended after a sentence ({count} so far).", count=count
        )
    return None


def second(kind: Kind, *, own: bool) -> Phrase:
    """Tell why the first model did not answer, where the second one does."""
    return phrase("Language model: {why} The second model answers instead.", why=why(kind, own=own))


def silent(kind: Kind, *, own: bool) -> Phrase:
    """Tell why no model answers."""
    return phrase("Language model: {why}", why=why(kind, own=own))


def unknown(emotion: str) -> Phrase:
    """Tell that an answer had an emotion that the character does not have."""
    return phrase(
        "The language model used an emotion that there is not, and neutral is shown instead: {emotion}. To have it, "
        "add it to emotions.",
        emotion=emotion,
    )


def left_out(name: str) -> Phrase:
    """Tell that the server does not take a parameter."""
    return phrase("The language model server is asked without a value that it does not take: {name}", name=name)


def again() -> Phrase:
    return phrase("The language model answers again.")
