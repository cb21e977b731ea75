"""A teacher behind any OpenAI-compatible endpoint. The only place where the workbench speaks to a stranger."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import openai

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import TeacherError, TeacherUnreachableError
from bsm_core.teacher.dialect import Dialect
from bsm_core.teacher.failures import endpoint_error, is_retriable, retry_after
from bsm_core.teacher.keys import scrub
from bsm_core.teacher.wire import Answer, read_answer, usable_content

LONGEST_PAUSE = 60.0
"""Seconds: an endpoint that asks for more is refused as rate-limited instead of waited for."""


class OpenAITeacher:
    """Fulfils ``ports.Teacher``. Safe to use from several threads.

    ``record`` gets every call, also the failed ones, before the error is raised. ``llama_cpp`` sends
    ``Prompt.extra`` (min_p, repeat_penalty) along; ``shown_endpoint`` and ``served_model`` tell apart what is recorded
    and what is sent, for the embedded server.
    """

    is_embedded = False

    def __init__(
        self,
        config: TeacherConfig,
        key: str | None,
        record: Callable[[TeacherCall], None],
        *,
        llama_cpp: bool = False,
        shown_endpoint: str | None = None,
        served_model: str | None = None,
        first_pause: float = 1.0,
    ) -> None:
        self._config = config
        self._key = key
        self._record = record
        self._llama_cpp = llama_cpp
        self._endpoint = shown_endpoint or config.endpoint
        self._served_model = served_model or config.model
        self._first_pause = first_pause
        self._dialect = Dialect()
        self._closed = threading.Event()
        self._client = openai.OpenAI(
            base_url=config.endpoint,
            api_key=key or "none",  # many local servers want no key; the client insists on one
            timeout=config.timeout,
            max_retries=0,  # ours below: they honor Retry-After and end with an error that says what to do
        )

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        """One answer, after at most ``config.retries`` further tries.

        Raises TeacherKeyError (401, 403), TeacherRateLimitError (429), TeacherUnreachableError (no connection, no
        answer in time, 5xx) or TeacherAnswerError (empty, refused, cut off, oversized, not the protocol). A message
        names the endpoint, the cause and the remedy, never the key.
        """
        started = time.monotonic()
        answer, error = Answer(), None
        try:
            answer = self._tried(prompt)
            usable_content(answer, self._endpoint)
        except TeacherError as failure:
            error = failure
        call = self._call(prompt, purpose, study_id, answer, time.monotonic() - started, error)
        self._record(call)
        if error is not None:
            raise type(error)(scrub(str(error), self._key)) from None  # the cause's text may hold the key
        return call

    def close(self) -> None:
        """No further tries; calls that wait between two tries end with TeacherUnreachableError."""
        self._closed.set()
        self._client.close()

    def _tried(self, prompt: Prompt) -> Answer:
        tries = 0
        pause = self._first_pause
        while True:
            try:
                return self._once(prompt)
            except openai.OpenAIError as error:
                if self._dialect.learn(error):
                    continue  # not a failure of this try: the endpoint said which parameter it does not know
                tries += 1
                wished = retry_after(error)
                wait = max(wished or 0.0, pause * random.uniform(0.5, 1.0))
                if not is_retriable(error) or tries > self._config.retries or wait > LONGEST_PAUSE:
                    raise endpoint_error(error, self._config, self._endpoint, self._key, tries) from error
            pause = min(2 * pause, LONGEST_PAUSE / 2)
            if self._closed.wait(wait):
                raise TeacherUnreachableError(f"{self._endpoint}: the workbench closed the connection; ask again")

    def _once(self, prompt: Prompt) -> Answer:
        request = self._dialect.request(prompt, self._served_model, self._llama_cpp)
        with self._client.chat.completions.with_streaming_response.create(**request) as response:
            return read_answer(response, self._config.timeout, self._endpoint)

    def _call(
        self,
        prompt: Prompt,
        purpose: str,
        study_id: str,
        answer: Answer,
        seconds: float,
        error: TeacherError | None,
    ) -> TeacherCall:
        return TeacherCall(
            call_id="c" + uuid4().hex[:12],
            study_id=study_id,
            purpose=purpose,
            endpoint=self._endpoint,
            model=self._config.model,
            prompt=prompt,
            answer=scrub(answer.content, self._key),
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            seconds=seconds,
            cost=self._cost(answer),
            error=scrub(f"{type(error).__name__}: {error}", self._key) if error else None,
            created_at=datetime.now(UTC),
        )

    def _cost(self, answer: Answer) -> float | None:
        """US dollars; None unless both the usage and the prices are known."""
        tokens = (answer.prompt_tokens, answer.completion_tokens)
        prices = (self._config.price_prompt, self._config.price_completion)
        if tokens[0] is None or tokens[1] is None or prices[0] is None or prices[1] is None:
            return None
        return (tokens[0] * prices[0] + tokens[1] * prices[1]) / 1e6
