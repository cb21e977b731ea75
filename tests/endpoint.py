"""A scripted OpenAI-compatible endpoint on a loopback port, for a teacher that must meet the real wire.

>>> with ScriptedEndpoint([fails(429), says("Hello.")]) as endpoint:
...     teacher = OpenAITeacher(TeacherConfig(endpoint=endpoint.url, model="scripted"), "key", record)
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Request = dict[str, Any]
"""The JSON body of one POST, as the endpoint got it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. Times are in seconds."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Before the first byte."""
    cut_after: int | None = None
    """Close the connection after this many bytes of the body, with all of it announced."""
    piece: int = 0
    """Send the body in pieces of this many bytes; 0 sends it at once."""
    piece_delay: float = 0.0
    """Between two pieces."""


def says(
    content: object,
    *,
    finish_reason: str = "stop",
    refusal: str | None = None,
    usage: Mapping[str, object] | None = None,
    **reply: Any,
) -> Reply:
    """A chat completion. ``content`` that is neither text nor None nor a list of parts is sent as JSON text."""
    text = content if content is None or isinstance(content, str | list) else json.dumps(content)
    message = {"role": "assistant", "content": text, "refusal": refusal}
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18} if usage is None else dict(usage),
    }
    return sends(completion, **reply)


def fails(status: int, message: str = "scripted failure", **reply: Any) -> Reply:
    """An error as OpenAI sends it. ``code`` and ``param`` may be given along with the fields of Reply."""
    error = {"message": message, "type": "scripted", "code": reply.pop("code", None), "param": reply.pop("param", None)}
    return sends({"error": error}, status=status, **reply)


def sends(body: object, **reply: Any) -> Reply:
    """Any JSON."""
    return Reply(body=json.dumps(body).encode(), **reply)


class ScriptedEndpoint:
    """Answers POSTs from a list, whose last entry repeats, or by a function of the request's JSON body.

    ``url`` is the base URL to configure. ``requests`` and ``headers`` hold what came in, in order; header names are
    in lower case. Leaving the context stops the server, also in the middle of a delay.
    """

    def __init__(self, answers: Callable[[Request], Reply] | Sequence[Reply]) -> None:
        if not callable(answers) and not answers:
            raise ValueError("an endpoint needs at least one reply")
        self._answers = answers
        self._lock = threading.Lock()
        self._leaving = threading.Event()
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.at_once = 0
        """The most requests that were ever under way together."""
        self._under_way = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="scripted-endpoint")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply_to(self, path: str, headers: dict[str, str], request: Request) -> Reply:
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            self.headers.append(headers)
        if path != "/v1/chat/completions":
            return fails(404, f"no such path: {path}")
        if callable(self._answers):
            return self._answers(request)
        return self._answers[min(number, len(self._answers) - 1)]

    def enter(self) -> None:
        with self._lock:
            self._under_way += 1
            self.at_once = max(self.at_once, self._under_way)

    def leave(self) -> None:
        with self._lock:
            self._under_way -= 1

    def pause(self, seconds: float) -> None:
        """Wait, unless the test is over."""
        if seconds:
            self._leaving.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined at the end, so that no thread outlives its test
    block_on_close = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the script; anything else is printed by the parent class."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(endpoint: ScriptedEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint.enter()
            try:
                self._answer()
            finally:
                endpoint.leave()

        def _answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            request = json.loads(body) if body.startswith(b"{") else {}  # an uploaded file is no JSON
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = endpoint.reply_to(self.path, headers, request)
            endpoint.pause(reply.delay)
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self._send(reply)
            self.close_connection = True

        def _send(self, reply: Reply) -> None:
            body = reply.body[: reply.cut_after]
            step = reply.piece or max(1, len(body))
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                self.wfile.flush()
                endpoint.pause(reply.piece_delay)

        def log_message(self, *_: object) -> None:
            """Silent: what came in is in ``endpoint.requests``."""

    return Handler
