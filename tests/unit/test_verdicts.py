"""What single gates say of a text, and the bad texts that they are tried on."""

from __future__ import annotations

import random

import pytest

from bsm_core.config import GateConfig
from bsm_core.domain.tasks import Split, Task, Text
from bsm_core.workflow import verdicts
from bsm_core.workflow.label_check import label_check
from bsm_core.workflow.made_bad import off_topic, random_words, vocabulary_of
from bsm_core.workflow.shingles import Nearest
from tests.factories import START, make_sample, make_task, review

CONFIG = GateConfig()
PAIRS = make_task(pair=True)
TEXTS: list[Text] = [(review(number, number % 2),) for number in range(30)]


def test_leak_names_the_split_and_never_the_text() -> None:
    leak = verdicts.leakage(Nearest(0.9, 3), Split.TEST, CONFIG)
    assert not leak.passed
    assert leak.reason == "it is nearly the same as a sealed test text"
    assert "validation text" in verdicts.leakage(Nearest(0.9, 3), Split.VALIDATION, CONFIG).reason
    assert verdicts.leakage(Nearest(0.3, 3), Split.TEST, CONFIG).passed
    assert verdicts.leakage(Nearest(0.0, None), None, CONFIG).passed


@pytest.mark.parametrize(
    ("text", "task", "problem"),
    [
        (("a question", "an answer"), PAIRS, ""),
        (("a question", " "), PAIRS, "its sentence2 is empty"),
        (("A question.", "a  question!"), PAIRS, "its sentence1 and sentence2 are the same text"),
        (("a question",), PAIRS, "it has 1 texts; the task needs 2: sentence1 and sentence2"),
        (("a film",), make_task(), ""),
        (("...",), make_task(), "its text is empty"),
    ],
)
def test_form_wants_every_side_of_a_pair_and_no_side_twice(text: Text, task: Task, problem: str) -> None:
    found = verdicts.form(text, task)
    assert found.passed is not bool(problem)
    assert problem in found.reason


def test_blind_label_that_differs_is_a_warning_and_never_a_rejection() -> None:
    sample, names = make_sample("s", label=1), ("negative", "positive")
    differs = label_check(sample, 0, "lm:small", names, START)
    assert (differs.passed, differs.advisory, differs.value) == (False, True, 0)
    assert "says 'negative'; it is 'positive' here" in differs.reason
    assert label_check(sample, 1, "lm:small", names, START).passed
    unsure = label_check(sample, None, "lm:small", names, START)
    assert (unsure.passed, unsure.value) == (False, None)


def test_fit_is_information_unless_a_mark_is_set() -> None:
    assert verdicts.fit(0.1, CONFIG).passed
    assert "than 10% of the training texts" in verdicts.fit(0.1, CONFIG).reason
    assert not verdicts.fit(0.1, GateConfig(min_fit=0.5)).passed
    assert verdicts.fit(None, GateConfig(min_fit=0.5)).passed
    assert "is off" in verdicts.fit(None, GateConfig(check_fit=False)).reason


def test_made_bad_texts_are_as_long_as_the_real_ones_or_about_something_else() -> None:
    words = vocabulary_of(TEXTS)
    made = random_words(TEXTS[0], words, random.Random(0))
    assert len(made[0].split()) == len(TEXTS[0][0].split())
    assert set(made[0].split()) <= set(words)
    assert len(off_topic(50, seed=0)) == 50
    assert off_topic(50, seed=0) == off_topic(50, seed=0) != off_topic(50, seed=1)
