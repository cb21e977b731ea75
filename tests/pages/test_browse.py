from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin, Verdict
from bsm_core.ports import UnknownFilter
from bsm_core.ui.components import selection, uu_browser, uu_filter, uu_list
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, put_job, words_of


def unknowns(workbench: Workbench, tau: float = 0.65, **changes: Any) -> list[UnknownUnknown]:
    return workbench.store.unknowns.page(UnknownFilter("m-original", tau, **changes), limit=1000).rows


def shown(page: AppTest) -> str:
    return "".join(str(one.value) for one in page.get("html"))


def number(page: AppTest) -> str:
    """``3 of 12``, as it stands over the text."""
    return next(caption.value for caption in page.caption if " of " in caption.value and "texts" not in caption.value)


def test_browse_opens_the_most_confident_unknown_and_names_it_in_the_address(
    workbench: Workbench, open_page: OpenPage
) -> None:
    found = unknowns(workbench)
    page = open_page("browse")
    assert page.query_params["item"] == found[0].item_id
    assert number(page) == f"1 of {len(found)}"
    counts = workbench.store.unknowns.counts(UnknownFilter("m-original", 0.65))
    assert f"**{counts.total} unknown unknowns**" in words_of(page)
    assert list(page.dataframe[0].value["Model says"][:1]) == [("negative", "positive")[found[0].predicted]]


def test_browse_opens_the_text_of_a_deep_link_on_its_page_of_the_list(
    workbench: Workbench, open_page: OpenPage
) -> None:
    found = unknowns(workbench, 0.55)
    assert len(found) > 12
    page = open_page("browse", study="st-reviews", item=found[-1].item_id, tau="0.55")
    assert number(page) == f"{len(found)} of {len(found)}"
    assert list(page.dataframe[0].value.iloc[:, 0])[-1] == "▶"


def test_browse_of_a_perturbed_text_shows_the_diff_and_both_answers(workbench: Workbench, open_page: OpenPage) -> None:
    uu = unknowns(workbench, origin=UUOrigin.ADVERSARIAL)[0]
    page = open_page("browse", item=uu.item_id)
    assert "<del" in shown(page)
    assert "<ins" in shown(page)
    assert "On the original" in shown(page)
    assert "On the perturbed text" in shown(page)


def test_browse_next_and_previous_walk_the_list(workbench: Workbench, open_page: OpenPage) -> None:
    found = unknowns(workbench)
    page = open_page("browse")
    assert page.button(key="uu-previous").disabled
    page.button(key="uu-next").click().run()
    assert page.query_params["item"] == found[1].item_id
    page.button(key="uu-previous").click().run()
    assert page.query_params["item"] == found[0].item_id


def test_browse_next_turns_the_page_of_the_list(workbench: Workbench, open_page: OpenPage) -> None:
    found = unknowns(workbench, 0.55)
    page = open_page("browse", item=found[11].item_id, tau="0.55")
    assert page.session_state["browse-page"] == 1
    page.button(key="uu-next").click().run()
    assert page.session_state["browse-page"] == 2
    assert page.query_params["item"] == found[12].item_id


