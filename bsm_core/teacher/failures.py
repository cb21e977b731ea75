"""The client's errors in the workbench's words: which endpoint, what went wrong, what to do."""

from __future__ import annotations

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


def is_retriable(error: openai.OpenAIError) -> bool:
    """Time-outs, broken connections, 408, 429 and 5xx."""
    if isinstance(error, openai.APIConnectionError):  # APITimeoutError is one
        return True
    return isinstance(error, openai.APIStatusError) and (error.status_code in (408, 429) or error.status_code >= 500)


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


def endpoint_error(
    error: openai.OpenAIError, config: TeacherConfig, endpoint: str, key: str | None, tries: int
) -> TeacherError:
    if isinstance(error, openai.APITimeoutError):
        return TeacherUnreachableError(
            f"{endpoint} did not answer within {config.timeout:g} s, {_tried(tries)}; "
            "check that it runs, or allow more time in the settings"
        )
    if isinstance(error, openai.APIConnectionError):
        cause = str(error.__cause__ or error)
        return TeacherUnreachableError(
            f"{endpoint} cannot be reached ({_short(scrub(cause, key))}), {_tried(tries)}; "
            "check the address and the network"
        )
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, config, endpoint, key, tries)
    return TeacherAnswerError(f"{endpoint}: {_short(scrub(str(error), key))}; check the endpoint in the settings")


def _status_error(
    error: openai.APIStatusError, config: TeacherConfig, endpoint: str, key: str | None, tries: int
) -> TeacherError:
    said = _short(scrub(error.message, key))
    if error.status_code in (401, 403):
        if key is None:
            remedy = f"no key was found: set {config.key_variable} in the environment or in the secrets file"
        else:
            remedy = f"check the key in {config.key_variable}"
        return TeacherKeyError(f"{endpoint} refused the key ({error.status_code}: {said}); {remedy}")
    if error.status_code == 429:
        wished = retry_after(error)
        asked = f" and asks to wait {wished:.0f} s" if wished else ""
        return TeacherRateLimitError(
            f"{endpoint} limits the rate (429: {said}){asked}, {_tried(tries)}; "
            "wait, ask for fewer samples, or check the account's quota"
        )
    if error.status_code == 404:
        return TeacherAnswerError(
            f"{endpoint} does not know this (404: {said}); check the base URL (it usually ends in /v1) "
            f"and the model {config.model!r}"
        )
    if error.status_code >= 500:
        return TeacherUnreachableError(
            f"{endpoint} failed ({error.status_code}: {said}), {_tried(tries)}; try again later"
        )
    return TeacherAnswerError(
        f"{endpoint} refused the request ({error.status_code}: {said}); check the model {config.model!r} in the settings"
    )


def _tried(count: int) -> str:
    return f"tried {count} times" if count > 1 else "tried once"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:299] + "…"
