"""What was decided before any result, in plain words: a study's settings, or the plan of an experiment."""

from __future__ import annotations

from bsm_core.config import StudyConfig, TrainingConfig
from bsm_core.domain.comparison import PRIMARY
from bsm_core.domain.experiments import ExperimentPlan
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import AttackGoal
from bsm_core.report.names import ENDPOINTS, arm_name
from bsm_core.workflow.compare import Comparison
from bsm_core.workflow.specs import side_of

Terms = tuple[tuple[str, str], ...]
"""(what, how), in reading order. Texts are not escaped."""

_TESTS = (
    "McNemar's exact test on the same texts; over several seeds sign flips over texts. Holm over the arms. An effect "
    "is called real when p is at most 0.05 after Holm and the 95% bootstrap interval leaves out zero."
)


def study_plan(study: Study, found: Comparison, tau: float) -> Terms:
    """Of the study's own comparison."""
    config = StudyConfig.from_dict(study.config)
    arms = list(dict.fromkeys(one.arm for one in found.results))
    seeds = sorted({one.seed for one in found.results})
    budgets = sorted({one.budget for one in found.others})
    side = f"; changed side: {side_of(study.task, config.recipe, config.side)}" if study.task.is_pair else ""
    moved = "" if abs(tau - config.tau) < 1e-9 else f" (set to {config.tau:g} when the study was made, and moved since)"
    return (
        ("Question", "Do the retrained models have fewer unknown unknowns than the original one?"),
        ("Arms", ", ".join(map(arm_name, arms)) or "none evaluated yet"),
        ("Seeds", ", ".join(map(str, seeds)) or str(config.seed)),
        ("Texts every arm adds", ", ".join(f"{one:,}" for one in budgets) or "not decided yet"),
        ("Primary endpoint", f"{ENDPOINTS[PRIMARY]} at the study's tau, against the original model; all else explores"),
        ("Tau", f"{tau:g}{moved}"),
        ("Attack", f"{config.recipe}, goal {AttackGoal(config.goal).text(config.tau)}{side}"),
        ("Attacked", f"{_all(config.attack_validation)} of validation, {_all(config.attack_test)} of test"),
        ("Tests", _TESTS),
        ("Training of the original model", _training(config.baseline)),
        ("Retraining", f"{_training(config.retrain)}; continues from the original model's weights"),
        ("Preset", config.preset),
    )


def experiment_plan(plan: ExperimentPlan) -> Terms:
    """Of a frozen plan, as it was saved."""
    sets = "; ".join(
        f"{one.name}: {one.recipe}, goal {one.goal}, {_all(one.size)}, seed {one.seed}" for one in plan.sets
    )
    dropped = ", ".join(f"{arm} {count:,}" for arm, count in plan.dropped.items()) or "none"
    return (
        ("Experiment", f"{plan.name} ({plan.experiment_id}), declared {plan.created_at:%Y-%m-%d %H:%M} UTC"),
        ("Arms", ", ".join(map(arm_name, plan.arms))),
        ("Seeds", ", ".join(map(str, plan.seeds))),
        ("Texts every arm adds", f"{plan.budget:,}"),
        ("Evaluation sets", f"{sets}. The first decides."),
        (
            "Primary endpoint",
            f"{ENDPOINTS[plan.endpoint]} at tau {plan.tau:g}, against {arm_name(plan.reference)}; then against "
            f"{arm_name(plan.second_reference)}",
        ),
        ("Tests", f"{plan.test}; {plan.multiplicity}; level {plan.alpha:g}"),
        ("Averages and intervals", f"{plan.average}; {plan.interval}"),
        ("Training", f"{_training(TrainingConfig.from_dict(plan.training))}; start: {plan.start}"),
        ("Dropped as too like a test text", f"{dropped} (more than {plan.leak_share:.0%} of letter runs in common)"),
        ("Fingerprint of the plan", plan.fingerprint),
    )


def _all(size: int) -> str:
    return f"{size:,} texts" if size else "all texts"


def _training(config: TrainingConfig) -> str:
    told = [f"{name} {value}" for name, value in config.to_dict().items() if name != "base" and value is not None]
    return f"{config.base}; {', '.join(told)}"
