"""The bench of training: that the trainer it compares with learns, and what the figures are made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bsm_core.bench.train import DEFAULT, OURS, Options, Run, _loss, ratios, run
from bsm_core.classifiers.predict import load_classifier
from bsm_core.classifiers.reference_trainer import train_with_transformers
from bsm_core.config import TrainingConfig
from bsm_core.errors import WorkbenchError
from tests.encoders import POLARITY, make_tiny_encoder, polar_rows


@pytest.mark.parametrize("pad_all", [False, True])
def test_train_with_transformers_learns_and_saves_what_we_can_load(pad_all: bool, tmp_path: Path) -> None:
    base, rows = make_tiny_encoder(tmp_path / "base"), polar_rows(96)
    config = TrainingConfig(base="tiny", epochs=2, learning_rate=3e-3, batch_size=8, max_length=32)
    steps = train_with_transformers(base, POLARITY, rows, config, 0, tmp_path / "model", pad_all=pad_all)
    assert steps == 2 * 12
    answers = load_classifier(tmp_path / "model", "cpu").probabilities([row.text for row in rows]).argmax(axis=1)
    assert (answers == [row.label for row in rows]).mean() > 0.9


def test_ratios_pair_the_runs_of_a_seed() -> None:
    def one(way: str, seed: int, seconds: float) -> Run:
        return Run(way, seed, seconds, seconds / 2, 0.0, 0.0, 0.0)

    runs = [one(OURS, 0, 10.0), one(DEFAULT, 0, 20.0), one(DEFAULT, 1, 30.0), one(OURS, 1, 20.0)]
    assert ratios(runs, DEFAULT, lambda run: run.seconds) == [2.0, 1.5]


def test_loss_is_the_cross_entropy_and_the_share_of_right_answers() -> None:
    rows = polar_rows(2)  # labels 0 and 1
    logits = np.log(np.array([[0.8, 0.2], [0.6, 0.4]], dtype=np.float32)) + 5
    loss, accuracy = _loss(logits, rows)
    assert loss == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2, abs=1e-6)
    assert accuracy == 0.5


def test_bench_train_refuses_nothing_to_train_on() -> None:
    with pytest.raises(WorkbenchError, match="--n 0 is less than 1"):
        run(Options(n=0), None)
