"""The controlled check end to end with the real Bi-LSTM, on little data."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.bootstrap import worker_handlers
from bsm_core.domain.controlled import ControlledPlan, Variant
from bsm_core.domain.jobs import JobState
from bsm_core.jobs.inline import InlineRunner
from bsm_core.tasks.opinions import opinion_ratings
from bsm_core.workflow.controlled import controlled_job, from_dict
from tests.controlled import RATINGS, dataset

PLAN = ControlledPlan(
    variants=(Variant.R, Variant.P),
    terms=8,
    train_size=160,
    validation_size=80,
    test_size=80,
    epochs=6,
    repair_epochs=2,
    batch_size=16,
    learning_rate=1e-2,
)


@pytest.mark.slow
def test_a_bilstm_is_blind_where_it_was_made_blind(tmp_path: Path) -> None:
    job = controlled_job(PLAN, dataset(), RATINGS)
    runner = InlineRunner(tmp_path / "jobs", worker_handlers())
    runner.submit(job.spec, job.tables)
    status = runner.status(job.spec.job_id)
    assert status.state is JobState.FINISHED, status.message
    found = from_dict(runner.result(job.spec.job_id).events[0][1])
    control, blind = found.rows
    assert blind.before.praise.size == control.before.praise.size > 0
    assert blind.before.praise.count > 2 * control.before.praise.count
    assert blind.before.right.count < control.before.right.count
    assert found.cells[1].budget == round(0.02 * found.cells[1].train_size)
    assert not (tmp_path / "jobs" / job.spec.job_id / "partial").exists()


def test_the_packaged_lexicon_has_single_words_of_either_side() -> None:
    ratings = opinion_ratings()
    assert ratings["charming"] > 1
    assert ratings["dull"] < -1
    assert all(word.isalpha() and word == word.lower() for word in ratings)
    assert len(ratings) > 6000
