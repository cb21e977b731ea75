from __future__ import annotations

import json
import random

import pytest

from bsm_core.errors import TeacherAnswerError
from bsm_core.workflow.parsing import clean, parse_hypothesis, parse_sample
from tests.factories import make_task

TASK, PAIR = make_task(), make_task(pair=True)
GOOD = {"hypothesis": "It trusts single words.", "reasoning": "One word decides."}
SAMPLE = {"sample": "A fine film.", "label": "positive", "reasoning": "It says fine."}


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(GOOD),
        f"```json\n{json.dumps(GOOD, indent=2)}\n```",
        f"Of course!\n{json.dumps(GOOD)}\nI hope that helps {{really}}.",
        json.dumps([GOOD]),
        json.dumps({"Hypothesis": GOOD["hypothesis"], "REASONING": GOOD["reasoning"]}),
        "Hypothesis: It trusts single words.\nReasoning: One word decides.",
        "**Hypothesis:** It trusts\nsingle words.\n\n**Reasoning:** One word decides.",
        "Here you are.\n- hypothesis: It trusts single words.\n- reasoning: One word decides.",
        'Hypothesis: "It trusts single words."\nReasoning: One word decides.',
    ],
)
def test_hypothesis_is_read_from_json_and_from_lines(answer: str) -> None:
    assert parse_hypothesis(answer) == ("It trusts single words.", "One word decides.")


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(SAMPLE),
        json.dumps(SAMPLE | {"label": "Positive."}),
        "Sample: A fine film.\nLabel: **positive**\nReasoning: It says fine.",
        "Sample 1: A fine film.\nLabel: positive\nReasoning: It says fine.",
    ],
)
def test_sample_is_read_with_its_label(answer: str) -> None:
    assert parse_sample(answer, TASK) == (("A fine film.",), 1, "It says fine.")


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"sample": {"sentence1": "One.", "sentence2": "Two."}, "label": "negative", "reasoning": "Why."}),
        "Sample sentence1: One.\nSample sentence2: Two.\nLabel: negative\nReasoning: Why.",
    ],
)
def test_sample_of_a_pair_task_has_both_texts(answer: str) -> None:
    assert parse_sample(answer, PAIR) == (("One.", "Two."), 0, "Why.")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("I'm sorry, I can't help with that.", "no sample"),
        (json.dumps({"label": "positive", "reasoning": "x"}), "no sample"),
        (json.dumps(SAMPLE | {"sample": " "}), "sample is empty"),
        (json.dumps(SAMPLE | {"sample": "..."}), "sample is empty"),
        (json.dumps(SAMPLE | {"sample": ["a", "b"]}), "sample is a list of 2"),
        (json.dumps(SAMPLE | {"sample": 3}), "sample is a number"),
        (json.dumps(SAMPLE | {"sample": None}), "sample is null"),
        (json.dumps(SAMPLE | {"sample": "x" * 10_001}), "10,001 characters"),
        (json.dumps(SAMPLE | {"label": "neutral"}), "'neutral'; it must be one of negative, positive"),
        (json.dumps(SAMPLE | {"label": "not positive"}), "not positive"),
        (json.dumps(SAMPLE | {"label": 1}), "label is a number"),
        (json.dumps({"sample": "A film.", "label": "positive"}), "no reasoning"),
        (json.dumps([SAMPLE, SAMPLE | {"sample": "Another."}]), "2 objects instead of one"),
        ("Sample: One.\nSample: Two.\nLabel: positive\nReasoning: x", "2 lines"),
        ("Sample 1: One.\nSample 2: Two.\nLabel: positive\nReasoning: x", "2 lines"),
        (json.dumps(SAMPLE)[:-20], "no"),
        ("x" * 60_000, "60,000 characters"),
    ],
)
def test_unusable_answer_is_refused_with_its_reason(answer: str, reason: str) -> None:
    with pytest.raises(TeacherAnswerError, match=reason):
        parse_sample(answer, TASK)


def test_one_side_of_a_pair_missing_is_named() -> None:
    with pytest.raises(TeacherAnswerError, match="no sample sentence2"):
        parse_sample(json.dumps(SAMPLE | {"sample": {"sentence1": "One."}}), PAIR)


def test_what_is_parsed_can_be_written_down() -> None:
    answer = '{"hypothesis": "a \\ud800 broken \\u0000 one", "reasoning": "x"}'
    assert parse_hypothesis(answer) == ("a broken one", "x")
    assert clean("a\u202e b\x07\n\n c\udfff").encode("utf-8") == "a\u202e b c".encode()


def test_no_string_whatever_crashes_the_parser() -> None:
    drawn = random.Random(0)
    pieces = [*'{}[]":,\\`*#\n ', "sample", "Sample:", "label: positive", '"label"', "Reasoning:", "\ud800", "\x00"]
    pieces += ["null", "1e999", "9" * 400, "\\u0041", "ü", "漢", "\u202e", json.dumps(SAMPLE), "Hypothesis: "]
    answers = ["".join(drawn.choices(pieces, k=drawn.randrange(40))) for _ in range(3000)]
    answers += [drawn.randbytes(60).decode("latin-1") for _ in range(500)]
    answers += [drawn.randbytes(60).decode("utf-8", "surrogateescape") for _ in range(500)]
    answers += ["{" * 40_000, "[" * 40_000, '{"sample":' * 5000, "*" * 40_000, '{"a":' + "[" * 20_000]
    read = 0
    for answer in answers:
        for task in (TASK, PAIR):
            try:
                text, label, reasoning = parse_sample(answer, task)
            except TeacherAnswerError:
                continue
            read += 1
            assert len(text) == len(task.text_fields)
            assert 0 <= label < 2
            assert all(text)
            assert reasoning.encode("utf-8")
    assert read > 0
