"""The Bi-LSTM: which words it knows, what it learns, and that it serves wherever an encoder does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bsm_core.classifiers.encoder import load_tokenizer, load_trained
from bsm_core.classifiers.predict import load_classifier
from bsm_core.classifiers.text_vectors import ClassifierVectors
from bsm_core.classifiers.train import ClassifierTrainer
from bsm_core.classifiers.vocabulary import vocabulary_of
from bsm_core.config import BILSTM, TrainingConfig
from bsm_core.errors import ClassifierError
from bsm_core.jobs.events import Event
from bsm_core.ports import LabelledText
from bsm_core.tasks.assets import find_asset
from tests.encoders import POLARITY, open_context, polar_rows

TRAIN, VALIDATION = polar_rows(96), polar_rows(24, seed=1)
CONFIG = TrainingConfig(base=BILSTM, epochs=3, learning_rate=5e-3, batch_size=16, max_length=32)


class Killed(BaseException):
    """Stands for a kill: no ``except Exception`` sees it."""


def train(job: Path, on_event: Any = None, **changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "base": BILSTM,
        "label_names": POLARITY,
        "train": TRAIN,
        "validation": VALIDATION,
        "config": CONFIG,
        "seed": 7,
        "output": job / "model",
    }
    with open_context(job, on_event) as context:
        return ClassifierTrainer(find_asset, "cpu").train(**(arguments | changes), context=context)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job folder of a whole run."""
    job = tmp_path_factory.mktemp("job")
    train(job)
    return job


def same(first: Path, second: Path) -> bool:
    return (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()


def test_vocabulary_has_seen_words_before_frequent_ones_and_no_word_seen_once_without_a_vector() -> None:
    vectors = {"the": 0, "a": 3, "film": 1, "rare": 39_999, "rarer": 40_000, "u.s.": 2}
    words = vocabulary_of([("A film, film zzyx",), ("Zzyx", "Oncezz rarer")], vectors)
    assert words == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "film", "zzyx", "a", "rarer", "the", "rare"]
    assert "oncezz" not in words
    assert "u.s." not in words  # the splitter would cut it


def test_train_learns_and_knows_words_that_training_did_not_have(trained: Path) -> None:
    classifier = load_classifier(trained / "model", "cpu")
    answers = classifier.probabilities([row.text for row in VALIDATION])
    assert (answers.argmax(axis=1) == [row.label for row in VALIDATION]).mean() > 0.9
    unseen = classifier.probabilities([("the film is marvelous and delightful",), ("the film is horrible and boring",)])
    assert unseen[0, 1] > unseen[1, 1]  # by their vectors
    assert np.allclose(answers.sum(axis=1), 1)
    assert classifier.label_names == POLARITY


def test_train_leaves_safetensors_json_and_words_alone(trained: Path) -> None:
    files = {path.name for path in (trained / "model").iterdir()}
    assert {"config.json", "model.safetensors", "card.json", "tokenizer.json", "vocab.txt"} <= files
    assert {Path(name).suffix for name in files} <= {".json", ".safetensors", ".txt"}
    card = json.loads((trained / "model" / "card.json").read_text())
    assert (card["kind"], card["base"], card["word_vectors"]) == ("bilstm", "bilstm", "glove-6b-50d")
    assert card["base_sha256"].startswith("2d85b9db2ad8")  # of the vectors' file
    assert card["known_words"] > 30_000


def test_train_is_the_same_for_a_seed_and_another_for_another(trained: Path, tmp_path: Path) -> None:
    train(tmp_path / "again")
    assert same(tmp_path / "again" / "model", trained / "model")
    train(tmp_path / "other", seed=8)
    assert not same(tmp_path / "other" / "model", trained / "model")


def test_train_killed_and_resumed_gives_the_same_weights(trained: Path, tmp_path: Path) -> None:
    def kill(event: Event) -> None:
        if str(event.get("phase", "")).startswith("epoch 2 "):
            raise Killed

    with pytest.raises(Killed):
        train(tmp_path, kill)
    events: list[Event] = []
    train(tmp_path, events.append)
    assert not any(str(event.get("phase", "")).startswith("epoch 1 ") for event in events)
    assert same(tmp_path / "model", trained / "model")


def test_train_goes_on_from_a_model_of_ours_with_its_words(trained: Path, tmp_path: Path) -> None:
    rows = [*TRAIN, LabelledText(("newword newword",), 1)]
    config = replace(CONFIG, epochs=1, learning_rate=1e-7)
    card = train(tmp_path, base=str(trained / "model"), train=rows, config=config)
    assert card["kind"] == "bilstm"
    assert card["base_sha256"] == json.loads((trained / "model" / "card.json").read_text())["weights_sha256"]
    ours, theirs = (load_tokenizer(folder / "model") for folder in (tmp_path, trained))
    assert ours.get_vocab() == theirs.get_vocab()
    before, after = (load_trained(folder / "model").state_dict() for folder in (trained, tmp_path))
    assert all(torch.allclose(before[name], after[name], atol=1e-4) for name in before)


def test_logits_do_not_depend_on_the_company_and_odd_texts_have_some(trained: Path) -> None:
    classifier = load_classifier(trained / "model", "cpu")
    texts = [row.text for row in VALIDATION] + [("",), ("🙂 ¡ö!",), ("word " * 500,), ("a film", "")]
    together = classifier.logits(texts)
    assert np.isfinite(together).all()
    alone = np.concatenate([classifier.logits([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_vectors_are_what_its_head_decides_from(trained: Path) -> None:
    texts = [row.text for row in VALIDATION]
    vectors = ClassifierVectors(trained / "model", "cpu").embed(texts)
    assert vectors.shape == (24, 128)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(24), abs=1e-5)
    labels = np.array([row.label for row in VALIDATION])
    near, far = vectors[labels == 1] @ vectors[labels == 1].T, vectors[labels == 1] @ vectors[labels == 0].T
    assert near.mean() > far.mean()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"precision": "bfloat16"}, "precision is bfloat16, but .* is of the family bilstm, which trains in float32"),
        ({"gradient_checkpointing": True}, "gradient_checkpointing is on, but .* is a Bi-LSTM"),
    ],
)
def test_train_on_from_a_bilstm_with_what_it_has_not_is_refused(
    changes: dict[str, Any], message: str, trained: Path, tmp_path: Path
) -> None:
    folder = str(trained / "model")
    with pytest.raises(ClassifierError, match=message):
        train(tmp_path, base=folder, config=replace(CONFIG, base=folder, **changes))


def test_train_without_the_word_vectors_says_so(tmp_path: Path) -> None:
    trainer = ClassifierTrainer(lambda _name: None, "cpu")
    with open_context(tmp_path) as context, pytest.raises(ClassifierError, match=r"word vectors .* `make venv`"):
        trainer.train(BILSTM, POLARITY, TRAIN, VALIDATION, CONFIG, 0, tmp_path / "model", context)
