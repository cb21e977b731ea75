"""The comparison with TextAttack, on a tiny random encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bsm_core.bench.attack import Options, read_examples, run
from bsm_core.classifiers.predict import TrainedClassifier
from bsm_core.classifiers.untrained import save_untrained
from tests.encoders import make_tiny_encoder

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:textattack")]


def test_untrained_model_has_both_opinions(tmp_path: Path) -> None:
    texts = [item.text for item in read_examples(Options(n=40))]
    folder = save_untrained(make_tiny_encoder(tmp_path / "base"), tmp_path / "model", texts, 0)
    logits = TrainedClassifier(folder, "cpu", max_length=64).logits(texts)
    assert 10 <= logits.argmax(axis=1).sum() <= 30
    assert 1 < (logits[:, 1] - logits[:, 0]).std() < 3


@pytest.mark.usefixtures("one_thread")
def test_attacks_are_compared_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [item.text for item in read_examples(Options(n=10))]
    model = save_untrained(make_tiny_encoder(tmp_path / "base"), tmp_path / "model", texts, 0)
    run(Options(n=10, device="cpu", model=model, concurrency=8), tmp_path / "figures.json")
    shown = capsys.readouterr().out
    figures = json.loads((tmp_path / "figures.json").read_text())
    ways = [way["way"] for way in figures["timings"]]
    bare = ["our forward pass alone", "transformers' forward pass alone"]
    assert ways == ["TextAttack", "our engine, one at a time", "our engine", *bare]
    assert all(way in shown for way in ways)
    asked = [way["queries"] for way in figures["timings"]]
    assert asked[1] == asked[2] >= asked[3] == asked[4] > 0
    assert figures["spending"]["asked"] == asked[2]
    assert sum(figures["shares"].values()) == pytest.approx(1)
    alone, vanilla = figures["agreement"].values()
    assert (alone["examples"], alone["whole"], alone["largest"]) == (10, 10, 0)  # to the bit
    # To a model with so few words most changes are the same unknown word: that many ties there are nowhere else.
    assert vanilla["examples"] == vanilla["whole"] + vanilla["ties"] == 10
    assert vanilla["largest"] < 1e-5


@pytest.mark.parametrize("recipe", ["pruthi", "textfooler-local"])
def test_other_recipes_are_compared_too(tmp_path: Path, recipe: str) -> None:
    texts = [item.text for item in read_examples(Options(n=10))]
    model = save_untrained(make_tiny_encoder(tmp_path / "base"), tmp_path / "model", texts, 0)
    run(Options(n=1, device="cpu", model=model, recipe=recipe), tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert [agreed["unexplained"] for agreed in figures["agreement"].values()] == [0, 0]


def test_textattack_itself_may_be_left_out(tmp_path: Path) -> None:
    texts = [item.text for item in read_examples(Options(n=10))]
    model = save_untrained(make_tiny_encoder(tmp_path / "base"), tmp_path / "model", texts, 0)
    run(Options(n=2, device="cpu", model=model, textattack=False, precision="bfloat16"), tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert list(figures["agreement"]) == ["against our engine, one at a time"]
