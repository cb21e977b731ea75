"""Studies, their tau, their events, and the counts of the Overview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.studies import StudyCounts
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.tasks import Split
from bsm_core.errors import ConfigError, NotFoundError, StoreError
from bsm_core.ports import SampleFilter, UnknownFilter
from bsm_core.store import DuckStore, open_store
from tests.factories import BASELINE_ID, STUDY_ID, make_dataset, make_study, make_task
from tests.store.worlds import add_model


@pytest.mark.parametrize("pair", [False, True])
def test_study_comes_back_as_it_was_made(store: DuckStore, pair: bool) -> None:
    data = make_dataset(make_task(pair=pair), train=3, validation=2, test=1)
    study = make_study(data)
    store.studies.create(study, data)
    assert store.studies.get(STUDY_ID) == study
    assert [row.example for row in store.examples.page(STUDY_ID, Split.TRAIN).rows] == data.of(Split.TRAIN)


def test_study_and_tau_survive_a_restart(store: DuckStore, database: Path) -> None:
    data = make_dataset(train=3, validation=2, test=1)
    store.studies.create(make_study(data), data)
    store.studies.set_tau(STUDY_ID, 0.8)
    store.close()
    again = open_store(database)
    assert again.studies.get(STUDY_ID) == replace(make_study(data), tau=0.8)
    again.close()


def test_all_lists_the_oldest_first(store: DuckStore) -> None:
    data = make_dataset(train=1, validation=0, test=0)
    for name in ("z", "a", "m"):
        store.studies.create(make_study(data, name), data)
    assert [study.study_id for study in store.studies.all()] == ["z", "a", "m"]


def test_tau_is_the_latest_event_and_of_one_study(store: DuckStore) -> None:
    data = make_dataset(train=1, validation=0, test=0)
    for name in ("st1", "st2"):
        store.studies.create(make_study(data, name, tau=0.7), data)
    for tau in (0.9, 0.51, 1.0, 0.75):
        store.studies.set_tau("st1", tau)
    assert [study.tau for study in store.studies.all()] == [0.75, 0.7]
    assert store.studies.get("st1").config["tau"] == 0.7


def test_study_made_with_another_tau_than_its_config_keeps_it(store: DuckStore) -> None:
    data = make_dataset(train=1, validation=0, test=0)
    store.studies.create(replace(make_study(data), tau=0.9), data)
    assert store.studies.get(STUDY_ID).tau == 0.9


@pytest.mark.parametrize("tau", [0.5, 0.0, -1.0, 1.0001, 65, float("nan"), float("inf")])
def test_tau_outside_its_range_is_refused(store: DuckStore, tau: float) -> None:
    data = make_dataset(train=1, validation=0, test=0)
    with pytest.raises(ConfigError, match=r"outside \(0.5, 1\]"):
        store.studies.create(replace(make_study(data), tau=tau), data)
    store.studies.create(make_study(data), data)
    with pytest.raises(ConfigError, match=r"outside \(0.5, 1\]"):
        store.studies.set_tau(STUDY_ID, tau)
    assert store.studies.get(STUDY_ID).tau == 0.65


def test_unknown_study_is_named(store: DuckStore) -> None:
    for call in (
        lambda: store.studies.get("nobody"),
        lambda: store.studies.counts("nobody"),
        lambda: store.studies.set_tau("nobody", 0.7),
        lambda: store.samples.budget("nobody"),
    ):
        with pytest.raises(NotFoundError, match="no study 'nobody'"):
            call()


def test_taken_id_is_refused_and_leaves_the_first_study_alone(store: DuckStore) -> None:
    data = make_dataset(train=3, validation=0, test=0)
    store.studies.create(make_study(data), data)
    with pytest.raises(StoreError, match=r"'st-reviews' is in .* already"):
        store.studies.create(replace(make_study(data), name="second"), make_dataset(train=5))
    assert store.studies.counts(STUDY_ID).train == 3
    assert store.studies.get(STUDY_ID) == make_study(data)


def test_latest_event_by_kind_and_study(store: DuckStore) -> None:
    assert store.latest("st1", "plan") is None
    store.record("st1", "plan", {"n": 1, "deep": {"list": [1, None, "é"]}})
    store.record("st2", "plan", {"n": 2})
    store.record("st1", "other", {"n": 3})
    assert store.latest("st1", "plan") == {"n": 1, "deep": {"list": [1, None, "é"]}}
    store.record("st1", "plan", {"n": 4})
    assert store.latest("st1", "plan") == {"n": 4}


def test_counts_of_a_new_study(store: DuckStore) -> None:
    data = make_dataset(train=5, validation=4, test=3)
    store.studies.create(make_study(data), data)
    nothing = dict.fromkeys(
        ("perturbation_sets", "natural_unknowns", "adversarial_unknowns", "hypotheses", "samples"), 0
    ) | dict.fromkeys(("samples_pending", "samples_approved", "arms_trained", "arms_evaluated"), 0)
    later = dict.fromkeys(
        ("baseline_model_id", "baseline_accuracy", "original_fresh_unknowns", "best_arm", "best_fresh_unknowns")
    )
    assert store.studies.counts(STUDY_ID) == StudyCounts(train=5, validation=4, test=3, **nothing, **later)  # type: ignore[arg-type]


@pytest.mark.parametrize("tau", [0.51, 0.65, 0.9])
def test_counts_agree_with_what_the_pages_show(filled: DuckStore, tau: float) -> None:
    filled.studies.set_tau(STUDY_ID, tau)
    counts = filled.studies.counts(STUDY_ID)
    unknowns = filled.unknowns.counts(UnknownFilter(BASELINE_ID, tau))
    assert (counts.natural_unknowns, counts.adversarial_unknowns) == (unknowns.natural, unknowns.adversarial)
    assert counts.baseline_accuracy == filled.predictions.accuracy(BASELINE_ID, Split.VALIDATION)
    assert counts.hypotheses == len(filled.hypotheses.all(STUDY_ID)) == 5
    assert counts.samples == filled.samples.page(STUDY_ID, SampleFilter()).total
    pending = filled.samples.page(STUDY_ID, SampleFilter(status=DecisionKind.PENDING))
    assert (counts.samples_pending, counts.samples_approved) == (pending.total, len(filled.samples.approved(STUDY_ID)))
    results = filled.evaluations.results(STUDY_ID, tau)
    assert (counts.arms_trained, counts.arms_evaluated) == (3, len(results) - 1)
    assert counts.original_fresh_unknowns == results[0].fresh
    best = min(results[1:], key=lambda result: result.fresh)
    assert counts.best_fresh_unknowns == best.fresh


def test_counts_start_afresh_with_a_new_baseline(filled: DuckStore) -> None:
    new = add_model(filled, Arm.ORIGINAL, "m-second", at=500)
    counts = filled.studies.counts(STUDY_ID)
    assert counts.baseline_model_id == new
    assert (counts.natural_unknowns, counts.adversarial_unknowns, counts.perturbation_sets) == (0, 0, 0)
    assert (counts.arms_trained, counts.arms_evaluated, counts.best_arm) == (0, 0, None)
    assert counts.hypotheses == 5
