from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import UnusableAnswerError
from bsm_core.teacher.scripted import ScriptedTeacher
from bsm_core.workflow.answer_cache import AnswerCache, CachedTeacher, request_key
from tests.factories import make_call

PROMPT = Prompt("t", "1", (("user", "Why?"),), {"type": "object"}, 100, 0.5, seed=1)
CONFIG = TeacherConfig("http://127.0.0.1:9/v1", "m")


def key(prompt: Prompt, model: str = "m") -> str:
    return request_key(CONFIG.endpoint, model, prompt)


def asker(folder: Path, script: list, calls: list[TeacherCall]) -> tuple[CachedTeacher, ScriptedTeacher]:
    cache = AnswerCache(folder)

    def record(call: TeacherCall) -> None:
        calls.append(call)
        cache.put(call)

    inner = ScriptedTeacher(script, record, config=CONFIG)
    return CachedTeacher(inner, CONFIG, cache, calls.append), inner


def test_key_is_the_request_and_not_the_template_it_came_from() -> None:
    assert key(replace(PROMPT, template="other", version="9")) == key(PROMPT)
    changes = ({"seed": 2}, {"temperature": 0.6}, {"max_tokens": 99}, {"messages": (("user", "Why not?"),)})
    assert len({key(PROMPT), key(PROMPT, "n"), *(key(replace(PROMPT, **one)) for one in changes)}) == 6


def test_same_request_is_asked_once_and_its_second_answer_costs_nothing(tmp_path: Path) -> None:
    calls: list[TeacherCall] = []
    teacher, inner = asker(tmp_path, ["Because."], calls)
    first, second = (teacher.ask(PROMPT, "trial", f"study-{n}") for n in (1, 2))
    assert len(inner.calls) == 1
    assert (second.answer, second.study_id, second.reused_from) == ("Because.", "study-2", first.call_id)
    assert (second.cost, second.prompt_tokens, second.completion_tokens) == (0.0, 0, 0)
    assert calls == [first, second]


def test_refusal_is_remembered_and_raised_again_but_a_broken_line_is_not(tmp_path: Path) -> None:
    calls: list[TeacherCall] = []
    teacher, inner = asker(tmp_path, [UnusableAnswerError("it refused"), "never"], calls)
    for _ in range(2):
        with pytest.raises(UnusableAnswerError, match=r"^it refused$"):
            teacher.ask(PROMPT, "trial", "s")
    assert len(inner.calls) == 1
    cache = AnswerCache(tmp_path)
    broken = replace(make_call(error="TeacherUnreachableError: no answer"), prompt=PROMPT)
    cache.put(broken)
    assert cache.get(request_key(broken.endpoint, broken.model, PROMPT)) is None


def test_damaged_file_is_asked_again(tmp_path: Path) -> None:
    teacher, inner = asker(tmp_path, ["Because.", "Because."], [])
    teacher.ask(PROMPT, "trial", "s")
    (path,) = tmp_path.rglob("*.json")
    path.write_text("{torn")
    teacher.ask(PROMPT, "trial", "s")
    assert len(inner.calls) == 2
