"""Training an encoder: what it learns, what it leaves behind, and that a killed run goes on to the same weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from bsm_core.classifiers.predict import load_classifier
from bsm_core.classifiers.train import STEP_TOKENS, ClassifierTrainer
from bsm_core.config import TrainingConfig
from bsm_core.errors import ClassifierError, JobCancelledError, NothingToDoError
from bsm_core.jobs.events import Event
from bsm_core.ports import LabelledText
from bsm_core.tasks.assets import find_asset
from tests.encoders import POLARITY, make_tiny_encoder, open_context, polar_rows

CONFIG = TrainingConfig(base="tiny", epochs=3, learning_rate=3e-3, batch_size=8, max_length=32)
TRAIN, VALIDATION = polar_rows(192), polar_rows(40, seed=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("base"))


class Killed(BaseException):
    """Stands for a kill: no ``except Exception`` sees it."""


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
        return ClassifierTrainer(find_asset).train(**(arguments | changes), context=context)


def kill_in_epoch(epoch: int) -> Any:
    def on_event(event: Event) -> None:
        if str(event.get("phase", "")).startswith(f"epoch {epoch} "):
            raise Killed

    return on_event


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def same(first: Path, second: Path) -> bool:
    return (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def trained(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job folder of a whole run."""
    job = tmp_path_factory.mktemp("job")
    events: list[Event] = []
    train(base, job, events.append)
    (job / "seen.json").write_text(json.dumps(events))
    return job


def test_train_learns_the_task(trained: Path) -> None:
    classifier = load_classifier(trained / "model")
    answers = classifier.probabilities([row.text for row in VALIDATION]).argmax(axis=1)
    assert (answers == [row.label for row in VALIDATION]).mean() > 0.9


def test_train_card_says_what_the_model_was_made_from(trained: Path) -> None:
    card = json.loads((trained / "model" / "card.json").read_text())
    assert card["label_names"] == list(POLARITY)
    assert card["config"] == CONFIG.to_dict()
    assert (card["seed"], card["train_size"], card["validation_size"]) == (7, 192, 40)
    assert card["steps"] == 3 * 24
    assert card["accuracy"] == card["epochs"][-1]["accuracy"] > 0.9
    assert card["loss"] == card["epochs"][-1]["loss"] < card["epochs"][0]["loss"]
    assert card["seconds"] > 0
    assert card["versions"]["torch"] == torch.__version__
    for name in ("base_sha256", "train_sha256", "validation_sha256", "weights_sha256"):
        assert len(card[name]) == 64


def test_train_writes_no_pickle(trained: Path) -> None:
    files = {path.suffix for path in trained.rglob("*") if path.is_file()}
    assert files <= {".json", ".jsonl", ".safetensors", ".txt"}


