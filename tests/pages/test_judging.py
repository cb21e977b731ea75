"""Judging a random sample on Discover: blind, counted at once, by several judges."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.foils import FoilKind
from bsm_core.domain.unknowns import UUOrigin, Verdict
from bsm_core.errors import ConfigError, TeacherError
from bsm_core.metrics.judging import corrected_count
from bsm_core.ports import UnknownFilter
from bsm_core.ui.components.corrected import corrected_words
from bsm_core.ui.components.judge_name import judge_name, judge_title
from bsm_core.ui.components.judging_results import share_words
from bsm_core.ui.text import html
from bsm_core.workbench import Workbench
from tests.factories import BASELINE_ID, STUDY_ID, VALIDATION_SET_ID
from tests.pages.conftest import OpenPage, words_of


def population(workbench: Workbench) -> list[str]:
    return workbench.store.unknowns.ids(UnknownFilter(BASELINE_ID, 0.65, origin=UUOrigin.ADVERSARIAL))


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def figures(page: AppTest) -> AppTest:
    """With the figures, which are hidden in the middle of judging."""
    return page.toggle(key="judge-figures").set_value(True).run()


def test_raw_and_corrected_count_stand_side_by_side(workbench: Workbench, open_page: OpenPage) -> None:
    shown = metrics(figures(open_page("discover")))
    raw = len(population(workbench))
    assert shown["Raw count"] == f"{raw}"
    found = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65).corrected
    assert (found.judged, found.invalid) == (3, 1)
    assert shown["Judged invalid"] == "33.3%"
    assert shown["Corrected count"] == corrected_words(found) == f"≈ {raw * 2 / 3:.0f} ({found.low} to {found.high})"
    assert workbench.judging.corrected(STUDY_ID, BASELINE_ID, 0.65) == found
    assert workbench.judging.corrected(STUDY_ID, BASELINE_ID, 0.65, VALIDATION_SET_ID) == found
    assert workbench.judging.corrected(STUDY_ID, BASELINE_ID, 0.65, "set-absent").raw == 0


@pytest.mark.parametrize("name", ["browse", "discover"])
def test_corrected_count_stands_beside_the_raw_one(workbench: Workbench, open_page: OpenPage, name: str) -> None:
    found = workbench.judging.corrected(STUDY_ID, BASELINE_ID, 0.65)
    assert f"perturbed, corrected: {corrected_words(found)} of {found.raw}" in words_of(open_page(name))


def test_verdict_goes_to_the_ledger_and_the_next_text_comes(workbench: Workbench, open_page: OpenPage) -> None:
    before = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    page = open_page("discover")
    page.button(key="judge-no").click().run()
    assert not page.exception
    after = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    assert after.open_questions == before.open_questions[1:]
    assert after.corrected.invalid == before.corrected.invalid + 1
    assert workbench.store.unknowns.get(BASELINE_ID, before.open_questions[0].item_id).verdict is Verdict.NO


def test_last_answer_can_be_changed(workbench: Workbench, open_page: OpenPage) -> None:
    item = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65).open_questions[0].item_id
    page = open_page("discover")
    for key in ("judge-no", "judge-back", "judge-yes"):
        page.button(key=key).click().run()
    said = workbench.judging.words_on(STUDY_ID, item)
    assert [one.verdict for one in said] == [Verdict.NO, Verdict.YES]
    assert workbench.store.unknowns.get(BASELINE_ID, item).verdict is Verdict.YES


def test_judge_sees_text_and_label_and_nothing_that_tells_a_foil(workbench: Workbench, open_page: OpenPage) -> None:
    workbench.judging.set_draw(STUDY_ID, 100, 0.5)
    asked = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65).open_questions
    foil = next(one for one in asked if one.foil is FoilKind.ORIGINAL)
    pages = []
    for question in (asked[0] if asked[0].foil is None else next(one for one in asked if one.foil is None), foil):
        shown = workbench.judging.shown(STUDY_ID, question)
        page = open_page("discover", session_state={"judge-again": question})
        told = words_of(page)
        assert html(shown.text[0]) in told
        assert "What the model answered is not shown" in told
        assert not any(mark in told for mark in ("<del", "<ins", "confidence</"))
        assert "Raw count" not in metrics(page)
        name = ("negative", "positive")[shown.label]
        pages.append(told.replace(html(shown.text[0]), "TEXT").replace(f"label **{name}** right", "label LABEL right"))
    assert pages[0] == pages[1]


def test_word_on_a_foil_leaves_the_count_and_makes_the_false_alarm_rate(
    workbench: Workbench, open_page: OpenPage
) -> None:
    workbench.judging.set_draw(STUDY_ID, 100, 0.5)
    before = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    foil = next(one for one in before.open_questions if one.foil is FoilKind.ORIGINAL)
    page = open_page("discover", session_state={"judge-again": foil})
    page.button(key="judge-no").click().run()
    after = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65)
    assert after.corrected == before.corrected
    assert after.answered == before.answered + 1
    assert [one.originals for one in after.records if one.judge == "human"] == [(1, 1)]
    rates = next(table.value for table in figures(page).dataframe if "Plain originals (false alarms)" in table.value)
    assert list(rates["Plain originals (false alarms)"]) == ["1 of 1: 100% (21% to 100%)"]


def test_second_judge_is_asked_about_the_whole_sample_and_agreement_is_shown(
    workbench: Workbench, open_page: OpenPage
) -> None:
    workbench.judging.set_draw(STUDY_ID, 6, 0.2)
    page = open_page("discover")
    page.text_input(key="judge-name").set_value("Ada").run()
    ledger = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65, "human:Ada")
    assert "Raw count" in metrics(page)  # nothing is told to somebody who has not begun
    for _ in ledger.questions:
        page.button(key="judge-yes").click().run()
    assert "The whole sample is judged" in words_of(page)
    assert "**Agreement: " in words_of(page)
    ballots = workbench.store.judgements.ballots(STUDY_ID)
    assert sorted(one.item_id for one in ballots if one.agent == "human:Ada") == sorted(ledger.sample)


def test_rule_judges_the_sample_and_yields_to_the_human(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    page.button(key="judge-rule").click().run()
    ledger = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65, "rule")
    judged = len(ledger.questions) - len(ledger.open_questions)
    assert f"The rule has judged {judged} texts" in words_of(page)
    assert {one.foil for one in ledger.open_questions} <= {FoilKind.ORIGINAL}
    assert dict(ledger.agreement.judges)["rule"] == len(ledger.sample)
    assert ledger.corrected.invalid == 1  # the human's


def test_draw_is_kept_and_an_impossible_one_refused(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    page.number_input(key="judge-size-st-reviews").set_value(5).run()
    page.selectbox(key="judge-foils-st-reviews").set_value(0.5).run()
    draw = workbench.judging.draw(STUDY_ID)
    assert (draw.size, draw.share) == (5, 0.5)
    assert open_page("discover").number_input(key="judge-size-st-reviews").value == 5
    with pytest.raises(ConfigError, match="a sample of 0 texts cannot be judged"):
        workbench.judging.set_draw(STUDY_ID, 0, 0.2)
    with pytest.raises(ConfigError, match="foils is outside"):
        workbench.judging.set_draw(STUDY_ID, 5, 0.9)


@pytest.mark.usefixtures("workbench")
def test_embedded_teacher_is_not_asked_and_the_page_says_why(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    assert page.button(key="judge-teacher").disabled
    assert "too small to judge labels" in words_of(page)
    with pytest.raises(TeacherError, match="too small to judge labels"):
        workbench.judging.start_teacher(STUDY_ID, BASELINE_ID, 0.65)


@pytest.mark.parametrize(
    ("name", "agent"), [("", "human"), ("  ", "human"), ("Ada", "human:Ada"), ("a\nb", "human:a b")]
)
def test_name_makes_the_agent(name: str, agent: str) -> None:
    assert judge_name(name) == agent


def test_corrected_count_in_words() -> None:
    assert corrected_words(corrected_count(1234, 0, 0)) == "0 to 1,234"
    assert corrected_words(corrected_count(100, 100, 7)) == "≈ 93 (93 to 93)"


@pytest.mark.parametrize(
    ("agent", "title"), [("human", "human"), ("human:Ada", "Ada"), ("lm:big", "big (language model)"), ("rule", "rule")]
)
def test_judge_in_words(agent: str, title: str) -> None:
    assert judge_title(agent) == title


def test_share_in_words_has_its_interval() -> None:
    assert share_words(0, 0) == "–"
    assert share_words(3, 20) == "3 of 20: 15% (5% to 36%)"
