"""What the store counts of attacks: by SQL the same sums as from the records, and UUs by set, model and verdict."""

from __future__ import annotations

from dataclasses import astuple
from functools import reduce

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.attacks import AttackTally, UnknownTally
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import Verdict
from bsm_core.metrics.attack import tally
from bsm_core.store import DuckStore
from tests.factories import FROZEN_SET_ID, STUDY_ID, answer, make_judgement
from tests.store.worlds import add_model, add_set, attack_rows, predict, start


def test_tallies_are_the_sums_over_the_records(filled: DuckStore) -> None:
    for one in filled.perturbations.sets(STUDY_ID):
        found = filled.perturbations.tallies([one.set_id], 0.65)
        assert [part.label for part in found] == [0, 1]
        rows = filled.perturbations.rows(one.set_id)
        for part in found:
            expected = tally(row for row in rows if row.label == part.label)
            assert astuple(part.attack) == pytest.approx(astuple(expected))
        whole = reduce(AttackTally.__add__, (part.attack for part in found))
        assert astuple(whole) == pytest.approx(astuple(tally(rows)))


def test_unknowns_of_a_set_follow_tau_and_the_verdicts(store: DuckStore) -> None:
    examples = start(store, validation=6).of(Split.VALIDATION)
    rows = attack_rows("set1", examples, "++++-s", [0.9, 0.65, 0.6, 0.95, 0.99, 0.99])
    ids = add_set(store, add_model(store), "set1", rows)

    def unknowns(tau: float) -> UnknownTally:
        return reduce(UnknownTally.__add__, (one.unknowns for one in store.perturbations.tallies(["set1"], tau)))

    assert unknowns(0.65) == UnknownTally(3, 0, 0)
    store.judgements.add(make_judgement(ids[0], Verdict.NO))
    store.judgements.add(make_judgement(ids[1], Verdict.UNSURE))
    store.judgements.add(make_judgement(ids[2], Verdict.NO))  # below tau: in no count
    found = unknowns(0.65)
    assert found == UnknownTally(3, 2, 1)
    assert (found.counted, found.invalid_share) == (2, 0.5)
    assert unknowns(0.92) == UnknownTally(1, 0, 0)
    assert unknowns(0.92).invalid_share is None


def test_text_that_repeats_another_sets_counts_in_both_sets(store: DuckStore) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    model = add_model(store)
    for set_id in ("set1", "set2"):
        add_set(store, model, set_id, attack_rows(set_id, examples, "++", [0.9, 0.9]))
    found = store.perturbations.tallies(["set1", "set2"], 0.65)
    assert [(one.set_id, one.unknowns.raw) for one in found] == [("set1", 1)] * 2 + [("set2", 1)] * 2


def test_replays_tell_each_model_that_answered(store: DuckStore) -> None:
    examples = start(store, validation=4).of(Split.VALIDATION)
    first, second = add_model(store), add_model(store, Arm.RELABEL)
    ids = add_set(store, first, "set1", attack_rows("set1", examples, "+++-", [0.9, 0.9, 0.6, 0.9]))
    replayed = zip(ids[:3], examples, (0.8, 0.7, 0.9), (True, True, False), strict=False)
    answers = {
        item: answer(1 - one.label if wrong else one.label, confidence) for item, one, confidence, wrong in replayed
    }
    predict(store, second, answers, "perturbation")
    found = {one.model_id: one for one in store.perturbations.replays(["set1"], 0.75)}
    assert (found[first].answered, found[first].wrong, found[first].unknowns.counted) == (3, 3, 2)
    assert (found[second].answered, found[second].wrong, found[second].unknowns.counted) == (3, 2, 1)
    assert store.perturbations.replays(["set-none"], 0.75) == []


def test_frozen_set_has_been_replayed_on_every_evaluated_model(filled: DuckStore) -> None:
    results = {one.evaluation.model_id: one for one in filled.evaluations.results(STUDY_ID, 0.65)}
    found = {one.model_id: one for one in filled.perturbations.replays([FROZEN_SET_ID], 0.65)}
    assert set(found) == set(results)
    for model_id, one in found.items():
        assert (one.unknowns.counted, one.answered) == (results[model_id].frozen, results[model_id].frozen_size)
