"""A teacher behind any OpenAI-compatible endpoint. The only place where the workbench speaks to a stranger."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import openai

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import TeacherError, TeacherUnreachableError
from bsm_core.teacher.dialect import Dialect
from bsm_core.teacher.failures import endpoint_error, is_rate_limit, is_retriable, raw_text, retry_after
from bsm_core.teacher.keys import check_sendable, scrub
from bsm_core.teacher.pace import Pace
from bsm_core.teacher.transport import StrictClient, is_loopback
from bsm_core.teacher.wire import MAX_CHARACTERS, Answer, read_answer, usable_content

_UNBOUNDED = 1000
"""Requests at once: more threads than any caller has."""
LONGEST_PAUSE = 60.0
"""Seconds: an endpoint that asks for more is refused as rate-limited instead of waited for."""
MOST_RATE_LIMITS = 12
"""Of one ask, where a pace slows all requests down meanwhile."""
NO_KEY = "none"
"""Many local servers want no key; the client insists on one."""


class OpenAITeacher:
    """Fulfils ``ports.Teacher``. Safe to use from several threads.

    ``record`` gets every call once, whatever its number of tries, also the failed ones, before the error is raised.
    ``first_pause`` is the back-off's start in seconds; it doubles, with jitter.

    ``locate`` is for the embedded server: asked before every try for the base URL, since a server that died comes
    back on another port. Such an endpoint is llama.cpp's, and gets ``Prompt.extra`` (min_p, repeat_penalty) as well.
    ``pace`` bounds how many requests are under way together, and slows all of them down after a rate limit.
    """

    is_embedded = False

    def __init__(
        self,
        config: TeacherConfig,
        key: str | None,
        record: Callable[[TeacherCall], None],
        *,
        first_pause: float = 1.0,
        locate: Callable[[], str] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._config = config
        self._pace = pace or Pace(_UNBOUNDED)
        self._patience = max(config.retries, MOST_RATE_LIMITS) if pace else config.retries
        self._key = key
        self._record = record
        self._first_pause = first_pause
        self._locate = locate
        self._name = "the embedded model" if config.is_embedded else config.endpoint
        self._dialect = Dialect()
        self._closed = threading.Event()
        self._is_local = locate is not None or is_loopback(config.endpoint)
        self._certificates = httpx2.create_ssl_context()  # 40 ms: once, not with every ask

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        """One answer, after at most ``config.retries`` further tries.

        Raises TeacherKeyError (401, 403, a key that cannot be sent), TeacherRateLimitError (429),
        TeacherUnreachableError (no connection, no answer in time, 5xx) or TeacherAnswerError (empty, refused, cut
        off, oversized, not the protocol). A message names the endpoint, the cause and the remedy, never the key.
        """
        started = time.monotonic()
        exchange = _Exchange(StrictClient(self._config.timeout, self._certificates, local=self._is_local))
        error: TeacherError | None = None
        try:
            with exchange.http:
                self._tried(prompt, exchange)
            usable_content(exchange.answer)
        except TeacherError as failure:
            error = failure
        seconds = time.monotonic() - started
        call = call_record(self._config, self._key, prompt, purpose, study_id, exchange.answer, seconds, error)
        self._record(call)
        if error is not None:
            raise type(error)(scrub(str(error), self._key))  # a new one: the old one's cause may hold the key
        return call

    def close(self) -> None:
        """No further tries. A try under way ends by itself, and is recorded: it may have been paid for."""
        self._closed.set()
        self._pace.close()

    def _tried(self, prompt: Prompt, exchange: _Exchange) -> None:
        tries = 0
        pause = self._first_pause
        dialect = self._dialect
        while True:
            request = dialect.request(prompt, self._config.model, self._locate is not None)
            try:
                with self._pace.turn() as started:
                    exchange.answer = self._once(request, exchange.http)
            except openai.OpenAIError as error:
                exchange.answer = Answer(scrub(raw_text(error), self._key)[:MAX_CHARACTERS])
                other = dialect.after(error, request)
                if other is not None:
                    dialect = other
                    continue  # not a failed try: the endpoint said which parameter it does not know
                tries += 1
                wait = max(retry_after(error) or 0.0, pause * random.uniform(0.5, 1.0))
                most = self._patience if is_rate_limit(error) else self._config.retries
                if not is_retriable(error) or tries > most or wait > LONGEST_PAUSE:
                    raise endpoint_error(error, self._config, self._name, self._key, tries) from error
                if is_rate_limit(error):
                    self._pace.limited(started, wait)
            else:
                self._pace.went_well()
                self._dialect = self._dialect.joined(dialect)  # only what led to an answer is remembered
                return
            pause = min(2 * pause, LONGEST_PAUSE / 2)
            self._closed.wait(wait)

    def _once(self, request: dict[str, Any], http: StrictClient) -> Answer:
        endpoint = self._config.endpoint
        if self._closed.is_set():
            raise TeacherUnreachableError(f"the connection to {self._name} was closed; ask again")
        check_sendable(self._key, self._config.key_variable)
        try:
            client = openai.OpenAI(
                base_url=self._locate() if self._locate else endpoint,
                api_key=self._key or NO_KEY,
                timeout=self._config.timeout,
                max_retries=0,  # ours honor Retry-After and end with an error that says what to do
                http_client=http,
            )
        except httpx2.InvalidURL as error:
            raise TeacherUnreachableError(
                f"endpoint {endpoint!r} is no address ({error}); correct it in the settings"
            ) from error
        with client.chat.completions.with_streaming_response.create(**request) as response:
            return read_answer(response, self._config.timeout, self._name, self._key)


class _Exchange:
    """One ask on the wire: a connection of its own, and what the last try brought, which outlives that try's error."""

    def __init__(self, http: StrictClient) -> None:
        self.http = http
        self.answer = Answer()


def call_record(
    config: TeacherConfig,
    key: str | None,
    prompt: Prompt,
    purpose: str,
    study_id: str,
    answer: Answer,
    seconds: float,
    error: TeacherError | None,
) -> TeacherCall:
    """One call as it is stored, without the key wherever the endpoint echoes it."""
    return TeacherCall(
        call_id="c" + uuid4().hex[:12],
        study_id=study_id,
        purpose=purpose,
        endpoint=config.endpoint,
        model=config.model,
        prompt=prompt,
        answer=answer.content,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        seconds=seconds,
        cost=_cost(config, answer),
        error=scrub(f"{type(error).__name__}: {error}", key) if error else None,
        created_at=datetime.now(UTC),
    )


def _cost(config: TeacherConfig, answer: Answer) -> float | None:
    """US dollars; None unless both the usage and the prices are known."""
    tokens = (answer.prompt_tokens, answer.completion_tokens)
    prices = (config.price_prompt, config.price_completion)
    if tokens[0] is None or tokens[1] is None or prices[0] is None or prices[1] is None:
        return None
    return (tokens[0] * prices[0] + tokens[1] * prices[1]) / 1e6
