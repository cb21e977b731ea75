"""Table 2 in form: which rows, which averages, and what is the paper's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.errors import ConfigError
from bsm_core.metrics.averages import averages
from bsm_core.ports import Store
from bsm_core.report.paper import paper_json, paper_text
from bsm_core.report.table2 import table2_text
from bsm_core.workflow.compare import comparison
from bsm_core.workflow.confidence import confidence_by_arm
from bsm_core.workflow.reported import read_reported
from bsm_core.workflow.table2 import table2, table2_averages
from tests.factories import STUDY_ID, make_filled_store


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    store = make_filled_store(tmp_path / "w.duckdb")
    yield store
    store.close()


def test_averages_by_hand_differ_when_cells_are_of_different_size() -> None:
    # 100 to 90 and 10 to 5: together 110 to 95; each for itself -10% and -50%.
    both = averages([(100, 90), (10, 5), (0, 3)])
    assert both is not None
    assert both.cells == 2
    assert both.pooled == pytest.approx(95 / 110 - 1)
    assert both.mean_of_cells == pytest.approx(-0.30)
    assert averages([(0, 3)]) is None


def test_table2_has_a_row_a_comparison_and_its_counts(filled: Store) -> None:
    (row,) = table2(filled)
    found = comparison(filled, STUDY_ID, 0.65)
    assert [one.arm for one in row.arms] == [result.arm for result in found.results]
    assert [one.fresh for one in row.arms] == [result.fresh for result in found.results]
    before, after = row.arms[0].fresh, next(one.fresh for one in row.arms if one.arm is Arm.RELABEL)
    assert table2_averages([row])[Arm.RELABEL].pooled == pytest.approx(after / before - 1)
    assert Arm.ORIGINAL not in table2_averages([row])


def test_table2_of_an_empty_workspace_says_what_to_run(tmp_path: Path) -> None:
    assert "`experiment`" in table2_text([], read_reported(tmp_path))


def test_confidence_of_arms_adds_up_to_their_wrong_answers(filled: Store) -> None:
    found = comparison(filled, STUDY_ID, 0.65)
    for one, result in zip(confidence_by_arm(filled, found), found.results, strict=True):
        bins = filled.evaluations.confidence_bins(result.evaluation.model_id, result.evaluation.fresh_set_id, 10)
        assert list(one.counts) == [wrong for _, _, _, wrong in bins]
        assert sum(count for (low, _), count in zip(one.bins, one.counts, strict=True) if low >= 0.65) == result.fresh


def test_what_the_paper_reports_is_read_and_marked(tmp_path: Path, filled: Store) -> None:
    reported = read_reported(tmp_path)
    assert reported.average(Arm.HYPOTHESIS_LM) == -0.23
    assert reported.average(Arm.UNTARGETED) is None
    assert reported.cells == ()
    text = paper_text(filled, filled.studies.get(STUDY_ID), reported)
    for part in ("Table 2", "Tables 4 to 7", "Figures 4 and 5", "the paper's", "pooled", "mean of cells"):
        assert part in text
    told = paper_json(filled, filled.studies.get(STUDY_ID), reported)
    assert told["table_2"]["the_papers"]["averages"]["RELABEL"] == -0.09


def test_cells_copied_from_the_paper_stand_beside_ours(tmp_path: Path, filled: Store) -> None:
    (row,) = table2(filled)
    (tmp_path / "paper.toml").write_text(
        f'[[cells]]\ntask = "{row.task}"\nclassifier = "{row.classifier}"\nrecipe = "{row.recipe}"\narm = "RELABEL"\n'
        "unknowns = 123\n",
        encoding="utf-8",
    )
    assert "123" in table2_text([row], read_reported(tmp_path))
    assert "123" not in table2_text([row], read_reported(tmp_path / "elsewhere"))


@pytest.mark.parametrize(
    ("body", "problem"),
    [("[[cells]", "cannot be read as TOML"), ('[[cells]]\narm = "NOBODY"\n', "cells.0"), ("cells = 3\n", "cells")],
)
def test_a_broken_file_of_cells_is_refused_with_its_name(tmp_path: Path, body: str, problem: str) -> None:
    (tmp_path / "paper.toml").write_text(body, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"paper\.toml.*{problem}"):
        read_reported(tmp_path)
