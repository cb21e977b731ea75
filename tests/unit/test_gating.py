"""The gates as a study has them: settings as events, and words against verdicts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.config import GateConfig
from bsm_core.domain.synthesis import CheckName
from bsm_core.errors import ConfigError, NotFoundError
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import Store
from bsm_core.workbench.gating import Gating
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.curate import gated_decisions
from bsm_core.workflow.gate import SCALE_EVENT
from bsm_core.workflow.label_check import label_check
from tests.factories import STUDY_ID, make_checks, make_filled_store, moment


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = make_filled_store(tmp_path / "workbench.duckdb")
    yield made
    made.close()


@pytest.fixture
def gating(store: Store, tmp_path: Path) -> Gating:
    runner = InlineRunner(tmp_path / "jobs", {})
    return Gating(store, Launcher(store, runner, tmp_path, threading.RLock()))


def test_settings_are_the_presets_until_others_are_set_and_the_rest_stays(gating: Gating) -> None:
    preset = gating.config(STUDY_ID)
    gating.set_config(STUDY_ID, {"min_characters": 60})
    gating.set_config(STUDY_ID, {"min_similarity": 0.5})
    now = gating.config(STUDY_ID)
    assert (now.min_characters, now.min_similarity) == (60, 0.5)
    assert now.similarity_references == preset.similarity_references
    assert now.fingerprint != preset.fingerprint
    gating.set_config(STUDY_ID, {"min_characters": preset.min_characters, "min_similarity": None})
    assert gating.config(STUDY_ID) == preset


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"min_similarity": 1.5}, "min_similarity is 1.5; use"),
        ({"similarity_layer": 0}, "similarity_layer is 0; use 1 or more"),
        ({"similarity_top": 101}, "similarity_top is 101; use 1 to 100"),
        ({"similarity_shortlist": -1}, "similarity_shortlist is -1"),
        ({"max_leak_share": 0}, "max_leak_share is 0"),
        ({"min_fit": 0.5, "check_fit": False}, "check_fit is off"),
        ({"similarity_encoder": " "}, "similarity_encoder is empty"),
        ({"speed": 1}, "does not know speed"),
    ],
)
def test_impossible_settings_are_refused_by_name_and_nothing_is_kept(
    gating: Gating, store: Store, values: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        gating.set_config(STUDY_ID, values)
    assert store.latest(STUDY_ID, "gates") is None


def test_fingerprint_is_of_the_settings_alone() -> None:
    assert GateConfig().fingerprint == GateConfig(min_characters=40).fingerprint
    assert GateConfig().fingerprint != GateConfig(min_characters=41).fingerprint


def test_overrule_needs_a_reason_and_a_verdict_and_can_be_taken_back(gating: Gating, store: Store) -> None:
    with pytest.raises(ConfigError, match="no reason was given"):
        gating.overrule("s-short", CheckName.LENGTH, " ", "human:Ada")
    with pytest.raises(NotFoundError, match="'label' has not looked at sample 's-short'"):
        gating.overrule("s-short", CheckName.LABEL, "it is right", "human:Ada")
    gating.overrule("s-short", CheckName.LENGTH, "short reviews exist", "human:Ada")
    assert store.samples.get("s-short").passed is True
    with pytest.raises(ConfigError, match="overruled already"):
        gating.overrule("s-short", CheckName.LENGTH, "again", "human")
    gating.take_back("s-short", CheckName.LENGTH, "human:Ada")
    assert store.samples.get("s-short").passed is False
    with pytest.raises(ConfigError, match="not overruled"):
        gating.take_back("s-short", CheckName.LENGTH, "human:Ada")


def test_policy_approves_what_was_overruled_and_leaves_a_disputed_label_to_a_human(
    gating: Gating, store: Store
) -> None:
    gating.overrule("s-lm-far", CheckName.SIMILARITY, "reviews speak of invoices too", "human")
    approved = {one.sample_id for one in gated_decisions(store, STUDY_ID)}
    assert approved >= {"s-lm-far", "s-human-ext"}
    sample = store.samples.get("s-human-ext").sample
    store.samples.add_checks([label_check(sample, 1 - sample.label, "lm:small", ("no", "yes"), moment(90))])
    assert {one.sample_id for one in gated_decisions(store, STUDY_ID)} == approved - {"s-human-ext"}
    gating.overrule("s-human-ext", CheckName.LABEL, "the model missed the irony", "human")
    assert {one.sample_id for one in gated_decisions(store, STUDY_ID)} == approved


def test_earlier_verdicts_are_those_that_later_ones_replaced(gating: Gating, store: Store) -> None:
    assert gating.earlier("s-short") == []
    before = store.gates.history("s-short")
    store.samples.add_checks(make_checks("s-short", at=500))
    assert gating.earlier("s-short") == before


def test_scale_comes_back_also_from_before_it_had_scores(gating: Gating, store: Store) -> None:
    assert gating.scale(STUDY_ID) is None
    old = {"threshold": 0.3, "encoder": "e", "layer": 6, "references": 9, "passes_real": 1.0, "passes_shuffled": 0.5}
    store.record(STUDY_ID, SCALE_EVENT, dict(old))
    found = gating.scale(STUDY_ID)
    assert found is not None
    assert (found.threshold, found.top, found.training) == (0.3, 1, ())
    store.record(STUDY_ID, SCALE_EVENT, {**old, "training": [0.2, 0.4], "later": 1})
    found = gating.scale(STUDY_ID)
    assert found is not None
    assert found.training == (0.2, 0.4)
