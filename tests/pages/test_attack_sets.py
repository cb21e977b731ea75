"""Discover's sets: side by side, replayed on other models, and any model attacked afresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.errors import NotFoundError, NothingToDoError
from bsm_core.ports import JobContext, JobResult
from bsm_core.workbench import Workbench
from bsm_core.workflow.replay import replay
from tests.attacks import WordClassifier
from tests.factories import FROZEN_SET_ID, STUDY_ID, VALIDATION_SET_ID
from tests.pages.conftest import OpenPage, make_workbench, served, words_of

CHOICE = f"discover-sets-{STUDY_ID}-{VALIDATION_SET_ID}"


def test_chosen_sets_stand_side_by_side_and_by_label(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    box = page.multiselect(key=CHOICE)
    assert box.value == [VALIDATION_SET_ID]
    assert len(box.options) == len(workbench.store.perturbations.sets(STUDY_ID))
    box.set_value([VALIDATION_SET_ID, FROZEN_SET_ID]).run()
    assert words_of(page).count('<th scope="col" title=') == 2 * 2  # the attacks, and their replays
    page.toggle(key=f"discover-by-label-{STUDY_ID}").set_value(True).run()
    assert words_of(page).count("only these") == 4
    page.multiselect(key=CHOICE).set_value([]).run()
    assert "Choose at least one attack" in words_of(page)
    assert not page.exception


def test_judged_share_and_tau_are_those_of_the_table(workbench: Workbench, open_page: OpenPage) -> None:
    found = [one.unknowns for one in workbench.store.perturbations.tallies([VALIDATION_SET_ID], 0.8)]
    page = open_page("discover", tau="0.8")
    assert f"<td>{sum(one.counted for one in found)}</td>" in words_of(page)
    assert f"({sum(one.invalid for one in found)} of {sum(one.judged for one in found)})" in words_of(page)


def test_any_model_is_attacked_afresh(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def discover(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path, handlers={JobKind.DISCOVER: discover})):
        page = open_page("discover")
        page.selectbox(key=f"discover-model-{STUDY_ID}").set_value("m-relabel").run()
        page.number_input(key=f"discover-seed-{STUDY_ID}").set_value(7).run()
        page.button(key="discover-start").click().run()
    assert (seen[0].params["model_id"], seen[0].params["split"], seen[0].seed) == ("m-relabel", "validation", 7)
    assert seen[0].title == "Attack validation: deepwordbug, on RELABEL"


def test_set_is_replayed_on_another_model_and_shown(tmp_path: Path, open_page: OpenPage) -> None:
    def handler(spec: JobSpec, context: JobContext) -> JobResult:
        return replay(spec, context, load_classifier=lambda _: WordClassifier())

    with served(make_workbench(tmp_path, handlers={JobKind.REPLAY: handler})) as workbench:
        page = open_page("discover")
        assert words_of(page).count("not replayed") == 3
        page.selectbox(key=f"replay-model-{STUDY_ID}").set_value("m-relabel").run()
        page.selectbox(key=f"replay-set-{STUDY_ID}").set_value(VALIDATION_SET_ID).run()
        page.button(key="replay-start").click().run()
        workbench.tick(STUDY_ID)
        assert words_of(open_page("discover")).count("not replayed") == 2


def test_replay_of_a_test_set_is_announced_as_a_look(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    page.selectbox(key=f"replay-set-{STUDY_ID}").set_value("set-test-m-relabel").run()
    assert "looked at 4 times" in page.warning[0].value
    assert page.button(key="replay-start").disabled
    page.checkbox(key="replay-look-set-test-m-relabel-4").check().run()
    assert not page.button(key="replay-start").disabled
    with pytest.raises(NothingToDoError, match="counts as a look at test, after 4 before"):
        workbench.attacks.replay(STUDY_ID, "m-more_training", "set-test-m-relabel")


def test_unknown_models_and_sets_are_named(workbench: Workbench) -> None:
    assert workbench.attacks.model(STUDY_ID, "relabel").model_id == "m-relabel"
    assert workbench.attacks.model(STUDY_ID, None).model_id == "m-original"
    with pytest.raises(NotFoundError, match=r"no model 'm-x' in study 'st-reviews'; there are m-original \(ORIGINAL\)"):
        workbench.attacks.model(STUDY_ID, "m-x")
    with pytest.raises(NotFoundError, match="no perturbation set 'set-x'"):
        workbench.attacks.sets(STUDY_ID, ["set-x"])


@pytest.mark.usefixtures("workbench")
def test_browse_shows_another_models_unknowns_without_hypotheses(open_page: OpenPage) -> None:
    page = open_page("browse")
    page.selectbox(key=f"browse-model-{STUDY_ID}").set_value("m-relabel").run()
    assert page.query_params["model"] == "m-relabel"
    assert "Hypotheses rest on the original model" in words_of(page)
    keys = {button.key for button in page.button}
    assert keys.isdisjoint({"go-hypotheses", "uu-hypothesize", "uu-select"})
    assert "uu-yes" in keys
