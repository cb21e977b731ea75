"""Which side of a pair an attack may change: what is usual, what is chosen, and how it travels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Split, Task
from bsm_core.domain.unknowns import PairSide, PerturbationRecipe, usual_side
from bsm_core.errors import ConfigError
from bsm_core.ports import JobResult
from bsm_core.report.summary import comparison_text
from bsm_core.store import open_store
from bsm_core.workflow.discover import attack
from bsm_core.workflow.specs import discover_job, evaluate_job, own_set, side_of
from tests.attacks import LastWordPerturber, WordClassifier, answered, open_context
from tests.records import STUDY_ID, make_config, make_dataset, make_model, make_study, make_task, moment

_PAIRS = make_task(pair=True)
_ENTAILMENT = replace(_PAIRS, entailment=True)
_LOCAL, _BUG = PerturbationRecipe.TEXTFOOLER_LOCAL, PerturbationRecipe.DEEPWORDBUG


@pytest.mark.parametrize(
    ("task", "recipe", "side"),
    [
        (_ENTAILMENT, _LOCAL, PairSide.SECOND),
        (_ENTAILMENT, PerturbationRecipe.TEXTFOOLER, PairSide.SECOND),
        (_ENTAILMENT, _BUG, PairSide.BOTH),
        (_PAIRS, _LOCAL, PairSide.BOTH),
        (make_task(), _LOCAL, PairSide.BOTH),
    ],
)
def test_textfooler_changes_only_what_is_entailed(task: Task, recipe: PerturbationRecipe, side: PairSide) -> None:
    assert usual_side(task, recipe) is side
    assert side_of(task, recipe, "") is side


def test_a_chosen_side_goes_before_the_usual_one_but_single_texts_have_none() -> None:
    assert side_of(_ENTAILMENT, _LOCAL, "both") is PairSide.BOTH
    assert side_of(_PAIRS, _BUG, "first") is PairSide.FIRST
    with pytest.raises(ConfigError, match="side is 'second', but texts of 'rotten_tomatoes' are no pairs"):
        side_of(make_task(), _BUG, "second")


def test_single_texts_entail_nothing() -> None:
    with pytest.raises(ValueError, match="leave out entailment"):
        replace(make_task(), entailment=True)


def test_the_side_reaches_the_attack_and_comes_back_with_the_set(tmp_path: Path) -> None:
    store = open_store(tmp_path / "workbench.duckdb")
    try:
        dataset = make_dataset(_ENTAILMENT, train=4, validation=6, test=4)
        study, model = make_study(dataset, side="first"), make_model()
        store.studies.create(study, dataset)
        store.ingest(JobResult("job-train", models=(model,)))
        kept = store.studies.get(STUDY_ID)
        assert kept.task.entailment
        job = discover_job(store, kept, model, Path("folder"), _LOCAL, 4, 3)
        assert job.spec.title == "Attack validation: textfooler-local, second texts only"
        perturber = LastWordPerturber()
        texts = [answered(WordClassifier(), *example.text) for example in dataset.of(Split.VALIDATION)[:4]]
        with open_context(tmp_path / "job") as context:
            result = attack(
                job.spec,
                context,
                classifier=WordClassifier(),
                perturber=perturber,
                examples=texts,
                set_id=str(job.spec.params["set_id"]),
                split=Split.VALIDATION,
            )
        assert perturber.side is PairSide.SECOND
        store.ingest(result)
        assert [one.side for one in store.perturbations.sets(STUDY_ID)] == [PairSide.SECOND]

        config = make_config(side="first")
        evaluation = evaluate_job(store, kept, own_set(kept, config), config.tau, model, Path("folder"), None)
        assert evaluation.spec.params["side"] == "first"
        assert "changed side: first." in comparison_text(store, kept)
    finally:
        store.close()


def test_jobs_of_earlier_versions_change_both_sides(tmp_path: Path) -> None:
    params = {"model_id": "m", "recipe": "deepwordbug", "goal": "untargeted"}
    perturber = LastWordPerturber()
    with open_context(tmp_path / "job") as context:
        spec = JobSpec("job-1", STUDY_ID, JobKind.DISCOVER, "Attack", 7, params, moment(0))
        examples = [answered(WordClassifier(), "the first side", "and the other")]
        arguments = {"classifier": WordClassifier(), "perturber": perturber, "examples": examples}
        result = attack(spec, context, **arguments, set_id="set-1", split=Split.VALIDATION)
    assert perturber.side is result.sets[0][0].side is PairSide.BOTH
