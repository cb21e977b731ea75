import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.studies import Study
from bsm_core.metrics.judging import corrected_count
from bsm_core.metrics.verdicts import verdict
from bsm_core.report.summary import comparison_json, comparison_text
from bsm_core.store import DuckStore
from bsm_core.workflow.compare import comparison
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
    lines = {line.split()[0]: line for line in reversed(text.splitlines()) if line.strip()}
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


def test_comparison_text_answers_against_original_and_relabelling(store: DuckStore, study: Study) -> None:
    text = comparison_text(store, study, corrected_count(100, 20, 6))
    primary = comparison(store, STUDY_ID, study.tau).primary
    assert "Against ORIGINAL: " in text
    assert "Against RELABEL: " in text
    for effect in primary:
        assert f"  {effect.arm}: {verdict(effect, 'unknown unknowns after a fresh attack')}" in text
    assert "would alone take ORIGINAL's natural UUs from" in text
    assert f"{primary[0].arm} {primary[0].after:g} -> {0.7 * primary[0].after:.0f}" in text


def test_comparison_json_has_every_test_curve_and_control(store: DuckStore, study: Study) -> None:
    told = json.loads(json.dumps(comparison_json(store, study, corrected_count(100, 20, 6))))
    assert told["tests"]["primary"] == {"endpoint": "fresh", "reference": "ORIGINAL"}
    assert len(told["tests"]["effects"]) == 4 * (3 + 2)  # endpoints; arms against ORIGINAL and against RELABEL
    first = told["tests"]["effects"][0]
    assert first["difference_interval_95"][0] <= first["after"] - first["before"] <= first["difference_interval_95"][1]
    assert first["p"] <= first["p_holm"] <= 1
    at = told["tau_curves"]["tau"].index(study.tau)
    assert told["tau_curves"]["fresh"]["m-original"][at] == told["arms"][0]["fresh"]["count"]
    assert told["temperature_control"]["calibration"]["accuracy"] == told["arms"][0]["accuracy"]
    assert told["label_preservation"]["fresh"]["RELABEL"]["corrected"] < told["arms"][2]["fresh"]["count"]
    assert comparison_json(store, study)["label_preservation"] is None


def test_comparison_before_any_evaluation_is_an_empty_table(store: DuckStore) -> None:
    other = make_study(make_dataset(train=10, validation=4, test=4), "st-other")
    store.studies.create(other, make_dataset(train=10, validation=4, test=4))
    assert "HYPOTHESIS_RULE" not in comparison_text(store, other)
    assert comparison_json(store, other)["arms"] == []
    assert comparison_json(store, other)["caution"] == ""
