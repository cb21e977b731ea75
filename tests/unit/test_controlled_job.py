"""The controlled check as a job: what it is told, what it brings, and that finished cells are not computed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.config import StudyConfig
from bsm_core.domain.controlled import NO_STUDY, Cell, ControlledPlan, SpotKind, Variant
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.tasks import Dataset
from bsm_core.errors import NothingToDoError
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import JobContext, JobResult
from bsm_core.store import open_store
from bsm_core.workflow import controlled_planting
from bsm_core.workflow.controlled import RESULT_EVENT, controlled, controlled_job, data_config, from_dict
from bsm_core.workflow.specs import Job
from tests.controlled import BLAME, PRAISE, RATINGS, WordTrainer, dataset, parts

PLAN = ControlledPlan(seeds=(0, 1), terms=8, train_size=160, validation_size=80, test_size=80)


def make_job(plan: ControlledPlan = PLAN, data: Dataset | None = None) -> Job:
    return controlled_job(plan, data or dataset(), RATINGS)


class Runs:
    """A runner whose jobs are trained by word counts."""

    def __init__(self, root: Path) -> None:
        self.trainer = WordTrainer()
        self.runner = InlineRunner(root, {JobKind.CONTROLLED: self._handle})

    def _handle(self, spec: JobSpec, context: JobContext) -> JobResult:
        return controlled(spec, context, parts=parts(self.trainer))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "jobs")


def test_job_has_the_texts_the_terms_and_the_plan() -> None:
    job = make_job()
    assert (job.spec.study_id, job.spec.kind) == (NO_STUDY, JobKind.CONTROLLED)
    assert {name: len(table) for name, table in job.tables.items()} == {
        "train": 160,
        "validation": 80,
        "test": 80,
        "terms": 16,
    }
    assert "2 seeds" in job.spec.title


def test_too_few_terms_are_refused_before_anything_runs() -> None:
    with pytest.raises(NothingToDoError, match=r"600 positive terms were asked for, and 320 texts have 8"):
        controlled_job(replace(PLAN, terms=600), dataset(), RATINGS)


def test_data_of_another_size_is_asked_for_as_the_plan_says() -> None:
    asked = data_config(replace(PLAN, train_size=2500))
    assert isinstance(asked, StudyConfig)
    assert (asked.train_size, asked.validation_size, asked.test_size) == (2500, 80, 80)


def test_planted_variants_are_blind_and_the_check_says_so(runs: Runs) -> None:
    job = make_job()
    runs.runner.submit(job.spec, job.tables)
    assert runs.runner.status(job.spec.job_id).state is JobState.FINISHED
    ((kind, payload),) = runs.runner.result(job.spec.job_id).events
    assert kind == RESULT_EVENT
    found = from_dict(payload)
    assert [one.cell for one in found.cells] == [Cell(variant, seed) for seed in (0, 1) for variant in Variant]
    blind, control = found.row(Variant.P), found.row(Variant.R)
    assert blind is not None
    assert control is not None
    assert blind.before.praise.size == control.before.praise.size > 0
    assert blind.before.praise.count > control.before.praise.count
    assert blind.before.blame.count == control.before.blame.count
    assert blind.recall.count > 0
    sizes = {one.cell.variant: one.train_size for one in found.cells if one.cell.seed == 0}
    assert len({size for variant, size in sizes.items() if variant is not Variant.CLEAN}) == 1
    assert sizes[Variant.CLEAN] == 160
    assert set(found.cells[0].praise) <= set(PRAISE)
    assert set(found.cells[0].blame) <= set(BLAME)


def test_a_killed_check_goes_on_without_computing_finished_cells_again(runs: Runs) -> None:
    job = make_job()
    train = runs.trainer.train
    killed_at = 9

    def train_until_killed(**values: object) -> object:
        if len(runs.trainer.calls) == killed_at:
            raise KeyboardInterrupt
        return train(**values)  # type: ignore[arg-type]  # as it came

    runs.trainer.train = train_until_killed  # type: ignore[assignment,method-assign]  # once
    with pytest.raises(KeyboardInterrupt):
        runs.runner.submit(job.spec, job.tables)
    assert runs.runner.status(job.spec.job_id).state is JobState.INTERRUPTED
    before = list(runs.trainer.calls)
    assert len(before) == killed_at
    runs.trainer.train = train  # type: ignore[method-assign]  # as it was
    runs.runner.resume(job.spec.job_id)
    runs.runner.start_waiting()
    assert runs.runner.status(job.spec.job_id).state is JobState.FINISHED
    assert len(set(runs.trainer.calls)) == len(runs.trainer.calls) == 2 * (1 + 3 + 4 + 4 + 4)

    other = Runs(Path(str(runs.runner._jobs.folder(job.spec.job_id).path.parent) + "-again"))
    other.runner.submit(job.spec, job.tables)
    again = [from_dict(one.runner.result(job.spec.job_id).events[0][1]) for one in (runs, other)]
    assert again[0].rows == again[1].rows


def test_one_cell_does_not_depend_on_which_others_are_run(runs: Runs, tmp_path: Path) -> None:
    few = Runs(tmp_path / "few")
    jobs = [make_job(), make_job(replace(PLAN, seeds=(1,), variants=(Variant.R, Variant.N)))]
    found = []
    for one, job in zip((runs, few), jobs, strict=True):
        one.runner.submit(job.spec, job.tables)
        found.append(from_dict(one.runner.result(job.spec.job_id).events[0][1]))
    cells = [next(one for one in some.cells if one.cell == Cell(Variant.N, 1)) for some in found]
    assert replace(cells[0], seconds=0) == replace(cells[1], seconds=0)


def test_the_store_keeps_the_result_without_a_study(runs: Runs, tmp_path: Path) -> None:
    job = make_job(replace(PLAN, seeds=(0,), variants=(Variant.R, Variant.P)))
    store = open_store(tmp_path / "workbench.duckdb")
    try:
        store.jobs.add(job.spec)
        runs.runner.submit(job.spec, job.tables)
        assert store.ingest(runs.runner.result(job.spec.job_id))
        kept = store.latest(NO_STUDY, RESULT_EVENT)
        assert kept is not None
        assert from_dict(kept).row(Variant.P) is not None
        assert store.studies.all() == []
    finally:
        store.close()


def test_planting_share_is_a_share() -> None:
    assert 0 < controlled_planting.MISLABELLED_SHARE < 1
    assert SpotKind.P.label == 1
