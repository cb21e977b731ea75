"""Attacks as jobs: streamed, resumed, and taken into the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Example, Split
from bsm_core.domain.unknowns import AttackGoal, AttackOutcome, PerturbationRecipe
from bsm_core.errors import JobCancelledError, NothingToDoError
from bsm_core.jobs.context import FolderContext
from bsm_core.jobs.folder import JobFolder
from bsm_core.ports import JobResult
from bsm_core.store import open_store
from bsm_core.workflow.discover import STREAM, attack, discover, read_examples
from bsm_core.workflow.specs import discover_job
from bsm_core.workflow.tables import example_table
from tests.attacks import LastWordPerturber, WordClassifier, answered, example, log_lines, open_context, progress_of
from tests.records import STUDY_ID, make_dataset, make_model, make_study, moment

_PARAMS: dict[str, object] = {
    "model_id": "m-original",
    "model_path": "model",
    "recipe": "deepwordbug",
    "goal": "untargeted",
    "split": "validation",
    "set_id": "set-1",
}
_SPEC = JobSpec("job-1", STUDY_ID, JobKind.DISCOVER, "Attack", 7, _PARAMS, moment(0))


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        yield opened


def _examples(count: int = 20) -> list[Example]:
    """Every fifth one is wrong before the attack."""
    model = WordClassifier()
    right = [answered(model, f"film {number} delights") for number in range(count)]
    return [replace(item, label=1 - item.label) if number % 5 == 0 else item for number, item in enumerate(right)]


def _attack(context: FolderContext, examples: list[Example], perturber: LastWordPerturber | None = None) -> JobResult:
    return attack(
        _SPEC,
        context,
        classifier=WordClassifier(),
        perturber=perturber or LastWordPerturber(),
        examples=examples,
        set_id="set-1",
        split=Split.VALIDATION,
    )


def test_examples_come_back_from_parquet_in_order(tmp_path: Path) -> None:
    examples = [example("one side"), example("first", "second", label=1), example("", label=1)]
    pq.write_table(example_table(examples), tmp_path / "examples.parquet")
    assert read_examples(tmp_path / "examples.parquet", Split.VALIDATION) == examples


def test_the_goal_of_the_job_reaches_the_attack_and_is_kept_with_its_tau(context: FolderContext) -> None:
    def run(**params: object) -> JobResult:
        spec = replace(_SPEC, params=_PARAMS | params)
        arguments = {"classifier": WordClassifier(), "perturber": LastWordPerturber(), "examples": _examples()}
        (context.partial / STREAM).unlink(missing_ok=True)
        return attack(spec, context, **arguments, set_id="set-1", split=Split.VALIDATION)

    won = {}
    for goal in AttackGoal:
        ((kept, table),) = run(goal=goal, tau=0.99).sets
        won[kept.goal] = table["outcome"].to_pylist().count("successful")
    assert set(won) == {"untargeted", "unknown-unknown at 0.99"}
    assert won["untargeted"] > won["unknown-unknown at 0.99"]


def test_result_has_the_set_its_rows_and_the_models_answers(context: FolderContext) -> None:
    examples = _examples()
    result = _attack(context, examples)
    ((perturbations, table),) = result.sets
    assert (perturbations.set_id, perturbations.study_id, perturbations.model_id) == ("set-1", STUDY_ID, "m-original")
    assert (perturbations.split, perturbations.recipe) == (Split.VALIDATION, PerturbationRecipe.DEEPWORDBUG)
    assert (perturbations.seed, perturbations.size, perturbations.job_id) == (7, 20, "job-1")
    assert table["example_id"].to_pylist() == [item.example_id for item in examples]
    outcomes = table["outcome"].to_pylist()
    assert outcomes.count("skipped") == 4
    assert {"successful", "failed"} <= set(outcomes)

    ((model_id, answers),) = result.predictions
    attacked = [row for row in table.to_pylist() if row["outcome"] != "skipped"]
    assert model_id == "m-original"
    assert answers["item_id"].to_pylist() == [row["perturbation_id"] for row in attacked]
    assert set(answers["item_kind"].to_pylist()) == {"perturbation"}
    expected = WordClassifier().probabilities([(row["perturbed_text"],) for row in attacked])
    assert np.array(answers["probabilities"].to_pylist()) == pytest.approx(expected)


def test_nothing_but_skipped_examples_gives_an_empty_table_of_answers(context: FolderContext) -> None:
    result = _attack(context, _examples(1))
    ((_, answers),) = result.predictions
    assert len(answers) == 0
    assert result.sets[0][1]["outcome"].to_pylist() == ["skipped"]


def test_pairs_keep_both_sides(context: FolderContext) -> None:
    pair = answered(WordClassifier(), "the first side", "and the other")
    (row,) = _attack(context, [pair]).sets[0][1].to_pylist()
    assert (row["original_text"], row["original_text_b"]) == pair.text
    assert row["perturbed_text"] == "the first side"
    assert sorted(row["perturbed_text_b"]) == sorted("and the other")


def _interrupt(context: FolderContext, examples: list[Example], after: int) -> Path:
    with pytest.raises(KeyboardInterrupt):
        _attack(context, examples, LastWordPerturber(stop_after=after))
    stream = context.partial / STREAM
    assert stream.read_bytes().count(b"\n") == after
    return stream


def test_killed_attack_goes_on_at_the_next_example_to_the_same_result(context: FolderContext, tmp_path: Path) -> None:
    examples = _examples()
    _interrupt(context, examples, after=8)
    perturber = LastWordPerturber()
    resumed = _attack(context, examples, perturber)
    assert perturber.attacked == [item.example_id for item in examples[8:]]
    with open_context(tmp_path / "other") as other:
        whole = _attack(other, examples)
    assert resumed.sets[0][1].equals(whole.sets[0][1])
    assert resumed.predictions[0][1].equals(whole.predictions[0][1])
    assert "8 of 20 validation texts were attacked before; going on" in log_lines(context)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-20], id="last line torn"),
        pytest.param(lambda data: data[:-1], id="only its end missing"),
        pytest.param(lambda data: data[: -len(data.splitlines()[-1]) - 1] + b"\0" * 40 + b"\n", id="zeros"),
    ],
)
def test_damaged_last_line_is_dropped_and_attacked_again(context: FolderContext, damage) -> None:  # type: ignore[no-untyped-def]
    examples = _examples()
    stream = _interrupt(context, examples, after=8)
    stream.write_bytes(damage(stream.read_bytes()))
    perturber = LastWordPerturber()
    result = _attack(context, examples, perturber)
    assert perturber.attacked == [item.example_id for item in examples[7:]]
    assert result.sets[0][1]["example_id"].to_pylist() == [item.example_id for item in examples]
    assert stream.read_bytes().count(b"\n") == 20


def test_results_of_other_examples_are_not_taken_over(context: FolderContext) -> None:
    examples = _examples()
    _interrupt(context, examples, after=8)
    others = [*examples[:3], *examples[10:]]
    perturber = LastWordPerturber()
    result = _attack(context, others, perturber)
    assert perturber.attacked == [item.example_id for item in others[3:]]
    assert result.sets[0][1]["example_id"].to_pylist() == [item.example_id for item in others]


def test_finished_attack_is_read_back_without_a_new_one(context: FolderContext) -> None:
    examples = _examples()
    first = _attack(context, examples)
    perturber = LastWordPerturber()
    again = _attack(context, examples, perturber)
    assert perturber.attacked == []
    assert again.sets[0][1].equals(first.sets[0][1])


def test_progress_counts_all_examples_also_after_a_resumption(context: FolderContext) -> None:
    examples = _examples()
    _interrupt(context, examples, after=8)
    before = len(progress_of(context))
    with open_context(context.folder) as resumed:
        _attack(resumed, examples)
    told = progress_of(context)[before:]
    assert {(event["phase"], event["total"]) for event in told} == {("attacking", 20)}
    done = [event["done"] for event in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (8, 20)


def test_log_is_sparse_and_ends_with_the_whole_count(context: FolderContext) -> None:
    result = _attack(context, _examples(95))
    counts = result.sets[0][1]["outcome"].to_pylist()
    lines = [line for line in log_lines(context) if " of 95:" in line]
    assert len(lines) == 10
    shown = ", ".join(f"{counts.count(outcome)} {outcome}" for outcome in list(AttackOutcome)[:3])
    assert lines[-1] == f"95 of 95: {shown}"


def test_cancelled_attack_keeps_what_is_done(context: FolderContext) -> None:
    JobFolder(context.folder).cancel.touch()
    with pytest.raises(JobCancelledError):
        _attack(context, _examples())
    assert (context.partial / STREAM).read_bytes() == b""


def test_discover_without_texts_says_so(context: FolderContext) -> None:
    pq.write_table(example_table([]), context.inputs / "examples.parquet")
    with pytest.raises(NothingToDoError, match="no validation texts"):
        discover(_SPEC, context, load_classifier=lambda _: WordClassifier(), perturber=LastWordPerturber())


def test_discovery_travels_from_the_store_and_back(context: FolderContext, tmp_path: Path) -> None:
    store = open_store(tmp_path / "workbench.duckdb")
    try:
        dataset = make_dataset(train=4, validation=30, test=4)
        study, model = make_study(dataset), make_model()
        store.studies.create(study, dataset)
        store.ingest(JobResult("job-train", models=(model,)))
        job = discover_job(store, study, model, Path("folder"), PerturbationRecipe.DEEPWORDBUG, 12, 3)
        store.jobs.add(job.spec)
        for name, table in job.tables.items():
            pq.write_table(table, context.inputs / f"{name}.parquet")
        opened: list[Path] = []

        def load(path: Path) -> WordClassifier:
            opened.append(path)
            return WordClassifier()

        assert (job.spec.params["goal"], job.spec.params["tau"]) == ("untargeted", study.tau)
        result = discover(job.spec, context, load_classifier=load, perturber=LastWordPerturber())
        assert opened == [Path("folder")]
        assert store.ingest(result)

        (kept,) = store.perturbations.sets(study.study_id)
        rows = store.perturbations.rows(kept.set_id)
        assert kept.size == len(rows) == 12
        validation = [item.example_id for item in dataset.of(Split.VALIDATION)]
        assert [row.example_id for row in rows] == validation[:12]
        won = [row for row in rows if row.outcome is AttackOutcome.SUCCESSFUL]
        assert won
        assert store.perturbations.successful(kept.set_id)["text"].to_pylist() == [row.perturbed_text[0] for row in won]
    finally:
        store.close()
