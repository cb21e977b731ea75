import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.config import TeacherConfig
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.errors import TeacherUnreachableError
from bsm_core.ports import UnknownFilter
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, make_workbench, served, words_of

STUDY = "st-reviews"
ENDPOINT = TeacherConfig(endpoint="http://127.0.0.1:9/v1", model="scripted")
GOOD = json.dumps({"hypothesis": "It trusts a single opinion word.", "reasoning": "One word differs."})
TEXT, WHY = f"hypothesis-text-{STUDY}", f"hypothesis-reasoning-{STUDY}"


def ids(workbench: Workbench, origin: UUOrigin = UUOrigin.ADVERSARIAL, count: int = 2) -> list[str]:
    rows = workbench.store.unknowns.page(UnknownFilter("m-original", 0.65, origin=origin), limit=10).rows
    return [uu.item_id for uu in rows[3 : 3 + count]]


def newest(workbench: Workbench, known: Sequence[Hypothesis] = ()) -> Hypothesis:
    kept = [h for h in workbench.store.hypotheses.all(STUDY) if h not in known]
    return max(kept, key=lambda one: one.created_at)


def press(page: AppTest, name: str) -> AppTest:
    return page.button(key=f"hypothesis-{name}-{STUDY}").click().run()


@pytest.mark.usefixtures("workbench")
def test_hypotheses_without_a_chosen_text_leads_to_browse_or_takes_one_here(open_page: OpenPage) -> None:
    page = open_page("hypotheses")
    assert "No text chosen" in words_of(page)
    pick = page.selectbox(key=f"hypothesis-pick-{STUDY}")
    pick.select_index(0).run()
    assert page.text_area(key=TEXT).value == ""
    assert "del" in words_of(page)
    assert page.query_params["items"]


@pytest.mark.usefixtures("fresh_workbench")
def test_hypotheses_without_a_baseline_leads_to_training_one(open_page: OpenPage) -> None:
    assert "No classifier yet" in words_of(open_page("hypotheses"))


