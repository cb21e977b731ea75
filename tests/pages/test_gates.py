"""The gates on their pages: verdicts with their reasons, a human's word against them, their settings."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from bsm_core.domain.synthesis import CheckName
from bsm_core.ports import SimilarityScale
from bsm_core.workbench import Workbench
from bsm_core.workflow.gate import SCALE_EVENT
from bsm_core.workflow.label_check import label_check
from tests.factories import STUDY_ID, make_checks, moment
from tests.pages.conftest import OpenPage, words_of

SCALE = SimilarityScale(0.34, "packaged", 6, 1000, 0.97, 0.93, training=(0.4, 0.6), real=(0.4, 0.4, 0.4, 0.6))


def test_samples_overrules_a_verdict_with_a_reason_and_takes_it_back(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples", sample="s-short")
    assert page.selectbox(key="overrule-name-s-short").value is CheckName.LENGTH  # the one that failed
    page.button(key="overrule-do").click().run()
    assert "no reason was given" in words_of(page)
    page.text_input(key="judge-name").set_value("Ada <b>").run()
    page.text_input(key="overrule-reason-s-short-length").set_value("reviews may be <i>short</i>").run()
    page.button(key="overrule-do").click().run()
    said = words_of(page)
    assert "Overruled by Ada &lt;b&gt;" in said
    assert "reviews may be &lt;i&gt;short&lt;/i&gt; (The gate said: failed.)" in said
    assert workbench.store.samples.get("s-short").passed is True
    page.button(key="overrule-back").click().run()
    assert workbench.store.samples.get("s-short").passed is False
    assert "Overruled" not in words_of(page)


def test_samples_shows_earlier_verdicts_and_a_disputed_label(workbench: Workbench, open_page: OpenPage) -> None:
    store = workbench.store
    sample = store.samples.get("s-human-1").sample
    store.samples.add_checks(replace(check, created_at=moment(500)) for check in make_checks("s-human-1"))
    names = ("negative", "positive")
    store.samples.add_checks([label_check(sample, 1 - sample.label, "lm:small", names, moment(501))])
    page = open_page("samples", sample="s-human-1")
    assert "Earlier verdicts (4)" in [expander.label for expander in page.expander]
    assert '<span class="no">⚠</span>' in words_of(page)
    assert "lm:small, asked blind, says" in words_of(page)


def test_samples_draws_the_scale_once_it_was_measured(workbench: Workbench, open_page: OpenPage) -> None:
    assert "Not measured yet" in words_of(open_page("samples", section="gates"))
    workbench.store.record(STUDY_ID, SCALE_EVENT, asdict(SCALE))
    said = words_of(open_page("samples", section="gates"))
    assert "layer 6, against 1,000 training texts" in said
    assert "it would reject 75% of real texts" in said


def test_settings_keeps_good_gates_and_samples_then_offers_a_new_check(
    workbench: Workbench, open_page: OpenPage
) -> None:
    key = f"gates-{STUDY_ID}-{workbench.gating.config(STUDY_ID).fingerprint}"
    page = open_page("settings")
    page.number_input(key=f"{key}-length").set_value(60)
    page.selectbox(key=f"{key}-mark").set_value("paper")
    page.button(key="gates-save").click().run()
    now = workbench.gating.config(STUDY_ID)
    assert (now.min_characters, now.min_similarity) == (60, 0.5)
    assert page.dataframe[0].value["Limit"].iloc[0] == "at least 60 characters"
    samples = open_page("samples")
    outdated = workbench.gating.outdated(STUDY_ID)
    assert outdated > 0
    assert samples.button(key="samples-check-again").label == f"Check {outdated} again"


@pytest.mark.parametrize(
    ("field", "value", "problem"), [("leak", 1.5, "max_leak_share is 1.5; use"), ("top", 999, "use 1 to 100")]
)
def test_settings_refuses_impossible_gates_by_name(
    workbench: Workbench, open_page: OpenPage, field: str, value: float, problem: str
) -> None:
    before = workbench.gating.config(STUDY_ID)
    page = open_page("settings")
    page.number_input(key=f"gates-{STUDY_ID}-{before.fingerprint}-{field}").set_value(value)
    page.button(key="gates-save").click().run()
    assert problem in words_of(page).replace("\\", "")
    assert workbench.gating.config(STUDY_ID) == before