def test_train_tells_loss_per_step_and_accuracy_per_epoch(trained: Path) -> None:
    metrics = [event for event in json.loads((trained / "seen.json").read_text()) if event["type"] == "metric"]
    assert [event["step"] for event in metrics if event["name"] == "accuracy"] == [1, 2, 3]
    steps = [event["step"] for event in metrics if event["name"] == "loss"]
    assert steps == sorted(set(steps))
    assert steps[-1] == 72
    assert {24, 48, 72} <= set(steps)  # the last step of each epoch


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_train_killed_and_resumed_gives_the_same_weights(epoch: int, base: Path, trained: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(base, tmp_path, kill_in_epoch(epoch))
    checkpoints = [path.name for path in (tmp_path / "partial" / "checkpoint").glob("epoch-*")]
    assert checkpoints == ([f"epoch-{epoch - 1:04d}"] if epoch > 1 else [])
    events: list[Event] = []
    card = train(base, tmp_path, events.append)
    first = next(event for event in events if str(event.get("phase", "")).startswith("epoch"))
    assert first["phase"] == f"epoch {epoch} of 3"
    assert same(tmp_path / "model", trained / "model")
    whole = json.loads((trained / "model" / "card.json").read_text())
    assert {**card, "seconds": 0} == {**whole, "seconds": 0}


def test_train_killed_while_saving_goes_on_from_the_checkpoint_before(
    base: Path, trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        train(base, tmp_path, kill_in_epoch(2))
    draft = tmp_path / "partial" / "checkpoint" / "draft"
    draft.mkdir()
    (draft / "model.safetensors").write_bytes(b"half")
    train(base, tmp_path)
    assert same(tmp_path / "model", trained / "model")


def test_train_with_an_unreadable_checkpoint_begins_anew(base: Path, trained: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(base, tmp_path, kill_in_epoch(2))
    (tmp_path / "partial" / "checkpoint" / "epoch-0001" / "state.json").write_text("")
    train(base, tmp_path)
    assert same(tmp_path / "model", trained / "model")


def test_train_does_not_use_a_checkpoint_of_other_arguments(base: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(base, tmp_path / "job", kill_in_epoch(3), seed=8)
    train(base, tmp_path / "job")
    train(base, tmp_path / "fresh")
    assert same(tmp_path / "job" / "model", tmp_path / "fresh" / "model")


def test_train_with_another_seed_gives_another_model(base: Path, trained: Path, tmp_path: Path) -> None:
    train(base, tmp_path, seed=8)
    assert not same(tmp_path / "model", trained / "model")


def test_train_leaves_the_callers_random_state(base: Path, tmp_path: Path) -> None:
    before = torch.get_rng_state()
    train(base, tmp_path, config=replace(CONFIG, epochs=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_train_goes_on_from_a_model_of_ours_with_its_head(trained: Path, tmp_path: Path) -> None:
    card = train(trained / "model", tmp_path, config=replace(CONFIG, epochs=1, learning_rate=1e-7))
    before, after = weights(trained / "model"), weights(tmp_path / "model")
    assert before.keys() == after.keys()
    assert all(torch.allclose(before[name], after[name], atol=1e-4) for name in before)
    assert card["base_sha256"] == json.loads((trained / "model" / "card.json").read_text())["weights_sha256"]


def test_train_from_a_model_with_other_labels_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"decides between 2 labels .* the task has 3"):
        train(trained / "model", tmp_path, label_names=("a", "b", "c"))


def test_train_from_a_model_with_labels_in_another_order_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="another order"):
        train(trained / "model", tmp_path, label_names=POLARITY[::-1])


def test_train_with_a_loss_that_is_not_finite_says_so(tmp_path: Path) -> None:
    broken = make_tiny_encoder(tmp_path / "broken")
    tensors = weights(broken)
    tensors["embeddings.LayerNorm.weight"].fill_(float("nan"))
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ClassifierError, match=r"the loss is nan at step 5; train again with a lower learning rate"):
        train(broken, tmp_path / "job")


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([], NothingToDoError, "training split is empty"),
        ([LabelledText(("a film",), 2)], ClassifierError, "1 training rows have label 2; the task has 0 to 1"),
        ([LabelledText(("a film",), -1)], ClassifierError, "label -1"),
    ],
)
def test_train_refuses_unusable_rows(
    rows: list[LabelledText], error: type[Exception], message: str, base: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        train(base, tmp_path, train=rows)


def test_train_with_no_validation_rows_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingToDoError, match="validation split is empty"):
        train(base, tmp_path, validation=[])


def test_train_stops_at_the_cancel_marker_within_an_epoch(base: Path, tmp_path: Path) -> None:
    steps: list[int] = []

    def on_event(event: Event) -> None:
        if event["type"] == "metric" and event["name"] == "loss":
            steps.append(int(str(event["step"])))
            (tmp_path / "cancel").touch()

    with pytest.raises(JobCancelledError):
        train(base, tmp_path, on_event)
    assert steps == [5]  # of 72
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("place", ["partial/checkpoint", "model"])
def test_train_that_cannot_write_says_so_with_the_free_space(place: str, base: Path, tmp_path: Path) -> None:
    (tmp_path / "partial").mkdir()
    (tmp_path / place).write_text("a file where a folder should be")
    with pytest.raises(ClassifierError, match=r"cannot write the model to .*MiB free\). Make room and resume"):
        train(base, tmp_path, config=replace(CONFIG, epochs=1))


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_train_takes_pairs_and_three_classes(family: str, tmp_path: Path) -> None:
    base = make_tiny_encoder(tmp_path / "base", family)
    sides = {0: ("the film is great", "a superb film"), 1: ("the story is dull", "lovely music"), 2: ("actors", "its")}
    rows = [LabelledText(sides[index % 3], index % 3) for index in range(48)]
    names = ("entails", "contradicts", "neutral")
    config = replace(CONFIG, epochs=6)
    train(base, tmp_path / "job", label_names=names, train=rows, validation=rows[:12], config=config)
    classifier = load_classifier(tmp_path / "job" / "model")
    assert classifier.label_names == names
    answers = classifier.probabilities([row.text for row in rows])
    assert answers.shape == (48, 3)
    assert (answers.argmax(axis=1) == [row.label for row in rows]).all()


def test_train_rows_added_up_from_passes_give_the_gradient_of_the_whole_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = make_tiny_encoder(tmp_path / "start")
    config = json.loads((start / "config.json").read_text())
    calm = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (start / "config.json").write_text(json.dumps(config | calm))
    settings = replace(CONFIG, epochs=1, learning_rate=1e-4)
    train(start, tmp_path / "whole", config=settings)
    monkeypatch.setitem(STEP_TOKENS, "cpu", 40)  # two or three rows a pass
    train(start, tmp_path / "parts", config=settings)
    heads = [weights(tmp_path / name / "model")["classifier.weight"] for name in ("whole", "parts")]
    assert torch.allclose(*heads, atol=1e-5)  # Adam moves a weight by up to 24 * 1e-4
    losses = [json.loads((tmp_path / name / "model" / "card.json").read_text())["loss"] for name in ("whole", "parts")]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


@pytest.mark.slow
def test_train_of_the_packaged_encoder_learns_in_a_few_steps(tmp_path: Path) -> None:
    config = TrainingConfig(base="all-MiniLM-L6-v2", epochs=2, learning_rate=2e-4, batch_size=16, max_length=32)
    rows = polar_rows(64)
    card = train("all-MiniLM-L6-v2", tmp_path, train=rows, config=config)
    assert card["accuracy"] > 0.9
    assert card["parameters"] == 22_713_986
    classifier = load_classifier(tmp_path / "model")
    both = classifier.probabilities([("a truly moving film",), ("a truly tedious film",)])
    assert np.allclose(both.sum(axis=1), 1)
    assert both[0, 1] > both[1, 1]  # words that training did not have
