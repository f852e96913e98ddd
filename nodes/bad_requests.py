"""Handles bytes sent to our servers that are not HTTP: aiohttp refuses them with 400 but logs an error of its own."""

import logging


def keep(record: logging.LogRecord) -> bool:
    """Filter for ``logging``: whether a record of aiohttp's server says more than that some bytes were not HTTP.

    A browser sends such bytes if someone types https:// instead of http://, and so does every port scanner; the
    operator need not know.
    """
    from aiohttp.http_exceptions import HttpProcessingError

    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError) or error.code >= 500
