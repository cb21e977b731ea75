from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.ports import JobContext, JobResult, SampleFilter
from bsm_core.workbench import Workbench
from tests.factories import make_hypothesis
from tests.pages.conftest import OpenPage, make_workbench, put_job, served, words_of

STUDY = "st-reviews"


def status(workbench: Workbench, sample_id: str) -> DecisionKind:
    return workbench.store.samples.get(sample_id).status


def place(page: AppTest) -> str:
    """``3 of 12``, as it stands over the card."""
    return next(one.value for one in page.caption if " of " in one.value and "samples" not in one.value).split(" · ")[0]


@pytest.mark.usefixtures("fresh_workbench")
def test_samples_without_hypotheses_leads_to_writing_one(open_page: OpenPage) -> None:
    assert "No hypotheses yet" in words_of(open_page("samples"))


def test_samples_without_samples_opens_the_writer(fresh_workbench: Workbench, open_page: OpenPage) -> None:
    fresh_workbench.store.hypotheses.add(make_hypothesis())
    assert "No samples yet" in words_of(open_page("samples", section="review"))
    page = open_page("samples")
    assert page.segmented_control(key="samples-section").value == "write"
    assert [button for button in page.button if button.key == "write-keep"]


def test_samples_shows_text_hypothesis_checks_answer_and_decision(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples", sample="s-short")
    said = words_of(page)
    assert "a gerat film" in said
    assert "Swapped letters hide the opinion word." in said
    assert "too little length" in said
    assert '<span class="no">✗</span>' in said
    assert "present answer" in said
    assert "Rejected by a human" in said
    assert workbench.store.samples.get("s-short").passed is False


@pytest.mark.usefixtures("workbench")
def test_samples_names_the_policy_that_approved_unread(open_page: OpenPage) -> None:
    said = words_of(open_page("samples", sample="s-rule-1"))
    assert "by policy “gated”, not read by a human" in said


def test_samples_budget_counts_each_agents_approvals(workbench: Workbench, open_page: OpenPage) -> None:
    said = words_of(open_page("samples"))
    use = workbench.store.samples.budget(STUDY, Agent.RULE)
    assert (use.approved_abstraction, use.allowed_abstraction) == (4, 4)
    assert "4 of 4 ✓" in said
    assert "2 of 4" in said


def test_samples_approving_goes_on_to_the_next_and_can_be_taken_back(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples", sample="s-taken-back")
    page.button(key="sample-approved").click().run()
    assert status(workbench, "s-taken-back") is DecisionKind.APPROVED
    assert page.query_params["sample"] == "s-lm-far"
    page.button(key="sample-previous").click().run()
    page.button(key="sample-pending").click().run()
    assert status(workbench, "s-taken-back") is DecisionKind.PENDING
    assert page.query_params["sample"] == "s-taken-back"


def test_samples_decided_under_a_status_filter_leaves_the_list_and_the_next_one_opens(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("samples")
    page.segmented_control(key=f"samples-status-{STUDY}").set_value("pending").run()
    assert place(page) == "1 of 5"
    page.button(key="sample-rejected").click().run()
    assert status(workbench, "s-human-ext") is DecisionKind.REJECTED
    assert place(page) == "1 of 4"


@pytest.mark.usefixtures("workbench")
def test_samples_decisions_have_their_keys(open_page: OpenPage) -> None:
    page = open_page("samples", sample="s-taken-back")
    keys = {
        name: page.button(key=name).proto.shortcut for name in ("sample-approved", "sample-rejected", "sample-edit")
    }
    assert keys == {"sample-approved": "a", "sample-rejected": "x", "sample-edit": "e"}
    assert page.button(key="sample-next").proto.shortcut == "j"


def test_samples_filters_by_gates_agent_hypothesis_and_words(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples")
    page.selectbox(key=f"samples-gates-{STUDY}").set_value("failed").run()
    assert place(page) == "2 of 2"  # the first is rejected: the first open one comes
    page.selectbox(key=f"samples-agent-{STUDY}").set_value(Agent.LM).run()
    assert place(page) == "1 of 1"
    page.text_input(key=f"samples-search-{STUDY}").set_value("nothing like it").run()
    assert "No sample fits these filters" in words_of(page)
    page.button(key=f"samples-clear-{STUDY}").click().run()
    total = workbench.store.samples.page(STUDY, SampleFilter()).total
    assert place(page) == f"9 of {total}"


@pytest.mark.usefixtures("workbench")
def test_samples_of_one_hypothesis_by_address(open_page: OpenPage) -> None:
    page = open_page("samples", hypothesis="h-rule-ext")
    assert place(page) == "1 of 2"
    assert page.selectbox(key=f"samples-hypothesis-{STUDY}").value == "h-rule-ext"


def test_samples_edit_makes_a_new_unchecked_version_by_both(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples", sample="s-rule-1")
    page.button(key="sample-edit").click().run()
    page.text_area(key="edit-0-s-rule-1").set_value("a wodnerful film, and nobody went to see it at all").run()
    page.button(key="edit-keep").click().run()
    new = workbench.store.samples.get(page.query_params["sample"])
    assert (new.sample.revises_id, new.sample.agent) == ("s-rule-1", Agent.HYBRID)
    assert (new.status, new.passed) == (DecisionKind.PENDING, None)
    assert "Not checked yet" in words_of(page)


@pytest.mark.usefixtures("workbench")
def test_samples_empty_edit_is_refused_and_the_form_stays(open_page: OpenPage) -> None:
    page = open_page("samples", sample="s-rule-1")
    page.button(key="sample-edit").click().run()
    page.text_area(key="edit-0-s-rule-1").set_value(" ").run()
    page.button(key="edit-keep").click().run()
    assert "text is empty" in words_of(page)
    assert page.query_params["sample"] == "s-rule-1"
    assert page.text_area(key="edit-0-s-rule-1").value == " "


def test_samples_relabel_keeps_the_text_and_changes_the_label(workbench: Workbench, open_page: OpenPage) -> None:
    old = workbench.store.samples.get("s-human-2").sample
    page = open_page("samples", sample="s-human-2")
    page.button(key="relabel-1").click().run()
    new = workbench.store.samples.get(page.query_params["sample"]).sample
    assert (new.text, new.label, old.label) == (old.text, 1, 0)


def test_samples_bulk_ticks_what_passed_and_asks_with_the_number_first(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("samples")
    page.button(key="tick-passed").click().run()
    page.button(key="bulk-approve").click().run()
    assert "Approve **2 samples**?" in words_of(page)
    assert status(workbench, "s-human-ext") is DecisionKind.PENDING
    page.button(key="bulk-yes").click().run()
    assert [status(workbench, name) for name in ("s-human-ext", "s-taken-back")] == [DecisionKind.APPROVED] * 2
    decision = workbench.store.samples.get("s-human-ext").decision
    assert decision is not None
    assert decision.policy is None


def test_samples_bulk_no_changes_nothing(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples")
    page.button(key="tick-passed").click().run()
    page.button(key="bulk-reject").click().run()
    page.button(key="bulk-no").click().run()
    assert status(workbench, "s-human-ext") is DecisionKind.PENDING
    assert not [button for button in page.button if button.key == "bulk-yes"]


def test_samples_policy_says_how_many_and_that_nobody_reads_them(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples")
    page.button(key="policy-ask").click().run()
    assert "by policy **gated**, unread?" in words_of(page)
    page.button(key="bulk-yes").click().run()
    decision = workbench.store.samples.get("s-human-ext").decision
    assert decision is not None
    assert (decision.kind, decision.policy) == (DecisionKind.APPROVED, "gated")
    page.button(key="policy-ask").click().run()
    assert "no undecided sample has passed" in words_of(page).replace("\\", "")


def test_samples_by_hand_is_kept_and_shown_and_bad_input_is_not(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples", section="write")
    page.selectbox(key=f"desk-hypothesis-{STUDY}-None").set_value("h-human").run()
    page.button(key="write-keep").click().run()
    assert "text is empty" in words_of(page)
    page.text_area(key=f"desk-text-0-{STUDY}").set_value("a graet <i>evening</i> out for all of us").run()
    page.button(key="write-keep").click().run()
    (new,) = workbench.store.samples.page(STUDY, SampleFilter(search="out for all of us")).rows
    assert (new.sample.agent, new.sample.hypothesis_id) == (Agent.HUMAN, "h-human")
    assert "&lt;i&gt;evening&lt;/i&gt;" in words_of(open_page("samples", sample=new.sample.sample_id))


def test_samples_generating_starts_a_job_for_the_chosen_hypotheses(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def synthesize(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path, handlers={JobKind.SYNTHESIZE: synthesize})):
        page = open_page("samples", hypothesis="h-rule", section="write")
        assert "a real endpoint writes from the hypothesis itself and does better" in words_of(page)
        page.number_input(key=f"samples-each-{STUDY}").set_value(3).run()
        assert page.button(key="generate").label == "Generate 3 samples"
        page.button(key="generate").click().run()
    assert [request["count"] for request in seen[0].params["requests"]] == [3]  # type: ignore[attr-defined]
    assert "Writing has started" in words_of(page)


def test_samples_unchecked_ones_are_counted_and_checked_on_request(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def gate(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path, handlers={JobKind.GATE: gate})):
        page = open_page("samples")
        assert "2 samples not checked" in words_of(page)
        page.button(key="samples-check").click().run()
    assert [spec.kind for spec in seen] == [JobKind.GATE]


def test_samples_shows_a_failed_job_with_its_message(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED, JobKind.SYNTHESIZE, message="no answer within 60 s")
    assert "no answer within 60 s" in words_of(open_page("samples")).replace("\\", "")


@pytest.mark.usefixtures("workbench")
def test_samples_unknown_id_in_the_address_is_said(open_page: OpenPage) -> None:
    assert "s-nowhere" in words_of(open_page("samples", sample="s-nowhere")).replace("\\", "")
