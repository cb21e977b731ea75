"""OpenAI's batch API: many questions go up as one file, and the answers come back as one, within a day."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import openai

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import TeacherAnswerError, TeacherError
from bsm_core.ports import JobContext
from bsm_core.teacher.client import NO_KEY, call_record
from bsm_core.teacher.dialect import Dialect
from bsm_core.teacher.failures import endpoint_error, short
from bsm_core.teacher.keys import check_sendable, scrub
from bsm_core.teacher.transport import StrictClient, is_loopback
from bsm_core.teacher.wire import Answer, decode, usable_content
from bsm_core.workflow.answer_cache import request_key

_PATH = "/v1/chat/completions"
_DONE = ("completed", "expired", "cancelled", "failed")
_MISSING = (404, 405, 501)
"""What an endpoint without a batch API says."""
MOST_REQUESTS = 20_000
"""In one file; OpenAI takes 50,000 and 200 MB."""


class BatchApi:
    """Asks in one batch. Every answer goes to ``record``; what a batch leaves unanswered is for the caller to ask.

    ``poll`` is the pause between two looks at a batch, in seconds; it doubles up to a minute.
    """

    def __init__(
        self, config: TeacherConfig, key: str | None, record: Callable[[TeacherCall], None], poll: float = 5.0
    ) -> None:
        self._config = config
        self._key = key
        self._record = record
        self._poll = poll
        self._is_missing = False

    def ask(self, prompts: Sequence[Prompt], purpose: str, study_id: str, folder: Path, context: JobContext) -> None:
        """``folder`` keeps the batch's id: a resumed job waits for the batch that it sent before. A cancelled job
        leaves the batch running, and finds its answers when it is resumed.

        Does nothing at an endpoint without a batch API. Raises a TeacherError for a refused key and the like.
        """
        if self._is_missing:
            return
        questions = {request_key(self._config.endpoint, self._config.model, one): one for one in prompts}
        for start in range(0, len(questions), MOST_REQUESTS):
            some = dict(list(questions.items())[start : start + MOST_REQUESTS])
            try:
                self._ask(some, purpose, study_id, folder, context)
            except openai.OpenAIError as error:
                if isinstance(error, openai.APIStatusError) and error.status_code in _MISSING:
                    self._is_missing = True
                    context.log(f"{self._config.endpoint} has no batch API; asking one by one")
                    return
                name = self._config.endpoint
                raise endpoint_error(error, self._config, name, self._key, 1 + self._config.retries) from error

    def _ask(
        self, questions: dict[str, Prompt], purpose: str, study_id: str, folder: Path, context: JobContext
    ) -> None:
        check_sendable(self._key, self._config.key_variable)
        certificates = httpx2.create_ssl_context()
        local = is_loopback(self._config.endpoint)
        with StrictClient(self._config.timeout, certificates, local=local) as http:
            client = openai.OpenAI(
                base_url=self._config.endpoint,
                api_key=self._key or NO_KEY,
                timeout=self._config.timeout,
                max_retries=self._config.retries,
                http_client=http,
            )
            started = time.monotonic()
            batch = self._await_end(client, self._sent(client, questions, folder, context), context)
            if batch.status != "completed":
                context.log(f"the batch {batch.id} is {batch.status}: {short(_problem(batch))}; asking the rest singly")
            for key, answer, error in self._answers(client, batch):
                if key in questions:
                    seconds = time.monotonic() - started
                    prompt = questions[key]
                    call = call_record(self._config, self._key, prompt, purpose, study_id, answer, seconds, error)
                    self._record(call)

    def _sent(self, client: openai.OpenAI, questions: dict[str, Prompt], folder: Path, context: JobContext) -> str:
        """The batch's id, of an earlier run if it asked the same."""
        note = folder / f"batch-{min(questions)[:16]}-{len(questions)}.json"
        if note.exists():
            kept: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
            if kept["keys"] == sorted(questions):
                context.log(f"waiting for the batch {kept['batch_id']}, sent before")
                return str(kept["batch_id"])
        lines = [_line(key, prompt, self._config.model) for key, prompt in questions.items()]
        file = client.files.create(file=("questions.jsonl", "".join(lines).encode()), purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        folder.mkdir(parents=True, exist_ok=True)
        draft = note.with_suffix(".tmp")
        draft.write_text(json.dumps({"batch_id": batch.id, "keys": sorted(questions)}), encoding="utf-8")
        draft.replace(note)
        context.log(f"{len(questions):,} questions sent as the batch {batch.id}")
        return batch.id

    def _await_end(self, client: openai.OpenAI, batch_id: str, context: JobContext) -> Any:
        pause = self._poll
        while True:
            context.check_cancelled()
            batch = client.batches.retrieve(batch_id)
            if batch.status in _DONE:
                return batch
            counts = batch.request_counts
            if counts is not None:
                context.progress("waiting for the batch", counts.completed, max(1, counts.total))
            until = time.monotonic() + pause
            while time.monotonic() < until:
                context.check_cancelled()
                time.sleep(min(0.2, pause))
            pause = min(2 * pause, 60.0)

    def _answers(self, client: openai.OpenAI, batch: Any) -> Iterator[tuple[str, Answer, TeacherError | None]]:
        """(key, answer, error). Lines that are no answers are left out: they are asked again one by one."""
        if not batch.output_file_id:
            return
        content = client.files.content(batch.output_file_id).content
        for line in content.decode("utf-8", "replace").splitlines():
            try:
                entry = json.loads(line)
                key, response = str(entry["custom_id"]), entry["response"]
                if response["status_code"] != 200:
                    continue
                body = response["body"]
            except (ValueError, KeyError, TypeError):
                continue
            answer = decode(body, self._config.endpoint, self._key)
            yield key, answer, _error(answer, self._key)


def _error(answer: Answer, key: str | None) -> TeacherError | None:
    try:
        usable_content(answer)
    except TeacherAnswerError as error:
        return type(error)(scrub(str(error), key))
    return None


def _line(key: str, prompt: Prompt, model: str) -> str:
    body = Dialect().request(prompt, model, False)
    return json.dumps({"custom_id": key, "method": "POST", "url": _PATH, "body": body}) + "\n"


def _problem(batch: Any) -> str:
    errors = batch.errors.data if batch.errors is not None and batch.errors.data else []
    return "; ".join(str(one.message) for one in errors) or "no reason was given"
