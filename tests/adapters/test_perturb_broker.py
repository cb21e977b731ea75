"""Many searches at once: answered together, and each as if it were alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Example, Split, Text
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe
from bsm_core.errors import ClassifierError, JobCancelledError
from bsm_core.jobs.context import FolderContext
from bsm_core.jobs.folder import JobFolder
from bsm_core.perturb.broker import Asker, Question, Spending, answer_together, ask
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.limits import AttackLimits, search_bytes
from bsm_core.ports import FloatArray, JobContext, JobResult
from bsm_core.workflow.discover import STREAM, attack, discover
from bsm_core.workflow.tables import example_table
from tests.attacks import WordClassifier, answered, example, open_context
from tests.records import STUDY_ID, moment, review

pytestmark = pytest.mark.slow


class _Mild(WordClassifier):
    """Its votes do not add up with the length of the text, of which there may be thousands of words."""

    def _votes(self, text: Text) -> list[float]:
        return [vote / len(text[0].split()) for vote in super()._votes(text)]


def _examples(count: int = 20) -> list[Example]:
    """Of many lengths; every sixth is skipped, and two cannot be attacked at all."""
    model = WordClassifier()
    sentences = [
        " ".join(review(number + extra, number % 2) for extra in range(number % 3 + 1)) for number in range(count)
    ]
    found = [answered(model, sentence) for sentence in [*sentences, "", "the of and"]]
    found = [replace(item, label=1 - item.label) if number % 6 == 0 else item for number, item in enumerate(found)]
    return [*found, answered(model, "a <SPLIT> text")]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        yield opened


def _perturb(
    context: JobContext,
    examples: Sequence[Example],
    limits: AttackLimits | None = None,
    model: WordClassifier | None = None,
    seed: int = 0,
    spending: Spending | None = None,
) -> list[Perturbation]:
    perturber = TextAttackPerturber(limits, spending)
    recipe = PerturbationRecipe.DEEPWORDBUG
    return list(perturber.perturb(model or WordClassifier(), examples, recipe, seed, "set-1", context))


def _facts(rows: Sequence[Perturbation]) -> dict[str, Perturbation]:
    """All but the time they took, by example."""
    return {row.example_id: replace(row, seconds=0) for row in rows}


# The questions.


def _lengths(items: list[str]) -> np.ndarray[Any, Any]:
    if "broken" in items:
        raise ValueError("a broken item")
    return np.array([[len(item)] for item in items])


class _Counts(Asker):
    """Asks for the lengths of one batch of words after another."""

    def __init__(self, *batches: list[str]) -> None:
        super().__init__()
        self.batches = batches

    def run(self) -> list[list[int]]:
        return [ask(_lengths, batch, "lengths")[:, 0].tolist() for batch in self.batches]


def test_code_that_asks_is_answered_as_by_a_call() -> None:
    asker = _Counts(["one", "three"], ["seven"])
    question = asker.switch()
    answer_together([question], Spending())
    question = asker.answered(question)
    answer_together([question], Spending())
    assert asker.answered(question) == [[3, 5], [5]]
    assert ask(_lengths, ["outside", "of all"])[:, 0].tolist() == [7, 6]


def test_equal_items_are_answered_once() -> None:
    asked: list[list[str]] = []

    def answer(items: list[str]) -> np.ndarray[Any, Any]:
        asked.append(items)
        return _lengths(items)

    questions = [Question(answer, ["a", "bb", "a"], "model"), Question(answer, ["bb", "ccc"], "model")]
    spending = Spending()
    answer_together(questions, spending)
    assert asked == [["a", "bb", "ccc"]]
    assert [question.reply.tolist() for question in questions if question.reply is not None] == [
        [[1], [2], [1]],
        [[2], [3]],
    ]
    assert (spending.rounds, spending.asked, spending.answered) == (1, 5, 3)


def test_broken_item_is_the_affair_of_who_asked_it() -> None:
    askers = [_Counts([word]) for word in ("one", "broken", "three", "four", "five")]
    questions = [asker.switch() for asker in askers]
    answer_together(questions, Spending())
    with pytest.raises(ValueError, match="a broken item"):
        askers[1].answered(questions[1])
    others = [(asker, question) for asker, question in zip(askers, questions, strict=True) if question.error is None]
    assert [asker.answered(question) for asker, question in others] == [[[3]], [[5]], [[4]], [[4]]]


# The searches.


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_results_do_not_depend_on_what_else_is_under_way(context: FolderContext, seed: int) -> None:
    examples = _examples()
    alone = _perturb(context, examples, AttackLimits(concurrency=1), seed=seed)
    assert [row.example_id for row in alone] == [item.example_id for item in examples]
    assert {row.outcome for row in alone} == set(AttackOutcome)
    expected = _facts(alone)
    for limits in (
        AttackLimits(concurrency=7),
        AttackLimits(concurrency=64),
        AttackLimits(concurrency=64, round_characters=500),
        AttackLimits(concurrency=64, memory=5 * search_bytes(60)),
    ):
        found = _perturb(context, examples, limits, seed=seed)
        assert [row.example_id for row in found] == [item.example_id for item in examples]
        assert _facts(found) == expected
    assert _facts(_perturb(context, examples[::-1], seed=seed)) == expected
    shards = [*_perturb(context, examples[::2], seed=seed), *_perturb(context, examples[1::2], seed=seed)]
    assert _facts(shards) == expected
    shuffled = random.Random(seed).sample(examples, len(examples))
    assert _facts(_perturb(context, shuffled, AttackLimits(concurrency=5), seed=seed)) == expected


def test_queries_meet_in_common_batches(context: FolderContext) -> None:
    examples = _examples()[:20]
    calls = {}
    for concurrency in (1, 64):
        model, spending = WordClassifier(), Spending()
        _perturb(context, examples, AttackLimits(concurrency=concurrency), model, spending=spending)
        calls[concurrency] = len(model.asked)
        assert spending.rounds == len(model.asked)
        assert spending.answered == sum(len(texts) for texts in model.asked)
        assert spending.searching > spending.constraints > 0
    assert calls[64] < calls[1] / 8


def test_round_is_bounded_and_the_oldest_come_first(context: FolderContext) -> None:
    model = WordClassifier()
    examples = [answered(model, review(number, 0)) for number in range(20)]
    model.asked.clear()
    limits = AttackLimits(round_characters=400)
    perturber = TextAttackPerturber(limits)
    found = perturber.perturb(model, examples, PerturbationRecipe.DEEPWORDBUG, 0, "set-1", context)
    next(found)
    begun = sum(texts.count(item.text) for item in examples for texts in model.asked)
    assert begun < 12  # the first result did not wait for all to begin
    assert len(list(found)) == 19
    longest = max(sum(len(text[0]) for text in texts) for texts in model.asked)
    # A question that is longer by itself is the exception: ranking asks about all words at once.
    assert longest <= max(400, 15 * max(len(item.text[0]) for item in examples))


def test_result_waits_for_no_more_than_a_window(context: FolderContext) -> None:
    model = WordClassifier()
    long = answered(model, " ".join(review(number, 0) for number in range(12)))
    short = [answered(model, f"film {number}") for number in range(60)]
    perturber = TextAttackPerturber(AttackLimits(concurrency=3, round_characters=10**6))
    model.asked.clear()
    found = perturber.perturb(model, [long, *short], PerturbationRecipe.DEEPWORDBUG, 0, "set-1", context)
    assert next(found).example_id == long.example_id
    asked = {text for texts in model.asked for text in texts}
    assert sum(item.text in asked for item in short) <= 11
    assert [row.example_id for row in found] == [item.example_id for item in short]


class _Moody(WordClassifier):
    """Has no answer, like a model that gives NaN, for texts with ``word``."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        if any(self._word in text[0] for text in texts):
            raise ClassifierError("the model answers NaN or infinity")
        return super().logits(texts, context)


