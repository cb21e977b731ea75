"""How a report calls things: for readers who have never seen the app."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bsm_core.domain.arms import Arm, EvaluationResult, Transition
from bsm_core.domain.comparison import Endpoint
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.tasks import Split

FRESH = "unknown unknowns after a fresh attack"

ARMS = {
    Arm.ORIGINAL: ("Original model", "The classifier as it was, before anything was mended."),
    Arm.MORE_TRAINING: ("More training, nothing new", "Trained on with training texts once more: the first control."),
    Arm.RELABEL: ("Relabelled UUs", "Unknown unknowns of the validation split, added with their right label."),
    Arm.UNTARGETED: ("Untargeted samples", "Texts that a language model wrote without any hypothesis: a control."),
    Arm.ABSTRACTION: (
        "Samples of abstractions",
        "Approved samples of hypotheses why the model fails, whoever wrote them.",
    ),
    Arm.EXTRAPOLATION: (
        "Samples of extrapolations",
        "Approved samples of hypotheses about further failures, whoever wrote them.",
    ),
    Arm.HYPOTHESIS_RULE: ("Samples by rule", "Approved samples for hypotheses made by code."),
    Arm.HYPOTHESIS_LM: ("Samples by language model", "Approved samples that a language model wrote."),
    Arm.HYPOTHESIS_HUMAN: ("Samples by human", "Approved samples that people wrote."),
    Arm.HYPOTHESIS_HYBRID: ("Samples by both", "Approved samples that a language model drafted and people edited."),
    Arm.HYPOTHESIS_AUTHORS: ("Curated samples", "Samples of the curated set that ships with the workbench."),
    Arm.ADVERSARIAL: (
        "Adversarial training",
        "Training texts as the attack changed them: a reference from above, taught the very attack it is tried by.",
    ),
}
"""Arm to (name, what it is)."""

AGENTS = {
    Agent.HUMAN: "human",
    Agent.LM: "language model",
    Agent.HYBRID: "language model, edited by a human",
    Agent.RULE: "rule (made by code)",
    Agent.AUTHORS: "the curated set",
}
SPLITS = {
    Split.TRAIN: "What the model learns from.",
    Split.VALIDATION: "Where blind spots are looked for, and only here.",
    Split.TEST: "Sealed: opened by evaluations only, and every look is counted.",
}
REFERENCE_WORDS = {Arm.ORIGINAL: "the original model", Arm.RELABEL: "relabelling"}
ENDPOINTS = {
    Endpoint.FRESH: "Fresh UUs",
    Endpoint.FROZEN: "Frozen UUs",
    Endpoint.NATURAL: "Natural UUs",
    Endpoint.WRONG: "Wrong answers",
}
TRANSITIONS = {
    Transition.NEW: "an unknown unknown of the retrained model only: the price of the change",
    Transition.FIXED: "an unknown unknown of the original model that the retrained one gets right",
    Transition.DEMOTED: "still wrong, but no longer confident: below tau",
    Transition.PERSISTENT: "an unknown unknown of both models",
}
WORDS = (
    (
        "Unknown unknown, UU",
        "A wrong answer that the model is confident in (at least tau), on a text whose label is right.",
    ),
    ("Tau", "The confidence from which a wrong answer counts as an unknown unknown."),
    ("Blind spot", "A cluster of unknown unknowns: mistakes that lie together and may have one reason."),
    ("Natural / perturbed", "Found on a text as it stands / after a small change that should not change its label."),
    (
        "Frozen / fresh",
        "The perturbed texts that fooled the original model, replayed / a new attack on the model itself.",
    ),
    ("Hypothesis", "An abstraction says why the model fails; an extrapolation says which other failure that suggests."),
    ("Sample", "A new labelled text, written for a hypothesis, checked by gates and approved or rejected."),
    ("Arm", "One way of retraining. All arms of a comparison add equally many texts."),
    ("Holm", "A correction of p values for having looked at several arms."),
    (
        "Not resolvable",
        "The data neither show an effect nor show that there is none: more texts or seeds would be needed.",
    ),
)


def arm_name(arm: Arm) -> str:
    return ARMS[arm][0]


def model_names(results: Sequence[EvaluationResult]) -> list[str]:
    """One name a model; several of one arm are told apart by their seed."""
    total = Counter(result.arm for result in results)
    return [arm_name(result.arm) + (f", seed {result.seed}" if total[result.arm] > 1 else "") for result in results]
