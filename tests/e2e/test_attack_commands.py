"""Attacks from the command line: reports of stored sets, a fresh attack, and a frozen replay."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from bsm_core.bootstrap import build_inline
from bsm_core.cli import main
from bsm_core.config import Settings, StudyConfig, TrainingConfig
from bsm_core.metrics.attack import attack_statistics
from bsm_core.store import open_store
from tests.encoders import BAD, GOOD, PLAIN, make_tiny_encoder
from tests.factories import FROZEN_SET_ID, STUDY_ID, VALIDATION_SET_ID, make_filled_store


def run(capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: str) -> tuple[int, str]:
    """Exit status, and what was said on either stream."""
    capsys.readouterr()
    status = main([*arguments, "--workspace", str(workspace)])
    shown = capsys.readouterr()
    return status, shown.out + shown.err


def test_report_prints_sets_side_by_side_and_writes_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = make_filled_store(tmp_path / "workbench.duckdb")
    statistics = attack_statistics(store.perturbations.rows(VALIDATION_SET_ID))
    store.close()
    table, listed = tmp_path / "out" / "a.csv", tmp_path / "out" / "a.json"
    chosen = ("--set", VALIDATION_SET_ID, FROZEN_SET_ID)
    status, said = run(capsys, tmp_path, "attack-report", *chosen, "--csv", str(table), "--json", str(listed))
    assert status == 0
    line = next(line for line in said.splitlines() if line.startswith("Attack success rate"))
    assert f"{statistics.success_rate:.1%}" in line
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [(row["set_id"], row["label"]) for row in rows] == [
        (set_id, label) for set_id in chosen[1:] for label in ("", "negative", "positive")
    ]
    assert float(rows[0]["attack_success_rate"]) == pytest.approx(statistics.success_rate)
    assert [one["texts"] for one in json.loads(listed.read_text("utf-8"))] == [int(row["texts"]) for row in rows]


def test_bad_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    for words, arguments in (
        ("no perturbation set 'set-x'", ("attack-report", "--set", "set-x")),
        ("no model 'm-x'", ("attack", "--model", "m-x")),
        ("counts as a look at test, after 4 before", ("replay", "--model", "relabel", "--set", "set-test-m-original")),
        ("no folder of job 'job-discover-failed'", ("attack", "--resume", "--study", STUDY_ID)),
        ("a.csv cannot be written", ("attack-report", "--csv", "/proc/a.csv")),
    ):
        status, said = run(capsys, tmp_path, *arguments)
        assert status == 1
        assert words in said
    assert "no workspace" in run(capsys, tmp_path / "none", "attack-report")[1]


@pytest.mark.slow
def test_model_is_attacked_afresh_and_its_set_replayed_on_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, workspace = tmp_path / "reviews.csv", tmp_path / "workspace"
    lines = [f"{(GOOD, BAD)[n % 2][n % 4]} {PLAIN[n % 13]} {PLAIN[n % 11]} {n},{n % 2}" for n in range(60)]
    data.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    encoder = str(make_tiny_encoder(tmp_path / "encoder"))
    training = TrainingConfig(base=encoder, epochs=10, learning_rate=2e-3, batch_size=8, max_length=64)
    workbench = build_inline(Settings(workspace, device="cpu"))
    config = StudyConfig("try", "rotten_tomatoes", 30, 20, 10, data=str(data), baseline=training)
    study = workbench.create_study(config, "Reviews")
    for _ in range(2):
        workbench.start_baseline(study.study_id)
        workbench.tick()
    first, second = workbench.store.models.all(study.study_id)
    workbench.close()

    assert run(capsys, workspace, "attack", "--model", first.model_id, "--size", "12", "--seed", "3")[0] == 0
    store = open_store(workspace / "workbench.duckdb")
    (made,) = store.perturbations.sets(study.study_id)
    frozen = len(store.perturbations.successful(made.set_id))
    store.close()
    assert (made.model_id, made.size, made.seed) == (first.model_id, 12, 3)
    status, said = run(capsys, workspace, "replay", "--model", second.model_id, "--set", made.set_id)
    assert frozen > 0
    assert (status, said.count(f"wrong of {frozen} perturbed texts")) == (0, 2)
    assert run(capsys, workspace, "attack-report")[0] == 0
