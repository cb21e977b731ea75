"""The whole comparison of one study at one tau, for pages and reports: counted again from stored predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.domain.comparison import OWN, PRIMARY, AnswerPattern, Endpoint, EvaluationScope
from bsm_core.domain.tasks import Split
from bsm_core.metrics import calibration, uu
from bsm_core.metrics.comparison import ComparisonRow, comparison_rows
from bsm_core.metrics.effects import Effect, effects
from bsm_core.metrics.scaling import fit_temperature, scaled
from bsm_core.metrics.tau_curve import TauCurve, tau_curve
from bsm_core.ports import Store


@dataclass(frozen=True, slots=True)
class Comparison:
    """The latest evaluation of each model; ``effects`` are against ORIGINAL."""

    results: tuple[EvaluationResult, ...]
    patterns: tuple[AnswerPattern, ...]
    effects: Mapping[Endpoint, Sequence[Effect]]
    rows: tuple[ComparisonRow, ...]
    scope: EvaluationScope = OWN

    @property
    def primary(self) -> Sequence[Effect]:
        return self.effects[PRIMARY]

    @property
    def original(self) -> EvaluationResult | None:
        return next((result for result in self.results if result.arm is Arm.ORIGINAL), None)

    @property
    def others(self) -> list[EvaluationResult]:
        return [result for result in self.results if result.arm is not Arm.ORIGINAL]

    def against(self, reference: Arm, endpoint: Endpoint) -> Sequence[Effect]:
        """The effects against ORIGINAL, or against another arm; empty when that was not evaluated."""
        if reference is Arm.ORIGINAL:
            return self.effects[endpoint]
        return _effects(self.patterns, self.results, endpoint, reference)


def comparison(store: Store, study_id: str, tau: float, scope: EvaluationScope = OWN) -> Comparison:
    """Of the study's own arms, or of an experiment's on one of its evaluation sets."""
    results = tuple(store.evaluations.results(study_id, tau, scope))
    patterns = tuple(store.evaluations.patterns(study_id, tau, scope))
    found = {endpoint: _effects(patterns, results, endpoint, Arm.ORIGINAL) for endpoint in Endpoint}
    return Comparison(results, patterns, found, tuple(comparison_rows(results, found)), scope)


@lru_cache(maxsize=64)
def _effects(
    patterns: tuple[AnswerPattern, ...], results: tuple[EvaluationResult, ...], endpoint: Endpoint, reference: Arm
) -> tuple[Effect, ...]:
    """Kept for the next drawing of the page: many seeds take tenths of a second, and nothing but the answers counts."""
    return tuple(effects(patterns, results, endpoint, reference))


def tau_curves(store: Store, study_id: str, found: Comparison, endpoint: Endpoint) -> list[TauCurve]:
    """One a result, in their order."""
    wrong = store.evaluations.wrong_by_percent(study_id, found.scope)
    models = [result.evaluation.model_id for result in found.results]
    return [tau_curve(model, endpoint, wrong.get((model, endpoint), {})) for model in models]


@dataclass(frozen=True, slots=True)
class Calibration:
    """One model on clean test texts."""

    accuracy: float
    ece: float
    brier: float
    nll: float


@dataclass(frozen=True, slots=True)
class ScalingControl:
    """ORIGINAL with its logits divided by ``temperature``, fitted on its clean validation answers: the same answers,
    less sure (or surer). ``fresh`` counts the same perturbed texts; nothing was attacked anew."""

    temperature: float
    natural: int
    fresh: int
    natural_before: int
    fresh_before: int
    calibration: Calibration


def calibration_of(store: Store, model_id: str) -> Calibration | None:
    """None for a model without answers on test."""
    values, labels = store.predictions.arrays(model_id, Split.TEST)
    return _calibration(values, labels) if len(labels) else None


def scaling_control(store: Store, original: EvaluationResult, tau: float) -> ScalingControl | None:
    """None when ORIGINAL has no answers on validation or test."""
    model_id = original.evaluation.model_id
    values, labels = store.predictions.arrays(model_id, Split.VALIDATION)
    clean, truth = store.predictions.arrays(model_id, Split.TEST)
    if not len(labels) or not len(truth):
        return None
    temperature = fit_temperature(values, labels)
    attacked, right = store.evaluations.set_arrays(model_id, original.evaluation.fresh_set_id)
    softer = scaled(clean, temperature)
    fresh = uu.count(scaled(attacked, temperature), right, tau) if len(right) else 0
    return ScalingControl(
        temperature=temperature,
        natural=uu.count(softer, truth, tau),
        fresh=fresh,
        natural_before=uu.count(clean, truth, tau),
        fresh_before=original.fresh,
        calibration=_calibration(softer, truth),
    )


def _calibration(values: calibration.FloatArray, labels: calibration.IntArray) -> Calibration:
    return Calibration(
        calibration.accuracy(values, labels),
        calibration.ece(values, labels),
        calibration.brier(values, labels),
        calibration.nll(values, labels),
    )
