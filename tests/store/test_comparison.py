"""Which texts fool which models, over tau and in arrays, against the counts of ``results`` and by hand."""

from __future__ import annotations

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import AnswerPattern, Endpoint
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import Verdict
from bsm_core.metrics.calibration import accuracy
from bsm_core.metrics.tau_curve import PERCENTS, tau_curve
from bsm_core.metrics.uu import count
from bsm_core.ports import JobResult
from bsm_core.store import DuckStore
from tests.factories import (
    BASELINE_ID,
    FROZEN_SET_ID,
    STUDY_ID,
    answer,
    make_evaluation,
    make_judgement,
)
from tests.store.worlds import add_model, add_set, answers_of, attack_rows, job_id, predict, start

ARM_ID = "m-relabel"
ORIGINAL, ARM = (BASELINE_ID,), (ARM_ID,)
BOTH = (BASELINE_ID, ARM_ID)


@pytest.fixture
def small(store: DuckStore) -> DuckStore:
    """Five test texts, r right and w wrong, with the confidence; attacks: + successful, - failed, s skipped, e error.

        text             0       1       2       3       4
        ORIGINAL clean   r .9    r .6    w .9    w .6    w .8
        its attack       + .95   + .6    s       s       e
        arm clean        r .9    w .7    r .8    w .9    w .9
        arm on frozen    r .8    w .99
        its attack       -       s       + .8    s       s

    Text 4's label is judged wrong.
    """
    found = start(store, train=2, validation=0, test=5).of(Split.TEST)
    original, arm = add_model(store), add_model(store, Arm.RELABEL, at=30)
    predict(store, original, answers_of(found, "rrwww", [0.9, 0.6, 0.9, 0.6, 0.8]))
    rows = attack_rows("set-a", found, "++sse", [0.95, 0.6, 0.9, 0.9, 0.9])
    frozen = add_set(store, original, "set-a", rows, split=Split.TEST)
    predict(store, arm, answers_of(found, "rwrww", [0.9, 0.7, 0.8, 0.9, 0.9]))
    replayed = {frozen[0]: answer(found[0].label, 0.8), frozen[1]: answer(1 - found[1].label, 0.99)}
    predict(store, arm, replayed, "perturbation")
    add_set(store, arm, "set-b", attack_rows("set-b", found, "-s+ss", [0.9, 0.9, 0.8, 0.9, 0.9]), split=Split.TEST)
    store.judgements.add(make_judgement(found[4].example_id, Verdict.NO))
    for made in (make_evaluation(original, "set-a", "set-a", at=9), make_evaluation(arm, "set-a", "set-b", at=9)):
        store.ingest(JobResult(job_id(), evaluations=(made,)))
    return store


def test_patterns_by_hand(small: DuckStore) -> None:
    assert set(small.evaluations.patterns(STUDY_ID, 0.65)) == {
        AnswerPattern(Endpoint.NATURAL, (), BOTH, 2),  # texts 0 and 4
        AnswerPattern(Endpoint.NATURAL, ARM, ORIGINAL, 2),  # 1 and 3
        AnswerPattern(Endpoint.NATURAL, ORIGINAL, ARM, 1),  # 2
        AnswerPattern(Endpoint.WRONG, (), BOTH, 1),
        AnswerPattern(Endpoint.WRONG, ARM, ORIGINAL, 1),
        AnswerPattern(Endpoint.WRONG, ORIGINAL, ARM, 1),
        AnswerPattern(Endpoint.WRONG, BOTH, (), 2),  # whatever tau and verdict
        AnswerPattern(Endpoint.FROZEN, ORIGINAL, ARM, 1),
        AnswerPattern(Endpoint.FROZEN, ARM, ORIGINAL, 1),
        AnswerPattern(Endpoint.FRESH, ORIGINAL, ARM, 1),  # 0
        AnswerPattern(Endpoint.FRESH, ARM, ORIGINAL, 1),  # 2
        AnswerPattern(Endpoint.FRESH, (), BOTH, 2),  # 1 (.6 is below tau) and 3
        AnswerPattern(Endpoint.FRESH, (), ARM, 1),  # 4: ORIGINAL's attack broke off
    }


@pytest.mark.parametrize("tau", [0.51, 0.65, 0.8, 0.9, 0.99])
def test_patterns_and_curves_count_what_the_results_count(filled: DuckStore, tau: float) -> None:
    patterns = filled.evaluations.patterns(STUDY_ID, tau)
    wrong = filled.evaluations.wrong_by_percent(STUDY_ID)
    place = PERCENTS.index(round(tau * 100))
    for result in filled.evaluations.results(STUDY_ID, tau):
        model = result.evaluation.model_id
        counts = {
            Endpoint.NATURAL: (result.natural, result.test_size),
            Endpoint.FROZEN: (result.frozen, result.frozen_size),
            Endpoint.FRESH: (result.fresh, result.fresh_attacked),
        }
        for endpoint, (unknowns, size) in counts.items():
            mine = [one for one in patterns if one.endpoint is endpoint]
            assert sum(one.count for one in mine if model in one.fooled) == unknowns
            assert sum(one.count for one in mine if model in one.fooled + one.held) == size
            assert tau_curve(model, endpoint, wrong.get((model, endpoint), {})).counts[place] == unknowns


def test_set_arrays_give_the_counts_of_the_results(filled: DuckStore) -> None:
    for result in filled.evaluations.results(STUDY_ID, 0.65):
        values, labels = filled.evaluations.set_arrays(result.evaluation.model_id, FROZEN_SET_ID)
        assert values.shape == (result.frozen_size, 2)
        assert count(values, labels, 0.65) == result.frozen
        if result.arm is Arm.ORIGINAL:
            assert accuracy(values, labels) == 0  # it was fooled by all of them
    assert filled.evaluations.set_arrays("nobody", FROZEN_SET_ID)[0].shape == (0, 0)
