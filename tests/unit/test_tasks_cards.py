from pathlib import Path

import pytest

from bsm_core.errors import TaskError
from bsm_core.tasks.cards import load_task, read_card, task_names

CARD = """
title = "Entailment"
label_names = ["entailment", "not_entailment"]
text_fields = ["question", "sentence"]
phrase = "whether the sentence answers the question"
sample_noun = "question and sentence"
"""


def written(folder: Path, body: str) -> Path:
    path = folder / "qa.toml"
    path.write_text(body, encoding="utf-8")
    return path


def test_task_names_lists_the_built_in_tasks() -> None:
    assert task_names() == ["imdb", "mrpc", "qnli", "rotten_tomatoes"]


@pytest.mark.parametrize("name", ["imdb", "rotten_tomatoes"])
def test_load_task_of_a_built_in_name_gives_a_single_text_sentiment_task(name: str) -> None:
    task = load_task(name)
    assert (task.name, task.label_names, task.is_pair) == (name, ("negative", "positive"), False)


@pytest.mark.parametrize("name", ["mnli", "", "../presets/demo"])
def test_load_task_of_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(TaskError, match="imdb, mrpc, qnli, rotten_tomatoes"):
        load_task(name)


@pytest.mark.parametrize(
    ("name", "fields", "labels"),
    [
        ("mrpc", ("sentence1", "sentence2"), ("not_equivalent", "equivalent")),
        ("qnli", ("question", "sentence"), ("entailment", "not_entailment")),
    ],
)
def test_load_task_of_a_built_in_pair_task_numbers_labels_as_glue_does(
    name: str, fields: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    task = load_task(name)
    assert (task.text_fields, task.label_names) == (fields, labels)
    assert task.entailment == (name == "qnli")


def test_read_card_with_two_text_fields_gives_a_pair_task_named_after_the_file(tmp_path: Path) -> None:
    task = read_card(written(tmp_path, CARD))
    assert (task.name, task.is_pair, task.text_fields) == ("qa", True, ("question", "sentence"))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("title = ", "cannot be read"),
        (CARD + "labels = 3", "has labels; a card knows"),
        (CARD.replace('phrase = "whether the sentence answers the question"', ""), "phrase"),
        (CARD.replace('["entailment", "not_entailment"]', '["entailment"]'), "at least 2"),
        (CARD.replace('["entailment", "not_entailment"]', '"entailment"'), "label_names as a list"),
        (CARD.replace('["question", "sentence"]', '["a", "b", "c"]'), "use 1 or 2"),
    ],
)
def test_read_card_with_a_fault_says_which(tmp_path: Path, body: str, complaint: str) -> None:
    with pytest.raises(TaskError, match=complaint):
        read_card(written(tmp_path, body))


def test_read_card_that_is_not_there_is_a_task_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="gone"):
        read_card(tmp_path / "gone.toml")
