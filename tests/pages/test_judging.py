"""Judging a random sample on Discover: blind, counted at once, by several judges."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.config import TeacherConfig
from bsm_core.domain.unknowns import UUOrigin, Verdict
from bsm_core.errors import ConfigError, TeacherAnswerError, TeacherError
from bsm_core.metrics.judging import corrected_count
from bsm_core.ports import UnknownFilter
from bsm_core.ui.components.judging import corrected_words, judge_name
from bsm_core.workbench import Workbench
from tests.factories import BASELINE_ID, STUDY_ID
from tests.pages.conftest import OpenPage, make_workbench, served, words_of


def population(workbench: Workbench) -> list[str]:
    return workbench.store.unknowns.ids(UnknownFilter(BASELINE_ID, 0.65, origin=UUOrigin.ADVERSARIAL))


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_raw_and_corrected_count_stand_side_by_side(workbench: Workbench, open_page: OpenPage) -> None:
    shown = metrics(open_page("discover"))
    raw = len(population(workbench))
    assert shown["Raw count"] == f"{raw}"
    found = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65).corrected
    assert (found.judged, found.invalid) == (3, 1)
    assert shown["Judged invalid"] == "33.3%"
    assert shown["Corrected count"] == corrected_words(found) == f"≈ {raw * 2 / 3:.0f} ({found.low} to {found.high})"


def test_verdict_goes_to_the_ledger_and_the_next_text_comes(workbench: Workbench, open_page: OpenPage) -> None:
    before = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    page = open_page("discover")
    page.button(key="judge-no").click().run()
    assert not page.exception
    after = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    assert after.open_items == before.open_items[1:]
    assert after.corrected.invalid == before.corrected.invalid + 1
    assert workbench.store.unknowns.get(BASELINE_ID, before.open_items[0]).verdict is Verdict.NO
    assert metrics(page)["Corrected count"] == corrected_words(after.corrected)


@pytest.mark.usefixtures("workbench")
def test_judge_does_not_see_what_the_model_said(open_page: OpenPage) -> None:
    assert "What the model answered is not shown" in words_of(open_page("discover"))
    assert "confidence</" not in words_of(open_page("discover"))


def test_second_judge_is_asked_about_the_whole_sample_and_agreement_is_shown(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("discover")
    page.text_input(key="judge-name").set_value("Ada").run()
    sample = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65, "human:Ada").sample
    for _ in sample:
        page.button(key="judge-yes").click().run()
    assert "The whole sample is judged" in words_of(page)
    assert "Krippendorff's alpha" in words_of(page)
    ballots = workbench.store.judgements.ballots(STUDY_ID)
    assert sorted(one.item_id for one in ballots if one.agent == "human:Ada") == sorted(sample)


def test_rule_judges_the_sample_and_yields_to_the_human(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    page.button(key="judge-rule").click().run()
    ledger = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    assert f"The rule has judged {len(ledger.sample)} texts" in words_of(page)
    assert dict(ledger.agreement.judges)["rule"] == len(ledger.sample)
    assert ledger.corrected.invalid == 1  # the human's


def test_sample_size_is_kept_and_an_impossible_one_refused(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    page.number_input(key="judge-size-st-reviews").set_value(5).run()
    assert len(workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65).sample) == 5
    assert open_page("discover").number_input(key="judge-size-st-reviews").value == 5
    with pytest.raises(ConfigError, match="a sample of 0 texts cannot be judged"):
        workbench.judging.set_size(STUDY_ID, 0)


def test_teacher_judges_without_being_told_the_prediction(tmp_path: Path) -> None:
    teacher = TeacherConfig(endpoint="http://127.0.0.1:9/v1", model="big")
    answers = ["No.\nThe opinion is gone.", "It depends."]
    with served(make_workbench(tmp_path, answers=answers, teacher=teacher)) as workbench:
        item = population(workbench)[0]
        assert workbench.judging.by_teacher(STUDY_ID, BASELINE_ID, item) is Verdict.NO
        with pytest.raises(TeacherAnswerError, match="does not begin with yes"):
            workbench.judging.by_teacher(STUDY_ID, BASELINE_ID, item)
        ballots = [one for one in workbench.store.judgements.ballots(STUDY_ID) if one.agent == "lm:big"]
        assert [(one.item_id, one.verdict) for one in ballots] == [(item, Verdict.NO)]
        unknown = workbench.store.unknowns.get(BASELINE_ID, item)
        asked = workbench.store.calls.page(STUDY_ID).rows[0].prompt
        said = "\n".join(text for _, text in asked.messages)
        assert unknown.original_text[0] in said
        assert unknown.text[0] in said
        assert f"{unknown.confidence:.2f}" not in said
        assert "redict" not in said


def test_embedded_teacher_is_not_asked(workbench: Workbench, open_page: OpenPage) -> None:
    workbench._teacher_for = lambda *_: Embedded()  # type: ignore[assignment, return-value]
    with pytest.raises(TeacherError, match="too small to judge labels"):
        workbench.judging.by_teacher(STUDY_ID, BASELINE_ID, population(workbench)[0])
    page = open_page("discover")
    page.button(key="judge-teacher").click().run()
    assert "too small to judge labels" in page.error[0].value


class Embedded:
    is_embedded = True

    def close(self) -> None:
        """Nothing is left open."""


@pytest.mark.parametrize(
    ("name", "agent"), [("", "human"), ("  ", "human"), ("Ada", "human:Ada"), ("a\nb", "human:a b")]
)
def test_name_makes_the_agent(name: str, agent: str) -> None:
    assert judge_name(name) == agent


def test_corrected_count_in_words() -> None:
    assert corrected_words(corrected_count(1234, 0, 0)) == "0 to 1,234"
    assert corrected_words(corrected_count(100, 100, 7)) == "≈ 93 (93 to 93)"
