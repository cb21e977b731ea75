"""The teacher's client against an endpoint that misbehaves: each failure has its class, its message and its record."""

from __future__ import annotations

import gzip
import json
import re
import socket
from dataclasses import dataclass
from email.utils import formatdate
from time import monotonic, time

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import (
    TeacherAnswerError,
    TeacherError,
    TeacherKeyError,
    TeacherRateLimitError,
    TeacherUnreachableError,
    UnusableAnswerError,
)
from bsm_core.teacher.client import OpenAITeacher
from bsm_core.teacher.wire import MAX_BYTES, MAX_CHARACTERS
from tests.endpoint import Reply, ScriptedEndpoint, fails, says, sends

PROMPT = Prompt("abstraction", "1", (("user", "Why?"),), None, 50, 0.7)
COMPLETION = says("A whole answer.").body


@dataclass
class Outcome:
    """Of one ask: the error raised or None, what was recorded, and how many requests came in."""

    error: TeacherError | None
    call: TeacherCall
    requests: int


def ask(
    replies: list[Reply], *, key: str | None = "sk-loopback-0123", timeout: float = 5.0, retries: int = 2
) -> Outcome:
    calls: list[TeacherCall] = []
    error: TeacherError | None = None
    with ScriptedEndpoint(replies) as endpoint:
        config = TeacherConfig(endpoint=endpoint.url, model="scripted", timeout=timeout, retries=retries)
        teacher = OpenAITeacher(config, key, calls.append, first_pause=0.01)
        try:
            teacher.ask(PROMPT, "trial", "s1")
        except TeacherError as caught:
            error = caught
            assert endpoint.url in str(error)
    assert len(calls) == 1
    assert calls[0].error == (None if error is None else f"{type(error).__name__}: {error}")
    return Outcome(error, calls[0], len(endpoint.requests))


FAILURES: dict[str, tuple[Reply, type[TeacherError], str, int, str]] = {
    # name: (reply, class, message, requests with 2 retries, raw text in the record)
    "401": (fails(401, "bad key"), TeacherKeyError, r"401: bad key.*check the key in OPENAI_API_KEY", 1, "bad key"),
    "403": (fails(403, "not yours"), TeacherKeyError, r"403: not yours", 1, "not yours"),
    "404": (
        fails(404, "no such model"),
        TeacherAnswerError,
        r"404: no such model.*/v1.*'scripted'",
        1,
        "no such model",
    ),
    "400": (fails(400, "nonsense"), TeacherAnswerError, r"refused the request \(400: nonsense\).*model", 1, "nonsense"),
    "429": (fails(429, "slower"), TeacherRateLimitError, r"429: slower.*tried 3 times.*wait", 3, "slower"),
    "quota": (
        fails(429, "pay", code="insufficient_quota"),
        TeacherRateLimitError,
        r"quota is used up \(429: pay\); refill",
        1,
        "pay",
    ),
    "500": (fails(500, "oops"), TeacherUnreachableError, r"failed \(500: oops\), tried 3 times", 3, "oops"),
    "502 page": (Reply(status=502, body=b"<h1>Bad gateway"), TeacherUnreachableError, "502: <h1>Bad", 3, "<h1>Bad"),
    "redirect": (
        Reply(status=308, headers={"Location": "http://elsewhere.example/v1"}),
        TeacherAnswerError,
        r"redirects to http://elsewhere.example/v1 \(308\).*base URL",
        1,
        "",
    ),
    "closed mid-body": (
        Reply(body=COMPLETION, cut_after=90),
        TeacherUnreachableError,
        r"broke off in the middle.*tried 3 times; ask again",
        3,
        COMPLETION[:90].decode(),
    ),
    "closed at once": (Reply(body=COMPLETION, cut_after=0), TeacherUnreachableError, "tried 3 times", 3, ""),
    "error closed mid-body": (
        Reply(status=500, body=b"oops" * 99, cut_after=8),
        TeacherUnreachableError,
        "oops",
        3,
        "oops",
    ),
    "not JSON": (
        Reply(body=b"<html>login</html>"),
        TeacherAnswerError,
        "not answer in JSON.*base URL",
        1,
        "<html>login",
    ),
    "truncated JSON": (Reply(body=COMPLETION[:-9]), TeacherAnswerError, "not answer in JSON", 1, "A whole"),
    "deep JSON": (Reply(body=b"[" * 200_000), TeacherAnswerError, "not answer in JSON", 1, "[[["),
    "not UTF-8": (Reply(body=b"\xff\xfe\xfa"), TeacherAnswerError, "not answer in JSON", 1, "\ufffd"),
    "wrong shape": (sends({"choices": {"0": 1}}), TeacherAnswerError, r"without choices\[0\].message", 1, "choices"),
    "list": (sends([1, 2]), TeacherAnswerError, r"without choices\[0\].message", 1, "[1, 2]"),
    "no choices": (sends({"choices": []}), TeacherAnswerError, r"without choices\[0\].message", 1, "choices"),
    "refusal": (
        says(None, refusal="I cannot help with that."),
        UnusableAnswerError,
        r"refused: I cannot help with that\.; reword",
        1,
        "I cannot help with that.",
    ),
    "filtered": (
        says("", finish_reason="content_filter"),
        UnusableAnswerError,
        r"content filter\); reword",
        1,
        "",
    ),
    "length": (
        says("It begins and", finish_reason="length"),
        UnusableAnswerError,
        r"cut off after 7 tokens.*ask again",
        1,
        "It begins and",
    ),
    "empty": (says(""), UnusableAnswerError, "empty answer; ask again", 1, ""),
    "blank": (says(" \n\t"), UnusableAnswerError, "empty answer", 1, ""),
    "null": (says(None), UnusableAnswerError, "empty answer", 1, ""),
    "200 kB": (
        says("x" * 200_000),
        UnusableAnswerError,
        r"200,000 characters, of which 100,000",
        1,
        "x" * MAX_CHARACTERS,
    ),
    "endless": (Reply(body=b" " * (MAX_BYTES + 1)), TeacherAnswerError, "more than 2,000,000 bytes", 1, " " * 99),
}


