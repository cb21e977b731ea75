"""The Experiments page in each of its states, over a store and jobs that are real but for the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.experiments import ExperimentPlan, Start
from bsm_core.workbench import Workbench
from bsm_core.workflow.declare import Wanted
from tests.experiment_world import RememberingTrainer, handlers
from tests.factories import STUDY_ID
from tests.pages.conftest import OpenPage, make_workbench, served, words_of
from tests.unit.test_experiments import ARMS, TRIED, finish


@pytest.fixture
def trainer() -> RememberingTrainer:
    return RememberingTrainer()


@pytest.fixture
def running(tmp_path: Path, trainer: RememberingTrainer) -> Iterator[Workbench]:
    """A study whose jobs really train and look, with models that vote."""
    with served(make_workbench(tmp_path / "workspace", handlers=handlers(trainer))) as made:
        (made.settings.workspace / made.store.models.get("m-original").path).mkdir(parents=True)
        yield made


def declare(workbench: Workbench) -> ExperimentPlan:
    training = workbench.experiments.usual_training(STUDY_ID, Start.CONTINUE)
    return workbench.experiments.declare(STUDY_ID, Wanted("mine", ARMS, (0, 1), (TRIED,), training))


@pytest.mark.usefixtures("fresh_workbench")
def test_experiments_without_a_baseline_lead_to_training_one(open_page: OpenPage) -> None:
    assert "No classifier yet" in words_of(open_page("experiments"))


def test_experiments_form_says_what_will_run_and_freezes_it(running: Workbench, open_page: OpenPage) -> None:
    page = open_page("experiments")
    ticked = [box.label for box in page.checkbox if box.value]
    assert ticked == ["More training, nothing new", "Relabelled UUs", "Samples by rule"]
    assert "15 models will be trained, and test looked at 16 times" in words_of(page)
    page.button(key="x-declare").click().run()
    (plan,) = running.store.experiments.all(STUDY_ID)
    assert plan.seeds == (0, 1, 2, 3, 4)
    assert plan.budget == 6
    assert "The plan, frozen on" in "\n".join(one.label for one in page.expander)
    assert "Running: 0 models of 15 done" in page.get("progress")[0].proto.text


@pytest.mark.parametrize(
    ("seeds", "said"),
    [("", "needs seeds"), ("4-1", "no range of seeds"), ("a", "no seed"), ("1,1", "stands there twice")],
)
@pytest.mark.usefixtures("running")
def test_experiments_form_with_impossible_seeds_says_so_and_has_no_button(
    open_page: OpenPage, seeds: str, said: str
) -> None:
    page = open_page("experiments")
    page.text_input(key=f"x-seeds-{STUDY_ID}").set_value(seeds).run()
    assert said in words_of(page)
    assert not [one for one in page.button if one.key == "x-declare"]


@pytest.mark.usefixtures("running")
def test_experiments_form_warns_of_few_seeds(open_page: OpenPage) -> None:
    page = open_page("experiments")
    page.text_input(key=f"x-seeds-{STUDY_ID}").set_value("0-2").run()
    assert "3 seeds: too few" in words_of(page)


def test_experiments_show_the_grid_and_early_figures_while_it_runs(running: Workbench, open_page: OpenPage) -> None:
    plan = declare(running)
    for _ in range(4):
        running.tick(STUDY_ID)
    said = words_of(open_page("experiments", experiment=plan.experiment_id))
    assert "✓ done" in said
    assert "· waiting" in said
    assert "models done so far" in said


def test_experiments_show_what_stopped_and_how_to_go_on(
    running: Workbench, trainer: RememberingTrainer, open_page: OpenPage
) -> None:
    trainer.fail_at = 0
    plan = declare(running)
    for _ in range(3):
        running.tick(STUDY_ID)
    page = open_page("experiments", experiment=plan.experiment_id)
    assert "■ stopped" in words_of(page)
    assert "the loss is nan at step 3" in words_of(page).replace("\\", "")
    assert [one for one in page.button if one.label == "Resume"]


def test_experiments_answer_the_question_when_done(running: Workbench, open_page: OpenPage) -> None:
    plan = declare(running)
    finish(running, plan)
    page = open_page("experiments", experiment=plan.experiment_id)
    said = words_of(page)
    assert "Did it help?" in said
    assert "2 models, +6 texts each" in said
    assert "2 seeds (0, 1)" in said
    assert "models done so far" not in said
    assert "All 6 models are trained" in "\n".join(one.label for one in page.expander)


def test_paper_page_shows_table_2_with_averages_and_what_is_the_papers(running: Workbench, open_page: OpenPage) -> None:
    (running.settings.workspace / "paper.toml").write_text(
        '[[cells]]\ntask = "rotten_tomatoes"\nclassifier = "c"\nrecipe = "r"\narm = "RELABEL"\nunknowns = 7\n', "utf-8"
    )
    said = words_of(open_page("paper"))
    assert "Relabelled UUs" in said
    assert "about −9% (paper)" in said
    assert "Mean of cells" in said


def test_paper_page_draws_figures_4_and_5_and_points_to_the_rest(running: Workbench, open_page: OpenPage) -> None:
    assert running.store.evaluations.all(STUDY_ID)
    page = open_page("paper", section="figures")
    assert len(page.get("plotly_chart")) == 2
    assert "appendix C" in words_of(open_page("paper", section="more"))


@pytest.mark.usefixtures("fresh_workbench")
def test_paper_page_without_a_comparison_leads_to_an_experiment(open_page: OpenPage) -> None:
    assert "No comparison yet" in words_of(open_page("paper"))
