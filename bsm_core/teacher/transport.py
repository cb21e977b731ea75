"""The connection below the openai client: no redirects, no proxy to this machine, and bounded error bodies."""

from __future__ import annotations

import ipaddress
import logging
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import httpx2

MAX_ERROR_BYTES = 64_000
"""Of an error's body; it is quoted in a message, so nobody needs more."""

logging.getLogger("httpcore2").setLevel(logging.INFO)  # its trace prints headers, where an endpoint may echo the key


class StrictClient(httpx2.Client):
    """Reads the body of an error itself, up to MAX_ERROR_BYTES and ``seconds``.

    The openai client would read it whole, for as long as it trickles, and let a connection that breaks meanwhile end
    in an exception that is none of its own. Redirects are errors: key and prompts go to the host that was named.
    """

    def __init__(self, seconds: float, certificates: ssl.SSLContext, *, local: bool) -> None:
        super().__init__(timeout=seconds, verify=certificates, follow_redirects=False, trust_env=not local)
        self._seconds = seconds

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """As the openai client calls it: with ``stream=True``, so that a good body is read by ``wire``."""
        started = time.monotonic()
        response = super().send(request, **options)
        if response.is_success or response.is_closed:
            return response
        content = _read_some(response, started + self._seconds)
        response.close()
        kept = {
            name: value for name, value in response.headers.items() if not name.startswith(("content-", "transfer-"))
        }
        return httpx2.Response(response.status_code, headers=kept, content=content, request=request)


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read_some(response: httpx2.Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_ERROR_BYTES or time.monotonic() > deadline:
                break
    except httpx2.HTTPError:
        pass  # the status is the news; what came of the body explains it well enough
    return b"".join(parts)[:MAX_ERROR_BYTES]