def test_example_without_an_answer_leaves_the_others_as_they_are(context: FolderContext) -> None:
    examples = [answered(WordClassifier(), review(number, 0)) for number in range(12)]
    expected = _facts(_perturb(context, examples))
    hit = {item.example_id for item in examples if "the score" in item.text[0]}
    assert 0 < len(hit) < len(examples)
    found = _facts(_perturb(context, examples, model=_Moody("the score")))
    for name, row in found.items():
        if name in hit:
            assert row.outcome is AttackOutcome.ERROR
            assert row.note == "ClassifierError: the model answers NaN or infinity"
            assert row.original_probabilities == ()
        else:
            assert row == expected[name]


# The limits.


def test_query_budget_ends_in_failure_with_a_note(context: FolderContext) -> None:
    examples = _examples()
    free = _perturb(context, examples)
    costly = [row for row in free if row.queries > 20]
    assert costly
    limited = _facts(_perturb(context, examples, AttackLimits(queries=20)))
    for row in free:
        if row.queries <= 20 and row.outcome is not AttackOutcome.FAILED:
            assert limited[row.example_id] == replace(row, seconds=0)
    cut = [limited[row.example_id] for row in costly]
    assert {row.queries for row in cut} == {20}
    # One may still succeed with the last query it has.
    assert all((row.outcome is AttackOutcome.FAILED) == (row.note != "") for row in cut)
    assert {row.note for row in cut} >= {"the budget of 20 queries was used up"}


def test_text_that_takes_too_long_is_an_error(context: FolderContext) -> None:
    model = _Mild()
    long = answered(model, " ".join(f"word{number}" for number in range(1500)))
    short = answered(model, "the plot is a mess")
    slow, quick = _perturb(context, [long, short], AttackLimits(seconds=0.5), model)
    assert slow.outcome is AttackOutcome.ERROR
    assert slow.note == "OutOfTimeError: not done within 0.5 s and 1 queries"
    assert slow.queries == 1
    assert 0.4 < slow.seconds < 3
    assert slow.original_probabilities == pytest.approx(model.probabilities([long.text])[0], abs=1e-6)
    assert _facts([quick]) == _facts(_perturb(context, [short], model=model))


