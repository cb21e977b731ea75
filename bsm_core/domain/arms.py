"""Arms: one treatment each, at one budget, so that they can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.hypotheses import Agent, HypothesisKind


class Arm(StrEnum):
    ORIGINAL = "ORIGINAL"
    """The baseline as it is."""
    MORE_TRAINING = "MORE_TRAINING"
    """Trained on, with nothing new: training rows drawn again up to the budget."""
    RELABEL = "RELABEL"
    """UUs of the validation set with their right label (3.2)."""
    UNTARGETED = "UNTARGETED"
    """Samples that the teacher wrote knowing of no hypothesis and no UU: does aiming them matter?"""
    ABSTRACTION = "ABSTRACTION"
    """Approved samples of abstractions alone, whoever wrote them (2.2)."""
    EXTRAPOLATION = "EXTRAPOLATION"
    """Approved samples of extrapolations alone, whoever wrote them (2.2)."""
    HYPOTHESIS_RULE = "HYPOTHESIS_RULE"
    HYPOTHESIS_LM = "HYPOTHESIS_LM"
    HYPOTHESIS_HUMAN = "HYPOTHESIS_HUMAN"
    HYPOTHESIS_HYBRID = "HYPOTHESIS_HYBRID"
    HYPOTHESIS_AUTHORS = "HYPOTHESIS_AUTHORS"
    """The curated set that ships."""
    ADVERSARIAL = "ADVERSARIAL"
    """Adversarial training: training texts as the attack perturbed them. A reference from above, since it is taught the
    very attack that it is then tried by."""

    @property
    def agent(self) -> Agent | None:
        """Whose approved samples the arm trains on; None for the arms without samples."""
        return _AGENT_OF.get(self)

    @property
    def hypothesis_kind(self) -> HypothesisKind | None:
        """Whose samples alone the arm takes; None for both kinds."""
        return _KIND_OF.get(self)

    @property
    def has_samples(self) -> bool:
        """Whether it trains on approved samples."""
        return self.agent is not None or self.hypothesis_kind is not None


_AGENT_OF = {
    Arm.HYPOTHESIS_RULE: Agent.RULE,
    Arm.HYPOTHESIS_LM: Agent.LM,
    Arm.HYPOTHESIS_HUMAN: Agent.HUMAN,
    Arm.HYPOTHESIS_HYBRID: Agent.HYBRID,
    Arm.HYPOTHESIS_AUTHORS: Agent.AUTHORS,
}
_KIND_OF = {Arm.ABSTRACTION: HypothesisKind.ABSTRACTION, Arm.EXTRAPOLATION: HypothesisKind.EXTRAPOLATION}


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """What an arm would train on now. ``available`` texts of ``budget`` allowed; ``problem`` says why it cannot run,
    or is empty."""

    arm: Arm
    available: int
    budget: int
    problem: str


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier. ``path`` is relative to the workspace; ``card`` is its JSON card."""

    model_id: str
    study_id: str
    arm: Arm
    parent_model_id: str | None
    seed: int
    budget: int
    """Samples added to the training set; 0 for ORIGINAL."""
    path: str
    card: dict[str, object]
    job_id: str | None
    created_at: datetime
    experiment_id: str | None = None
    """The experiment whose cell it is; None for the study's own."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look at the test split: clean, on the frozen set, and on a fresh attack.

    ``frozen_set_id`` is the attack on ORIGINAL, replayed; ``fresh_set_id`` the attack on this model.
    For ORIGINAL both are the same set.
    """

    evaluation_id: str
    study_id: str
    model_id: str
    frozen_set_id: str
    fresh_set_id: str
    job_id: str | None
    created_at: datetime
    experiment_id: str | None = None
    set_name: str = ""
    """The experiment's evaluation set; empty for the study's own."""


class Transition(StrEnum):
    """What became of one text between two models at one tau."""

    FIXED = "fixed"
    """A UU before, right now."""
    DEMOTED = "demoted"
    """A UU before, still wrong, but now below tau."""
    PERSISTENT = "persistent"
    """A UU before and after."""
    NEW = "new"
    """A UU only after."""


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """One row of table 2 at one tau. Counts are of texts; ``accuracy`` is a share.

    ``natural`` over ``test_size`` texts; ``frozen`` over ``frozen_size`` successful perturbations of ORIGINAL;
    ``fresh`` over ``fresh_attacked`` attacked texts. Judged-invalid texts are left out.
    """

    evaluation: Evaluation
    arm: Arm
    seed: int
    budget: int
    accuracy: float
    test_size: int
    natural: int
    frozen: int
    frozen_size: int
    fresh: int
    fresh_attacked: int
    accuracy_under_attack: float
