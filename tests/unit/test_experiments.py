"""An experiment is frozen when it is declared, runs cell by cell, and does nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import Endpoint, EvaluationScope
from bsm_core.domain.experiments import Cell, EvaluationSet, ExperimentPlan, Source, Start
from bsm_core.domain.jobs import JobState
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError, WorkbenchError
from bsm_core.metrics.arm_means import arm_means
from bsm_core.report.experiment import experiment_json, experiment_text
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import comparison
from bsm_core.workflow.declare import Wanted, check_sets, read_seeds
from bsm_core.workflow.experiment import CellState
from tests.experiment_world import RememberingTrainer, handlers
from tests.factories import STUDY_ID, make_dataset, make_study
from tests.pages.conftest import make_workbench

ARMS = (Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE)
TRIED = EvaluationSet("deepwordbug", PerturbationRecipe.DEEPWORDBUG, AttackGoal.UNTARGETED, PairSide.BOTH, 20, 0)


@pytest.fixture
def trainer() -> RememberingTrainer:
    return RememberingTrainer()


@pytest.fixture
def workbench(tmp_path: Path, trainer: RememberingTrainer) -> Iterator[Workbench]:
    made = make_workbench(tmp_path / "ws", handlers=handlers(trainer))
    (made.settings.workspace / made.store.models.get("m-original").path).mkdir(parents=True)
    yield made
    made.close()


def wanted(workbench: Workbench, **changes: object) -> Wanted:
    training = workbench.experiments.usual_training(STUDY_ID, Start.CONTINUE)
    return replace(Wanted("mine", ARMS, (0, 1), (TRIED,), training), **changes)


def finish(workbench: Workbench, plan: ExperimentPlan, most: int = 60) -> None:
    for _ in range(most):
        if workbench.experiments.progress(plan.experiment_id).is_done:
            return
        workbench.tick(STUDY_ID)
    pytest.fail(
        f"not done after {most} ticks: {[(one.spec.title, one.message) for one in workbench.jobs(STUDY_ID)][:2]}"
    )


def test_experiment_runs_every_cell_once_and_leaves_the_studys_own_comparison_alone(
    workbench: Workbench, trainer: RememberingTrainer
) -> None:
    own = workbench.store.evaluations.results(STUDY_ID, 0.65)
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    finish(workbench, plan)
    train = len(workbench.store.examples.table(STUDY_ID, Split.TRAIN))
    assert trainer.runs == [(train + plan.budget, seed) for seed in (0, 1) for _ in ARMS]
    found = workbench.store.evaluations.results(STUDY_ID, 0.65, EvaluationScope(plan.experiment_id, TRIED.name))
    assert [(one.arm, one.seed) for one in found if one.arm is not Arm.ORIGINAL] == [
        (cell.arm, cell.seed) for cell in plan.cells
    ]
    assert len({one.evaluation.frozen_set_id for one in found}) == 1
    assert len({one.evaluation.fresh_set_id for one in found}) == len(found)
    assert {one.fresh_attacked for one in found} == {TRIED.size}
    assert workbench.store.evaluations.results(STUDY_ID, 0.65) == own
    assert {model.experiment_id for model in workbench.store.models.all(STUDY_ID)} == {None}


def test_experiment_effects_are_means_over_seeds_on_the_same_texts(workbench: Workbench) -> None:
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    finish(workbench, plan)
    found = comparison(workbench.store, STUDY_ID, 0.65, EvaluationScope(plan.experiment_id, TRIED.name))
    for effect in found.effects[Endpoint.FRESH]:
        counts = [one.fresh for one in found.results if one.arm is effect.arm]
        assert effect.after == pytest.approx(sum(counts) / 2)
        assert len(effect.tests) == 2
    means = {one.arm: one for one in arm_means(found.results, found.primary)}
    assert (means[Arm.ORIGINAL].seeds, means[Arm.ORIGINAL].spread) == (1, None)
    assert means[Arm.RELABEL].seeds == 2
    assert means[Arm.RELABEL].effect is not None


def test_same_plan_declared_again_is_the_same_experiment_and_trains_nothing(
    workbench: Workbench, trainer: RememberingTrainer
) -> None:
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    finish(workbench, plan)
    before = len(trainer.runs)
    again = workbench.experiments.declare(STUDY_ID, wanted(workbench, name="another name"))
    assert again == plan
    workbench.tick(STUDY_ID)
    assert len(trainer.runs) == before
    changed = workbench.experiments.declare(STUDY_ID, wanted(workbench, seeds=(0, 1, 2)))
    assert changed.experiment_id != plan.experiment_id


def test_what_is_approved_after_the_declaration_does_not_change_the_experiment(workbench: Workbench) -> None:
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    cell = Cell(Arm.HYPOTHESIS_RULE, 0)
    before = workbench.store.experiments.texts(plan.experiment_id, cell)
    assert len(before) == plan.budget
    assert {one.source for one in before} == {Source.SAMPLE}
    workbench.approve_by_policy(STUDY_ID)
    assert workbench.store.experiments.texts(plan.experiment_id, cell) == before
    other = workbench.store.experiments.texts(plan.experiment_id, Cell(Arm.MORE_TRAINING, 1))
    assert other != workbench.store.experiments.texts(plan.experiment_id, Cell(Arm.MORE_TRAINING, 0))


def test_failed_cell_holds_the_experiment_until_it_is_resumed(
    workbench: Workbench, trainer: RememberingTrainer
) -> None:
    trainer.fail_at = 2
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    for _ in range(12):
        workbench.tick(STUDY_ID)
    held = workbench.experiments.progress(plan.experiment_id)
    assert held.cells[Cell(Arm.HYPOTHESIS_RULE, 0)] is CellState.STOPPED
    assert held.cells[Cell(Arm.RELABEL, 0)] is CellState.DONE
    assert held.cells[Cell(Arm.RELABEL, 1)] is CellState.WAITING
    assert held.stopped_job_id is not None
    done = list(trainer.runs)
    workbench.resume(held.stopped_job_id)
    finish(workbench, plan)
    assert trainer.runs[: len(done)] == done
    assert len(trainer.runs) == len(plan.cells)


def test_from_scratch_starts_from_the_base_and_has_no_parent(workbench: Workbench) -> None:
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench, start=Start.SCRATCH, arms=(Arm.RELABEL,)))
    finish(workbench, plan)
    models = workbench.store.models.all(STUDY_ID, plan.experiment_id)
    assert {model.parent_model_id for model in models} == {None}
    assert {model.card["base"] for model in models} == {plan.training["base"]}
    going_on = workbench.experiments.declare(STUDY_ID, wanted(workbench, arms=(Arm.RELABEL,)))
    finish(workbench, going_on)
    assert {one.parent_model_id for one in workbench.store.models.all(STUDY_ID, going_on.experiment_id)} == {
        "m-original"
    }


def test_second_evaluation_set_is_a_scope_of_its_own(workbench: Workbench) -> None:
    smaller = replace(TRIED, name="few", size=5)
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench, sets=(TRIED, smaller), arms=(Arm.RELABEL,)))
    finish(workbench, plan)
    for tried, scope in zip(plan.sets, workbench.experiments.scopes(plan), strict=True):
        found = workbench.store.evaluations.results(STUDY_ID, 0.65, scope)
        assert {one.fresh_attacked for one in found} == {tried.size}
    assert "deepwordbug (decides)" in experiment_text(workbench.store, plan)
    told = experiment_json(workbench.store, workbench.store.studies.get(STUDY_ID), plan)
    assert list(told["sets"]) == ["deepwordbug", "few"]
    assert told["plan"]["fingerprint"] == plan.fingerprint


def test_adversarial_training_attacks_training_texts_until_there_are_enough(workbench: Workbench) -> None:
    arms = (Arm.RELABEL, Arm.ADVERSARIAL)
    lacking = workbench.experiments.lacking(STUDY_ID, arms)
    assert list(lacking) == [Arm.ADVERSARIAL]
    with pytest.raises(NothingToDoError, match="no training texts were attacked yet"):
        workbench.experiments.declare(STUDY_ID, wanted(workbench, arms=arms))
    for _ in range(5):
        if not workbench.experiments.prepare(STUDY_ID, arms):
            break
        workbench.tick(STUDY_ID)
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench, arms=arms))
    texts = workbench.store.experiments.texts(plan.experiment_id, Cell(Arm.ADVERSARIAL, 0))
    assert {one.source for one in texts} == {Source.PERTURBED}
    train = {text for (text,) in zip(workbench.store.examples.table(STUDY_ID, Split.TRAIN)["text"].to_pylist())}
    assert not train & {one.text[0] for one in texts}


@pytest.mark.parametrize(
    ("changes", "problem", "error"),
    [
        ({"seeds": ()}, "needs seeds.*0-4", ConfigError),
        ({"seeds": (1, 1)}, "seed 1 stands there twice", ConfigError),
        ({"arms": ()}, "no arm is chosen", NothingToDoError),
        ({"arms": (Arm.HYPOTHESIS_LM,)}, "HYPOTHESIS_LM cannot run: no approved samples", NothingToDoError),
        ({"arms": (Arm.UNTARGETED,)}, "UNTARGETED cannot run", NothingToDoError),
        ({"budget": 10_000}, "a budget of 10,000 texts is not possible", NothingToDoError),
        ({"sets": ()}, "needs an evaluation set", ConfigError),
        ({"sets": (TRIED, TRIED)}, "names of their own", ConfigError),
        ({"sets": (replace(TRIED, frozen_set_id="set-lost"),)}, "no perturbation set 'set-lost'", NotFoundError),
        ({"sets": (replace(TRIED, frozen_set_id="set-validation"),)}, "validation split", ConfigError),
    ],
)
def test_impossible_plan_is_refused_before_anything_runs(
    workbench: Workbench, changes: dict[str, object], problem: str, error: type[WorkbenchError]
) -> None:
    jobs = len(workbench.jobs(STUDY_ID))
    with pytest.raises(error, match=problem):
        workbench.experiments.declare(STUDY_ID, wanted(workbench, **changes))
    workbench.tick(STUDY_ID)
    assert workbench.store.experiments.all(STUDY_ID) == []
    assert len(workbench.jobs(STUDY_ID)) == jobs


def test_models_and_sets_of_another_study_are_refused_with_its_name_and_task(workbench: Workbench) -> None:
    store = workbench.store
    other = replace(make_study(make_dataset()), study_id="st-other", name="Another one")
    store.studies.create(other, make_dataset())
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    with pytest.raises(NothingToDoError, match="no baseline yet"):
        workbench.experiments.declare("st-other", wanted(workbench))
    with pytest.raises(NotFoundError, match=r"model 'm-relabel' \(RELABEL\) is not the study's baseline"):
        workbench.experiments.declare(STUDY_ID, wanted(workbench), original="m-relabel")
    stored = replace(TRIED, frozen_set_id="set-test-m-original")
    with pytest.raises(
        NotFoundError, match=f"belongs to the study .* \\(task {other.task.name}\\), not to 'Another one'"
    ):
        check_sets(store, other, (stored,))
    check_sets(store, store.studies.get(STUDY_ID), (stored,))
    assert plan in store.experiments.all(STUDY_ID)


def test_stored_test_set_is_replayed_on_every_model_instead_of_originals_attack(workbench: Workbench) -> None:
    stored = replace(TRIED, frozen_set_id="set-test-m-original")
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench, sets=(stored,), arms=(Arm.RELABEL,)))
    finish(workbench, plan)
    looks = workbench.store.evaluations.all(STUDY_ID, plan.experiment_id)
    assert {look.frozen_set_id for look in looks} == {"set-test-m-original"}


@pytest.mark.parametrize(("text", "seeds"), [("0-4", (0, 1, 2, 3, 4)), ("7", (7,)), (" 1, 3-4 ,", (1, 3, 4)), ("", ())])
def test_read_seeds(text: str, seeds: tuple[int, ...]) -> None:
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["a", "4-1", "-3", "0-100000", "1.5"])
def test_read_seeds_names_what_it_cannot_read(text: str) -> None:
    with pytest.raises(ConfigError, match=text.strip()):
        read_seeds(text)


def test_progress_reckons_what_is_left_only_when_both_kinds_are_known(workbench: Workbench) -> None:
    plan = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    assert workbench.experiments.progress(plan.experiment_id).seconds_left is None
    finish(workbench, plan)
    found = workbench.experiments.progress(plan.experiment_id)
    assert found.seconds_left == 0
    assert found.seeds_done == [0, 1]
    assert (found.done, found.total) == (13, 13)
    states = {state for _, state in workbench.store.jobs.all(STUDY_ID)}
    assert JobState.QUEUED not in states


def test_experiment_that_is_held_up_does_not_hold_up_the_next(
    workbench: Workbench, trainer: RememberingTrainer
) -> None:
    trainer.fail_at = 0
    held = workbench.experiments.declare(STUDY_ID, wanted(workbench))
    for _ in range(3):
        workbench.tick(STUDY_ID)
    assert workbench.experiments.progress(held.experiment_id).stopped_job_id is not None
    finish(workbench, workbench.experiments.declare(STUDY_ID, wanted(workbench, seeds=(5,), arms=(Arm.RELABEL,))))
    assert not workbench.experiments.progress(held.experiment_id).is_done
