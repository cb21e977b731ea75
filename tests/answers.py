"""What made-up models answer and how attacks on them end: by hash, so that the same text always gets the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Example
from bsm_core.domain.unknowns import AttackOutcome, Perturbation
from tests.records import make_perturbation
from tests.tables import answer

Answers = dict[str, tuple[float, ...]]

_WRONG = 0.2
_FIXED = {Arm.ORIGINAL: 0.0, Arm.MORE_TRAINING: 0.1, Arm.RELABEL: 0.25, Arm.HYPOTHESIS_RULE: 0.5}
_WITHSTANDS = {Arm.ORIGINAL: 0.25, Arm.MORE_TRAINING: 0.25, Arm.RELABEL: 0.35, Arm.HYPOTHESIS_RULE: 0.6}
_DEMOTED, _NEW, _ERROR = 0.15, 0.04, 0.06


def draw(*key: object) -> float:
    """A number in [0, 1) that depends on ``key`` alone."""
    return int(hashlib.sha256("/".join(map(str, key)).encode()).hexdigest()[:8], 16) / 2**32


def other(label: int, labels: int) -> int:
    return (label + 1) % labels


def clean_answers(arm: Arm, examples: Sequence[Example], labels: int = 2) -> Answers:
    """The ORIGINAL is wrong on one text in five, at any confidence; an arm answers like it, but for what it fixed."""
    answers = {}
    for example in examples:
        wrong = draw(example.example_id, "wrong") < _WRONG
        predicted = other(example.label, labels) if wrong else example.label
        first = answer(predicted, _confidence(example.example_id, wrong), labels)
        answers[example.example_id] = changed(arm, example.example_id, example.label, first)
    return answers


def changed(arm: Arm, item_id: str, label: int, before: tuple[float, ...]) -> tuple[float, ...]:
    """What ``arm`` answers where ORIGINAL answered ``before``: some fixed, some demoted, a few new."""
    if arm is Arm.ORIGINAL:
        return before
    luck, labels = draw(item_id, arm), len(before)
    if before.index(max(before)) == label:
        return answer(other(label, labels), 0.9, labels) if luck < _NEW else before
    if luck < _FIXED[arm]:
        return answer(label, 0.8, labels)
    return answer(other(label, labels), 0.55, labels) if luck < _FIXED[arm] + _DEMOTED else before


def attack(arm: Arm, set_id: str, examples: Sequence[Example], answers: Answers) -> list[Perturbation]:
    """Each example attacked once: skipped where the model is wrong, else successful, failed, or (rarely) error."""
    rows = []
    for example in examples:
        original = answers[example.example_id]
        luck = draw(example.example_id, arm, "attack")
        if original.index(max(original)) != example.label:
            outcome = AttackOutcome.SKIPPED
        elif luck < _WITHSTANDS[arm]:
            outcome = AttackOutcome.FAILED
        else:
            outcome = AttackOutcome.ERROR if luck > 1 - _ERROR else AttackOutcome.SUCCESSFUL
        perturbed = original
        if outcome is AttackOutcome.SUCCESSFUL:
            confidence = _confidence(example.example_id, True, set_id)
            perturbed = answer(other(example.label, len(original)), confidence, len(original))
        rows.append(make_perturbation(set_id, example, outcome, original, perturbed))
    return rows


def _confidence(*key: object) -> float:
    """In (1/2, 1), as a FLOAT holds it exactly."""
    return 0.5 + (1 + int(draw(*key, "confidence") * 510)) / 1024