def test_hypotheses_shows_diff_and_both_answers_beside_the_text_areas(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("hypotheses", items=",".join(ids(workbench)))
    said = words_of(page)
    assert "2 texts chosen" in said
    assert "On the original" in said
    assert "On the perturbed text" in said
    assert "<ins " in said


def test_hypotheses_says_when_a_chosen_text_is_not_this_models(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("hypotheses", items=",".join([*ids(workbench, count=1), "p-nowhere"]))
    assert "1 chosen text cannot be found" in words_of(page)


def test_hypotheses_written_alone_is_human_and_listed(workbench: Workbench, open_page: OpenPage) -> None:
    chosen = ids(workbench)
    page = open_page("hypotheses", items=",".join(chosen))
    page.text_area(key=TEXT).set_value("Typos in **opinion** words <b>fool</b> it.").run()
    press(page, "keep")
    kept = newest(workbench)
    assert (kept.agent, kept.kind) == (Agent.HUMAN, HypothesisKind.ABSTRACTION)
    assert kept.source_item_ids == tuple(chosen)
    assert page.text_area(key=TEXT).value == ""
    assert "&lt;b&gt;fool&lt;/b&gt;" in words_of(page)


def test_hypotheses_empty_text_is_refused_and_nothing_is_lost(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("hypotheses", items=",".join(ids(workbench)))
    page.text_area(key=WHY).set_value("because").run()
    press(page, "keep")
    assert "the hypothesis is empty" in words_of(page)
    assert page.text_area(key=WHY).value == "because"


def test_hypotheses_draft_is_the_teachers_until_it_is_edited(tmp_path: Path, open_page: OpenPage) -> None:
    with served(make_workbench(tmp_path, answers=[GOOD], teacher=ENDPOINT)) as made:
        page = open_page("hypotheses", items=",".join(ids(made, UUOrigin.NATURAL, 1)))
        press(page, "ask")
        assert page.text_area(key=TEXT).value == "It trusts a single opinion word."
        assert "Written by a language model alone" in words_of(page)
        page.text_area(key=TEXT).set_value("It trusts a single opinion word too much.").run()
        assert "then edited by a human" in words_of(page)
        press(page, "keep")
        kept = newest(made)
    assert kept.agent is Agent.HYBRID
    assert kept.call_id is not None


def test_hypotheses_unchanged_draft_stays_the_teachers(tmp_path: Path, open_page: OpenPage) -> None:
    with served(make_workbench(tmp_path, answers=[GOOD], teacher=ENDPOINT)) as made:
        page = open_page("hypotheses", items=",".join(ids(made, UUOrigin.NATURAL, 1)))
        press(press(page, "ask"), "keep")
        assert newest(made).agent is Agent.LM


def test_hypotheses_useless_answer_is_shown_raw_and_what_was_typed_stays(tmp_path: Path, open_page: OpenPage) -> None:
    answers = ["I <script>alert(1)</script> would rather not.", TeacherUnreachableError("nobody answers at port 9")]
    with served(make_workbench(tmp_path, answers=answers, teacher=ENDPOINT)) as made:
        page = open_page("hypotheses", items=",".join(ids(made)))
        page.text_area(key=TEXT).set_value("My own half sentence").run()
        press(page, "ask")
        assert page.error
        assert any("<script>alert(1)</script>" in code.value for code in page.code)
        assert page.text_area(key=TEXT).value == "My own half sentence"
        press(page, "ask")
        assert "nobody answers at port 9" in words_of(page).replace("\\", "")
        assert page.text_area(key=TEXT).value == "My own half sentence"


def test_hypotheses_draft_sets_own_words_aside_and_swaps_them_back_as_human(
    tmp_path: Path, open_page: OpenPage
) -> None:
    with served(make_workbench(tmp_path, answers=[GOOD], teacher=ENDPOINT)) as made:
        page = open_page("hypotheses", items=",".join(ids(made)))
        page.text_area(key=TEXT).set_value("My own words").run()
        press(page, "ask")
        assert page.text_area(key=TEXT).value == "It trusts a single opinion word."
        press(page, "back")
        assert page.text_area(key=TEXT).value == "My own words"
        press(page, "back")
        assert page.text_area(key=TEXT).value == "It trusts a single opinion word."
        press(press(page, "back"), "keep")
        assert newest(made).agent is Agent.HUMAN


def test_hypotheses_extrapolation_starts_from_a_chosen_abstraction_without_chosen_texts(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("hypotheses")
    page.button(key="extrapolate-h-rule").click().run()
    assert page.selectbox(key=f"hypothesis-parent-{STUDY}").value == "h-rule"
    page.text_area(key=TEXT).set_value("Then dropped letters fool it as well.").run()
    press(page, "keep")
    kept = newest(workbench)
    assert (kept.kind, kept.parent_hypothesis_id) == (HypothesisKind.EXTRAPOLATION, "h-rule")


def test_hypotheses_list_shows_agents_lineage_versions_and_samples(workbench: Workbench, open_page: OpenPage) -> None:
    said = words_of(open_page("hypotheses"))
    for told in ("**A1** abstraction", "**A1.1** extrapolation", "**A2** abstraction", "version 2"):
        assert told in said
    assert "7 samples: 4 approved, 2 rejected, 1 open" in said
    assert "The model fails on typing errors." in said  # the earlier version, under Why
    assert len(workbench.store.hypotheses.all(STUDY)) == 5


def test_hypotheses_revision_of_a_rule_is_hybrid_and_keeps_its_place(workbench: Workbench, open_page: OpenPage) -> None:
    known = workbench.store.hypotheses.all(STUDY)
    page = open_page("hypotheses")
    page.button(key="revise-h-rule").click().run()
    page.text_area(key="revision-text-h-rule").set_value("Swapped or doubled letters hide it.").run()
    page.button(key="revision-keep-h-rule").click().run()
    kept = newest(workbench, known)
    assert (kept.agent, kept.revises_id) == (Agent.HYBRID, "h-rule")
    assert "The new version is kept" in words_of(page).replace("\\", "")
    assert not [area for area in page.text_area if (area.key or "").startswith("revision")]


@pytest.mark.usefixtures("workbench")
def test_hypotheses_empty_revision_is_refused_and_the_form_stays(open_page: OpenPage) -> None:
    page = open_page("hypotheses")
    page.button(key="revise-h-lm").click().run()
    page.text_area(key="revision-text-h-lm").set_value("  ").run()
    page.button(key="revision-keep-h-lm").click().run()
    assert "the old text was kept" in words_of(page)
    assert page.text_area(key="revision-text-h-lm").value == "  "


def test_hypotheses_embedded_drafts_are_by_rule_and_say_so(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("hypotheses", items=",".join(ids(workbench)))
    assert page.button(key=f"hypothesis-ask-{STUDY}").label == "Draft one by rule"
    assert "A real endpoint writes better ones" in words_of(page)
