"""What comes back over the wire: bounded in size and time, and read with suspicion."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai import APIResponse

from bsm_core.errors import TeacherAnswerError

MAX_CHARACTERS = 100_000
"""Of an answer's text. More is cut, kept in the record, and refused."""
MAX_BYTES = 2_000_000
"""Of a response body: reading stops here, whatever the endpoint goes on sending."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``content`` is never longer than MAX_CHARACTERS; ``problem`` says why it is no usable answer, or is empty."""

    content: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    problem: str = ""


def read_answer(response: APIResponse[Any], seconds: float, endpoint: str) -> Answer:
    """Read and decode a chat completion.

    Raises openai.APITimeoutError after ``seconds`` even when bytes keep trickling in, openai.APIConnectionError for a
    connection that breaks off. What is no chat completion comes back as an Answer with a problem, so that its raw
    text is recorded.
    """
    body = _read_body(response, seconds)
    if len(body) > MAX_BYTES:
        text = body[: MAX_CHARACTERS * 4].decode("utf-8", "replace")[:MAX_CHARACTERS]
        return Answer(content=text, problem=f"{endpoint} sent more than {MAX_BYTES:,} bytes; reading was stopped")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return Answer(
            content=body.decode("utf-8", "replace")[:MAX_CHARACTERS],
            problem=f"{endpoint} did not answer in JSON ({reason}); is this the base URL of an OpenAI-compatible API?",
        )
    return decode(data, endpoint)


def decode(data: object, endpoint: str) -> Answer:
    """A chat completion's first choice, whatever else stands in ``data``."""
    body = data if isinstance(data, dict) else {}
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    prompt_tokens, completion_tokens = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raw = json.dumps(data, ensure_ascii=False)[:MAX_CHARACTERS]
        problem = f"{endpoint} answered without choices[0].message; is this the base URL of an OpenAI-compatible API?"
        return Answer(raw, prompt_tokens, completion_tokens, problem)
    refusal = message.get("refusal")
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    if not text.strip() and isinstance(refusal, str):
        text = refusal
    problem = _problem(text, refusal, choice.get("finish_reason"), endpoint)
    return Answer(text[:MAX_CHARACTERS], prompt_tokens, completion_tokens, problem)


def usable_content(answer: Answer, endpoint: str) -> str:
    """The text. Raises TeacherAnswerError when the answer has a problem."""
    if answer.problem:
        raise TeacherAnswerError(answer.problem)
    if not answer.content.strip():
        raise TeacherAnswerError(f"{endpoint} gave an empty answer; ask again, or choose another model")
    return answer.content


def _problem(text: str, refusal: object, finish: object, endpoint: str) -> str:
    if isinstance(refusal, str) and refusal.strip():
        return f"{endpoint} refused: {_short(refusal)}; reword the hypothesis, or choose another model"
    if finish == "content_filter":
        return f"{endpoint} withheld its answer (content filter); reword the hypothesis, or choose another model"
    if finish == "length":
        return f"{endpoint} was cut off before its answer ended; ask again, or choose a model that answers briefly"
    if len(text) > MAX_CHARACTERS:
        return f"{endpoint} answered with {len(text):,} characters; at most {MAX_CHARACTERS:,} are read"
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _read_body(response: APIResponse[Any], seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    request = response.http_request
    try:
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                break
            if time.monotonic() > deadline:
                raise openai.APITimeoutError(request=request)
    except httpx2.TimeoutException as error:
        raise openai.APITimeoutError(request=request) from error
    except httpx2.HTTPError as error:
        raise openai.APIConnectionError(message=str(error), request=request) from error
    return b"".join(parts)
