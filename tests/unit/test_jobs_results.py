"""A result read back is the result that was written."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from bsm_core.domain.authoring import DraftKind, Nearness, RejectedDraft
from bsm_core.domain.experiments import UntargetedText
from bsm_core.domain.foils import FoilJudgement, FoilKind
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackOutcome, Verdict
from bsm_core.errors import JobError
from bsm_core.jobs.results import read_result, write_result
from bsm_core.ports import JobResult
from bsm_core.workflow.cluster import point_table
from tests.agent_records import make_call, make_checks, make_hypothesis, make_judgement, make_sample
from tests.records import (
    STUDY_ID,
    make_evaluation,
    make_example,
    make_model,
    make_perturbation,
    make_perturbation_set,
    moment,
)
from tests.spots import location_table, make_clustering, make_locating, make_point, make_spot
from tests.tables import answer, perturbation_table, prediction_table


def full_result() -> JobResult:
    example = make_example(1, Split.VALIDATION, label=1)
    rows = [make_perturbation("set-1", example, AttackOutcome.SUCCESSFUL, answer(1, 0.9), answer(0, 0.8))]
    sample = make_sample()
    return JobResult(
        "job-1",
        models=(make_model(),),
        predictions=(
            ("m-original", prediction_table([example.example_id], "example", [answer(1, 0.9)])),
            ("m-relabel", prediction_table([rows[0].perturbation_id], "perturbation", [answer(0, 0.8)])),
        ),
        sets=((make_perturbation_set(set_id="set-1", size=1), perturbation_table(rows)),),
        clusterings=((make_clustering([make_spot("spot-1", ["e-1"])]), point_table([make_point("e-1")])),),
        locatings=((make_locating(["spot-1"]), location_table(["e-1"], "spot-1")),),
        judgements=(make_judgement("p-1", Verdict.NO),),
        foil_judgements=(FoilJudgement(STUDY_ID, "e-1", FoilKind.ORIGINAL, Verdict.YES, "lm:big", moment(1)),),
        hypotheses=(make_hypothesis(),),
        nearness=(Nearness("h-2", "h-1", 0.2, None),),
        rejected=(
            RejectedDraft(
                "d-1", STUDY_ID, "job-1", DraftKind.SAMPLE, "a film", "too near", None, 0.9, None, "c-1", moment(2)
            ),
        ),
        samples=(sample,),
        checks=tuple(make_checks(sample.sample_id)),
        calls=(make_call(),),
        evaluations=(make_evaluation("m-original", "set-1", "set-1"),),
        untargeted=(UntargetedText("u-1", STUDY_ID, ("plain", "pair"), 1, None, moment(2)),),
        events=(("attacked", {"texts": 1, "rate": 0.5}),),
    )


def test_full_result_comes_back_equal_field_by_field(tmp_path: Path) -> None:
    result = full_result()
    write_result(tmp_path / "result", result)
    back = read_result(tmp_path / "result", "job-1")
    for field in fields(JobResult):
        assert getattr(result, field.name), f"{field.name} is not filled, so nothing was tested"
        assert getattr(back, field.name) == getattr(result, field.name), field.name


def test_empty_result_comes_back_empty(tmp_path: Path) -> None:
    write_result(tmp_path, JobResult("job-1"))
    assert read_result(tmp_path, "job-1") == JobResult("job-1")


def test_table_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    table = prediction_table(["e-1"], "example", [answer(1, 0.9)]).drop_columns(["item_kind"])
    with pytest.raises(JobError, match="a predictions table lacks item_kind; it has item_id, probabilities"):
        write_result(tmp_path, JobResult("job-1", predictions=(("m-1", table),)))


@pytest.mark.parametrize(
    "name", ["models.json", "predictions.json", "predictions/0.parquet", "perturbations/0.parquet"]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other"])
def test_damaged_result_is_refused_and_says_to_run_the_job_again(tmp_path: Path, name: str, damage: str) -> None:
    write_result(tmp_path, full_result())
    path = tmp_path / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "other": b'{"a": 1}'}[damage])
    with pytest.raises(JobError, match=r"the result of job job-1 in .* cannot be read .*; run the job again"):
        read_result(tmp_path, "job-1")


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    write_result(tmp_path / "result", JobResult("job-1"))
    shutil.rmtree(tmp_path / "result")
    with pytest.raises(JobError, match="cannot be read"):
        read_result(tmp_path / "result", "job-1")
