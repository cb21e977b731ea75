"""The settings of training: what each family adds, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.config import (
    BILSTM,
    EMBEDDED_LLAMA,
    PAPER_LLAMA,
    StudyConfig,
    TrainingConfig,
    bilstm_defaults,
    load_preset,
    lora_defaults,
)
from bsm_core.errors import ConfigError


def test_defaults_leave_an_encoder_as_it_was() -> None:
    plain = TrainingConfig()
    assert (plain.accumulation, plain.schedule, plain.max_grad_norm, plain.precision) == (1, "linear", 1.0, "float32")
    assert not plain.gradient_checkpointing


def test_lora_defaults_are_the_papers() -> None:
    lora = lora_defaults(PAPER_LLAMA)
    assert (lora.lora_r, lora.lora_alpha, lora.lora_dropout) == (64, 16, 0.1)  # 3.3
    assert (lora.epochs, lora.batch_size, lora.accumulation) == (3, 8, 8)
    assert (lora.learning_rate, lora.warmup_ratio, lora.schedule) == (2e-4, 0.1, "cosine")
    assert (lora.max_grad_norm, lora.weight_decay) == (0.3, 0.001)


def test_preset_paper_imdb_llama_is_the_papers_setting() -> None:
    preset, usual = load_preset("paper-imdb-llama"), lora_defaults(PAPER_LLAMA)
    assert preset.require_hub
    assert (preset.task, preset.train_size, preset.validation_size, preset.test_size) == ("imdb", 0, 0, 0)
    ours = {"max_length": 512, "precision": "bfloat16", "gradient_checkpointing": True}
    assert preset.baseline == preset.retrain == replace(usual, **ours)


def test_small_presets_start_from_what_is_packaged() -> None:
    assert load_preset("bilstm").baseline == bilstm_defaults()
    assert load_preset("lora-smoke").baseline.base == EMBEDDED_LLAMA
    assert not load_preset("lora-smoke").require_hub


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"base": " "}, "base is empty"),
        ({"accumulation": 0}, "accumulation is 0"),
        ({"schedule": "constant"}, "schedule 'constant' is unknown; use linear, cosine"),
        ({"max_grad_norm": 0.0}, "max_grad_norm is 0.0"),
        ({"max_grad_norm": float("nan")}, "max_grad_norm is nan"),
        ({"weight_decay": -0.1}, r"weight_decay is -0.1; use \[0, 1\)"),
        ({"precision": "8bit"}, "precision '8bit' is unknown; use float32, bfloat16, 4bit"),
        ({"lora_r": 0}, "lora_r is 0"),
        ({"lora_alpha": 0}, "lora_alpha is 0"),
        ({"lora_dropout": 1.0}, "lora_dropout is 1.0"),
        ({"base": BILSTM, "precision": "bfloat16"}, "a Bi-LSTM trains in float32"),
        ({"base": BILSTM, "gradient_checkpointing": True}, "a Bi-LSTM has none"),
    ],
)
def test_an_impossible_setting_names_it(values: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        TrainingConfig.from_dict(values)


def test_settings_of_before_are_read_with_the_defaults_of_now() -> None:
    stored = {"base": "all-MiniLM-L6-v2", "epochs": 3, "learning_rate": 5e-5, "batch_size": 64, "max_length": 128}
    assert TrainingConfig.from_dict(stored) == replace(TrainingConfig(), **stored)


@pytest.fixture
def study() -> StudyConfig:
    return load_preset("demo")


def test_retrain_from_a_model_of_the_studys_base_is_as_the_study_says(study: StudyConfig) -> None:
    assert study.retrain_from({"config": replace(study.baseline, epochs=9).to_dict()}) == study.retrain
    assert study.retrain_from({}) == study.retrain


def test_retrain_from_another_base_is_as_that_model_was_trained_for_no_more_epochs(study: StudyConfig) -> None:
    trained = bilstm_defaults()
    assert study.retrain_from({"config": trained.to_dict()}) == replace(trained, epochs=1)
