"""What is recorded of one example's attack."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from textattack.attack_results import AttackResult, FailedAttackResult, SkippedAttackResult, SuccessfulAttackResult
from textattack.goal_function_results import GoalFunctionResult

from bsm_core.domain.tasks import Example, Text
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, perturbation_id

OUTCOMES: dict[type[AttackResult], AttackOutcome] = {
    SuccessfulAttackResult: AttackOutcome.SUCCESSFUL,
    FailedAttackResult: AttackOutcome.FAILED,
    SkippedAttackResult: AttackOutcome.SKIPPED,
}

_NOTE_CHARACTERS = 300


def attacked(example: Example, set_id: str, result: AttackResult, seconds: float, note: str = "") -> Perturbation:
    """An attack that came to its end."""
    original, perturbed = result.original_result, result.perturbed_result
    words = original.attacked_text
    return Perturbation(
        perturbation_id=perturbation_id(set_id, example.example_id),
        example_id=example.example_id,
        outcome=OUTCOMES[type(result)],
        label=example.label,
        original_text=example.text,
        perturbed_text=perturbed_text(result),
        original_probabilities=_probabilities(original),
        perturbed_probabilities=_probabilities(perturbed),
        queries=int(result.num_queries),
        words_changed=len(words.all_words_diff(perturbed.attacked_text)),
        words_total=int(words.num_words),
        seconds=seconds,
        note=note,
    )


def broken(
    example: Example, set_id: str, error: Exception, probabilities: tuple[float, ...], queries: int, seconds: float
) -> Perturbation:
    """An attack that ended in ``error``. ``probabilities`` of the original text; empty where the model has none."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return Perturbation(
        perturbation_id=perturbation_id(set_id, example.example_id),
        example_id=example.example_id,
        outcome=AttackOutcome.ERROR,
        label=example.label,
        original_text=example.text,
        perturbed_text=example.text,
        original_probabilities=probabilities,
        perturbed_probabilities=probabilities,
        queries=queries,
        words_changed=0,
        words_total=0,
        seconds=seconds,
        note=reason[:_NOTE_CHARACTERS],
    )


def softmax(logits: npt.NDArray[np.float32]) -> tuple[float, ...]:
    """(K,) logits to probabilities."""
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return tuple((powers / powers.sum()).astype(np.float32).tolist())


def perturbed_text(result: AttackResult) -> Text:
    answer = result.perturbed_result.attacked_text.tokenizer_input
    return (answer,) if isinstance(answer, str) else tuple(answer)


def _probabilities(result: GoalFunctionResult) -> tuple[float, ...]:
    """As TextAttack saw them: the float32 softmax of the logits."""
    return tuple(result.raw_output.tolist())
