"""A causal language model with LoRA: what it learns, saves and refuses, on a tiny Llama; once on the packaged one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from bsm_core.classifiers import causal, foundation
from bsm_core.classifiers.predict import load_classifier
from bsm_core.classifiers.text_vectors import ClassifierVectors
from bsm_core.classifiers.train import ClassifierTrainer
from bsm_core.config import EMBEDDED_LLAMA, TrainingConfig, lora_defaults
from bsm_core.errors import ClassifierError
from bsm_core.jobs.events import Event
from bsm_core.tasks.assets import find_asset
from tests.encoders import POLARITY, open_context, polar_rows
from tests.llamas import make_tiny_llama

TRAIN, VALIDATION = polar_rows(96), polar_rows(24, seed=1)
TEXTS = [row.text for row in VALIDATION]
CONFIG = replace(
    lora_defaults("tiny"), epochs=2, learning_rate=1e-2, accumulation=2, max_length=32, lora_r=4, lora_alpha=8
)


class Killed(BaseException):
    """Stands for a kill: no ``except Exception`` sees it."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_llama(tmp_path_factory.mktemp("llama"))


def train(base: Path | str, job: Path, on_event: Any = None, **changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "base": str(base),
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
def trained(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job folder of a whole run."""
    job = tmp_path_factory.mktemp("job")
    train(base, job)
    return job


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained adapter that a test may spoil."""
    return shutil.copytree(trained / "model", tmp_path / "model")


def adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_train_learns_and_saves_the_adapter_and_head_alone(trained: Path, base: Path) -> None:
    folder = trained / "model"
    classifier = load_classifier(folder, "cpu")
    answers = classifier.probabilities(TEXTS)
    assert (answers.argmax(axis=1) == [row.label for row in VALIDATION]).mean() > 0.9
    assert classifier.label_names == POLARITY
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".safetensors", ".jinja"}
    assert not (folder / "model.safetensors").exists()
    names = adapter(folder)
    assert {name.split(".")[-2] for name in names} == {"lora_A", "lora_B", "score"}
    layers = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")  # 3.3: all linear layers
    assert all(
        any(f"layers.1.{part}.{layer}" in name for name in names for part in ("self_attn", "mlp")) for layer in layers
    )
    assert str(base.parent) not in (folder / "adapter_config.json").read_text().replace(str(base), "")


def test_train_card_names_the_language_model_and_its_hash(trained: Path, base: Path) -> None:
    card = json.loads((trained / "model" / "card.json").read_text())
    assert (card["kind"], card["base"], card["foundation"]) == ("causal", str(base), str(base))
    assert card["base_sha256"] == card["foundation_sha256"]
    assert card["steps"] == 2 * 6  # 96 texts in batches of 8, two to a step
    assert card["trained_parameters"] < card["parameters"]
    assert len(card["weights_sha256"]) == 64


def test_logits_are_those_of_the_model_in_training(trained: Path, tmp_path: Path) -> None:
    """Saved, found again and merged, it answers as the validation in training did, and alone as in company."""
    accuracy = json.loads((trained / "model" / "card.json").read_text())["accuracy"]
    classifier = load_classifier(trained / "model", "cpu")
    logits = classifier.logits(TEXTS)
    assert (logits.argmax(axis=1) == [row.label for row in VALIDATION]).mean() == accuracy
    alone = np.concatenate([classifier.logits([text]) for text in TEXTS[:5]])
    assert alone == pytest.approx(logits[:5], abs=1e-5)
    with open_context(tmp_path) as context:
        unmerged = causal.go_on(trained / "model", POLARITY, CONFIG, torch.device("cpu"), find_asset, context)
    plain = unmerged.tokenizer([text[0] for text in TEXTS], padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = unmerged.model.eval()(plain["input_ids"], plain["attention_mask"]).logits.numpy()
    assert logits == pytest.approx(expected, abs=1e-5)


def test_an_empty_text_and_the_sides_of_a_pair_have_answers(trained: Path) -> None:
    classifier = load_classifier(trained / "model", "cpu")
    assert np.isfinite(classifier.logits([("",), ("a film", "")])).all()
    both = classifier.logits([("great film", "dull story"), ("great", "film dull story")])
    assert not np.allclose(both[0], both[1], atol=1e-4)


def test_train_killed_and_resumed_gives_the_same_adapter(base: Path, trained: Path, tmp_path: Path) -> None:
    def kill(event: Event) -> None:
        if str(event.get("phase", "")).startswith("epoch 2 "):
            raise Killed

    with pytest.raises(Killed):
        train(base, tmp_path, kill)
    kept = load_file(tmp_path / "partial" / "checkpoint" / "epoch-0001" / "model.safetensors")
    assert all("lora_" in name or "score" in name for name in kept)  # the language model's own weights are not kept
    train(base, tmp_path)
    ours, whole = adapter(tmp_path / "model"), adapter(trained / "model")
    assert ours.keys() == whole.keys()
    assert all(torch.equal(ours[name], whole[name]) for name in ours)


def test_train_goes_on_from_the_parents_adapter(trained: Path, tmp_path: Path) -> None:
    card = train(trained / "model", tmp_path, config=replace(CONFIG, epochs=1, learning_rate=1e-7))
    parent = json.loads((trained / "model" / "card.json").read_text())
    assert card["base_sha256"] == parent["weights_sha256"]
    assert (card["foundation"], card["foundation_sha256"]) == (parent["foundation"], parent["foundation_sha256"])
    before, after = adapter(trained / "model"), adapter(tmp_path / "model")
    assert all(torch.allclose(before[name], after[name], atol=1e-5) for name in before)
    answers = (load_classifier(folder, "cpu").logits(TEXTS) for folder in (trained / "model", tmp_path / "model"))
    assert next(answers) == pytest.approx(next(answers), abs=1e-2)


def test_train_from_an_adapter_of_another_rank_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"made with lora_r 4, the settings say 64; set it to 4"):
        train(trained / "model", tmp_path, config=replace(CONFIG, lora_r=64))


def test_train_from_an_adapter_with_other_labels_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"decides between 2 labels .* the task has 3"):
        train(trained / "model", tmp_path, label_names=("a", "b", "c"))


