"""The texts of surveys: those that ship read well, and a faulty file says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.domain.survey import QuestionKind
from bsm_core.errors import ConfigError
from bsm_core.tasks.cards import load_task
from bsm_core.workflow.survey_texts import FOLDER, load_texts, paragraphs, text_names, texts_for


@pytest.mark.parametrize("name", text_names())
def test_shipped_texts_fit_their_tasks(name: str) -> None:
    texts = load_texts(name)
    assert len(texts.examples) >= 2
    assert len(texts.attention) >= 2
    for task_name in texts.tasks:
        task = load_task(task_name)
        assert set(texts.label_words) == set(task.label_names)
        sides = {len(side) for example in texts.examples for side in (example.original, example.perturbed) if side}
        assert sides == {len(task.text_fields)}
        assert texts_for(task) == name
    assert {example.label for example in texts.examples} <= set(texts.label_words.values())
    assert {example.kind for example in texts.examples} == {QuestionKind.ABSTRACTION, QuestionKind.EXTRAPOLATION}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("minutes = 30", "minutes = 'long'", "minutes: Input should be a valid integer"),
        ("minutes = 30", "minutes = 0", "minutes is 0; use 1 to 600"),
        ("minutes = 30", "minutes = 30\nhours = 1", "hours: Extra inputs are not permitted"),
        ("{questions} short", "{questoins} short", "welcome has the slot {questoins}; there are noun, labels"),
        ("{questions} short", "{questions short", "welcome has the slot"),
        ("right = 3", "right = 5", "attention check 1: right is 5"),
        ('kind = "abstraction"', 'kind = "guess"', "example 1: kind is 'guess'; use abstraction, extrapolation"),
        ('perturbed = ["a warm', 'perturbed = ["x", "a warm', "example 1: original has 1 sides, perturbed 2"),
        ("abstraction = ", "abstract = ", "instructions has no 'abstraction'"),
        ('title = "Opinions in reviews"', "", "title: Field required"),
    ],
)
def test_fault_in_a_file_is_named(tmp_path: Path, before: str, after: str, told: str) -> None:
    good = (FOLDER / "sa.toml").read_text(encoding="utf-8")
    assert before in good
    (tmp_path / "sa.toml").write_text(good.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_texts("sa", tmp_path)
    assert told in str(caught.value)
    assert "sa.toml" in str(caught.value)


def test_unknown_texts_name_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no survey texts 'xx'; there are nli, sa, se"):
        load_texts("xx")


def test_paragraphs_are_parted_by_empty_lines() -> None:
    assert paragraphs("\none\ntwo\n\n\nthree\n") == ["one two", "three"]
