"""Letting the language model write at scale, and the prompts it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.ports import JobContext, JobResult
from bsm_core.teacher.scripted import ScriptedTeacher
from bsm_core.workbench import Workbench
from bsm_core.workflow.streams import RecordStream, call_stream
from bsm_core.workflow.write import HYPOTHESIS, LIVE_HYPOTHESES, WRITE_EVENT
from tests.factories import STUDY_ID, make_call, make_hypothesis
from tests.pages.conftest import OpenPage, make_workbench, put_job, served, words_of

ENDPOINT = TeacherConfig("http://127.0.0.1:9/v1", "big-model", price_prompt=1.0, price_completion=2.0)


def stops_at_the_cap(spec: JobSpec, _: JobContext) -> JobResult:
    return JobResult(spec.job_id, events=((WRITE_EVENT, {"stopped": "cap reached: <b>9,000</b> tokens are spent"}),))


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Workbench]:
    made = make_workbench(tmp_path, teacher=ENDPOINT, handlers=dict.fromkeys(JobKind, stops_at_the_cap))
    with served(made):
        yield made


def test_embedded_model_is_not_offered_as_the_papers_and_makes_hypotheses_by_rule(
    workbench: Workbench, open_page: OpenPage
) -> None:
    workbench._teacher_for = lambda config, record: ScriptedTeacher([], record, config=config, embedded=True)
    page = open_page("hypotheses")
    assert "made by rule from the edits" in words_of(page)
    before = len(workbench.store.hypotheses.all(STUDY_ID))
    page.button(key="write-by-rule").click().run()
    assert "made by rule" in page.success[0].value
    made = workbench.store.hypotheses.all(STUDY_ID)[before:]
    assert made
    assert {one.agent for one in made} == {Agent.RULE}


def test_estimate_stands_before_the_button_and_the_order_goes_into_the_job(
    writing: Workbench, open_page: OpenPage
) -> None:
    page = open_page("hypotheses")
    shown = {metric.label: (metric.value, metric.delta) for metric in page.metric}
    assert shown["Calls"][0].startswith("about ")
    assert shown["Cost"][1].startswith("at most $")
    room = writing.authoring.room(STUDY_ID)
    assert page.number_input(key="write-abstractions").max == room.abstractions == 3
    page.number_input(key="write-abstractions").set_value(2).run()
    page.number_input(key="write-cap-tokens").set_value(9000).run()
    page.button(key="write-start").click().run()
    spec = next(spec for spec, _ in writing.store.jobs.all(STUDY_ID) if spec.kind is JobKind.WRITE)
    order = spec.params["order"]
    assert isinstance(order, dict)
    assert (order["abstractions"], order["cap_tokens"], order["samples_each"]) == (2, 9000, 1)
    assert "Writing has started" in words_of(page)


def test_run_that_stopped_at_its_cap_says_so_and_can_go_on(writing: Workbench, open_page: OpenPage) -> None:
    page = open_page("hypotheses")
    page.button(key="write-start").click().run()
    writing.tick()
    page.run()
    warned = page.warning[0].value.replace("\\", "")
    assert "Cap reached: <b>9,000</b> tokens" in warned
    assert "higher cap" in warned
    assert not page.button(key="write-start").disabled


def test_money_cap_waits_for_prices(tmp_path: Path, open_page: OpenPage) -> None:
    with served(make_workbench(tmp_path, teacher=TeacherConfig("http://127.0.0.1:9/v1", "m"))):
        page = open_page("samples", section="write")
        assert page.number_input(key="write-cap-usd").disabled
        assert {metric.label: metric.value for metric in page.metric}["Cost"] == "unknown"


def test_first_results_of_a_running_job_show(tmp_path: Path, open_page: OpenPage) -> None:
    with served(make_workbench(tmp_path, teacher=ENDPOINT)) as made:
        spec = put_job(made, JobState.RUNNING, JobKind.WRITE, title="Language model: 8 hypotheses")
        partial = made.settings.jobs / spec.job_id / "partial"
        RecordStream(partial / LIVE_HYPOTHESES, HYPOTHESIS).add(
            make_hypothesis("h-new", Agent.LM, text="<i>It</i> trips.")
        )
        call_stream(partial).add(make_call())
        page = open_page("hypotheses")
        shown = {metric.label: metric.value for metric in page.metric}
        assert (shown["Hypotheses"], shown["Calls"], shown["Tokens"]) == ("1", "1", "244")
        assert "<i>It</i> trips." in page.dataframe[0].value["text"].tolist()


def test_prompt_is_edited_with_its_preview_and_kept_as_a_version(writing: Workbench, open_page: OpenPage) -> None:
    page = open_page("prompts")
    assert page.button(key="prompt-save").disabled
    shipped = writing.authoring.prompts.newest("abstraction")
    field = page.text_area(key=f"prompt-user-abstraction-{shipped.key}")
    field.set_value("In haste, {noun}: {examples} {answer} {nuon}").run()
    assert "no slot 'nuon'" in words_of(page).replace("\\", "")
    field = page.text_area(key=f"prompt-user-abstraction-{shipped.key}")
    field.set_value("In haste, {noun}: {examples} {answer}").run()
    assert any(code.value.startswith("In haste, movie review sentence") for code in page.code)
    page.button(key="prompt-save").click().run()
    assert writing.authoring.prompts.newest("abstraction").number == 1
    assert writing.authoring.prompts.current("abstraction").user.startswith("In haste")
    assert page.button(key="compare-start").label == "Ask 16 questions"


@pytest.mark.usefixtures("fresh_workbench")
def test_prompts_without_a_baseline_lead_to_it(open_page: OpenPage) -> None:
    assert "train the baseline first" in words_of(open_page("prompts"))


def test_without_a_baseline_there_is_nothing_to_write_about(fresh_workbench: Workbench, open_page: OpenPage) -> None:
    fresh_workbench.set_teacher(ENDPOINT)
    said = words_of(open_page("samples"))
    assert "train the baseline first" in said
    assert "No hypotheses yet" in said


def test_cross_check_asks_another_model_in_the_background(writing: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples", section="gates")
    page.text_input(key="cross-check-model").set_value("second-model").run()
    page.button(key="cross-check-start").click().run()
    spec = next(spec for spec, _ in writing.store.jobs.all(STUDY_ID) if spec.kind is JobKind.CROSS_CHECK)
    assert "by second-model" in spec.title
