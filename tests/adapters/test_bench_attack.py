"""The comparison with TextAttack, on a tiny random encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bsm_core.bench.attack import Options, read_examples, run
from bsm_core.classifiers.predict import EncoderClassifier
from bsm_core.classifiers.untrained import save_untrained
from tests.encoders import make_tiny_encoder

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:textattack")]


def test_untrained_model_has_both_opinions(tmp_path: Path) -> None:
    texts = [item.text for item in read_examples(Options(n=40))]
    folder = save_untrained(make_tiny_encoder(tmp_path / "base"), tmp_path / "model", texts, 0)
    logits = EncoderClassifier(folder, "cpu", max_length=64).logits(texts)
    assert 10 <= logits.argmax(axis=1).sum() <= 30
    assert 1 < (logits[:, 1] - logits[:, 0]).std() < 3


def test_attacks_are_compared_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [item.text for item in read_examples(Options(n=10))]
    model = save_untrained(make_tiny_encoder(tmp_path / "base"), tmp_path / "model", texts, 0)
    run(Options(n=3, device="cpu", model=model), tmp_path / "figures.json")
    shown = capsys.readouterr().out
    figures = json.loads((tmp_path / "figures.json").read_text())
    ways = [way["way"] for way in figures["timings"]]
    assert ways == ["TextAttack", "our engine, one at a time", "our engine", "bare forward pass"]
    assert all(way in shown for way in ways)
    asked = [way["queries"] for way in figures["timings"]]
    assert asked[2] >= asked[3] > 0
    assert figures["spending"]["asked"] == asked[2]
    assert sum(figures["shares"].values()) == pytest.approx(1)
    # To a model with so few words most changes are the same unknown word: that many ties there are nowhere else.
    for agreed in figures["agreement"].values():
        assert agreed["examples"] == agreed["whole"] + agreed["ties"] == 3
        assert agreed["largest"] < 1e-5
