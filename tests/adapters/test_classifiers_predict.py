"""A trained encoder answers in the order given, as the bare model would, whatever the batches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from bsm_core.classifiers.predict import TrainedClassifier, load_classifier
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError, JobCancelledError
from bsm_core.jobs.events import Event
from tests.encoders import make_tiny_encoder, open_context, polar_rows

TEXTS: list[Text] = [row.text for row in polar_rows(50)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of three labels whose weights are random."""
    base = make_tiny_encoder(tmp_path_factory.mktemp("base"))
    target = tmp_path_factory.mktemp("classifier")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        AutoModelForSequenceClassification.from_pretrained(base, num_labels=3).save_pretrained(target)
    AutoTokenizer.from_pretrained(base).save_pretrained(target)
    return target


@pytest.fixture(scope="module")
def classifier(folder: Path) -> TrainedClassifier:
    return load_classifier(folder)


def bare(folder: Path, *text: str, max_length: int = 64) -> np.ndarray:
    """What the library itself answers to one text."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    inputs = AutoTokenizer.from_pretrained(folder)(*text, truncation=True, max_length=max_length, return_tensors="pt")
    with torch.inference_mode():
        return model(**inputs).logits[0].numpy()


def test_logits_are_the_bare_models_in_the_order_given(folder: Path, classifier: TrainedClassifier) -> None:
    logits = classifier.logits(TEXTS)
    assert (logits.shape, logits.dtype) == ((50, 3), np.float32)
    for index in (0, 17, 49):
        assert logits[index] == pytest.approx(bare(folder, *TEXTS[index]), abs=1e-5)


def test_logits_do_not_depend_on_the_company(classifier: TrainedClassifier) -> None:
    together = classifier.logits(TEXTS)
    alone = np.concatenate([classifier.logits([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.array_equal(together, classifier.logits(TEXTS))


def test_logits_of_pairs_are_the_bare_models(folder: Path, classifier: TrainedClassifier) -> None:
    pair = ("the film is great", "its music is dull")
    assert classifier.logits([pair, TEXTS[0]])[0] == pytest.approx(bare(folder, *pair), abs=1e-5)
    assert not np.allclose(classifier.logits([pair]), classifier.logits([pair[::-1]]))


def test_logits_of_nothing(classifier: TrainedClassifier) -> None:
    assert classifier.logits([]).shape == (0, 3)
    assert classifier.probabilities([]).shape == (0, 3)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u202e\ufeff", "ünïcödé 漢字 🎬", "great " * 5000])
def test_logits_of_strange_texts_are_finite(text: str, classifier: TrainedClassifier) -> None:
    assert np.isfinite(classifier.logits([(text,), ("a film",)])).all()


def test_logits_of_what_is_no_unicode_says_so(classifier: TrainedClassifier) -> None:
    with pytest.raises(ClassifierError, match="one of 2 texts is not one or two strings of valid Unicode"):
        classifier.logits([("a film",), ("half a pair of surrogates: \ud800",)])


def test_long_texts_are_cut_at_the_models_positions(folder: Path, classifier: TrainedClassifier) -> None:
    long = " ".join(TEXTS[0][0].split() * 20)
    assert classifier.max_length == 64
    assert classifier.logits([(long,)])[0] == pytest.approx(bare(folder, long), abs=1e-5)


def test_long_texts_are_cut_as_in_training(folder: Path, tmp_path: Path) -> None:
    trained = shutil.copytree(folder, tmp_path / "trained")
    (trained / "card.json").write_text(json.dumps({"config": {"max_length": 8}}))
    long = TEXTS[0][0] + " " + TEXTS[1][0]
    classifier = load_classifier(trained)
    assert classifier.max_length == 8
    assert classifier.logits([(long,)])[0] == pytest.approx(bare(folder, long, max_length=8), abs=1e-5)


def test_probabilities_are_the_softmax_and_sum_to_one(classifier: TrainedClassifier) -> None:
    probabilities = classifier.probabilities(TEXTS)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-6)
    raised = np.exp(classifier.logits(TEXTS).astype(np.float64))
    assert probabilities == pytest.approx(raised / raised.sum(axis=1, keepdims=True), abs=1e-6)


def test_label_count_and_names(classifier: TrainedClassifier) -> None:
    assert classifier.label_count == 3
    assert classifier.label_names == ("LABEL_0", "LABEL_1", "LABEL_2")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_answers_that_are_not_finite_are_refused(value: float, folder: Path, tmp_path: Path) -> None:
    diverged = shutil.copytree(folder, tmp_path / "diverged")
    tensors = load_file(diverged / "model.safetensors")
    tensors["classifier.bias"][1] = value
    save_file(tensors, diverged / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ClassifierError, match="NaN or infinity for 2 of 2 texts"):
        load_classifier(diverged).probabilities(TEXTS[:2])


def test_prediction_tells_its_progress(folder: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    with open_context(tmp_path, events.append) as context:
        TrainedClassifier(folder, batch_size=20).logits(TEXTS, context)
    assert [(event["phase"], event["total"]) for event in events] == [("predicting", 50)] * len(events)
    assert events[-1]["done"] == 50


def test_prediction_stops_at_the_cancel_marker(folder: Path, tmp_path: Path) -> None:
    classifier = TrainedClassifier(folder, batch_size=8)
    marker = tmp_path / "cancel"
    with open_context(tmp_path, lambda _: marker.touch()) as context, pytest.raises(JobCancelledError):
        classifier.logits(TEXTS, context)
