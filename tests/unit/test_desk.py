"""The writing desk behind the page: answers, copies, drafts, and sentences to start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bsm_core.answering.scripted import ScriptedAnswers
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.tasks import Split
from bsm_core.ports import LiveAnswer
from bsm_core.tasks.cards import load_task
from bsm_core.workbench import Workbench
from bsm_core.workbench.desk import TAKEN_BACK, Draft
from bsm_core.workflow.starters import starters
from tests.factories import STUDY_ID
from tests.pages.conftest import make_workbench

WRONG = LiveAnswer((0.1, 0.9), (), 1.0)


@pytest.fixture
def answers() -> ScriptedAnswers:
    return ScriptedAnswers(lambda text: None if text == ("slow",) else WRONG)


@pytest.fixture
def workbench(tmp_path: Path, answers: ScriptedAnswers) -> Iterator[Workbench]:
    made = make_workbench(tmp_path, answering=answers)
    yield made
    made.close()


def test_look_asks_the_baseline_with_the_training_texts(workbench: Workbench, answers: ScriptedAnswers) -> None:
    look = workbench.desk.look(STUDY_ID, ("a fine film",))
    assert look is not None
    assert (look.predicted, look.confidence) == (1, 0.9)
    model, references, text, _ = answers.asked[0]
    assert model == workbench.model_path(workbench.store.models.get("m-original"))
    assert text == ("a fine film",)
    train = workbench.store.examples.table(STUDY_ID, Split.TRAIN)
    assert pq.read_table(references)["text"].to_pylist() == train["text"].to_pylist()


def test_uu_is_a_wrong_answer_from_tau_on(workbench: Workbench) -> None:
    look = workbench.desk.look(STUDY_ID, ("a fine film",))
    assert look is not None
    assert (look.is_uu(0), look.is_uu(1)) == (True, False)
    workbench.store.studies.set_tau(STUDY_ID, 0.95)
    look = workbench.desk.look(STUDY_ID, ("a fine film",))
    assert look is not None
    assert not look.is_uu(0)


def test_copy_of_a_sample_is_noticed(workbench: Workbench) -> None:
    known = workbench.store.samples.texts(STUDY_ID)[0]
    look = workbench.desk.look(STUDY_ID, known)
    assert look is not None
    assert look.sample_share == 1.0
    fresh = workbench.desk.look(STUDY_ID, ("zebras quietly juggle seventeen marbles",))
    assert fresh is not None
    assert fresh.sample_share == 0.0


def test_loading_model_has_no_look(workbench: Workbench) -> None:
    assert workbench.desk.look(STUDY_ID, ("slow",)) is None


def test_each_writer_has_a_draft_that_survives(workbench: Workbench) -> None:
    first, second = Draft("h1", ("half a sen",), 1), Draft("h2", ("other",), 0)
    workbench.desk.save(STUDY_ID, "ada", first)
    workbench.desk.save(STUDY_ID, "bob", second)
    workbench.desk.save(STUDY_ID, "ada", Draft("h1", ("half a sentence",), 1))
    assert workbench.desk.draft(STUDY_ID, "ada") == Draft("h1", ("half a sentence",), 1)
    assert workbench.desk.draft(STUDY_ID, "bob") == second
    assert workbench.desk.draft(STUDY_ID, "eve") is None


def test_sample_taken_back_stays_on_record_with_its_reason(workbench: Workbench) -> None:
    hypothesis = workbench.store.hypotheses.all(STUDY_ID)[0]
    sample = workbench.write_sample(hypothesis.hypothesis_id, ("A film to sleep through.",), 0)
    workbench.desk.take_back(sample.sample_id)
    decision = workbench.store.samples.get(sample.sample_id).decision
    assert decision is not None
    assert (decision.kind, decision.reason) == (DecisionKind.REJECTED, TAKEN_BACK)


def test_starters_belong_to_the_label_and_leave_their_slots_open() -> None:
    task = load_task("rotten_tomatoes")
    negative, positive = starters(task, 0), starters(task, 1)
    assert set(negative) == set(positive)
    assert negative["negation"] != positive["negation"]
    assert all("…" in sentence and "{" not in sentence for sentence in [*negative.values(), *positive.values()])
    assert starters(load_task("mrpc"), 0) == {}