@pytest.mark.parametrize("name", FAILURES)
def test_ask_failure_has_class_message_and_record(name: str) -> None:
    reply, kind, message, requests, raw = FAILURES[name]
    outcome = ask([reply])
    assert type(outcome.error) is kind
    assert re.search(message, str(outcome.error)), outcome.error
    assert outcome.requests == requests
    assert raw in outcome.call.answer
    assert len(outcome.call.answer) <= MAX_CHARACTERS


def test_ask_no_key_found_and_refused_says_where_to_put_it() -> None:
    outcome = ask([fails(401)], key=None)
    assert "no key was found: set OPENAI_API_KEY in the environment or in the secrets file" in str(outcome.error)


@pytest.mark.parametrize(
    "first",
    [
        fails(429),
        fails(500),
        fails(503, headers={"Retry-After": "0"}),
        fails(408),
        Reply(body=COMPLETION, cut_after=40),
        Reply(body=COMPLETION, delay=1.5),
    ],
    ids=["429", "500", "503", "408", "cut", "slow"],
)
def test_ask_failure_that_passes_is_retried_into_one_good_record(first: Reply) -> None:
    outcome = ask([first, says("At last.")], timeout=1.0)
    assert outcome.error is None
    assert outcome.requests == 2
    assert outcome.call.answer == "At last."


def test_ask_no_retries_configured_tries_once() -> None:
    outcome = ask([fails(500), says("Too late.")], retries=0)
    assert outcome.requests == 1
    assert "tried once" in str(outcome.error)


@pytest.mark.parametrize("dated", [False, True], ids=["seconds", "date"])
def test_ask_retry_after_is_waited_for(dated: bool) -> None:
    started = monotonic()
    # A date has whole seconds: two ahead is at least one.
    outcome = ask([fails(429, headers={"Retry-After": formatdate(time() + 2) if dated else "0.4"}), says("Now.")])
    assert outcome.error is None
    assert 0.4 <= monotonic() - started < 20
    assert outcome.call.seconds >= 0.4


def test_ask_retry_after_nonsense_falls_back_on_own_pause() -> None:
    assert ask([fails(429, headers={"Retry-After": "soon"}), says("Now.")]).error is None


def test_ask_retry_after_an_hour_is_refused_at_once() -> None:
    outcome = ask([fails(429, headers={"Retry-After": "3600"})])
    assert isinstance(outcome.error, TeacherRateLimitError)
    assert "asks to wait 3600 s" in str(outcome.error)
    assert outcome.requests == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=COMPLETION, delay=5.0),
        Reply(body=COMPLETION, piece=20, piece_delay=0.1),
        Reply(status=200, body=COMPLETION, piece=60, piece_delay=5.0),
    ],
    ids=["silent", "trickling", "stuck"],
)
def test_ask_slow_endpoint_raises_unreachable_in_time(reply: Reply) -> None:
    outcome = ask([reply], timeout=0.3, retries=1)
    assert isinstance(outcome.error, TeacherUnreachableError)
    assert "did not answer within 0.3 s, tried 2 times" in str(outcome.error)
    assert "allow more time" in str(outcome.error)
    assert outcome.call.seconds < 4.5


def test_ask_trickling_error_body_ends_in_time_with_its_status() -> None:
    outcome = ask([Reply(status=401, body=b"no" * 500, piece=10, piece_delay=0.1)], timeout=0.3)
    assert isinstance(outcome.error, TeacherKeyError)
    assert outcome.call.seconds < 5


def test_ask_huge_error_body_is_read_in_part() -> None:
    outcome = ask([Reply(status=400, body=b"y" * 5_000_000)])
    assert isinstance(outcome.error, TeacherAnswerError)
    assert len(str(outcome.error)) < 600
    assert len(outcome.call.answer) <= MAX_CHARACTERS


def test_ask_compressed_error_is_understood() -> None:
    body = gzip.compress(json.dumps({"error": {"message": "squeezed"}}).encode())
    assert "squeezed" in str(ask([Reply(status=400, body=body, headers={"Content-Encoding": "gzip"})]).error)


def test_ask_broken_compression_is_a_visible_failure() -> None:
    outcome = ask([Reply(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})], retries=0)
    assert isinstance(outcome.error, TeacherUnreachableError)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    "endpoint",
    [f"http://127.0.0.1:{free_port()}/v1", "http://nowhere.invalid/v1", "http://\u2603.example/v1", "http://"],
    ids=["refused", "no such host", "no such name", "no host"],
)
def test_ask_unreachable_host_names_it_and_the_remedy(endpoint: str) -> None:
    calls: list[TeacherCall] = []
    config = TeacherConfig(endpoint=endpoint, model="scripted", timeout=5.0, retries=1)
    with pytest.raises(TeacherUnreachableError, match=r"check the address|correct it in the settings") as caught:
        OpenAITeacher(config, None, calls.append, first_pause=0.01).ask(PROMPT, "trial", "s1")
    assert endpoint in str(caught.value)
    assert [call.error for call in calls] == [f"TeacherUnreachableError: {caught.value}"]
