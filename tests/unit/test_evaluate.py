"""Looking at test with one model: clean, frozen, fresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Example, Split
from bsm_core.jobs.context import FolderContext
from bsm_core.ports import JobResult
from bsm_core.workflow.evaluate import evaluate
from bsm_core.workflow.tables import example_table
from tests.attacks import LastWordPerturber, WordClassifier, answered, open_context
from tests.records import STUDY_ID, moment

_TEXTS = [f"test review number {number} of a film" for number in range(12)]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        pq.write_table(example_table(_examples()), opened.inputs / "examples.parquet")
        yield opened


def _examples() -> list[Example]:
    return [answered(WordClassifier(), text) for text in _TEXTS]


def _evaluate(context: FolderContext, frozen_set_id: str, attack_size: int, perturber: LastWordPerturber) -> JobResult:
    params: dict[str, object] = {
        "model_id": "m-arm",
        "model_path": "model",
        "recipe": "deepwordbug",
        "goal": "untargeted",
        "evaluation_id": "ev-1",
        "fresh_set_id": "set-fresh",
        "frozen_set_id": frozen_set_id,
        "attack_size": attack_size,
    }
    spec = JobSpec("job-1", STUDY_ID, JobKind.EVALUATE, "Evaluate", 0, params, moment(0))
    return evaluate(spec, context, load_classifier=lambda _: WordClassifier(), perturber=perturber)


def _rows(result: JobResult) -> list[dict[str, object]]:
    assert {model_id for model_id, _ in result.predictions} == {"m-arm"}
    return [row for _, table in result.predictions for row in table.to_pylist()]


def test_original_is_attacked_and_its_set_becomes_the_frozen_one(context: FolderContext) -> None:
    result = _evaluate(context, "set-fresh", 0, LastWordPerturber())
    (found,) = result.evaluations
    assert (found.evaluation_id, found.study_id, found.model_id) == ("ev-1", STUDY_ID, "m-arm")
    assert found.frozen_set_id == found.fresh_set_id == "set-fresh"
    ((perturbations, table),) = result.sets
    assert (perturbations.split, perturbations.size, len(table)) == (Split.TEST, 12, 12)
    rows = _rows(result)
    clean = [row["item_id"] for row in rows if row["item_kind"] == "example"]
    assert clean == [item.example_id for item in _examples()]
    attacked = [row["item_id"] for row in rows if row["item_kind"] == "perturbation"]
    assert attacked == table["perturbation_id"].to_pylist()


def test_arm_answers_the_frozen_texts_and_is_attacked_afresh(context: FolderContext) -> None:
    texts = ["a frozen text", "another frozen one"]
    frozen = pa.table(
        {
            "perturbation_id": ["p1", "p2"],
            "text": texts,
            "text_b": pa.array([None, None], pa.string()),
            "label": [0, 1],
        }
    )
    pq.write_table(frozen, context.inputs / "frozen.parquet")
    result = _evaluate(context, "set-frozen", 0, LastWordPerturber())
    (found,) = result.evaluations
    assert (found.frozen_set_id, found.fresh_set_id) == ("set-frozen", "set-fresh")
    answers = {row["item_id"]: row["probabilities"] for row in _rows(result) if row["item_kind"] == "perturbation"}
    expected = WordClassifier().probabilities([(text,) for text in texts])
    assert answers["p1"] == pytest.approx(expected[0].tolist())
    assert answers["p2"] == pytest.approx(expected[1].tolist())
    assert len(answers) == 2 + 12


def test_attack_size_limits_the_attack_but_not_the_clean_look(context: FolderContext) -> None:
    perturber = LastWordPerturber()
    result = _evaluate(context, "set-fresh", 5, perturber)
    assert perturber.attacked == [item.example_id for item in _examples()[:5]]
    assert result.sets[0][0].size == 5
    assert sum(row["item_kind"] == "example" for row in _rows(result)) == 12


def test_killed_evaluation_resumes_its_attack(context: FolderContext) -> None:
    with pytest.raises(KeyboardInterrupt):
        _evaluate(context, "set-fresh", 0, LastWordPerturber(stop_after=7))
    perturber = LastWordPerturber()
    result = _evaluate(context, "set-fresh", 0, perturber)
    assert perturber.attacked == [item.example_id for item in _examples()[7:]]
    assert len(result.sets[0][1]) == 12
