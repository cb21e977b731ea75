"""Unknown unknowns: predictions that are wrong, confident, and made on a text whose label is right."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.tasks import Split, Task, Text

PAPER_TAU = 0.65
"""The confidence from which a wrong prediction is an unknown unknown (3.3)."""


class UUOrigin(StrEnum):
    NATURAL = "natural"
    """Wrong on a text as it stands in the data."""
    ADVERSARIAL = "adversarial"
    """Right on the original text, wrong after a perturbation that keeps the label (2.1)."""


class PerturbationRecipe(StrEnum):
    DEEPWORDBUG = "deepwordbug"
    """Typing errors in the words that matter most (Gao et al., 2018)."""
    TEXTFOOLER = "textfooler"
    """Words of like meaning (Jin et al., 2020), with TextAttack's own resources, which must be there already."""
    TEXTFOOLER_LOCAL = "textfooler-local"
    """The same search with packaged resources. Its figures are not TextFooler's."""
    PRUTHI = "pruthi"
    """One typing error a text (Pruthi et al., 2019)."""
    IMPORTED = "imported"
    """No attack of ours: pairs that somebody brought in a file."""


class AttackGoal(StrEnum):
    """When an attack has succeeded."""

    UNTARGETED = "untargeted"
    """The model predicts another class, however unsure: the paper's figures (3.2)."""
    UNKNOWN_UNKNOWN = "unknown-unknown"
    """A wrong class has confidence >= tau (2.1)."""

    def text(self, tau: float) -> str:
        """How a set of perturbations says it, e.g. "untargeted" or "unknown-unknown at 0.65"."""
        return self.value if self is AttackGoal.UNTARGETED else f"{self.value} at {tau:g}"


class PairSide(StrEnum):
    """Which side of a text pair an attack may change. A single text has none, which is BOTH."""

    BOTH = "both"
    FIRST = "first"
    SECOND = "second"


def usual_side(task: Task, recipe: PerturbationRecipe) -> PairSide:
    """TextFooler changes only the hypothesis in entailment (Jin et al., 2020); all else changes both sides."""
    is_textfooler = recipe in (PerturbationRecipe.TEXTFOOLER, PerturbationRecipe.TEXTFOOLER_LOCAL)
    return PairSide.SECOND if is_textfooler and task.entailment else PairSide.BOTH


class AttackOutcome(StrEnum):
    SUCCESSFUL = "successful"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Wrong before the attack, so there is nothing to attack: a natural error."""
    ERROR = "error"
    """The attack itself failed on this example; ``note`` says how."""


class Verdict(StrEnum):
    """Condition 3: is the label still right for the text as it is shown?"""

    YES = "yes"
    NO = "no"
    """Takes the text out of the UU count."""
    UNSURE = "unsure"
    """Stays in the count, and is shown as unsure."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer on one item. ``probabilities`` has one value a label and sums to 1."""

    item_id: str
    probabilities: tuple[float, ...]

    @property
    def predicted(self) -> int:
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        return max(self.probabilities)


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One example after one attack (O and P of the paper).

    Probabilities are the attacked model's on O and P. ``queries`` counts model calls; ``words_changed`` of
    ``words_total`` words differ. A skipped or failed-with-error example has P equal to O.
    """

    perturbation_id: str
    example_id: str
    outcome: AttackOutcome
    label: int
    original_text: Text
    perturbed_text: Text
    original_probabilities: tuple[float, ...]
    perturbed_probabilities: tuple[float, ...]
    queries: int
    words_changed: int
    words_total: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class PerturbationSet:
    """All perturbations of one attack run: a model, a split, a recipe, a goal, a side of pairs, a seed. Frozen once
    stored."""

    set_id: str
    study_id: str
    model_id: str
    split: Split
    recipe: PerturbationRecipe
    goal: str
    seed: int
    size: int
    job_id: str | None
    created_at: datetime
    side: PairSide = PairSide.BOTH


@dataclass(frozen=True, slots=True)
class UnknownUnknown:
    """A UU as the analyst sees it. For a natural one ``perturbed_text``, ``recipe`` and
    ``original_probabilities`` are None and ``probabilities`` belong to ``original_text``."""

    item_id: str
    model_id: str
    example_id: str
    origin: UUOrigin
    split: Split
    original_text: Text
    perturbed_text: Text | None
    recipe: str | None
    label: int
    predicted: int
    confidence: float
    probabilities: tuple[float, ...]
    original_probabilities: tuple[float, ...] | None
    verdict: Verdict | None

    @property
    def text(self) -> Text:
        """The text on which the model is wrong."""
        return self.perturbed_text or self.original_text


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer to "is the label still right?". Append-only; the latest by the same agent counts.

    ``agent`` is the judge: ``human`` or ``human:<name>``, ``lm:<model>``, ``rule``. Where several have judged, a
    human's word goes before a language model's and that before a rule's; among judges of one kind the majority decides.
    """

    study_id: str
    item_id: str
    verdict: Verdict
    agent: str
    created_at: datetime


def perturbation_id(set_id: str, example: str) -> str:
    return "p" + hashlib.sha256(f"{set_id}\t{example}".encode()).hexdigest()[:16]


def check_tau(tau: float) -> float:
    """Return ``tau`` if it is in (0.5, 1], else raise ValueError (3.3: default 0.65)."""
    if not 0.5 < tau <= 1.0:
        raise ValueError(f"tau {tau:g} is outside (0.5, 1]; the paper uses 0.65")
    return tau
