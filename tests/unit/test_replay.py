"""Frozen replay: a model answers the texts that fooled another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Split
from bsm_core.errors import NothingToDoError
from bsm_core.jobs.context import FolderContext
from bsm_core.ports import JobResult, UnknownFilter
from bsm_core.store import DuckStore, open_store
from bsm_core.workflow.replay import TEST_LOOK_EVENT, replay, replay_job
from tests.attacks import WordClassifier, open_context
from tests.factories import FROZEN_SET_ID, STUDY_ID, VALIDATION_SET_ID, make_filled_store, make_model
from tests.store.worlds import add_model, add_set, attack_rows, start


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        yield opened


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[DuckStore]:
    store = make_filled_store(tmp_path / "workbench.duckdb")
    yield store
    store.close()


def _replay(store: DuckStore, context: FolderContext, arm: Arm, set_id: str) -> JobResult:
    chosen = next(one for one in store.perturbations.sets(STUDY_ID) if one.set_id == set_id)
    job = replay_job(store, store.studies.get(STUDY_ID), make_model(arm), Path("model"), chosen)
    pq.write_table(job.tables["frozen"], context.inputs / "frozen.parquet")
    store.jobs.add(job.spec)
    return replay(job.spec, context, load_classifier=lambda _: WordClassifier())


def test_answers_of_another_model_make_its_unknowns_seen(filled: DuckStore, context: FolderContext) -> None:
    result = _replay(filled, context, Arm.RELABEL, VALIDATION_SET_ID)
    ((model_id, table),) = result.predictions
    frozen = filled.perturbations.successful(VALIDATION_SET_ID)
    assert (model_id, table["item_id"].to_pylist()) == ("m-relabel", frozen["perturbation_id"].to_pylist())
    assert result.events == ()
    assert filled.unknowns.counts(UnknownFilter("m-relabel", 0.51)).adversarial == 0
    filled.ingest(result)
    (seen,) = [one for one in filled.perturbations.replays([VALIDATION_SET_ID], 0.51) if one.model_id == "m-relabel"]
    answers = WordClassifier().probabilities([(text,) for text in frozen["text"].to_pylist()])
    wrong = sum(
        int(answer.argmax()) != label for answer, label in zip(answers, frozen["label"].to_pylist(), strict=True)
    )
    assert (seen.answered, seen.wrong) == (len(frozen), wrong)
    assert 0 < seen.unknowns.counted <= seen.wrong
    assert filled.unknowns.counts(UnknownFilter("m-relabel", 0.51)).adversarial == seen.unknowns.counted


def test_replay_of_a_test_set_is_counted_as_a_look(filled: DuckStore, context: FolderContext) -> None:
    before = filled.evaluations.looks(STUDY_ID)
    fresh = "set-test-m-relabel"
    result = _replay(filled, context, Arm.MORE_TRAINING, fresh)
    assert [kind for kind, _ in result.events] == [TEST_LOOK_EVENT]
    filled.ingest(result)
    assert filled.evaluations.looks(STUDY_ID) == before + 1


def test_replay_of_what_was_answered_before_is_refused(filled: DuckStore, context: FolderContext) -> None:
    with pytest.raises(NothingToDoError, match=r"m-relabel has answered all \d+ texts of set set-test-m-original"):
        _replay(filled, context, Arm.RELABEL, FROZEN_SET_ID)


def test_set_without_a_success_has_nothing_to_replay(tmp_path: Path, context: FolderContext) -> None:
    store = open_store(tmp_path / "small.duckdb")
    examples = start(store, validation=3).of(Split.VALIDATION)
    add_set(store, add_model(store), "set1", attack_rows("set1", examples, "-s-", [0.9] * 3))
    with pytest.raises(NothingToDoError, match="no attack of set set1 succeeded"):
        _replay(store, context, Arm.RELABEL, "set1")
    store.close()
