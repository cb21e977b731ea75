"""The wording of the method's terms: explained once, the same everywhere (``help=`` tooltips, states in words)."""

from __future__ import annotations

from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.studies import StepName, StepState
from bsm_core.domain.unknowns import AttackGoal, AttackOutcome, PairSide, PerturbationRecipe, UUOrigin, Verdict
from bsm_core.report import names

UU = (
    "An unknown unknown (UU) is a wrong answer that the model is confident in: nothing in its output warns you. "
    "It counts when the confidence is at least tau and the text still deserves its label."
)
TAU = (
    "Tau is the confidence from which a wrong answer counts as an unknown unknown. "
    "Higher tau: fewer, more confident mistakes. The paper uses 0.65."
)
CONFIDENCE = (
    "The probability the model gives to the label it predicts: 0.5 is a coin toss between two labels, 1 is certainty."
)
NATURAL = "Wrong on a text exactly as it stands in the data."
ADVERSARIAL = "Right on the original text, wrong after a small change that should not change the label."
PERTURBATION = (
    "A perturbation changes a few characters or words of a text while its meaning, and so its label, should stay. "
    "A reliable model should not care."
)
DEEPWORDBUG = (
    "DeepWordBug makes typing errors: it swaps, drops, doubles or replaces letters in the words that matter most."
)
TEXTFOOLER = "TextFooler swaps words for words of like meaning. It needs downloads of its own; the job says which."
TEXTFOOLER_LOCAL = (
    "TextFooler's search with packaged word vectors and sentence encoder, and guards against changes of meaning. "
    "Its figures are not TextFooler's."
)
PRUTHI = "Makes a single typing error, inside a word."
GOAL = "When the attack on a text has succeeded and stops. Figures of different goals do not compare."
GOALS = {
    AttackGoal.UNTARGETED: ("Another class", "Stops at any wrong answer, however unsure, as in the paper."),
    AttackGoal.UNKNOWN_UNKNOWN: (
        "An unknown unknown",
        "Goes on until a wrong answer has at least tau as its confidence.",
    ),
}
SIDE = "Each text here is a pair. The side that may not be changed stays as it stands in the data."
SIDES = {
    PairSide.BOTH: ("Both", "Words of both texts may be changed."),
    PairSide.FIRST: ("Only the first", "Only words of the first text may be changed."),
    PairSide.SECOND: (
        "Only the second",
        "Only words of the second text may be changed, as TextFooler does where a text is judged by another one: "
        "what it is judged by stays as it is.",
    ),
}
"""Side to (choice, what it means)."""
IMPORTED = "Pairs of an original and a perturbed text that somebody brought in a file."
VERDICT = (
    "A perturbed text may have lost its meaning, and data has labelling errors. If the label is no longer right, the "
    "model is not to blame and the text leaves the count."
)
BLIND_SPOT = (
    "A blind spot is a cluster: unknown unknowns that lie near each other, and so may fail for one reason. "
    "Clustering proposes; you rename, merge and split."
)
NO_SPOT = "Texts that no dense group is near to, or that became unknown unknowns after the clustering."
COVERAGE = "Hypotheses that rest on texts of a spot, and the approved samples written for them."
WRONG_NEARBY = (
    "Of the ten validation texts nearest to each member, itself left out and right answers included: the share that "
    "the classifier gets wrong. High: a blind region. As on average: single mistakes among texts it gets right."
)
DISTINCTIVE = (
    "Words that more of its texts have than the other validation texts do, the surest first. "
    "Of so many words a few stand out by chance."
)
CALIBRATION = (
    "Expected calibration error (ECE): how far confidence is from accuracy, on average. "
    "0 means that answers given with 80% confidence are right 80% of the time."
)
SEED = "The number that fixes every random choice. The same seed on the same machine gives the same figures."
SPLITS = names.SPLITS

ORIGINS = {UUOrigin.NATURAL: "natural", UUOrigin.ADVERSARIAL: "perturbed"}
VERDICTS = {Verdict.YES: "yes, still right", Verdict.NO: "no, label is wrong", Verdict.UNSURE: "unsure"}
OUTCOMES = {
    AttackOutcome.SUCCESSFUL: "successful: the model was fooled",
    AttackOutcome.FAILED: "failed: the model held",
    AttackOutcome.SKIPPED: "skipped: wrong before the attack",
    AttackOutcome.ERROR: "error: the attack broke on this text",
}
AGENTS = names.AGENTS
ARMS = {arm: name for arm, (name, _) in names.ARMS.items()}
JOB_KINDS = {
    JobKind.TRAIN: "Train",
    JobKind.DISCOVER: "Discover",
    JobKind.CLUSTER: "Find blind spots",
    JobKind.LOCATE: "Place mistakes in blind spots",
    JobKind.ATTRIBUTE: "Weigh hypotheses",
    JobKind.SYNTHESIZE: "Write samples",
    JobKind.UNTARGETED: "Write untargeted texts",
    JobKind.WRITE: "Language model writes",
    JobKind.CROSS_CHECK: "Cross-check labels",
    JobKind.COMPARE_PROMPTS: "Compare prompts",
    JobKind.GATE: "Check samples",
    JobKind.JUDGE: "Judge labels",
    JobKind.EVALUATE: "Evaluate",
    JobKind.REPLAY: "Replay",
    JobKind.CONTROLLED: "Self-test",
}
JOB_STATES = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.FINISHED: "storing its result",
    JobState.INGESTED: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
    JobState.INTERRUPTED: "interrupted",
}
JOB_ICONS = {
    JobState.QUEUED: "…",
    JobState.RUNNING: "▶",
    JobState.FINISHED: "▶",
    JobState.INGESTED: "✓",
    JobState.FAILED: "✗",
    JobState.CANCELLED: "■",
    JobState.INTERRUPTED: "!",
}
STEPS = {
    StepName.DATA: ("Data", "data"),
    StepName.BASELINE: ("Baseline", "baseline"),
    StepName.DISCOVER: ("Discover", "discover"),
    StepName.HYPOTHESIZE: ("Hypothesize", "hypotheses"),
    StepName.SYNTHESIZE: ("Write samples", "samples"),
    StepName.APPROVE: ("Approve", "samples"),
    StepName.RETRAIN: ("Retrain", "retrain"),
    StepName.COMPARE: ("Compare", "compare"),
}
"""Step to (title, page name)."""
STEP_STATES = {
    StepState.WAITING: ("○", "waiting"),
    StepState.READY: ("◆", "ready"),
    StepState.RUNNING: ("▶", "running"),
    StepState.FAILED: ("✗", "failed"),
    StepState.DONE: ("✓", "done"),
}


def perturbed_by(recipe: str | None) -> str:
    """``perturbed by deepwordbug``, ``imported pair``."""
    return "imported pair" if recipe == PerturbationRecipe.IMPORTED else f"perturbed by {recipe}"


def duration(seconds: float) -> str:
    """``8 s``, ``3 min 20 s``, ``1 h 05 min``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 text``, ``2 texts``, ``1,204 texts``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
