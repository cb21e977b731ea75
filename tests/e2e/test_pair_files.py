"""A pair task from files, and pairs in and out of it, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bsm_core.bootstrap import build_inline
from bsm_core.cli import main
from bsm_core.config import Settings, StudyConfig, TrainingConfig
from bsm_core.domain.jobs import JobState
from bsm_core.domain.unknowns import PerturbationRecipe
from tests.encoders import WORDS, make_tiny_encoder
from tests.factories import VALIDATION_SET_ID, make_filled_store

LABELS = ("entailment", "not_entailment")
PAIRS = [
    {"question": " ".join(WORDS[n % 7 : n % 7 + 3]), "sentence": " ".join(WORDS[n % 11 : n % 11 + 5]), "label": n % 2}
    for n in range(60)
]


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 1
    return capsys.readouterr().err


@pytest.mark.slow
def test_pair_task_from_a_file_is_trained_and_takes_and_gives_pairs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "dev.jsonl"
    data.write_text("\n".join(json.dumps(row | {"sentence": f"{row['sentence']} {n}"}) for n, row in enumerate(PAIRS)))
    training = TrainingConfig(base=str(make_tiny_encoder(tmp_path / "encoder")), epochs=1, max_length=64)
    workspace = tmp_path / "workspace"
    workbench = build_inline(Settings(workspace, device="cpu"))
    config = StudyConfig("try", "qnli", 30, 10, 10, data=str(data), baseline=training)
    study = workbench.create_study(config, "Questions")
    workbench.start_baseline(study.study_id)
    workbench.tick()
    states = [(job.state, job.message) for job in workbench.jobs()]
    workbench.close()
    assert states[0][0] is JobState.INGESTED, states

    brought = tmp_path / "adv.json"
    rows = [row | {"original_sentence": f"{row['sentence']} indeed"} for row in PAIRS[:8]]
    brought.write_text(json.dumps({"qnli": rows, "sst2": [{"sentence": "x", "label": 1}]}), encoding="utf-8")
    assert main(["import-pairs", str(brought), "--workspace", str(workspace)]) == 0
    said = capsys.readouterr().out
    assert "8 pairs" in said
    set_id = said.split(":")[0]

    exported = tmp_path / "set.csv"
    assert main(["export-pairs", set_id, str(exported), "--workspace", str(workspace)]) == 0
    assert main(["import-pairs", str(exported), "--workspace", str(workspace), "--study", study.study_id]) == 0
    again = capsys.readouterr().out.split("set-")[-1]
    assert said.split("pairs;")[1] in again
    workbench = build_inline(Settings(workspace, device="cpu"))
    sets = workbench.store.perturbations.sets(study.study_id)
    assert [one.recipe for one in sets] == [PerturbationRecipe.IMPORTED] * 2
    first, second = (workbench.store.perturbations.rows(one.set_id) for one in sets)
    workbench.close()
    assert [(one.original_text, one.perturbed_text, one.outcome) for one in first] == [
        (one.original_text, one.perturbed_text, one.outcome) for one in second
    ]
    assert first[0].original_text[1] == f"{PAIRS[0]['sentence']} indeed"


def test_export_writes_a_set_once_and_names_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    target = tmp_path / "set.csv"
    workspace = ("--workspace", str(tmp_path))
    assert main(["export-pairs", VALIDATION_SET_ID, str(target), *workspace]) == 0
    assert len(target.read_text(encoding="utf-8").splitlines()) == 61
    capsys.readouterr()
    assert "is there already" in error_of(capsys, "export-pairs", VALIDATION_SET_ID, str(target), *workspace)
    shown = error_of(capsys, "export-pairs", "set-x", str(tmp_path / "x.csv"), *workspace)
    assert f"no perturbation set 'set-x'; there are {VALIDATION_SET_ID}" in shown
    assert "cannot be written" in error_of(capsys, "export-pairs", VALIDATION_SET_ID, "/nowhere/x.csv", *workspace)


def test_faulty_file_and_missing_workspace_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    file = tmp_path / "pairs.csv"
    file.write_text("text,original_text,label\nx,y,positive\nx,y,so-so\n", encoding="utf-8")
    workspace = ("--workspace", str(tmp_path))
    shown = error_of(capsys, "import-pairs", str(file), *workspace)
    assert "pairs.csv, row 3, column 'label': 'so-so' is no label" in shown
    assert "cannot be read" in error_of(capsys, "import-pairs", str(tmp_path / "gone.csv"), *workspace)
    assert "no workspace" in error_of(capsys, "import-pairs", str(file), "--workspace", str(tmp_path / "none"))
    assert "st-x" in error_of(capsys, "import-pairs", str(file), "--study", "st-x", *workspace)
