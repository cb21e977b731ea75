"""The study as a path of steps: what is done, what runs, what comes next."""

from __future__ import annotations

from collections.abc import Collection

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Step, StepName, StepState, StudyCounts

_JOBS_OF = {
    StepName.BASELINE: JobKind.TRAIN,
    StepName.DISCOVER: JobKind.DISCOVER,
    StepName.SYNTHESIZE: JobKind.SYNTHESIZE,
    StepName.RETRAIN: JobKind.TRAIN,
    StepName.COMPARE: JobKind.EVALUATE,
}


def steps(counts: StudyCounts, active: Collection[JobKind], failed: Collection[JobKind]) -> list[Step]:
    """The eight steps in order. ``active`` and ``failed`` are the kinds of the jobs that run, and of those whose last
    run ended badly."""
    done = _done(counts)
    path: list[Step] = []
    open_before = False  # whether an earlier step still blocks this one
    for name in StepName:
        state = StepState.DONE if done[name] else StepState.WAITING if open_before else StepState.READY
        kind = _JOBS_OF.get(name)
        # Training before there is a baseline is the baseline's; after, an arm's.
        ours = kind is not None and (name is not StepName.RETRAIN or done[StepName.BASELINE])
        if ours and not (name is StepName.BASELINE and done[name]):
            if kind in active:
                state = StepState.RUNNING
            elif kind in failed and not done[name]:
                state = StepState.FAILED
        path.append(Step(name, state, _figure(name, counts), _hint(name, state)))
        open_before = open_before or not done[name]
    return path


def _done(counts: StudyCounts) -> dict[StepName, bool]:
    return {
        StepName.DATA: counts.train > 0 and counts.validation > 0 and counts.test > 0,
        StepName.BASELINE: counts.baseline_model_id is not None,
        StepName.DISCOVER: counts.perturbation_sets > 0,
        StepName.HYPOTHESIZE: counts.hypotheses > 0,
        StepName.SYNTHESIZE: counts.samples > 0,
        StepName.APPROVE: counts.samples_approved > 0,
        StepName.RETRAIN: counts.arms_trained > 0,
        StepName.COMPARE: counts.arms_evaluated > 0,
    }


def _figure(name: StepName, counts: StudyCounts) -> str:
    if name is StepName.DATA:
        return f"{counts.train:,} / {counts.validation:,} / {counts.test:,} texts"
    if name is StepName.BASELINE:
        return "" if counts.baseline_accuracy is None else f"{counts.baseline_accuracy:.1%} right"
    if name is StepName.DISCOVER:
        if counts.baseline_model_id is None:
            return ""
        return f"{counts.natural_unknowns:,} natural, {counts.adversarial_unknowns:,} perturbed UUs"
    if name is StepName.HYPOTHESIZE:
        return f"{counts.hypotheses:,} hypotheses" if counts.hypotheses else ""
    if name is StepName.SYNTHESIZE:
        return f"{counts.samples:,} samples" if counts.samples else ""
    if name is StepName.APPROVE:
        return f"{counts.samples_approved:,} approved, {counts.samples_pending:,} open" if counts.samples else ""
    if name is StepName.RETRAIN:
        return f"{counts.arms_trained:,} arms trained" if counts.arms_trained else ""
    return _comparison(counts)


def _comparison(counts: StudyCounts) -> str:
    before, after = counts.original_fresh_unknowns, counts.best_fresh_unknowns
    if before is None or after is None or counts.best_arm is None:
        return f"{counts.arms_evaluated:,} arms in experiments" if counts.arms_evaluated else ""
    change = f" ({(after - before) / before:+.0%})" if before else ""
    return f"{before:,} to {after:,} UUs under a fresh attack{change}, {counts.best_arm}"


_HINTS = {
    StepName.DATA: "Choose a task and its sizes on the Data page.",
    StepName.BASELINE: "Train the classifier that is to be audited.",
    StepName.DISCOVER: "Attack the validation texts, and see where the classifier is confidently wrong.",
    StepName.HYPOTHESIZE: "Browse the UUs, select some, and say why the classifier fails on them.",
    StepName.SYNTHESIZE: "Turn the hypotheses into labelled samples.",
    StepName.APPROVE: "Read the samples; approve the good ones.",
    StepName.RETRAIN: "Train again with the approved samples, beside the control arms.",
    StepName.COMPARE: "See what became of the blind spots on the test split.",
}


def _hint(name: StepName, state: StepState) -> str:
    if state is StepState.RUNNING:
        return "Running in the background; you can leave the page."
    if state is StepState.FAILED:
        return "The last run stopped early: see the Jobs page, and resume it there."
    return _HINTS[name]
