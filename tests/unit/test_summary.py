import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.studies import Study
from bsm_core.report.summary import comparison_json, comparison_text
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_dataset, make_filled_store, make_study


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckStore]:
    made = make_filled_store(tmp_path / "summary.duckdb")
    yield made
    made.close()


@pytest.fixture
def study(store: DuckStore) -> Study:
    return store.studies.get(STUDY_ID)


def test_comparison_text_has_a_line_a_model_with_its_change_against_original(store: DuckStore, study: Study) -> None:
    text = comparison_text(store, study)
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    results = {result.arm: result for result in store.evaluations.results(STUDY_ID, study.tau)}
    original, arm = results[Arm.ORIGINAL], results[Arm.HYPOTHESIS_RULE]
    change = (arm.fresh - original.fresh) / original.fresh
    assert f"{arm.fresh} ({change:+.0%})" in lines["HYPOTHESIS_RULE"]
    assert f"{arm.accuracy:.1%}" in lines["HYPOTHESIS_RULE"]
    assert "(" not in lines["ORIGINAL"]
    assert f"tau {study.tau:g}" in text
    assert "One seed (0)" in text


def test_comparison_counts_at_the_tau_in_force_now(store: DuckStore, study: Study) -> None:
    store.studies.set_tau(STUDY_ID, 0.9)
    told = comparison_json(store, study)
    assert told["tau"] == 0.9
    assert told["arms"][0]["fresh"]["count"] == store.evaluations.results(STUDY_ID, 0.9)[0].fresh


def test_comparison_json_is_json_with_intervals_attack_versions_and_looks(store: DuckStore, study: Study) -> None:
    told = json.loads(json.dumps(comparison_json(store, study)))
    assert [arm["arm"] for arm in told["arms"]] == ["ORIGINAL", "MORE_TRAINING", "RELABEL", "HYPOTHESIS_RULE"]
    assert told["test_looks"] == 4
    assert told["study"]["data_hash"] == study.data_hash
    assert told["versions"]["torch"]
    for arm in told["arms"]:
        low, high = arm["fresh"]["share_interval_95"]
        assert low <= arm["fresh"]["count"] / arm["fresh"]["size"] <= high
        assert arm["attack"]["successful"] >= arm["fresh"]["count"]
        assert arm["training"]["epochs"] == 3
    assert told["arms"][0]["fresh"]["resolvable"] is None
    assert isinstance(told["arms"][3]["fresh"]["resolvable"], bool)


def test_comparison_before_any_evaluation_is_an_empty_table(store: DuckStore) -> None:
    other = make_study(make_dataset(train=10, validation=4, test=4), "st-other")
    store.studies.create(other, make_dataset(train=10, validation=4, test=4))
    assert "HYPOTHESIS_RULE" not in comparison_text(store, other)
    assert comparison_json(store, other)["arms"] == []
    assert comparison_json(store, other)["caution"] == ""
