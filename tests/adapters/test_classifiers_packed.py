"""BERT without padding: transformers' answers, and the same to the bit in any company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    PreTrainedModel,
)

from bsm_core.classifiers.encoder import load_tokenizer
from bsm_core.classifiers.packed import PackedBert, pack
from bsm_core.classifiers.predict import TrainedClassifier, batched_logits
from bsm_core.classifiers.tokens import TextTokenizer
from bsm_core.domain.tasks import Text
from tests.encoders import make_tiny_encoder, open_context, polar_rows

_PAIR: Text = ("the film is great", "its music is dull")
_TEXTS: list[Text] = [("",), ("film",), _PAIR, *(row.text for row in polar_rows(40)), ("great film " * 100,)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT for three labels whose weights are random."""
    target = tmp_path_factory.mktemp("classifier")
    base = make_tiny_encoder(tmp_path_factory.mktemp("base"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        AutoModelForSequenceClassification.from_pretrained(base, num_labels=3).save_pretrained(target)
    load_tokenizer(base).save_pretrained(target)
    return target


@pytest.fixture(scope="module")
def model(folder: Path) -> PreTrainedModel:
    return AutoModelForSequenceClassification.from_pretrained(folder).eval()


@pytest.mark.parametrize("types", [True, False])
def test_answers_are_those_of_transformers(folder: Path, model: PreTrainedModel, types: bool) -> None:
    cutter = TextTokenizer(load_tokenizer(folder), 64)
    texts = sorted(cutter.tokenize(_TEXTS), key=len)
    assert {len(texts[0]), len(texts[-1])} == {2, 64}
    packed = pack(model, types)
    assert isinstance(packed, PackedBert)
    with torch.inference_mode():
        answers = packed(texts).numpy()
    expected = batched_logits(model, cutter, texts, 7, types)
    assert np.abs(answers - expected).max() < 1e-5
    assert np.ptp(expected, axis=0).min() > 0.01


@pytest.mark.usefixtures("one_thread")
def test_answers_are_the_same_to_the_bit_in_any_batch(folder: Path) -> None:
    together = TrainedClassifier(folder, "cpu", batch_size=1000).logits(_TEXTS)
    for rows in (1, 2, 7):
        assert np.array_equal(together, TrainedClassifier(folder, "cpu", batch_size=rows).logits(_TEXTS))
    assert np.array_equal(together[::-1], TrainedClassifier(folder, "cpu").logits(_TEXTS[::-1]))


def _bert(**changes: object) -> PreTrainedModel:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    return BertForSequenceClassification(BertConfig(vocab_size=9, **sizes, **changes)).eval()


def test_other_models_are_left_to_transformers(tmp_path: Path) -> None:
    distilled = make_tiny_encoder(tmp_path / "distilled", "distilbert")
    assert pack(AutoModelForSequenceClassification.from_pretrained(distilled), types=False) is None
    assert pack(_bert(), types=True) is not None
    assert pack(_bert(hidden_act="relu"), types=True) is None
    assert pack(_bert(position_embedding_type="relative_key"), types=True) is None
    assert pack(_bert().to(torch.bfloat16), types=True) is None


def test_texts_that_are_one_to_the_model_are_asked_once(folder: Path, tmp_path: Path) -> None:
    totals: list[int] = []
    texts: list[Text] = [("a zzz film",), ("A qqq film",), ("a film",), ("a zzz film",)]
    with open_context(tmp_path, lambda event: totals.append(event["total"])) as context:
        answers = TrainedClassifier(folder, "cpu").logits(texts, context)
    assert totals == [2]
    assert np.array_equal(answers[[0, 1, 3]], answers[[0, 0, 0]])
    assert not np.array_equal(answers[0], answers[2])
