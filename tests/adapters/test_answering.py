"""The warm process behind the writing desk, run for real with light models."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.answering.process import AnswerProcess
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import LiveAnswer
from tests.answering_parts import TouchyClassifier

PARTS = "tests.answering_parts:parts"
TRAIN = ["a good film", "a bad film", "a bad ending", "nothing of note"]
LONG = 30.0

Ask = Callable[..., LiveAnswer]


@pytest.fixture
def references(tmp_path: Path) -> Path:
    path = tmp_path / "train.parquet"
    columns = {"text": TRAIN, "text_b": pa.array([None] * 4, pa.string()), "label": [1, 0, 0, 1]}
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def process() -> Iterator[AnswerProcess]:
    started = AnswerProcess(parts=PARTS)
    yield started
    started.close()


def answered(process: AnswerProcess, references: Path, text: Text, model: str = "model") -> LiveAnswer:
    found = process.ask(Path(model), references, text, LONG)
    assert found is not None
    return found


def with_neighbors(process: AnswerProcess, references: Path, text: Text) -> LiveAnswer:
    deadline = time.monotonic() + LONG
    while not (found := answered(process, references, text)).neighbors:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_answer_is_the_classifiers_and_neighbors_come_with_it(process: AnswerProcess, references: Path) -> None:
    text = ("such a bad ending",)
    found = with_neighbors(process, references, text)
    assert found.probabilities == pytest.approx(TouchyClassifier().probabilities([text])[0], abs=1e-6)
    nearest = found.neighbors[0]
    assert (nearest.text, nearest.label, nearest.repeated) == (("a bad ending",), 0, 0.5)
    assert nearest.similarity == pytest.approx(1.0, abs=1e-3)
    assert [one.similarity for one in found.neighbors] == sorted(one.similarity for one in found.neighbors)[::-1]
    assert found.read == 1.0


def test_embeddings_are_kept_for_the_next_process(process: AnswerProcess, references: Path) -> None:
    with_neighbors(process, references, ("good",))
    kept = np.load(references.with_suffix(".npy"), allow_pickle=False)
    np.save(references.with_suffix(".npy"), kept[::-1])  # to see whose are used
    process.close()
    first = answered(process, references, ("a good film",))
    assert first.neighbors[0].text == ("nothing of note",) or first.neighbors[0].text == ("a bad ending",)


def test_loading_model_gives_none_and_later_the_answer_to_the_last_question(
    process: AnswerProcess, references: Path
) -> None:
    assert process.ask(Path("slow"), references, ("good",), 0.05) is None
    found = answered(process, references, ("bad",), "slow")
    assert found.probabilities == pytest.approx(TouchyClassifier().probabilities([("bad",)])[0], abs=1e-6)


def test_failing_answer_is_told_and_the_process_lives_on(process: AnswerProcess, references: Path) -> None:
    with pytest.raises(ClassifierError, match="no finite answer"):
        process.ask(Path("model"), references, ("fail",), LONG)
    answered(process, references, ("good",))


def test_dead_process_is_told_once_and_started_again(process: AnswerProcess, references: Path) -> None:
    with pytest.raises(ClassifierError, match="has ended"):
        process.ask(Path("model"), references, ("die",), LONG)
    answered(process, references, ("good",))


def test_idle_process_ends_and_the_next_question_starts_another(references: Path) -> None:
    process = AnswerProcess(parts=PARTS, idle=0.2)
    try:
        answered(process, references, ("good",))
        time.sleep(1.0)
        deadline = time.monotonic() + LONG
        while process.ask(Path("model"), references, ("bad",), 1.0) is None:
            assert time.monotonic() < deadline
    finally:
        process.close()
