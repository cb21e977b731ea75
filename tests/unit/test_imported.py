"""Imported pairs as a job: what the model says to them makes them a set like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Split, example_id
from bsm_core.domain.unknowns import AttackOutcome, PerturbationRecipe, UUOrigin
from bsm_core.errors import ClassifierError, JobCancelledError, NothingToDoError
from bsm_core.jobs.context import FolderContext
from bsm_core.ports import Classifier, JobResult, UnknownFilter
from bsm_core.store import open_store
from bsm_core.workflow.imported import IMPORT_EVENT, NO_ORIGINAL, import_pairs, words_changed
from bsm_core.workflow.pairs import Pair, pairs_table
from tests.attacks import WordClassifier, answered, log_lines, open_context
from tests.records import STUDY_ID, make_dataset, make_model, make_study, moment

_PARAMS: dict[str, object] = {
    "model_id": "m-original",
    "model_path": "model",
    "goal": "as imported",
    "split": "validation",
    "set_id": "set-1",
    "imported": {"file": "pairs.csv", "left_out": 3},
}
_SPEC = JobSpec("job-1", STUDY_ID, JobKind.DISCOVER, "Import", 7, _PARAMS, moment(0))


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        yield opened


def _says(label: int) -> list[str]:
    """Texts that the word classifier calls ``label``."""
    texts = (f"film {number} delights" for number in range(100))
    return [text for text in texts if answered(WordClassifier(), text).label == label]


def _pairs() -> list[Pair]:
    """One of each kind: fooled, held, wrong before, without original and wrong, without original and right; a copy."""
    right, wrong = _says(1), _says(0)
    return [
        Pair(2, (right[0],), (wrong[0],), 1, "typo"),
        Pair(3, (right[0],), (right[1],), 1),
        Pair(4, (wrong[1],), (wrong[2],), 1),
        Pair(5, None, (wrong[3],), 1),
        Pair(6, None, (right[2],), 1),
        Pair(7, (right[0],), (wrong[0],), 1),
    ]


def _import(context: FolderContext, pairs: list[Pair], classifier: Classifier | None = None) -> JobResult:
    pq.write_table(pairs_table(pairs), context.inputs / "pairs.parquet")
    return import_pairs(_SPEC, context, load_classifier=lambda _: classifier or WordClassifier())


def test_outcomes_follow_from_the_answers_on_both_texts(context: FolderContext) -> None:
    ((perturbations, table),) = _import(context, _pairs()).sets
    assert (perturbations.recipe, perturbations.split) == (PerturbationRecipe.IMPORTED, Split.VALIDATION)
    assert (perturbations.size, perturbations.goal, perturbations.job_id) == (6, "as imported", "job-1")
    fooled, held, skipped = AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED, AttackOutcome.SKIPPED
    assert table["outcome"].to_pylist() == [fooled, held, skipped, fooled, held, fooled]
    assert table["note"].to_pylist()[:4] == ["row 2; typo", "row 3", "row 4", f"row 5; {NO_ORIGINAL}"]
    assert table["example_id"].to_pylist()[0] == example_id((_says(1)[0],))
    assert len(set(table["perturbation_id"].to_pylist())) == 6
    assert set(table["queries"].to_pylist()) == {0}


def test_each_distinct_text_is_asked_once_in_one_call(context: FolderContext) -> None:
    classifier = WordClassifier()
    _import(context, _pairs(), classifier)
    assert len(classifier.asked) == 1
    assert len(classifier.asked[0]) == len(set(classifier.asked[0])) == 7


def test_left_out_pairs_are_told(context: FolderContext) -> None:
    result = _import(context, _pairs())
    assert "3 pairs were left out: their texts stand in the sealed test split" in log_lines(context)
    assert result.events == ((IMPORT_EVENT, {"set_id": "set-1", "pairs": 6, "file": "pairs.csv", "left_out": 3}),)


def test_fooled_pairs_are_unknown_unknowns_and_copies_count_once(context: FolderContext, tmp_path: Path) -> None:
    store, data = open_store(tmp_path / "db.duckdb"), make_dataset(train=2, validation=2, test=2)
    store.studies.create(make_study(data), data)
    store.ingest(JobResult("job-0", models=(make_model(),)))
    store.jobs.add(_SPEC)
    assert store.ingest(_import(context, _pairs()))
    found = store.unknowns.page(UnknownFilter("m-original", 0.501, recipe="imported"))
    texts = {(unknown.original_text, unknown.perturbed_text) for unknown in found.rows}
    right, wrong = _says(1), _says(0)
    assert texts == {((right[0],), (wrong[0],)), ((wrong[3],), (wrong[3],))}
    assert found.total == 2
    assert {unknown.origin for unknown in found.rows} == {UUOrigin.ADVERSARIAL}
    assert [one.recipe for one in store.perturbations.sets(STUDY_ID)] == [PerturbationRecipe.IMPORTED]
    assert store.latest(STUDY_ID, IMPORT_EVENT)
    store.close()


def test_text_pairs_are_imported(context: FolderContext) -> None:
    ((_, table),) = _import(context, [Pair(2, ("film one", "it shines"), ("film one", "it shiens"), 1)]).sets
    assert table["perturbed_text_b"].to_pylist() == ["it shiens"]
    assert (table["words_changed"].to_pylist(), table["words_total"].to_pylist()) == ([1], [4])


def test_no_pairs_are_refused(context: FolderContext) -> None:
    with pytest.raises(NothingToDoError, match="no pairs to import"):
        _import(context, [])


def test_cancelled_import_stops(context: FolderContext) -> None:
    (context.folder / "cancel").touch()
    with pytest.raises(JobCancelledError):
        _import(context, _pairs())


def test_unusable_model_is_said_before_anything_is_asked(context: FolderContext) -> None:
    pq.write_table(pairs_table(_pairs()), context.inputs / "pairs.parquet")

    def broken(_: Path) -> Classifier:
        raise ClassifierError("the folder has no weights")

    with pytest.raises(ClassifierError, match="no weights"):
        import_pairs(_SPEC, context, load_classifier=broken)


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("a fine film", "a fine film", 0),
        ("a fine film", "a fien film", 1),
        ("a fine film", "a fi ne film", 2),
        ("a fine film", "film", 2),
        ("a film", "a very fine film", 2),
        ("", "word", 1),
        ("一部好电影", "一部坏电影", 1),
    ],
)
def test_words_changed_counts_replaced_removed_and_added(before: str, after: str, count: int) -> None:
    assert words_changed(before, after) == count
