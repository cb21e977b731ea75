"""TextAttack under our own loop: what is recorded, that it depends on (seed, example) alone, and odd texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from bsm_core.domain.tasks import Example, Text
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe
from bsm_core.errors import ClassifierError, JobCancelledError, PerturbationError
from bsm_core.jobs.context import FolderContext
from bsm_core.jobs.folder import JobFolder
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.limits import AttackLimits
from bsm_core.ports import FloatArray, JobContext
from tests.attacks import WordClassifier, answered, example, open_context
from tests.records import review

pytestmark = pytest.mark.slow

_SENTENCES = [review(number, number % 2) for number in range(12)]
_STEADY = "the the the the the the the the plot is dull"  # eight votes that no change of the other words outweighs


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        yield opened


def _attack(
    context: JobContext, examples: Sequence[Example], seed: int = 0, classifier: WordClassifier | None = None
) -> list[Perturbation]:
    recipe = PerturbationRecipe.DEEPWORDBUG
    model = classifier or WordClassifier()
    return list(TextAttackPerturber().perturb(model, examples, recipe, seed, "set-1", context))


def _facts(perturbation: Perturbation) -> tuple[object, ...]:
    """All but the time it took."""
    return tuple(getattr(perturbation, name) for name in perturbation.__slots__ if name != "seconds")


def test_attacked_examples_are_recorded_with_the_models_answers(context: FolderContext) -> None:
    model = WordClassifier()
    examples = [answered(model, sentence) for sentence in [*_SENTENCES, _STEADY]]
    found = _attack(context, examples)
    assert [row.example_id for row in found] == [item.example_id for item in examples]
    assert {row.outcome for row in found} == {AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED}
    for item, row in zip(examples, found, strict=True):
        before, after = model.probabilities([row.original_text, row.perturbed_text])
        assert row.original_text == item.text
        assert row.original_probabilities == pytest.approx(before, abs=1e-6)
        assert row.perturbed_probabilities == pytest.approx(after, abs=1e-6)
        assert sum(row.perturbed_probabilities) == pytest.approx(1, abs=1e-6)
        assert np.argmax(row.original_probabilities) == row.label
        assert (np.argmax(row.perturbed_probabilities) != row.label) == (row.outcome is AttackOutcome.SUCCESSFUL)
        pairs = zip(row.original_text[0].split(), row.perturbed_text[0].split(), strict=True)
        assert row.words_changed == sum(one != other for one, other in pairs)
        assert row.words_total == len(item.text[0].split())
        assert row.seconds > 0


def test_skipped_example_was_wrong_before_and_costs_one_query(context: FolderContext) -> None:
    model = WordClassifier()
    right = answered(model, _SENTENCES[0])
    (row,) = _attack(context, [example(*right.text, label=1 - right.label)], classifier=model)
    assert row.outcome is AttackOutcome.SKIPPED
    assert row.perturbed_text == row.original_text
    assert (row.queries, row.words_changed, row.note) == (1, 0, "")
    assert np.argmax(row.original_probabilities) == right.label


def test_queries_count_the_texts_the_model_was_asked_about(context: FolderContext) -> None:
    model = WordClassifier()
    item = answered(model, _SENTENCES[3])
    model.asked.clear()
    (row,) = _attack(context, [item], classifier=model)
    assert row.queries == sum(len(texts) for texts in model.asked)


def test_three_labels_are_attacked(context: FolderContext) -> None:
    model = WordClassifier(3)
    found = _attack(context, [answered(model, sentence) for sentence in _SENTENCES[:6]], classifier=model)
    assert {len(row.perturbed_probabilities) for row in found} == {3}
    assert AttackOutcome.SUCCESSFUL in {row.outcome for row in found}


def test_result_depends_on_seed_and_example_alone(context: FolderContext) -> None:
    model = WordClassifier()
    examples = [answered(model, sentence) for sentence in _SENTENCES]
    found = {row.example_id: _facts(row) for row in _attack(context, examples)}

    random.seed(99)
    np.random.seed(99)
    torch.manual_seed(99)
    backwards = _attack(context, examples[::-1])
    assert {row.example_id: _facts(row) for row in backwards} == found
    (alone,) = _attack(context, examples[5:6])
    assert _facts(alone) == found[alone.example_id]

    other = [row.perturbed_text for row in _attack(context, examples, seed=1)]
    assert other != [row.perturbed_text for row in _attack(context, examples)]


def test_random_generators_are_left_as_they_were(context: FolderContext) -> None:
    def state() -> tuple[object, ...]:
        kind, keys, *rest = np.random.get_state()
        return random.getstate(), kind, keys.tobytes(), rest, torch.get_rng_state().numpy().tobytes()

    before = state()
    items = [answered(WordClassifier(), sentence) for sentence in _SENTENCES[:2]]
    attack = TextAttackPerturber().perturb(WordClassifier(), items, PerturbationRecipe.DEEPWORDBUG, 0, "set-1", context)
    next(attack)
    assert state() == before  # also while the attack waits for its reader
    assert len(list(attack)) == 1
    assert state() == before


def test_both_sides_of_a_pair_are_perturbed_and_kept(context: FolderContext) -> None:
    model = WordClassifier()
    pairs = zip(_SENTENCES[::2], _SENTENCES[1::2], strict=True)
    found = _attack(context, [answered(model, *pair) for pair in pairs], classifier=model)
    assert {len(row.perturbed_text) for row in found} == {2}
    changed = [[one != other for one, other in zip(r.original_text, r.perturbed_text, strict=True)] for r in found]
    assert any(first for first, _ in changed)
    assert any(second for _, second in changed)
    asked = {len(text) for texts in model.asked for text in texts}
    assert asked == {2}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "a",
        "🎬",
        "🎬🎬 great 👍🏽 film",
        "фильм был очень хорошим",
        "这部电影非常好看，我很喜欢",
        "فيلم جميل جدا",
        "[MASK] the [UNK] film [CLS] [SEP]",
        "I\u2028see\u00a0a \x00 b",
        "İstanbul ſtraße it's 'quoted' co-op",
        "<b onclick=x>bold</b> & <script>",
        "x" * 5_000,
        " ".join(f"word{number}" for number in range(250)),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_odd_text_is_attacked_like_any_other(context: FolderContext, text: str) -> None:
    model = WordClassifier()
    (row,) = _attack(context, [answered(model, text)], classifier=model)
    assert row.outcome in (AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED), row.note
    assert row.original_text == (text,)
    assert row.queries >= 1
    row.perturbed_text[0].encode()  # still valid Unicode
    if row.words_changed == 0:
        assert row.perturbed_text == (text,)


class _Faulty(WordClassifier):
    """Raises ``error`` for texts that still contain ``word``, but only when TextAttack asks about several at once."""

    def __init__(self, word: str, error: Callable[[str], Exception]) -> None:
        super().__init__()
        self._word = word
        self._error = error

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        if len(texts) > 1 and any(self._word in text[0] for text in texts):
            raise self._error(f"no answer\nfor {self._word}")
        return super().logits(texts, context)


def test_example_that_raises_is_an_error_and_the_next_goes_on(context: FolderContext) -> None:
    model = _Faulty("plot", ValueError)
    examples = [answered(model, "the plot is a mess"), answered(model, "the score is a mess")]
    broken, fine = _attack(context, examples, classifier=model)
    assert broken.outcome is AttackOutcome.ERROR
    assert broken.note == "ValueError: no answer for plot"
    assert broken.perturbed_text == broken.original_text == examples[0].text
    assert broken.perturbed_probabilities == broken.original_probabilities
    assert broken.original_probabilities == pytest.approx(model.probabilities([examples[0].text])[0])
    assert fine.outcome in (AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED)
    assert _facts(fine) == _facts(_attack(context, examples[1:])[0])


def test_text_that_textattack_would_cut_is_an_error(context: FolderContext) -> None:
    (row,) = _attack(context, [answered(WordClassifier(), "good <SPLIT> film")])
    assert row.outcome is AttackOutcome.ERROR
    assert "<SPLIT>" in row.note
    assert row.perturbed_text == ("good <SPLIT> film",)


def test_model_that_answers_nonsense_is_recorded(context: FolderContext) -> None:
    model = _Faulty("plot", ClassifierError)
    (row,) = _attack(context, [answered(model, "the plot is a mess")], classifier=model)
    assert row.outcome is AttackOutcome.ERROR
    assert row.note == "ClassifierError: no answer for plot"


def test_unknown_recipe_is_refused_by_name(context: FolderContext) -> None:
    with pytest.raises(PerturbationError, match="no perturbation recipe 'sledgehammer'; there are deepwordbug"):
        next(TextAttackPerturber().perturb(WordClassifier(), [], "sledgehammer", 0, "set-1", context))  # type: ignore[arg-type]


class _CancelsItself(WordClassifier):
    """Puts the cancel marker there while it answers its ``call``-th question."""

    def __init__(self, job: Path, call: int) -> None:
        super().__init__()
        self._cancel = JobFolder(job).cancel
        self._call = call

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        answers = super().logits(texts, context)
        if len(self.asked) == self._call:
            self._cancel.touch()
        return answers


def test_cancellation_takes_effect_within_an_example(context: FolderContext) -> None:
    item = answered(WordClassifier(), _SENTENCES[0])
    model = _CancelsItself(context.folder, call=2)
    with pytest.raises(JobCancelledError):
        _attack(context, [item], classifier=model)
    assert len(model.asked) == 2


def test_cancellation_between_examples_keeps_those_done(context: FolderContext) -> None:
    items = [answered(WordClassifier(), sentence) for sentence in _SENTENCES[:2]]
    one_by_one = TextAttackPerturber(AttackLimits(concurrency=1))
    attack = one_by_one.perturb(WordClassifier(), items, PerturbationRecipe.DEEPWORDBUG, 0, "set-1", context)
    assert next(attack).example_id == items[0].example_id
    JobFolder(context.folder).cancel.touch()
    with pytest.raises(JobCancelledError):
        next(attack)
