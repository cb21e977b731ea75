"""The numbers of the paper, each with its section. A change here is a change of the method."""

import pytest

from bsm_core.config import GateConfig, StudyConfig, TrainingConfig, load_preset, preset_names
from bsm_core.domain.unknowns import AttackGoal, check_tau


@pytest.fixture
def defaults() -> StudyConfig:
    return StudyConfig("x", "imdb", 0, 0, 0)


def test_tau_is_065(defaults: StudyConfig) -> None:
    assert defaults.tau == 0.65  # 3.3


@pytest.mark.parametrize("tau", [0.5, 0.0, 1.0001, -1.0, float("nan")])
def test_tau_at_or_below_one_half_or_above_one_is_refused(tau: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        check_tau(tau)


@pytest.mark.parametrize("tau", [0.5001, 0.65, 1.0])
def test_tau_between_one_half_and_one_is_taken(tau: float) -> None:
    assert check_tau(tau) == tau


def test_training_is_bert_10_epochs_at_2e_4_in_batches_of_64() -> None:
    training = TrainingConfig()
    assert training.base == "bert-base-uncased"
    assert (training.epochs, training.learning_rate, training.batch_size) == (10, 2e-4, 64)  # 3.3


def test_budget_is_one_percent_for_each_kind_of_hypothesis(defaults: StudyConfig) -> None:
    assert (defaults.abstraction_share, defaults.extrapolation_share) == (0.01, 0.01)  # 3.1


def test_gate_asks_for_40_characters() -> None:
    assert GateConfig().min_characters == 40  # 3.3


def test_preset_paper_imdb_is_the_papers_setting() -> None:
    preset = load_preset("paper-imdb")
    assert preset.task == "imdb"
    assert preset.require_hub
    assert preset.tau == 0.65
    # Table 1: 25,000 / 12,500 / 12,500, that is all of the train half and all of the test half in two.
    assert (preset.train_size, preset.validation_size, preset.test_size) == (0, 0, 0)
    assert (preset.attack_validation, preset.attack_test) == (0, 0)
    for training in (preset.baseline, preset.retrain):
        assert (training.base, training.epochs, training.learning_rate, training.batch_size) == (
            "bert-base-uncased",
            10,
            2e-4,
            64,
        )
    assert preset.gates.min_characters == 40
    assert (preset.abstraction_share, preset.extrapolation_share) == (0.01, 0.01)


@pytest.mark.parametrize("name", preset_names())
def test_presets_attack_until_the_label_flips(name: str) -> None:
    assert load_preset(name).goal == AttackGoal.UNTARGETED  # 3.2
