"""What comes back over the wire: bounded in size and time, and read with suspicion."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai import APIResponse

from bsm_core.errors import TeacherAnswerError, UnusableAnswerError
from bsm_core.teacher.failures import short
from bsm_core.teacher.keys import scrub

MAX_CHARACTERS = 100_000
"""Of an answer's text. More is cut, kept in the record, and refused."""
MAX_BYTES = 2_000_000
"""Of a response body: reading stops here, whatever the endpoint goes on sending."""
_MOST_TOKENS = 2**31 - 1
"""A count beyond this is a mistake or a trick, and no column of the store holds it."""
_WRONG_PLACE = "is this the base URL of an OpenAI-compatible API?"


@dataclass(frozen=True, slots=True)
class Answer:
    """``content`` is never longer than MAX_CHARACTERS; ``problem`` says why it is no usable answer, or is empty.
    ``is_whole``: a chat completion, whatever it says."""

    content: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    problem: str = ""
    is_whole: bool = False


def read_answer(response: APIResponse[Any], seconds: float, endpoint: str, key: str | None = None) -> Answer:
    """Read and decode a chat completion, without the key wherever the endpoint echoes it.

    Raises openai.APITimeoutError after ``seconds`` even when bytes keep trickling in, openai.APIConnectionError for a
    connection that breaks off; what came before is its ``body``. What is no chat completion comes back as an Answer
    with a problem, so that its raw text is recorded.
    """
    body = _read_body(response, seconds)
    if len(body) > MAX_BYTES:
        return Answer(_raw(body, key), problem=f"{endpoint} sent more than {MAX_BYTES:,} bytes; reading was stopped")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return Answer(_raw(body, key), problem=f"{endpoint} did not answer in JSON ({short(reason)}); {_WRONG_PLACE}")
    return decode(data, endpoint, key)


def decode(data: object, endpoint: str, key: str | None = None) -> Answer:
    """A chat completion's first choice, whatever else stands in ``data``."""
    body = data if isinstance(data, dict) else {}
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    prompt_tokens, completion_tokens = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raw = scrub(json.dumps(data, ensure_ascii=False), key)[:MAX_CHARACTERS]
        problem = f"{endpoint} answered without choices[0].message; {_WRONG_PLACE}"
        return Answer(raw, prompt_tokens, completion_tokens, problem)
    refusal = scrub(_text(message.get("refusal")), key)
    text = scrub(_text(message.get("content")), key)
    problem = _problem(text, refusal, choice.get("finish_reason"), completion_tokens, endpoint)
    kept = text if text.strip() else refusal
    return Answer(kept[:MAX_CHARACTERS], prompt_tokens, completion_tokens, problem, is_whole=True)


def usable_content(answer: Answer) -> str:
    """The text. Raises UnusableAnswerError for a completion that cannot be used, TeacherAnswerError for anything else
    that has a problem."""
    if answer.problem:
        raise UnusableAnswerError(answer.problem) if answer.is_whole else TeacherAnswerError(answer.problem)
    return answer.content


def _text(content: object) -> str:
    """A message's text: a string, or the text parts of a list (as reasoning models send it)."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    return "".join(text for text in texts if isinstance(text, str))


def _problem(text: str, refusal: str, finish: object, tokens: int | None, endpoint: str) -> str:
    if refusal.strip():
        return f"{endpoint} refused: {short(refusal, 200)}; reword the hypothesis, or choose another model"
    if finish == "content_filter":
        return f"{endpoint} withheld its answer (content filter); reword the hypothesis, or choose another model"
    if finish == "length":
        after = f" after {tokens} tokens" if tokens is not None else ""
        return f"{endpoint} was cut off{after}, before its answer ended; ask again, or choose a model that is briefer"
    if len(text) > MAX_CHARACTERS:
        return (
            f"{endpoint} answered with {len(text):,} characters, of which {MAX_CHARACTERS:,} are kept and none used; "
            "ask again, or choose a model that is briefer"
        )
    if not text.strip():
        return f"{endpoint} gave an empty answer; ask again, or choose another model"
    return ""


def _raw(body: bytes, key: str | None) -> str:
    return scrub(body[: 4 * MAX_CHARACTERS].decode("utf-8", "replace"), key)[:MAX_CHARACTERS]


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS
    return value if is_count and isinstance(value, int) else None


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
                raise _with_body(openai.APITimeoutError(request=request), parts)
    except httpx2.TimeoutException as error:
        raise _with_body(openai.APITimeoutError(request=request), parts) from error
    except httpx2.HTTPError as error:
        raise _with_body(openai.APIConnectionError(message=str(error), request=request), parts) from error
    return b"".join(parts)


def _with_body(error: openai.APIConnectionError, parts: list[bytes]) -> openai.APIConnectionError:
    error.body = b"".join(parts).decode("utf-8", "replace")[:MAX_CHARACTERS]
    return error
