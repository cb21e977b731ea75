"""``python -m bsm_core survey``: made, sent out, taken in, looked at."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from bsm_core.cli import main
from bsm_core.store import open_store
from tests.factories import STUDY_ID, make_filled_store


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: str) -> str:
    assert main(["survey", *arguments, "--workspace", str(workspace)]) == 0
    return capsys.readouterr().out


def test_survey_goes_out_and_comes_back(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no survey yet" in said(capsys, workspace, "status")
    told = said(
        capsys, workspace, "make", "--people", "2", "--by-file", "1", "--pay", "15", "--address", "https://x.test/"
    )
    survey_id = told.split(":")[0]
    assert "2 people, 13 questions each" in told
    assert "1\thttps://x.test/contribute?t=" in told
    assert "2\tby file" in told
    table = workspace / "questions.csv"
    said(capsys, workspace, "export", survey_id, str(table))
    said(capsys, workspace, "export", survey_id, str(workspace / "forms"))
    assert sorted(file.name for file in (workspace / "forms").iterdir()) == ["person-1.html", "person-2.html"]
    with table.open(encoding="utf-8", newline="") as stream:
        asked = [row for row in csv.DictReader(stream) if row["participant"] == "2" and row["kind"] == "abstraction"]
    answers = [
        {"question_id": row["question_id"], "text": f"It loses misspelled word {row['number']}.", "consent": "yes"}
        for row in asked
    ]
    (workspace / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    assert "5 answers taken in" in said(capsys, workspace, "import", survey_id, str(workspace / "answers.json"))
    assert "2: working, 5 of 13 answered" in said(capsys, workspace, "status")
    assert main(["survey", "import", survey_id, str(workspace / "answers.json"), "--workspace", str(workspace)]) == 1
    assert "was taken in before" in capsys.readouterr().err
    store = open_store(workspace / "workbench.duckdb")
    assert [survey.survey_id for survey in store.surveys.all(STUDY_ID)] == [survey_id]
    store.close()