def test_text_of_ten_thousand_words_is_recorded(context: FolderContext) -> None:
    model = _Mild()
    examples = [answered(model, "good film " * 5_000), answered(model, "the plot is a mess")]
    giant, other = _perturb(context, examples, model=model)
    assert giant.outcome is AttackOutcome.ERROR
    assert giant.note == "MemoryError: 10,000 words would take about 46.6 GiB"
    assert sum(giant.original_probabilities) == pytest.approx(1)
    assert other.outcome in (AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"queries": 0}, {"seconds": 0}])
def test_impossible_limit_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"less than 1|not above 0"):
        AttackLimits(**wrong)  # type: ignore[arg-type]


# Stopping and going on.


class _Dies(WordClassifier):
    """Is killed at its ``call``-th question."""

    def __init__(self, call: int) -> None:
        super().__init__()
        self._call = call

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        if len(self.asked) == self._call:
            raise KeyboardInterrupt
        return super().logits(texts, context)


_PARAMS: dict[str, object] = {
    "model_id": "m-original",
    "model_path": "model",
    "recipe": "deepwordbug",
    "goal": "untargeted",
    "split": "validation",
    "set_id": "set-1",
}


def _job(context: FolderContext, examples: Sequence[Example], model: WordClassifier, seed: int) -> JobResult:
    spec = JobSpec("job-1", STUDY_ID, JobKind.DISCOVER, "Attack", seed, _PARAMS, moment(0))
    return attack(
        spec,
        context,
        classifier=model,
        perturber=TextAttackPerturber(AttackLimits(concurrency=5)),
        examples=examples,
        set_id="set-1",
        split=Split.VALIDATION,
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_killed_job_goes_on_to_the_same_result(tmp_path: Path, seed: int) -> None:
    examples = _examples()
    # A model without an answer leaves no probabilities, and a text too strange for TextAttack is asked about alone.
    with open_context(tmp_path / "whole") as whole:
        ((_, expected),) = _job(whole, examples, WordClassifier(), seed).sets
    with open_context(tmp_path / "killed") as killed:
        deaths, draw = 0, random.Random(seed)
        for _ in range(50):
            try:
                ((_, found),) = _job(killed, examples, _Dies(draw.randrange(4, 12)), seed).sets
                break
            except KeyboardInterrupt:
                deaths += 1
        assert deaths > 1
    assert found.drop_columns(["seconds"]).equals(expected.drop_columns(["seconds"]))


def test_jobs_over_parts_come_to_parts_of_the_whole(tmp_path: Path) -> None:
    examples = _examples()
    whole = _rows(tmp_path / "whole", examples, concurrency=1)
    for concurrency in (1, 8, 64):
        shards = [examples[part::3] for part in range(3)]
        rows = [_rows(tmp_path / f"{concurrency}-{part}", shard, concurrency) for part, shard in enumerate(shards)]
        assert {name: row for found in rows for name, row in found.items()} == whole


def _rows(folder: Path, examples: Sequence[Example], concurrency: int) -> dict[str, dict[str, object]]:
    """What a job of its own, started like any other, brings for each example."""
    with open_context(folder) as context:
        pq.write_table(example_table(examples), context.inputs / "examples.parquet")
        spec = JobSpec("job-1", STUDY_ID, JobKind.DISCOVER, "Attack", 4, _PARAMS, moment(0))
        perturber = TextAttackPerturber(AttackLimits(concurrency=concurrency))
        result = discover(spec, context, load_classifier=lambda _: WordClassifier(), perturber=perturber)
    ((_, table),) = result.sets
    return {row["example_id"]: row for row in table.drop_columns(["seconds"]).to_pylist()}


def test_cancelled_job_keeps_what_is_done(context: FolderContext) -> None:
    class Cancels(WordClassifier):
        def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
            if len(self.asked) == 15:
                JobFolder(folder).cancel.touch()
            return super().logits(texts, context)

    folder = context.folder
    model = Cancels()
    with pytest.raises(JobCancelledError):
        _job(context, _examples(), model, 0)
    assert len(model.asked) == 16
    assert (context.partial / STREAM).read_bytes().count(b"\n") > 0


def test_reader_who_leaves_ends_the_searches(context: FolderContext) -> None:
    state = random.getstate()
    examples = [answered(WordClassifier(), review(number, 0)) for number in range(20)]
    model = WordClassifier()
    found = TextAttackPerturber().perturb(model, examples, PerturbationRecipe.DEEPWORDBUG, 0, "set-1", context)
    next(found)
    asked = len(model.asked)
    found.close()  # type: ignore[attr-defined]
    assert len(model.asked) == asked
    assert random.getstate() == state
    with pytest.raises(StopIteration):
        next(found)


def test_pair_and_single_text_may_be_under_way_together(context: FolderContext) -> None:
    model = WordClassifier()
    mixed = [example("the plot is dull", "says viewer 4", label=label) for label in (0, 1)]
    found = _perturb(context, [*mixed, answered(model, "the plot is dull")], model=model)
    assert [len(row.perturbed_text) for row in found] == [2, 2, 1]