def test_vectors_are_the_last_tokens_states(trained: Path) -> None:
    vectors = ClassifierVectors(trained / "model", "cpu").embed(TEXTS)
    assert vectors.shape == (24, 32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(24), abs=1e-5)
    alone = ClassifierVectors(trained / "model", "cpu").embed(TEXTS[3:4])
    assert alone[0] == pytest.approx(vectors[3], abs=1e-5)


def test_gradient_checkpointing_learns_the_same(base: Path, trained: Path, tmp_path: Path) -> None:
    train(base, tmp_path, config=replace(CONFIG, gradient_checkpointing=True))
    ours, whole = adapter(tmp_path / "model"), adapter(trained / "model")
    assert all(torch.allclose(ours[name], whole[name], atol=1e-4) for name in ours)


def test_bfloat16_learns_with_an_adapter_in_full_precision(base: Path, tmp_path: Path) -> None:
    train(base, tmp_path, config=replace(CONFIG, precision="bfloat16"))
    assert {value.dtype for value in adapter(tmp_path / "model").values()} == {torch.float32}
    answers = load_classifier(tmp_path / "model", "cpu").probabilities(TEXTS)
    assert (answers.argmax(axis=1) == [row.label for row in VALIDATION]).mean() > 0.9


def test_a_language_model_that_has_changed_is_refused(model: Path, tmp_path: Path) -> None:
    other = make_tiny_llama(tmp_path / "other", seed=1)
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps(card | {"foundation": str(other)}))
    with pytest.raises(ClassifierError, match=r"was trained on .*other' with SHA-256 .*; bring the former back"):
        load_classifier(model, "cpu")
    with pytest.raises(ClassifierError, match="bring the former back"):
        train(model, tmp_path / "job")


