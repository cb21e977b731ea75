"""Attacking examples one by one: what TextAttack's own ``Attacker`` does, but seeded and failing by example."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from textattack import Attack
from textattack.attack_results import AttackResult, FailedAttackResult, SkippedAttackResult, SuccessfulAttackResult
from textattack.goal_function_results import GoalFunctionResult
from textattack.shared import AttackedText

from bsm_core.domain.tasks import Example, Text
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe, perturbation_id
from bsm_core.perturb.randomness import seeded
from bsm_core.perturb.recipes import build_attack
from bsm_core.perturb.wrapper import ClassifierWrapper
from bsm_core.ports import Classifier, JobContext

_OUTCOMES: dict[type[AttackResult], AttackOutcome] = {
    SuccessfulAttackResult: AttackOutcome.SUCCESSFUL,
    FailedAttackResult: AttackOutcome.FAILED,
    SkippedAttackResult: AttackOutcome.SKIPPED,
}

_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What TextAttack's text surgery raises on texts it cannot handle. Our own errors (a cancelled job, a model that
answers nonsense) are none of these, and end the run."""

_NOTE_CHARACTERS = 300


class TextAttackPerturber:
    """Fulfils ``ports.Perturber``: TextAttack's recipes with our own loop around them."""

    def perturb(
        self,
        classifier: Classifier,
        examples: Sequence[Example],
        recipe: PerturbationRecipe,
        seed: int,
        set_id: str,
        context: JobContext,
    ) -> Iterator[Perturbation]:
        """See ``ports.Perturber``. Of a text pair both sides are perturbed.

        Raises JobCancelledError between two calls of the classifier; PerturbationError for an unknown recipe;
        ClassifierError for a model that answers NaN.
        """
        attack = build_attack(recipe, ClassifierWrapper(classifier, context))
        for number, example in enumerate(examples):
            context.check_cancelled()
            context.progress("attacking", number, len(examples))
            with seeded(seed, example.example_id):
                found = _attack_one(attack, classifier, example, set_id)
            if found.outcome is AttackOutcome.ERROR:
                context.check_cancelled()  # a signal breaking into TextAttack may come out as an error of its own
            yield found
        context.progress("attacking", len(examples), len(examples))


def _attack_one(attack: Attack, classifier: Classifier, example: Example, set_id: str) -> Perturbation:
    started = time.perf_counter()
    # Left over from an example that was skipped or failed: cached answers would make its successor cheaper.
    attack.clear_cache()
    attack.goal_function.num_queries = 0
    try:
        _check_text(example.text)
        result = attack.attack(_attacked(example.text), example.label)
    except _FAILURES as error:
        queries = attack.goal_function.num_queries
        return _failure(classifier, example, set_id, error, queries, time.perf_counter() - started)
    return _perturbation(example, set_id, result, time.perf_counter() - started)


def _check_text(text: Text) -> None:
    # TextAttack joins the sides of a text with this token and splits them again, so it would cut the text there.
    if any(AttackedText.SPLIT_TOKEN in side for side in text):
        raise ValueError(f"the text contains {AttackedText.SPLIT_TOKEN}, with which TextAttack marks text pairs")


def _attacked(text: Text) -> AttackedText:
    names = ("text",) if len(text) == 1 else ("text_a", "text_b")
    return AttackedText(OrderedDict(zip(names, text, strict=True)))


def _perturbation(example: Example, set_id: str, result: AttackResult, seconds: float) -> Perturbation:
    original, perturbed = result.original_result, result.perturbed_result
    words = original.attacked_text
    return Perturbation(
        perturbation_id=perturbation_id(set_id, example.example_id),
        example_id=example.example_id,
        outcome=_OUTCOMES[type(result)],
        label=example.label,
        original_text=example.text,
        perturbed_text=_text(perturbed),
        original_probabilities=_probabilities(original),
        perturbed_probabilities=_probabilities(perturbed),
        queries=int(result.num_queries),
        words_changed=len(words.all_words_diff(perturbed.attacked_text)),
        words_total=int(words.num_words),
        seconds=seconds,
    )


def _text(result: GoalFunctionResult) -> Text:
    answer = result.attacked_text.tokenizer_input
    return (answer,) if isinstance(answer, str) else tuple(answer)


def _probabilities(result: GoalFunctionResult) -> tuple[float, ...]:
    """As TextAttack saw them: the float32 softmax of the logits."""
    return tuple(result.raw_output.tolist())


def _failure(
    classifier: Classifier, example: Example, set_id: str, error: Exception, queries: int, seconds: float
) -> Perturbation:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    answer = tuple(classifier.probabilities([example.text])[0].tolist())
    return Perturbation(
        perturbation_id=perturbation_id(set_id, example.example_id),
        example_id=example.example_id,
        outcome=AttackOutcome.ERROR,
        label=example.label,
        original_text=example.text,
        perturbed_text=example.text,
        original_probabilities=answer,
        perturbed_probabilities=answer,
        queries=queries,
        words_changed=0,
        words_total=0,
        seconds=seconds,
        note=reason[:_NOTE_CHARACTERS],
    )
