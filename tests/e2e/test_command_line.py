"""What the command line says to bad input: the value, the remedy, and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bsm_core.bootstrap import build_workbench
from bsm_core.cli import main
from bsm_core.config import load_settings
from tests.factories import make_filled_store


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert "Traceback" not in shown
    return shown


def test_unknown_preset_names_the_presets_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    shown = error_of(capsys, "run", "--preset", "dmeo")
    assert "'dmeo'" in shown
    assert "demo" in shown
    assert "paper-imdb" in shown


def test_corrupt_database_is_named_and_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = tmp_path / "workbench.duckdb"
    database.write_bytes(b"not a database " * 1000)
    before = database.read_bytes()
    shown = error_of(capsys, "run", "--preset", "smoke", "--workspace", str(tmp_path))
    assert str(database) in shown
    assert database.read_bytes() == before


def test_workspace_held_by_another_process_names_the_holder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "import sys, pathlib; from bsm_core.store import open_store; "
        "s = open_store(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.read(); s.close()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "workbench.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        shown = error_of(capsys, "run", "--preset", "smoke", "--workspace", str(tmp_path))
        assert str(holder.pid) in shown
    finally:
        holder.communicate(timeout=30)


def test_resume_without_a_run_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = error_of(capsys, "run", "--preset", "smoke", "--resume", "--workspace", str(tmp_path))
    assert "no run of preset 'smoke'" in shown
    assert "leave out --resume" in shown


def test_paper_preset_without_a_network_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    shown = error_of(capsys, "run", "--preset", "paper-imdb", "--workspace", str(tmp_path))
    assert "hub" in shown.lower()
    assert build_workbench(load_settings(tmp_path)).store.studies.all() == []


def test_broken_settings_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.json").write_text("{", encoding="utf-8")
    shown = error_of(capsys, "run", "--preset", "smoke", "--workspace", str(tmp_path))
    assert "settings.json" in shown


def test_impossible_setting_is_refused_with_its_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"teacher": {"endpoint": "ftp://example.org"}}
    (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    shown = error_of(capsys, "run", "--preset", "smoke", "--workspace", str(tmp_path))
    assert "ftp://example.org" in shown


def test_backup_copies_a_workspace_and_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    target = tmp_path / "copy" / "workbench.duckdb"
    target.parent.mkdir()
    assert main(["backup", str(target), "--workspace", str(tmp_path)]) == 0
    copied = build_workbench(load_settings(target.parent))
    assert len(copied.store.studies.all()) == 1
    copied.close()
    capsys.readouterr()
    assert str(target) in error_of(capsys, "backup", str(target), "--workspace", str(tmp_path))


def test_backup_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = error_of(capsys, "backup", str(tmp_path / "copy.duckdb"), "--workspace", str(tmp_path / "none"))
    assert "no workspace" in shown


def test_write_with_the_embedded_model_is_refused_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    shown = error_of(capsys, "write", "--workspace", str(tmp_path), "--dry-run")
    assert "set a teacher endpoint" in shown


def test_write_dry_run_tells_calls_and_tokens_and_asks_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    monkeypatch.setenv("BSM_TEACHER_ENDPOINT", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("BSM_TEACHER_MODEL", "big-model")
    assert main(["write", "--workspace", str(tmp_path), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "big-model at http://127.0.0.1:9/v1" in shown
    assert "about 19 calls" in shown
    assert "set the model's prices" in shown
    assert "use more than $0" in error_of(capsys, "write", "--workspace", str(tmp_path), "--dry-run", "--cap-usd", "0")
    assert "needs the prices" in error_of(capsys, "write", "--workspace", str(tmp_path), "--dry-run", "--cap-usd", "1")