def test_a_language_model_that_is_gone_is_named(model: Path, tmp_path: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps(card | {"foundation": str(tmp_path / "gone")}))
    with pytest.raises(ClassifierError, match=f"there is no model folder {tmp_path / 'gone'}"):
        load_classifier(model, "cpu")


def test_an_adapter_without_a_card_is_refused(model: Path) -> None:
    (model / "card.json").unlink()
    with pytest.raises(ClassifierError, match="no card that names its language model"):
        load_classifier(model, "cpu")


def test_an_adapter_without_safetensors_is_refused(model: Path) -> None:
    (model / "adapter_model.safetensors").unlink()
    (model / "adapter_model.bin").write_bytes(b"pickled")
    with pytest.raises(ClassifierError, match=r"adapter_model\.safetensors is missing"):
        load_classifier(model, "cpu")


def test_a_language_model_without_an_adapter_is_not_asked(base: Path) -> None:
    with pytest.raises(ClassifierError, match="without an adapter; train it first"):
        load_classifier(base, "cpu")


def test_four_bits_without_bitsandbytes_says_what_to_do(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causal, "find_spec", lambda _name: None)
    with pytest.raises(ClassifierError, match=r"'4bit' needs the package bitsandbytes.*or use bfloat16"):
        train(base, tmp_path, config=replace(CONFIG, precision="4bit"))


def test_four_bits_on_a_cpu_are_refused(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causal, "find_spec", lambda _name: object())
    with pytest.raises(ClassifierError, match="needs a CUDA GPU, this runs on cpu"):
        train(base, tmp_path, config=replace(CONFIG, precision="4bit"))


def test_a_gguf_file_without_its_reader_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundation, "find_spec", lambda _name: None)
    with pytest.raises(ClassifierError, match=r"GGUF, and the package gguf that reads it is missing"):
        train(EMBEDDED_LLAMA, tmp_path)


def test_converted_weights_are_found_again_only_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = find_asset(EMBEDDED_LLAMA)
    assert path is not None
    kept = tmp_path / "foundations" / f"{path.stem}-b179c9523d0e"
    kept.mkdir(parents=True)
    (kept / "model.safetensors").write_bytes(b"weights")
    files = {"model.safetensors": foundation.file_hash(kept / "model.safetensors")}
    (kept / "converted.json").write_text(json.dumps({"files": files}))
    found = foundation.find_foundation(EMBEDDED_LLAMA, find_asset, tmp_path / "foundations")
    assert (found.folder, found.sha256[:12]) == (kept, "b179c9523d0e")
    (kept / "model.safetensors").write_bytes(b"another")
    monkeypatch.setattr(foundation, "find_spec", lambda _name: None)  # so that it is not made anew here
    with pytest.raises(ClassifierError, match="package gguf"):
        foundation.find_foundation(EMBEDDED_LLAMA, find_asset, tmp_path / "foundations")


@pytest.mark.slow
def test_the_packaged_llama_trains_a_few_steps_and_is_found_again(tmp_path: Path) -> None:
    rows = polar_rows(16)
    config: TrainingConfig = replace(
        lora_defaults(EMBEDDED_LLAMA), epochs=1, batch_size=4, accumulation=2, max_length=24
    )
    job = tmp_path / "jobs" / "j1"
    card = train(EMBEDDED_LLAMA, job, train=rows, validation=rows[:4], config=config)
    assert (card["steps"], card["foundation"]) == (2, EMBEDDED_LLAMA)
    assert 0.12 < card["trained_parameters"] / card["parameters"] < 0.14
    assert (tmp_path / "foundations").is_dir()  # in the workspace, not in the job
    assert sum(path.stat().st_size for path in (job / "model").iterdir()) < 90 * 2**20
    logits = load_classifier(job / "model", "cpu", find_asset).logits([row.text for row in rows[:4]])
    assert np.isfinite(logits).all()
