"""The teacher's client against an endpoint that behaves: what is sent, what is recorded, who learns what."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import TeacherAnswerError, TeacherKeyError
from bsm_core.teacher.client import OpenAITeacher
from tests.endpoint import Reply, Request, ScriptedEndpoint, fails, says, sends

KEY = "sk-loopback-0123456789"
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"hypothesis": {"type": "string"}},
    "required": ["hypothesis"],
    "additionalProperties": False,
}
PROMPT = Prompt("abstraction", "1", (("system", "Be brief."), ("user", "Why?")), None, 50, 0.7, seed=3)


def with_schema() -> Prompt:
    return replace(PROMPT, schema=SCHEMA)


def make(
    endpoint: ScriptedEndpoint, calls: list[TeacherCall], *, key: str | None = KEY, **config: Any
) -> OpenAITeacher:
    settings = TeacherConfig(endpoint=endpoint.url, model="scripted", **{"timeout": 5.0, "retries": 1, **config})
    return OpenAITeacher(settings, key, calls.append, first_pause=0.01)


def refuses(*names: str, message: Callable[[str], Reply] | None = None) -> Callable[[Request], Reply]:
    """An endpoint that answers 400 while a request has one of these parameters."""

    def answer(request: Request) -> Reply:
        for name in names:
            if name in request:
                return message(name) if message else fails(400, f"Unsupported parameter: {name}")
        return says("Hypothesis: negation.")

    return answer


def test_ask_plain_answer_returns_and_records_the_call() -> None:
    calls: list[TeacherCall] = []
    with ScriptedEndpoint([says("It reads the word, not the sentence.")]) as endpoint:
        call = make(endpoint, calls, price_prompt=2.0, price_completion=10.0).ask(PROMPT, "abstraction", "s1")
        assert calls == [call]
        assert call.endpoint == endpoint.url
    assert (call.study_id, call.purpose, call.model) == ("s1", "abstraction", "scripted")
    assert call.answer == "It reads the word, not the sentence."
    assert (call.prompt_tokens, call.completion_tokens, call.error) == (11, 7, None)
    assert call.cost == pytest.approx((11 * 2.0 + 7 * 10.0) / 1e6)
    assert 0 < call.seconds < 5
    assert call.prompt == PROMPT
    assert call.created_at.tzinfo is not None


def test_ask_sends_messages_settings_and_key() -> None:
    with ScriptedEndpoint([says("Yes.")]) as endpoint:
        make(endpoint, []).ask(PROMPT, "trial", "s1")
    assert endpoint.requests == [
        {
            "model": "scripted",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
            "max_tokens": 50,
            "temperature": 0.7,
            "seed": 3,
        }
    ]
    assert endpoint.headers[0]["authorization"] == f"Bearer {KEY}"


def test_ask_schema_sent_as_strict_response_format() -> None:
    with ScriptedEndpoint([says({"hypothesis": "negation"})]) as endpoint:
        call = make(endpoint, []).ask(with_schema(), "abstraction", "s1")
    sent = endpoint.requests[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"] == {"name": "abstraction", "schema": SCHEMA, "strict": True}
    assert call.answer == '{"hypothesis": "negation"}'


def test_ask_json_of_another_shape_is_handed_on_for_the_reader_to_judge() -> None:
    calls: list[TeacherCall] = []
    with ScriptedEndpoint([says({"something": ["else"]})]) as endpoint:
        call = make(endpoint, calls).ask(with_schema(), "abstraction", "s1")
    assert (call.answer, call.error) == ('{"something": ["else"]}', None)


def test_ask_extra_sampling_not_sent_to_a_stranger() -> None:
    with ScriptedEndpoint([says("Yes.")]) as endpoint:
        make(endpoint, []).ask(replace(PROMPT, extra={"min_p": 0.1}), "trial", "s1")
    assert "min_p" not in endpoint.requests[0]


def test_ask_located_llama_cpp_server_gets_extra_sampling_and_a_new_place_each_try() -> None:
    calls: list[TeacherCall] = []
    config = TeacherConfig(model="small", retries=1, timeout=5.0)
    with ScriptedEndpoint([fails(503), says("Yes.")]) as endpoint:
        places: list[str] = []

        def locate() -> str:
            places.append(endpoint.url)
            return endpoint.url

        teacher = OpenAITeacher(config, KEY, calls.append, first_pause=0.01, locate=locate)
        teacher.ask(replace(PROMPT, extra={"min_p": 0.1}), "trial", "s1")
    assert len(places) == 2
    assert endpoint.requests[1]["min_p"] == 0.1
    assert [call.endpoint for call in calls] == ["embedded"]


@pytest.mark.parametrize("refused", ["response_format", "seed", "temperature", "max_tokens"])
def test_ask_refused_parameter_left_out_and_remembered(refused: str) -> None:
    calls: list[TeacherCall] = []
    with ScriptedEndpoint(refuses(refused)) as endpoint:
        teacher = make(endpoint, calls, retries=0)
        for _ in range(2):
            assert teacher.ask(with_schema(), "abstraction", "s1").answer == "Hypothesis: negation."
    assert [refused in request for request in endpoint.requests] == [True, False, False]
    assert ("max_completion_tokens" in endpoint.requests[1]) == (refused == "max_tokens")
    assert [call.error for call in calls] == [None, None]


def test_ask_several_refused_parameters_all_left_out() -> None:
    with ScriptedEndpoint(refuses("seed", "max_tokens", "response_format")) as endpoint:
        make(endpoint, [], retries=0).ask(with_schema(), "abstraction", "s1")
    assert len(endpoint.requests) == 4
    assert set(endpoint.requests[-1]) == {"model", "messages", "max_completion_tokens", "temperature"}


@pytest.mark.parametrize(
    "refusal",
    [
        lambda name: sends({"detail": [{"loc": ["body", name], "msg": "extra fields not permitted"}]}, status=422),
        lambda name: fails(400, "no", param=name),
        lambda _: fails(400, "json_schema is not supported by this model"),
        lambda _: fails(501, "grammar"),
        lambda _: Reply(status=400, body=b""),
        lambda _: Reply(status=400, body=b"Bad Request"),
    ],
    ids=["fastapi", "param", "words", "501", "empty", "says nothing"],
)
def test_ask_refused_schema_falls_back_to_text(refusal: Callable[[str], Reply]) -> None:
    with ScriptedEndpoint(refuses("response_format", message=refusal)) as endpoint:
        call = make(endpoint, [], retries=0).ask(with_schema(), "abstraction", "s1")
    assert call.answer == "Hypothesis: negation."
    assert len(endpoint.requests) == 2


def test_ask_fallback_that_did_not_help_is_forgotten() -> None:
    replies = [fails(400, "the texts are too long"), fails(400, "the texts are too long"), says({"hypothesis": "x"})]
    with ScriptedEndpoint(replies) as endpoint:
        teacher = make(endpoint, [], retries=0)
        with pytest.raises(TeacherAnswerError, match=r"400: the texts are too long.*not too long"):
            teacher.ask(with_schema(), "abstraction", "s1")
        teacher.ask(with_schema(), "abstraction", "s1")
    assert ["response_format" in request for request in endpoint.requests] == [True, False, True]


def test_ask_without_a_key_sends_a_placeholder_and_never_an_environment_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-elsewhere-123")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-elsewhere-123")
    with ScriptedEndpoint([says("Yes.")]) as endpoint:
        make(endpoint, [], key=None).ask(PROMPT, "trial", "s1")
    assert endpoint.headers[0]["authorization"] == "Bearer none"
    assert "elsewhere" not in str(endpoint.headers)


def test_ask_proxy_in_the_environment_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ScriptedEndpoint([says("Yes.")]) as endpoint:
        assert make(endpoint, [], retries=0).ask(PROMPT, "trial", "s1").answer == "Yes."


@pytest.mark.parametrize(
    "reply",
    [
        fails(401, f"Incorrect API key provided: {KEY}"),
        fails(429, f"Too many requests for {KEY}"),
        fails(400, "x" * 290 + KEY),
        Reply(status=500, body=f"<html>{KEY}</html>".encode()),
        Reply(body=f"not JSON, but {KEY}".encode()),
        says(None, refusal="x" * 190 + KEY),
        says(KEY, finish_reason="length"),
        sends({"you sent": KEY}),
        Reply(status=307, headers={"Location": f"http://elsewhere/{KEY}"}),
    ],
    ids=["401", "429", "400 cut", "500", "not JSON", "refusal cut", "length", "no choices", "redirect"],
)
def test_ask_echoed_key_in_no_message_record_or_log(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    calls: list[TeacherCall] = []
    with ScriptedEndpoint([reply]) as endpoint, pytest.raises(Exception) as caught:  # noqa: PT011  any class
        make(endpoint, calls).ask(PROMPT, "trial", "s1")
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY[:12] not in str(error)
        error = error.__cause__ or error.__context__
    assert len(calls) == 1
    assert KEY[:12] not in repr(calls)
    assert KEY[:12] not in caplog.text


def test_ask_good_answer_that_echoes_the_key_is_scrubbed() -> None:
    with ScriptedEndpoint([says(f"Your key is {KEY}.")]) as endpoint:
        assert make(endpoint, []).ask(PROMPT, "trial", "s1").answer == "Your key is [key]."


@pytest.mark.parametrize("key", ["sk-broken\nline-12345", "sk-schlüssel-12345"])
def test_ask_key_no_header_can_carry_raises_key_error(key: str) -> None:
    calls: list[TeacherCall] = []
    with ScriptedEndpoint([says("Yes.")]) as endpoint, pytest.raises(TeacherKeyError, match="MY_KEY") as caught:
        make(endpoint, calls, key=key, key_variable="MY_KEY").ask(PROMPT, "trial", "s1")
    assert endpoint.requests == []
    assert len(calls) == 1
    assert key[:6] not in str(caught.value) + repr(calls)


def test_ask_hostile_text_is_storable() -> None:
    hostile = "<script>\ud800</script>\x00\u202e" + "a" * 20_000
    with ScriptedEndpoint([says(hostile, usage={"prompt_tokens": 10**30, "completion_tokens": -1})]) as endpoint:
        call = make(endpoint, []).ask(PROMPT, "trial", "s1")
    assert call.answer == hostile.replace("\ud800", "?")
    assert (call.prompt_tokens, call.completion_tokens, call.cost) == (None, None, None)
    assert TypeAdapter(TeacherCall).dump_json(call)


def test_ask_content_in_parts_is_joined() -> None:
    parts = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "It is "},
        {"type": "text", "text": "so."},
    ]
    with ScriptedEndpoint([says(parts)]) as endpoint:
        assert make(endpoint, []).ask(PROMPT, "trial", "s1").answer == "It is so."


def test_ask_no_usage_leaves_tokens_and_cost_unknown() -> None:
    with ScriptedEndpoint([says("Yes.", usage={})]) as endpoint:
        call = make(endpoint, [], price_prompt=1.0, price_completion=1.0).ask(PROMPT, "trial", "s1")
    assert (call.prompt_tokens, call.completion_tokens, call.cost) == (None, None, None)


def test_ask_eight_threads_each_get_their_own_answer() -> None:
    calls: list[TeacherCall] = []

    def echo(request: Request) -> Reply:
        return says(request["messages"][0]["content"], delay=0.02)

    with ScriptedEndpoint(echo) as endpoint:
        teacher = make(endpoint, calls)
        prompts = [replace(PROMPT, messages=(("user", f"number {n}"),)) for n in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda prompt: teacher.ask(prompt, "trial", "s1").answer, prompts))
    assert answers == [f"number {n}" for n in range(8)]
    assert len({call.call_id for call in calls}) == 8


def test_ask_recorded_before_the_error_is_raised() -> None:
    order: list[str] = []
    with ScriptedEndpoint([fails(404)]) as endpoint:
        config = TeacherConfig(endpoint=endpoint.url, model="scripted", timeout=5.0)
        teacher = OpenAITeacher(config, KEY, lambda call: order.append(call.error or ""))
        try:
            teacher.ask(PROMPT, "trial", "s1")
        except TeacherAnswerError:
            order.append("raised")
    assert len(order) == 2
    assert order[0].startswith("TeacherAnswerError: ")
    assert order[1] == "raised"


def test_close_ends_the_wait_between_tries() -> None:
    calls: list[TeacherCall] = []
    with ScriptedEndpoint([fails(429, headers={"Retry-After": "30"})]) as endpoint:
        teacher = make(endpoint, calls)
        timer = threading.Timer(0.2, teacher.close)
        timer.start()
        with pytest.raises(Exception, match="closed"):
            teacher.ask(PROMPT, "trial", "s1")
        timer.join()
    assert calls[0].seconds < 5
    assert len(calls) == 1
