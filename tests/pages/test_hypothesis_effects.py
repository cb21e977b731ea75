"""Hypotheses: what each one does, in every state."""

from __future__ import annotations

from pydantic import TypeAdapter

from bsm_core.domain.attribution import Attribution, Estimate, HypothesisEffect, Mirror
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.workbench import Workbench
from bsm_core.workflow.attribute import ATTRIBUTION_EVENT
from tests.factories import BASELINE_ID, STUDY_ID, moment
from tests.pages.conftest import OpenPage, put_job, words_of
from tests.spots import CLUSTERING_ID, add_clustering


def found(workbench: Workbench) -> Attribution:
    clear, open_one = Estimate(2.5, 1.0, 4.0, 0.001, 0.002), Estimate(-0.2, -1.0, 0.6, 0.6, 0.6)
    effects = (
        HypothesisEffect("h-human", 2, ("words of spot-0",), 9, open_one, open_one, open_one, 0.0, -0.1),
        HypothesisEffect("h-rule", 4, ("words of spot-1",), 7, clear, open_one, open_one, 1.5, 0.0),
        HypothesisEffect("h-rule-ext", 2, (), 0, None, open_one, open_one, 0.0, 0.0),
    )
    approved = len(workbench.store.samples.approved(STUDY_ID))
    mirror = Mirror(0.84, 0.86, 20, 15, 3)
    return Attribution(
        BASELINE_ID, CLUSTERING_ID, 0.65, 0.01, 20, 400, approved, mirror, effects, "job-weigh", moment(140)
    )


def store(workbench: Workbench) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    payload = TypeAdapter(Attribution).dump_python(found(workbench), mode="json")
    workbench.store.record(STUDY_ID, ATTRIBUTION_EVENT, payload)


def test_without_blind_spots_or_approved_samples_it_leads_there(workbench: Workbench, open_page: OpenPage) -> None:
    assert "No blind spots yet" in words_of(open_page("hypotheses", section="weigh"))
    approved = [state.sample.sample_id for state in workbench.store.samples.approved(STUDY_ID)]
    workbench.decide(approved, DecisionKind.REJECTED)
    assert "No approved samples yet" in words_of(open_page("hypotheses", section="weigh"))


def test_not_weighed_yet_starts_the_job(workbench: Workbench, open_page: OpenPage) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    page = open_page("hypotheses", section="weigh")
    page.button(key="weigh-start").click().run()
    assert not page.exception
    spec, _ = workbench.store.jobs.all(STUDY_ID)[0]
    assert spec.kind is JobKind.ATTRIBUTE
    assert spec.params["resamples"] == 20


def test_failed_job_says_why(workbench: Workbench, open_page: OpenPage) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    put_job(workbench, JobState.FAILED, JobKind.ATTRIBUTE, message="the model folder has no weights; train it again")
    page = open_page("hypotheses", section="weigh")
    assert "no weights" in words_of(page)
    assert "weigh-start" in [button.key for button in page.button]


def test_hypotheses_are_listed_by_effect_with_words_and_trust(workbench: Workbench, open_page: OpenPage) -> None:
    store(workbench)
    page = open_page("hypotheses", section="weigh")
    said = words_of(page)
    assert "1 of 3 hypotheses can be told to help." in said
    assert "2 cannot be told from nothing" in said
    rows = page.dataframe[0].value
    entries = {one.hypothesis.hypothesis_id: one.number for one in workbench.ledger.entries(STUDY_ID)}
    assert list(rows["#"]) == [entries["h-rule"], entries["h-human"], entries["h-rule-ext"]]
    assert list(rows["Verdict"]) == [
        "helps on its blind spot", "cannot be told from nothing", "cannot be told from nothing",
    ]  # fmt: skip
    assert rows["Own blind spots"][0] == "+2.50 (+1.00 to +4.00)"
    assert rows["Own blind spots"][2] == "–"
    assert "15" in said
    assert "75%" in said.replace("\\", "")
    assert len(page.get("plotly_chart")) == 1
    assert not workbench.attribution.is_stale(STUDY_ID)


def test_new_approvals_make_it_stale(workbench: Workbench, open_page: OpenPage) -> None:
    store(workbench)
    workbench.decide(["s-human-ext"], DecisionKind.APPROVED)
    assert workbench.attribution.is_stale(STUDY_ID)
    assert "changed since" in words_of(open_page("hypotheses", section="weigh"))


def test_full_retraining_starts_a_pair_of_trainings_and_looks_at_no_test(
    workbench: Workbench, open_page: OpenPage
) -> None:
    store(workbench)
    looks = workbench.store.evaluations.looks(STUDY_ID)
    page = open_page("hypotheses", section="weigh")
    page.selectbox(key="weigh-without").set_value("h-rule").run()
    page.button(key="weigh-retrain").click().run()
    assert not page.exception
    jobs = [spec for spec, _ in workbench.store.jobs.all(STUDY_ID) if spec.params.get("experiment_id")]
    assert [spec.kind for spec in jobs] == [JobKind.TRAIN, JobKind.TRAIN]
    assert {str(spec.params["experiment_id"]).split(":")[1] for spec in jobs} == {"h-rule", "none"}
    assert workbench.store.evaluations.looks(STUDY_ID) == looks
    (run,) = workbench.attribution.full_runs(STUDY_ID)
    assert (run.hypothesis_id, run.effects) == ("h-rule", None)
    assert "Not trained yet" in words_of(page)
