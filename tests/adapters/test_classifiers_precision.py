"""Half precision is asked for by name, and says how far it moves the answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from bsm_core.classifiers.encoder import load_tokenizer
from bsm_core.classifiers.precision import precision
from bsm_core.classifiers.predict import TrainedClassifier
from bsm_core.errors import ClassifierError
from tests.attacks import log_lines
from tests.encoders import make_tiny_encoder, open_context, polar_rows

_TEXTS = [row.text for row in polar_rows(150)]
_CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("classifier")
    base = make_tiny_encoder(tmp_path_factory.mktemp("base"))
    AutoModelForSequenceClassification.from_pretrained(base, num_labels=2).save_pretrained(target)
    load_tokenizer(base).save_pretrained(target)
    return target


def test_precision_is_the_name_then_the_setting_then_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BSM_PRECISION", raising=False)
    assert precision(_CPU) is torch.float32
    monkeypatch.setenv("BSM_PRECISION", "bfloat16")
    assert precision(_CPU) is torch.bfloat16
    assert precision(_CPU, "float32") is torch.float32
    assert precision(torch.device("cuda"), "float16") is torch.float16


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("int8", "precision 'int8' is unknown; set BSM_PRECISION to one of float32, bfloat16, float16"),
        ("float16", "'float16' is for GPUs; on a CPU set BSM_PRECISION to float32 or bfloat16"),
    ],
)
def test_what_cannot_be_had_is_refused(folder: Path, name: str, message: str) -> None:
    with pytest.raises(ClassifierError, match=message):
        TrainedClassifier(folder, "cpu", precision=name)


def test_bfloat16_says_how_far_probabilities_move(folder: Path, tmp_path: Path) -> None:
    exact = TrainedClassifier(folder, "cpu").probabilities(_TEXTS)
    with open_context(tmp_path / "job") as context:
        rounded = TrainedClassifier(folder, "cpu", precision="bfloat16")
        first, rest = rounded.probabilities(_TEXTS[:10], context), rounded.probabilities(_TEXTS[10:], context)
        rounded.probabilities(_TEXTS, context)
        lines = log_lines(context)
    gaps = np.abs(np.concatenate([first, rest]) - exact).max(axis=1)
    assert 0 < gaps.max() < 0.05
    assert [line.split(",")[0] for line in lines] == [
        "precision bfloat16: over 10 of the texts asked about",
        "precision bfloat16: over 64 of the texts asked about",
    ]
    assert f"by up to {gaps[:10].max():.4f}, by {gaps[:10].mean():.4f} on average" in lines[0]


def test_float32_has_nothing_to_say(folder: Path, tmp_path: Path) -> None:
    with open_context(tmp_path / "job") as context:
        TrainedClassifier(folder, "cpu").logits(_TEXTS, context)
        assert log_lines(context) == []
