"""Pre-tests: the exact test, the verdicts, and what is compared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from scipy.stats import fisher_exact

from bsm_core.domain.curation import Candidate, PretestVerdict
from bsm_core.errors import NothingToDoError
from bsm_core.metrics.pretest import fisher_greater, pretest_verdict
from bsm_core.report.ledger import ledger_csv, ledger_markdown
from bsm_core.store import DuckStore
from bsm_core.workflow.ledger import LedgerFilter, LedgerOrder, chosen, entries
from bsm_core.workflow.pretest import Ground, ground, pretest
from tests.factories import BASELINE_ID, STUDY_ID, make_filled_store, make_hypothesis


@pytest.mark.parametrize("table", [(7, 10, 12, 100), (0, 10, 0, 10), (10, 10, 0, 10), (1, 5, 40, 50), (3, 8, 3, 8)])
def test_fisher_is_scipys(table: tuple[int, int, int, int]) -> None:
    failed, size, control_failed, control_size = table
    wanted = fisher_exact(
        [[failed, size - failed], [control_failed, control_size - control_failed]], alternative="greater"
    )
    assert fisher_greater(*table) == pytest.approx(float(wanted.pvalue), rel=1e-9)


@pytest.mark.parametrize(
    ("table", "verdict"),
    [
        ((7, 10, 12, 100), PretestVerdict.SUPPORTED),
        ((0, 10, 12, 100), PretestVerdict.REFUTED),
        ((2, 10, 12, 100), PretestVerdict.OPEN),
        ((4, 20, 30, 100), PretestVerdict.REFUTED),  # below twice what plain texts do
        ((5, 5, 100, 100), PretestVerdict.REFUTED),  # where everything fails, a hypothesis says nothing
        ((0, 0, 0, 0), PretestVerdict.OPEN),
    ],
)
def test_verdict_follows_the_figures(table: tuple[int, int, int, int], verdict: PretestVerdict) -> None:
    assert pretest_verdict(*table) is verdict


def test_pretest_takes_the_first_samples_and_matches_the_control_by_label() -> None:
    samples = [Candidate(f"s{n}", n % 2, n < 6, "h2" if n > 3 else "h1") for n in range(12)]
    by_version = {name: [one for one in samples if one.hypothesis_id == name] for name in ("h1", "h2")}
    controls = {label: [Candidate(f"c{label}{n}", label, n % 10 == 0) for n in range(100)] for label in (0, 1)}
    found = pretest(Ground("st", "m", 0.65, 9, by_version, controls), ["h2", "h1"])
    assert found.sample_ids == tuple(f"s{n}" for n in range(9))
    assert Counter(name[:2] for name in found.control_ids) == {"c0": 50, "c1": 40}
    assert (found.failed, found.size, found.control_failed, found.control_size) == (6, 9, 9, 90)
    assert found.verdict is PretestVerdict.SUPPORTED


def test_pretest_of_too_few_samples_says_how_many_it_takes() -> None:
    on = Ground("st", "m", 0.65, 10, {"h": [Candidate("s", 0, True, "h")]}, {0: []})
    with pytest.raises(NothingToDoError, match=r"needs 3 samples .* has 1"):
        pretest(on, ["h"])


@pytest.fixture
def filled(tmp_path: Path) -> DuckStore:
    return make_filled_store(tmp_path / "workbench.duckdb")


def test_ground_leaves_out_what_was_rejected_or_failed_and_draws_the_same_controls(filled: DuckStore) -> None:
    study = filled.studies.get(STUDY_ID)
    first, again = (ground(filled, study, BASELINE_ID) for _ in range(2))
    assert first == again
    assert [one.sample_id for one in first.samples["h-rule"]] == [f"s-rule-{n}" for n in range(1, 5)] + ["s-taken-back"]
    assert "h-lm" not in first.samples  # its one sample failed a gate
    assert all(one.label == label for label, ones in first.controls.items() for one in ones)
    found = pretest(first, ["h-rule"])
    filled.pretests.add([found])
    assert filled.pretests.all(STUDY_ID) == {"h-rule": found}
    filled.close()


def test_ledger_filters_sorts_and_is_written_safely(filled: DuckStore) -> None:
    filled.hypotheses.add(make_hypothesis("h-odd", text="=1+1 | **bold** <script>", at=99))
    every = entries(filled, STUDY_ID, BASELINE_ID)
    assert [one.number for one in every] == ["A1", "A1.1", "A2", "A2.1", "A3", "A4"]
    assert [one.samples.approved for one in every] == [2, 0, 4, 2, 0, 0]
    rule = chosen(every, LedgerFilter(agent="rule", kind="extrapolation"))
    assert [one.hypothesis.hypothesis_id for one in rule] == ["h-rule-ext"]
    assert chosen(every, LedgerFilter(order=LedgerOrder.NEWEST))[0].number == "A4"
    assert chosen(every, LedgerFilter(search="COMMA"))[0].hypothesis.hypothesis_id == "h-lm"
    assert chosen(every, LedgerFilter(verdict="supported")) == []
    natural = every[4].effects  # h-lm rests on two natural UUs, which the arms answered on validation
    assert {effect.size for effect in natural} <= {2}
    assert "'=1+1 |" in ledger_csv(every)
    told = ledger_markdown(filled.studies.get(STUDY_ID), every)
    assert "=1\\+1 \\| \\*\\*bold\\*\\* \\<script\\>" in told
    filled.close()
