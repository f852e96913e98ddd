"""Bytes sent to our servers that are not HTTP: aiohttp refuses them with 400, and logs that as a failure of its own."""

import logging


def keep(record: logging.LogRecord) -> bool:
    """A filter for ``logging``: whether a record of aiohttp's server says more than that some bytes were not HTTP.

    Whoever types https:// for http://, and every port scanner, sends such bytes; the operator need not know.
    """
    from aiohttp.http_exceptions import HttpProcessingError

    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError) or error.code >= 500
