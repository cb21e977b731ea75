"""Jobs that ask a second opinion: blind labels of samples, and two versions of a prompt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.synthesis import CheckName
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import NothingToDoError, TeacherError
from bsm_core.ports import JobResult
from bsm_core.teacher.scripted import ScriptedTeacher
from bsm_core.workflow.answer_cache import AnswerCache
from bsm_core.workflow.compare_prompts import COMPARISON_EVENT, Case, compare_job, compare_prompts, prompt_for
from bsm_core.workflow.cross_check import cross_check, cross_check_job
from bsm_core.workflow.prompt_library import PromptLibrary, write_template
from bsm_core.workflow.specs import Job
from bsm_core.workflow.templates import load_template
from tests.agents import make_unknown
from tests.attacks import open_context
from tests.factories import make_hypothesis, make_sample, make_study

REAL = TeacherConfig("http://127.0.0.1:9/v1", "judge-model")
LABEL_BLIND = PromptLibrary(Path("unused")).newest("label_blind").content


def run(job: Job, handler: Any, folder: Path, script: Callable[[Prompt], Any]) -> tuple[JobResult, ScriptedTeacher]:
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    for name, table in job.tables.items():
        pq.write_table(table, inputs / f"{name}.parquet")
    teachers = []

    def opened(
        config: TeacherConfig, record: Callable[[TeacherCall], None], at_once: int, say: Callable[[str], None]
    ) -> ScriptedTeacher:
        del at_once, say
        teachers.append(ScriptedTeacher(script, record, config=config))
        return teachers[-1]

    with open_context(folder) as context:
        result = handler(job.spec, context, open_teacher=opened, cache=AnswerCache(folder.parent / "answers"))
    return result, teachers[0]


def labels(prompt: Prompt) -> str:
    positive = "wonderful" in prompt.messages[-1][1]
    return json.dumps({"label": "positive" if positive else "negative", "reasoning": "The <b>word</b> decides."})


def test_blind_label_that_differs_is_a_warning_and_changes_nothing(tmp_path: Path) -> None:
    samples = [
        make_sample("s-1", label=1, text=("a wonderful film",)),
        make_sample("s-2", label=1, text=("a dreary film",)),
    ]
    job = cross_check_job(make_study(), REAL, samples, LABEL_BLIND, 2, 0)
    result, teacher = run(job, cross_check, tmp_path / "j", labels)
    first, second = result.checks
    assert (first.sample_id, first.name, first.passed, first.advisory) == ("s-1", CheckName.LABEL, True, True)
    assert (second.passed, second.value) == (False, 0.0)
    assert "judge-model says negative, blind; the sample's label is positive. The <b>word</b>" in second.reason
    assert result.samples == ()
    asked = "\n".join(text for prompt in teacher.prompts for _, text in prompt.messages)
    assert samples[0].hypothesis_id not in asked
    assert "label is" not in asked  # blind: the sample's own is not told
    assert len(result.calls) == 2


def test_answer_without_a_label_makes_no_check(tmp_path: Path) -> None:
    job = cross_check_job(make_study(), REAL, [make_sample()], LABEL_BLIND, 1, 0)
    result, _ = run(job, cross_check, tmp_path / "j", lambda _: "It is a fine text.")
    assert result.checks == ()
    assert len(result.calls) == 1


def test_embedded_model_is_not_asked_for_labels_and_nothing_needs_no_job() -> None:
    with pytest.raises(TeacherError, match="too small"):
        cross_check_job(make_study(), TeacherConfig(), [make_sample()], LABEL_BLIND, 1, 0)
    with pytest.raises(NothingToDoError):
        cross_check_job(make_study(), REAL, [], LABEL_BLIND, 1, 0)


def test_two_versions_are_asked_the_same_and_told_beside_each_other(tmp_path: Path) -> None:
    library = PromptLibrary(tmp_path / "prompts")
    shipped = library.newest("abstraction")
    content = write_template(shipped.template, {"user": "In haste: {examples}{known}{answer}{noun}\n"})
    edited = library.save("abstraction", content)
    cases = [Case(make_unknown(f"film {n}", f"flim {n}", item_id=f"p{n}"), None) for n in range(3)]
    job = compare_job(make_study(), REAL, (shipped, edited), cases, None, None, 0)

    def answers(prompt: Prompt) -> str:
        if "In haste" in prompt.messages[-1][1]:
            return "No idea."
        return json.dumps({"hypothesis": "It stumbles over typos.", "reasoning": "r"})

    result, teacher = run(job, compare_prompts, tmp_path / "j", answers)
    ((kind, told),) = result.events
    assert kind == COMPARISON_EVENT
    first, second = told["sides"]  # type: ignore[misc]
    assert (first["key"], first["usable"], first["asked"]) == (shipped.key, 3, 3)
    assert (second["key"], second["usable"], second["asked"]) == (edited.key, 0, 3)
    assert first["answers"] == ["It stumbles over typos."] * 3
    assert "no usable answer" in second["answers"][0]
    seeds = [prompt.seed for prompt in teacher.prompts]
    assert sorted(seeds[:3]) == sorted(seeds[3:])
    assert {prompt.version for prompt in teacher.prompts} == {shipped.template.version, edited.template.version}


def test_prompt_needs_a_case_of_its_kind() -> None:
    task, natural = make_study().task, Case(make_unknown("a film"), None)
    with pytest.raises(NothingToDoError, match="other kind"):
        prompt_for("abstraction", task, natural, 0, load_template)
    with pytest.raises(NothingToDoError, match="starts from a hypothesis"):
        prompt_for("generation", task, natural, 0, load_template)
    made = prompt_for("generation", task, Case(natural.unknown, make_hypothesis(sources=["x"])), 0, load_template)
    assert "a film" in made.messages[-1][1]
