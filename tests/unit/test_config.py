import json
from pathlib import Path

import pytest

from bsm_core.config import (
    GateConfig,
    Settings,
    StudyConfig,
    TeacherConfig,
    TrainingConfig,
    load_preset,
    load_settings,
    preset_names,
    save_settings,
)
from bsm_core.errors import ConfigError

STUDY = {"preset": "x", "task": "imdb", "train_size": 10, "validation_size": 10, "test_size": 10}


def test_preset_names_lists_the_shipped_presets() -> None:
    assert {"demo", "evidence", "paper-imdb", "smoke"} <= set(preset_names())
    assert preset_names() == sorted(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_load_preset_of_a_shipped_name_carries_the_name(name: str) -> None:
    assert load_preset(name).preset == name


@pytest.mark.parametrize("name", ["nosuch", "", "../assets"])
def test_load_preset_of_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match=", ".join(preset_names())):
        load_preset(name)


@pytest.mark.parametrize("name", preset_names())
def test_study_config_through_json_comes_back_the_same(name: str) -> None:
    config = load_preset(name)
    assert StudyConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"train_size": -1}, "train_size is -1"),
        ({"tau": 0.5}, r"tau 0.5 is outside \(0.5, 1\]"),
        ({"tau": 1.01}, "outside"),
        ({"abstraction_share": 0.6}, "abstraction_share is 0.6"),
        ({"oversample": 0.5}, "oversample is 0.5"),
        ({"recipe": "bert-attack"}, "'bert-attack' is unknown; use deepwordbug"),
        ({"goal": "targeted"}, "goal 'targeted' is unknown; use untargeted, unknown-unknown"),
        ({"side": "third"}, "side 'third' is unknown; use both, first, second"),
        ({"colour": 1}, "does not know colour"),
        ({"baseline": {"epoch": 3}}, "TrainingConfig does not know epoch"),
        ({"baseline": {"epochs": 0}}, "epochs is 0"),
        ({"gates": {"min_characters": -1}}, "min_characters is -1"),
    ],
)
def test_study_config_with_an_impossible_value_names_it(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        StudyConfig.from_dict({**STUDY, **change})


def test_study_config_without_a_required_value_names_it() -> None:
    with pytest.raises(ConfigError, match="test_size"):
        StudyConfig.from_dict({key: value for key, value in STUDY.items() if key != "test_size"})


def test_study_config_with_seed_changes_the_seed_only() -> None:
    config = load_preset("demo")
    assert config.with_seed(7).to_dict() == {**config.to_dict(), "seed": 7}


@pytest.mark.parametrize(
    ("kind", "values", "complaint"),
    [
        (TrainingConfig, {"learning_rate": 0.0}, "learning_rate is 0.0"),
        (TrainingConfig, {"batch_size": 0}, "batch_size is 0"),
        (TrainingConfig, {"max_length": 513}, "max_length is 513"),
        (TrainingConfig, {"warmup_ratio": 1.0}, "warmup_ratio is 1.0"),
        (GateConfig, {"max_repeat_share": 0.0}, "max_repeat_share is 0.0"),
        (GateConfig, {"similarity_references": 9}, "similarity_references"),
        (TeacherConfig, {"endpoint": "localhost:8000"}, "is not a URL"),
        (TeacherConfig, {"model": " "}, "model is empty"),
        (TeacherConfig, {"key_variable": "sk-123"}, "is not a name"),
        (TeacherConfig, {"timeout": 0}, "timeout is 0"),
        (TeacherConfig, {"retries": -1}, "retries is -1"),
    ],
)
def test_config_with_an_impossible_value_names_it(kind: type, values: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        kind(**values)


def test_load_settings_of_an_empty_workspace_is_the_embedded_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings == Settings(tmp_path.resolve())
    assert settings.teacher.is_embedded
    assert settings.database.parent == tmp_path.resolve()


def test_load_settings_without_a_path_takes_the_workspace_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BSM_WORKSPACE", str(tmp_path / "mine"))
    assert load_settings().workspace == (tmp_path / "mine").resolve()


def test_save_settings_then_load_gives_the_same_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = Settings(tmp_path.resolve(), TeacherConfig(endpoint="https://example.org/v1", model="big"), "cpu")
    save_settings(saved)
    assert load_settings(tmp_path) == saved
    monkeypatch.setenv("BSM_TEACHER_MODEL", "bigger")
    monkeypatch.setenv("BSM_DEVICE", "cuda:1")
    changed = load_settings(tmp_path)
    assert (changed.teacher.model, changed.teacher.endpoint, changed.device) == (
        "bigger",
        "https://example.org/v1",
        "cuda:1",
    )


def test_load_settings_from_a_broken_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"settings\.json is not JSON"):
        load_settings(tmp_path)


def test_save_settings_never_writes_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    save_settings(load_settings(tmp_path))
    assert "sk-secret" not in (tmp_path / "settings.json").read_text(encoding="utf-8")