def test_browse_walks_with_keys_of_the_keyboard(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse")
    keys = {button.key: button.proto.shortcut for button in page.button}
    assert len(unknowns(workbench)) > 1
    wanted = {"uu-next": "j", "uu-previous": "k", "uu-select": "s", "uu-yes": "y", "uu-no": "n", "uu-unsure": "u"}
    assert {key: keys[key].lower() for key in wanted} == wanted


@pytest.mark.parametrize("verdict", list(Verdict))
def test_browse_verdict_is_stored_and_feeds_the_count(
    workbench: Workbench, open_page: OpenPage, verdict: Verdict
) -> None:
    uu = unknowns(workbench, verdict="unjudged")[0]
    before = workbench.store.unknowns.counts(UnknownFilter("m-original", 0.65)).total
    page = open_page("browse", item=uu.item_id)
    page.button(key=f"uu-{verdict}").click().run()
    assert workbench.store.judgements.latest("st-reviews", uu.item_id) is verdict
    assert page.query_params["item"] == uu.item_id
    after = before - (verdict is Verdict.NO)
    assert f"**{after} unknown unknowns**" in words_of(page)


def test_browse_verdict_among_the_unjudged_goes_on_to_the_next(workbench: Workbench, open_page: OpenPage) -> None:
    found = unknowns(workbench, verdict="unjudged")
    page = open_page("browse", session_state={"browse-verdict-st-reviews": "unjudged"})
    page.button(key="uu-yes").click().run()
    assert page.query_params["item"] == found[1].item_id
    assert number(page) == f"1 of {len(found) - 1}"


def test_browse_shows_every_judge_s_word_and_lets_one_change_its_own(workbench: Workbench, open_page: OpenPage) -> None:
    uu = unknowns(workbench, verdict="unjudged")[0]
    for verdict, judge in ((Verdict.NO, "human:Ada"), (Verdict.YES, "rule")):
        workbench.judging.record("st-reviews", uu.item_id, verdict, judge)
    page = open_page("browse", item=uu.item_id, session_state={"judge-name": "Bo"})
    assert "Together: **no, label is wrong**, so it has left the count. 1 of 2 judges say so." in words_of(page)
    for verdict in (Verdict.NO, Verdict.YES):
        page.button(key=f"uu-{verdict}").click().run()
    assert "Together: **unsure**" in words_of(page)
    ledger = next(table.value for table in page.dataframe if "Label still right?" in table.value)
    assert list(ledger["Judge"]) == ["Bo", "Bo", "rule", "Ada"]
    assert list(ledger.iloc[:, 3]) == ["", "changed later", "", ""]
    assert [one.verdict for one in workbench.judging.words_on("st-reviews", uu.item_id)][2:] == [
        Verdict.NO,
        Verdict.YES,
    ]


def test_browse_moves_tau_live(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse")
    page.slider(key="tau-slider").set_value(0.9).run()
    assert number(page).endswith(f"of {len(unknowns(workbench, 0.9))}") or "not in this list" in words_of(page)
    assert page.query_params["tau"] == "0.9"


def test_browse_filters_by_origin_labels_and_search(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse")
    page.segmented_control(key="browse-origin-st-reviews").set_value(UUOrigin.NATURAL).run()
    natural = unknowns(workbench, origin=UUOrigin.NATURAL)
    assert number(page) == f"1 of {len(natural)}"
    pair = (natural[0].label, natural[0].predicted)
    page.selectbox(key="browse-pair-st-reviews").set_value(pair).run()
    both = unknowns(workbench, origin=UUOrigin.NATURAL, label=pair[0], predicted=pair[1])
    assert number(page) == f"1 of {len(both)}"
    word = both[0].original_text[0].split()[-1]
    page.text_input(key="browse-search-st-reviews").set_value(f"viewer {word}").run()
    assert page.query_params["item"] == both[0].item_id


def test_browse_with_filters_that_nothing_fits_offers_to_clear_them(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse")
    page.text_input(key="browse-search-st-reviews").set_value("no such words").run()
    assert "No unknown unknown fits" in words_of(page)
    page.button(key="clear-filters").click().run()
    assert number(page) == f"1 of {len(unknowns(workbench))}"


def test_browse_brush_over_the_chart_keeps_a_range_of_confidence(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse", session_state={"browse-range-st-reviews": (0.8, 0.9)})
    within = unknowns(workbench, confidence_low=0.8, confidence_high=0.9)
    assert number(page) == f"1 of {len(within)}"
    assert "80.0% to 90.0%" in words_of(page)
    page.button(key="brush-clear").click().run()
    assert number(page) == f"1 of {len(unknowns(workbench))}"


def test_place_read_with_the_page_is_the_place_in_the_whole_list(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, wanted = workbench.store.unknowns, UnknownFilter("m-original", 0.5001)
    listed = [one.item_id for one in unknowns(workbench, 0.5001)]
    assert len(listed) > 2 * uu_list.SIZE
    for number, item in enumerate(listed):
        for page in (number // uu_list.SIZE + 1, 1):
            monkeypatch.setattr(uu_browser.st, "session_state", {uu_filter.PAGE: page})
            shown, opened, position = uu_browser._read(store, wanted, item)
            start = (page - 1) * uu_list.SIZE
            assert [one.item_id for one in shown.rows] == listed[start : start + uu_list.SIZE]
            assert (opened, position) == (item, store.position(wanted, item))


def test_brush_keeps_the_dragged_range_and_forgets_it_with_the_box(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {"chart": {"selection": {"box": [{"x": [0.91, 0.6]}]}}}
    monkeypatch.setattr(uu_filter.st, "session_state", state)
    monkeypatch.setattr(uu_filter, "changed", lambda: None)
    uu_filter._brush("st", "chart", 0.65)
    assert uu_filter.chosen_range("st", 0.65) == (0.65, 0.91)
    assert uu_filter.chosen_range("st", 0.8) == (0.8, 0.91)
    assert uu_filter.chosen_range("st", 0.95) is None
    state["chart"]["selection"]["box"] = []
    uu_filter._brush("st", "chart", 0.65)
    assert uu_filter.chosen_range("st", 0.65) is None


def test_browse_of_an_item_that_is_no_mistake_says_so_and_leads_back(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse", item="e0000")
    assert "makes no mistake" in page.error[0].value
    page.button(key="open-first").click().run()
    assert page.query_params["item"] == unknowns(workbench)[0].item_id


def test_browse_above_every_confidence_says_that_none_is_left(workbench: Workbench, open_page: OpenPage) -> None:
    assert not unknowns(workbench, 1.0)
    assert "No unknown unknowns at tau 1" in words_of(open_page("browse", tau="1"))


def test_browse_selection_goes_on_to_hypotheses(workbench: Workbench, open_page: OpenPage) -> None:
    found = unknowns(workbench)
    page = open_page("browse")
    assert page.button(key="go-hypotheses").disabled
    page.button(key="uu-select").click().run()
    page.button(key="uu-next").click().run()
    page.button(key="uu-select").click().run()
    assert "**2 selected**" in words_of(page)
    page.button(key="go-hypotheses").click().run()
    assert page.query_params["items"] == f"{found[0].item_id},{found[1].item_id}"
    assert page.title[0].value == "Hypotheses"


def test_browse_single_text_goes_on_to_hypotheses(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("browse")
    page.button(key="uu-hypothesize").click().run()
    assert page.query_params["items"] == unknowns(workbench)[0].item_id


@pytest.mark.usefixtures("fresh_workbench")
def test_browse_without_a_baseline_leads_to_training_one(open_page: OpenPage) -> None:
    assert "No classifier yet" in words_of(open_page("browse"))


def test_browse_while_attacking_shows_what_there_is_and_the_progress(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING, JobKind.DISCOVER)
    page = open_page("browse")
    assert page.button(key="Cancel-job-put").label == "Cancel"
    assert page.query_params["item"] == unknowns(workbench)[0].item_id


def test_choose_replaces_the_ticks_of_one_page_and_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(selection.st, "session_state", state)
    selection.choose("st", ("a", "b", "c"), ("c", "a"))
    selection.choose("st", ("d", "e"), ("d",))
    selection.choose("st", ("a", "b", "c"), ("a",))
    assert selection.chosen("st") == ("a", "d")
    selection.toggle("st", "d")
    assert selection.chosen("st") == ("a",)
    selection.choose("st", (), [f"x{n}" for n in range(100)])
    assert len(selection.chosen("st")) == selection.LIMIT
