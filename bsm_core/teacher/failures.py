"""The client's errors in the workbench's words: which endpoint, what went wrong, what to do."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime

import openai

from bsm_core.config import TeacherConfig
from bsm_core.errors import (
    TeacherAnswerError,
    TeacherError,
    TeacherKeyError,
    TeacherRateLimitError,
    TeacherUnreachableError,
)
from bsm_core.teacher.keys import scrub

_QUOTA_CODE = "insufficient_quota"


def is_retriable(error: openai.OpenAIError) -> bool:
    """Time-outs, broken connections, 408, 429 and 5xx; not a used-up quota, which no waiting fills."""
    if isinstance(error, openai.APIConnectionError):  # APITimeoutError is one
        return True
    if not isinstance(error, openai.APIStatusError) or error.code == _QUOTA_CODE:
        return False
    return error.status_code in (408, 429) or error.status_code >= 500


def is_rate_limit(error: openai.OpenAIError) -> bool:
    return isinstance(error, openai.APIStatusError) and error.status_code == 429


def retry_after(error: openai.OpenAIError) -> float | None:
    """Seconds the endpoint asks us to wait, from ``Retry-After`` (seconds or a date); None when it says nothing."""
    if not isinstance(error, openai.APIStatusError):
        return None
    value = error.response.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass  # then it is a date
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None  # neither: our own back-off decides


def raw_text(error: openai.OpenAIError) -> str:
    """What came over the wire with the error, for the record: an error's body, or the part before the break."""
    body = error.body if isinstance(error, openai.APIError) else None
    if body is None or isinstance(body, str):
        return body or ""
    return json.dumps(body, ensure_ascii=False)


def said(error: openai.APIStatusError) -> str:
    """The endpoint's own explanation: its message, or the whole body when it has no field of that name."""
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("message"), str) and body["message"].strip():
        return str(body["message"])
    return raw_text(error) or error.response.reason_phrase


def endpoint_error(
    error: openai.OpenAIError, config: TeacherConfig, endpoint: str, key: str | None, tries: int
) -> TeacherError:
    """``error`` as one of ours: the cause, without the key, and the remedy."""
    if isinstance(error, openai.APITimeoutError):
        return TeacherUnreachableError(
            f"{endpoint} did not answer within {config.timeout:g} s, {_tried(tries)}; "
            "check that it runs, or allow more time in the settings"
        )
    if isinstance(error, openai.APIConnectionError):
        if error.body:
            return TeacherUnreachableError(
                f"{endpoint} broke off in the middle of its answer, {_tried(tries)}; ask again, or check the network"
            )
        return TeacherUnreachableError(
            f"{endpoint} cannot be reached ({short(scrub(str(error.__cause__ or error), key))}), {_tried(tries)}; "
            "check the address and the network"
        )
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, config, endpoint, key, tries)
    return TeacherAnswerError(f"{endpoint}: {short(scrub(str(error), key))}; check the endpoint in the settings")


def _status_error(
    error: openai.APIStatusError, config: TeacherConfig, endpoint: str, key: str | None, tries: int
) -> TeacherError:
    status = error.status_code
    reason = f"{status}: {short(scrub(said(error), key))}"
    if status in (401, 403):
        remedy = f"check the key in {config.key_variable}"
        if key is None:
            remedy = f"no key was found: set {config.key_variable} in the environment or in the secrets file"
        return TeacherKeyError(f"{endpoint} refused the key ({reason}); {remedy}")
    if status == 429:
        return _rate_error(error, endpoint, reason, tries)
    if status == 404:
        return TeacherAnswerError(
            f"{endpoint} does not know this ({reason}); check the base URL (it usually ends in /v1) "
            f"and the model {config.model!r}"
        )
    if status < 400:
        target = scrub(error.response.headers.get("location", "nowhere"), key)
        return TeacherAnswerError(
            f"{endpoint} redirects to {short(target)} ({status}); if you trust that address, make it the base URL"
        )
    if status >= 500 or status == 408:
        return TeacherUnreachableError(f"{endpoint} failed ({reason}), {_tried(tries)}; try again later")
    return TeacherAnswerError(
        f"{endpoint} refused the request ({reason}); check the model {config.model!r} in the settings, "
        "and that the texts are not too long for it"
    )


def _rate_error(error: openai.APIStatusError, endpoint: str, reason: str, tries: int) -> TeacherError:
    if error.code == _QUOTA_CODE:
        return TeacherRateLimitError(f"{endpoint} says the account's quota is used up ({reason}); refill it")
    wished = retry_after(error)
    asked = f" and asks to wait {wished:.0f} s" if wished else ""
    return TeacherRateLimitError(
        f"{endpoint} limits the rate ({reason}){asked}, {_tried(tries)}; "
        "wait, ask for fewer samples, or check the account's quota"
    )


def short(text: str, length: int = 300) -> str:
    """One line of at most ``length`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _tried(count: int) -> str:
    return f"tried {count} times" if count > 1 else "tried once"
