"""Weighing hypotheses and retraining without one: what jobs are told, what comes back, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.tasks import Split
from bsm_core.errors import NothingToDoError
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import JobContext, JobResult, UnknownFilter
from bsm_core.store import DuckStore
from bsm_core.workbench.attribution import Attributions
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.attribute import attribute
from bsm_core.workflow.supervise import JobWatch
from tests.experiment_world import RememberingTrainer, handlers
from tests.factories import BASELINE_ID, STUDY_ID, make_decision
from tests.spots import add_clustering
from tests.store.test_locations import LettersEmbedder


@pytest.fixture
def made(filled: DuckStore, tmp_path: Path) -> tuple[Attributions, Callable[[], None]]:
    """The facade, and what takes finished jobs in."""

    def weigh(spec: JobSpec, context: JobContext) -> JobResult:
        return attribute(spec, context, embedder_for=lambda _: LettersEmbedder())

    runner = InlineRunner(tmp_path / "jobs", {**handlers(RememberingTrainer()), JobKind.ATTRIBUTE: weigh})
    launcher = Launcher(filled, runner, tmp_path, threading.RLock())
    return Attributions(filled, launcher, lambda *_: 6), JobWatch(filled, runner).collect


def test_weighing_tells_of_every_hypothesis_with_approved_samples(
    filled: DuckStore, made: tuple[Attributions, Callable[[], None]]
) -> None:
    facade, collect = made
    with pytest.raises(NothingToDoError, match="no blind spots were looked for"):
        facade.start(STUDY_ID)
    add_clustering(filled, BASELINE_ID)
    looks = filled.evaluations.looks(STUDY_ID)
    job_id = facade.start(STUDY_ID, resamples=3)
    collect()
    assert filled.jobs.state(job_id) is JobState.INGESTED
    found = facade.latest(STUDY_ID)
    assert found is not None
    approved = filled.samples.approved(STUDY_ID)
    # Samples of an earlier version count for the present one.
    assert {one.hypothesis_id: one.samples for one in found.effects} == {"h-human": 2, "h-rule": 4, "h-rule-ext": 2}
    assert found.samples == len(approved) == 8
    unknowns = filled.unknowns.ids(UnknownFilter(BASELINE_ID, 0.65))
    assert found.mirror.unknowns == len(unknowns) - 1  # one is judged invalid
    by_name = {one.hypothesis_id: one for one in found.effects}
    # An extrapolation is judged where its abstraction is; sources are left out of what they are judged by.
    assert by_name["h-rule-ext"].spots == by_name["h-rule"].spots != ()
    assert by_name["h-rule"].own_texts == by_name["h-rule-ext"].own_texts > 0
    assert filled.evaluations.looks(STUDY_ID) == looks
    assert not facade.is_stale(STUDY_ID)
    filled.samples.decide([make_decision("s-human-1", DecisionKind.REJECTED, at=300)])
    assert facade.is_stale(STUDY_ID)


def test_weighing_needs_samples_and_more_than_one_resample(
    filled: DuckStore, made: tuple[Attributions, Callable[[], None]]
) -> None:
    facade, _ = made
    add_clustering(filled, BASELINE_ID)
    with pytest.raises(NothingToDoError, match="1 resamples tell nothing"):
        facade.start(STUDY_ID, resamples=1)
    for state in filled.samples.approved(STUDY_ID):
        filled.samples.decide([make_decision(state.sample.sample_id, DecisionKind.REJECTED, at=300)])
    with pytest.raises(NothingToDoError, match="no sample is approved"):
        facade.start(STUDY_ID)


def test_full_retraining_trains_a_pair_and_compares_it_on_validation_alone(
    filled: DuckStore, made: tuple[Attributions, Callable[[], None]]
) -> None:
    facade, collect = made
    add_clustering(filled, BASELINE_ID)
    looks, own = filled.evaluations.looks(STUDY_ID), filled.models.all(STUDY_ID)
    jobs = facade.retrain_without(STUDY_ID, "h-rule")
    assert len(jobs) == 2
    collect()
    (run,) = facade.full_runs(STUDY_ID)
    assert (run.hypothesis_id, run.budget) == ("h-rule", 6)
    assert run.effects is not None
    mine, others = run.effects
    assert mine.texts > 0
    sources = filled.hypotheses.get("h-rule").source_item_ids
    invalid = 1
    everything = len(filled.unknowns.ids(UnknownFilter(BASELINE_ID, 0.65)))
    assert mine.texts + others.texts == everything - invalid - len(set(sources))
    pair = [filled.models.all(STUDY_ID, str(name)) for name in _names(filled, jobs)]
    fooled = [set(filled.unknowns.ids(UnknownFilter(models[-1].model_id, 0.65))) for models in pair]
    judged = set(filled.unknowns.ids(UnknownFilter(BASELINE_ID, 0.65))) - set(sources)
    assert any(fooled)
    for place, name in enumerate(("with_all", "without")):
        assert sum(getattr(one, name) for one in run.effects) == len(fooled[place] & judged)
    assert filled.evaluations.looks(STUDY_ID) == looks
    assert filled.models.all(STUDY_ID) == own  # neither is one of the study's own arms
    with pytest.raises(NothingToDoError, match="under way or done already"):
        facade.retrain_without(STUDY_ID, "h-rule")
    # The run with all samples is there: the next hypothesis needs one training only.
    assert len(facade.retrain_without(STUDY_ID, "h-rule-ext")) == 1


def _names(store: DuckStore, jobs: Sequence[str]) -> list[object]:
    params = {spec.job_id: spec.params for spec, _ in store.jobs.all(STUDY_ID)}
    return [params[job]["experiment_id"] for job in jobs]


def test_both_trainings_are_of_one_size_and_differ_in_the_left_out_samples_alone(
    filled: DuckStore, made: tuple[Attributions, Callable[[], None]], tmp_path: Path
) -> None:
    facade, _ = made
    add_clustering(filled, BASELINE_ID)
    whole, less = (
        pq.read_table(tmp_path / "jobs" / job / "inputs" / "train.parquet")["text"].to_pylist()
        for job in facade.retrain_without(STUDY_ID, "h-rule")
    )
    assert len(whole) == len(less) == 406
    samples = {
        state.sample.text[0] for state in filled.samples.approved(STUDY_ID) if state.sample.hypothesis_id == "h-rule"
    }
    changed = [(one, other) for one, other in zip(whole, less, strict=True) if one != other]
    assert {one for one, _ in changed} == samples
    rows = set(filled.examples.table(STUDY_ID, Split.TRAIN)["text"].to_pylist())
    assert {other for _, other in changed} <= rows


def test_hypothesis_without_approved_samples_cannot_be_left_out(made: tuple[Attributions, Callable[[], None]]) -> None:
    facade, _ = made
    with pytest.raises(NothingToDoError, match="none of its samples is approved"):
        facade.retrain_without(STUDY_ID, "h-lm")
    with pytest.raises(NothingToDoError, match="no hypothesis 'h-gone'"):
        facade.retrain_without(STUDY_ID, "h-gone")
    assert facade.full_runs(STUDY_ID) == []
    assert facade.latest(STUDY_ID) is None
