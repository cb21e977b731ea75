"""What is kept of the gates: every verdict there was, which settings made it, and humans' words against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.synthesis import Check, CheckName, Overrule
from bsm_core.ports import SampleFilter
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_checks, make_hypothesis, make_sample, moment
from tests.store.worlds import start


@pytest.fixture
def checked(store: DuckStore) -> DuckStore:
    """Two samples: ``s-1`` failed on nonsense, ``s-2`` passed."""
    start(store, train=100)
    store.hypotheses.add(make_hypothesis("h-human"))
    store.samples.add([make_sample("s-1", at=1), make_sample("s-2", at=2)])
    store.samples.add_checks(make_checks("s-1", CheckName.NONSENSE))
    store.samples.add_checks(make_checks("s-2"))
    return store


def overruled(passes: bool | None, at: float, sample_id: str = "s-1", name: CheckName = CheckName.NONSENSE) -> Overrule:
    return Overrule(sample_id, name, passes, "human:Ada", "a dialect, not nonsense" if passes else "", moment(at))


def label(sample_id: str, passed: bool) -> Check:
    return Check(sample_id, CheckName.LABEL, passed, 0.0, 1.0, "asked blind", moment(65), advisory=True)


def passed(store: DuckStore) -> list[str]:
    return [state.sample.sample_id for state in store.samples.page(STUDY_ID, SampleFilter(passed=True)).rows]


def nonsense(store: DuckStore) -> Check:
    return next(check for check in store.samples.get("s-1").checks if check.name is CheckName.NONSENSE)


def test_overruled_verdict_counts_as_passed_and_stays_on_record(checked: DuckStore) -> None:
    checked.gates.overrule([overruled(True, 70)])
    assert passed(checked) == ["s-1", "s-2"]
    check = nonsense(checked)
    assert (check.passed, check.stands, check.is_overruled) == (False, True, True)
    assert check.overrule == overruled(True, 70)
    assert [one.passed for one in checked.gates.history("s-1") if one.name is CheckName.NONSENSE] == [False]


def test_overrule_taken_back_counts_no_more_and_both_words_stay(checked: DuckStore) -> None:
    checked.gates.overrule([overruled(True, 70), overruled(None, 71)])
    assert passed(checked) == ["s-2"]
    assert [one.passes for one in checked.gates.overrules("s-1")] == [None, True]
    checked.gates.overrule([overruled(False, 72, "s-2", CheckName.LENGTH)])
    assert passed(checked) == []


def test_overrule_holds_when_the_gates_look_again_and_earlier_verdicts_stay(checked: DuckStore) -> None:
    checked.gates.overrule([overruled(True, 70)])
    again = [replace(check, created_at=moment(80), rules="new") for check in make_checks("s-1", CheckName.NONSENSE)]
    checked.samples.add_checks(again)
    assert nonsense(checked).is_overruled
    assert nonsense(checked).rules == "new"
    assert len(checked.gates.history("s-1")) == 8
    assert checked.gates.history("s-1")[0].created_at == moment(80)


def test_outdated_are_those_whose_latest_verdicts_are_of_other_settings(checked: DuckStore) -> None:
    assert [one.sample_id for one in checked.gates.outdated(STUDY_ID, "new")] == ["s-1", "s-2"]
    checked.samples.add_checks(replace(check, created_at=moment(80), rules="new") for check in make_checks("s-2"))
    checked.samples.add_checks([label("s-2", True)])
    assert [one.sample_id for one in checked.gates.outdated(STUDY_ID, "new")] == ["s-1"]
    assert [one.sample_id for one in checked.gates.outdated(STUDY_ID, "")] == ["s-2"]


def test_warning_rejects_nothing_and_does_not_count_as_checked(checked: DuckStore) -> None:
    checked.samples.add_checks([label("s-2", False)])
    state = checked.samples.get("s-2")
    assert (state.passed, state.is_disputed) == (True, True)
    checked.samples.add([make_sample("s-3", at=3)])
    checked.samples.add_checks([label("s-3", False)])
    assert checked.samples.get("s-3").passed is None
    assert [one.sample_id for one in checked.samples.unchecked(STUDY_ID)] == ["s-3"]
    checked.gates.overrule([overruled(True, 70, "s-2", CheckName.LABEL)])
    assert not checked.samples.get("s-2").is_disputed


def test_values_are_the_latest_of_current_samples(checked: DuckStore) -> None:
    assert checked.gates.values(STUDY_ID, CheckName.SIMILARITY) == [0.71, 0.71]
    checked.samples.add([make_sample("s-1b", revises="s-1", at=3)])
    assert checked.gates.values(STUDY_ID, CheckName.SIMILARITY) == [0.71]
