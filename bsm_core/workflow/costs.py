"""What each arm cost beside what it did: teacher, people, attacks and compute, from what the store has on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.domain.costs import CallCost, Origin, PayRate
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.tasks import Split
from bsm_core.metrics.cost import Amount, worked_seconds
from bsm_core.metrics.effects import Effect
from bsm_core.ports import Store
from bsm_core.workflow.compare import Comparison

RATE_EVENT = "pay-rate"
EMBEDDED = "embedded"
"""Endpoint of the packaged model: it runs on this machine and sends no bill; its time is compute."""


@dataclass(frozen=True, slots=True)
class ArmCost:
    """One arm. All amounts are of one model: where it has several seeds, the texts are the same for each and what
    differs (training, evaluation) is the mean over them."""

    arm: Arm
    models: int
    samples: int
    """Texts that were added to the training set."""
    tokens: Amount
    dollars: Amount
    survey_minutes: Amount
    """Measured: participants' time on their questions."""
    hand_minutes: Amount
    """Estimated from when things were written and decided in the app."""
    queries: Amount
    """Of the attacks whose UUs the arm starts from."""
    evaluation_queries: float
    """Of the fresh attack that measured it: the price of knowing, not of the arm."""
    seconds: Amount
    """Compute: those attacks, the embedded teacher, and training."""
    effect: Effect | None
    """Against ORIGINAL, at the endpoint that decides."""

    @property
    def minutes(self) -> Amount:
        """People's, measured and estimated together."""
        return self.survey_minutes + self.hand_minutes

    def pay(self, rate: PayRate | None) -> Amount | None:
        """For people's time; None without a rate."""
        if rate is None:
            return None
        minutes = self.minutes
        return replace(minutes, known=minutes.known / 60 * rate.per_hour)


@dataclass(frozen=True, slots=True)
class Costs:
    """``shared`` teacher calls served no arm: trials, judging, comparisons of prompts."""

    arms: tuple[ArmCost, ...]
    shared: Amount
    rate: PayRate | None


def pay_rate(store: Store, study_id: str) -> PayRate | None:
    """As the user set it last; None where nobody did, or it was taken away (0)."""
    found = store.latest(study_id, RATE_EVENT)
    per_hour = float(str(found["per_hour"])) if found else 0.0
    return PayRate(per_hour, str(found["currency"])) if found and per_hour else None


def costs(store: Store, found: Comparison) -> Costs | None:
    """None without a retrained model."""
    if not found.others:
        return None
    study_id = found.results[0].evaluation.study_id
    calls, left = spread(store.costs.calls(study_id))
    work = _Work(store, study_id, calls)
    arms: dict[Arm, list[EvaluationResult]] = defaultdict(list)
    for result in found.others:
        arms[result.arm].append(result)
    effects = {effect.arm: effect for effect in found.primary}
    told = tuple(work.of(arm, results, effects.get(arm)) for arm, results in arms.items())
    return Costs(told, Amount(sum(call.tokens for call in left)), pay_rate(store, study_id))


def spread(calls: Sequence[CallCost]) -> tuple[list[CallCost], list[CallCost]]:
    """(calls with an origin, calls that served no arm). Calls whose answer became nothing, failed ones too, are shared
    out among the origins of the other calls with the same purpose to the same model, by these calls' number."""
    used = [call for call in calls if call.origin is not None]
    left, shared = [], []
    for idle in (call for call in calls if call.origin is None):
        own = (idle.purpose, idle.endpoint, idle.model)
        alike = [call for call in used if (call.purpose, call.endpoint, call.model) == own]
        total = sum(call.calls for call in alike)
        if not total:
            left.append(idle)
        for call in alike:
            shared.append(_part(idle, call.calls / total, call.origin))
    return [*used, *shared], left


def _part(call: CallCost, share: float, origin: Origin | None) -> CallCost:
    return replace(
        call,
        origin=origin,
        calls=call.calls * share,
        tokens=call.tokens * share,
        dollars=call.dollars * share,
        seconds=call.seconds * share,
        unmetered=call.unmetered * share,
        unpriced=call.unpriced * share,
    )


class _Work:
    """All that was spent in a study, to be taken arm by arm."""

    def __init__(self, store: Store, study_id: str, calls: Sequence[CallCost]) -> None:
        self._store = store
        self._calls = calls
        acts = store.costs.acts(study_id)
        self._hand: dict[Origin, float] = defaultdict(float)
        for act, seconds in zip(acts, worked_seconds([act.at for act in acts]), strict=True):
            self._hand[act.origin] += seconds
        self._surveys = {Origin(Agent.HUMAN, one.kind): one for one in store.costs.surveys(study_id)}
        model = store.models.baseline(study_id)
        self._attacks: Mapping[Split, tuple[float, float]] = {
            split: _attacked(
                store,
                [
                    one.set_id
                    for one in store.perturbations.sets(study_id)
                    if one.split is split and model is not None and one.model_id == model.model_id
                ],
            )
            for split in (Split.TRAIN, Split.VALIDATION)
        }

    def of(self, arm: Arm, results: Sequence[EvaluationResult], effect: Effect | None) -> ArmCost:
        mine = _origins(arm)
        calls = [call for call in self._calls if call.origin is not None and mine(call.origin)]
        surveys = [one for origin, one in self._surveys.items() if mine(origin)]
        outside = float(arm is Arm.HYPOTHESIS_AUTHORS)
        queries, attack_seconds = self._attack(arm)
        local = [call for call in calls if call.endpoint == EMBEDDED]
        training = self._training(results)
        fresh = [_attacked(self._store, [one.evaluation.fresh_set_id])[0] for one in results]
        return ArmCost(
            arm=arm,
            models=len(results),
            samples=results[0].budget,
            tokens=Amount(sum(call.tokens for call in calls), sum(call.unmetered for call in calls)),
            dollars=Amount(
                sum(call.dollars for call in calls), sum(call.unpriced for call in calls if call.endpoint != EMBEDDED)
            ),
            survey_minutes=Amount(sum(one.seconds for one in surveys) / 60, sum(one.untimed for one in surveys)),
            hand_minutes=Amount(
                sum(seconds for origin, seconds in self._hand.items() if mine(origin)) / 60, outside, True
            ),
            queries=Amount(queries),
            evaluation_queries=sum(fresh) / len(fresh),
            seconds=training + Amount(attack_seconds + sum(call.seconds for call in local)),
            effect=effect,
        )

    def _attack(self, arm: Arm) -> tuple[float, float]:
        """(queries, seconds) of the attacks that the arm starts from; none for arms that know of no UU."""
        if arm in (Arm.MORE_TRAINING, Arm.UNTARGETED, Arm.HYPOTHESIS_AUTHORS):
            return 0.0, 0.0
        return self._attacks[Split.TRAIN if arm is Arm.ADVERSARIAL else Split.VALIDATION]

    def _training(self, results: Sequence[EvaluationResult]) -> Amount:
        cards = [self._store.models.get(result.evaluation.model_id).card for result in results]
        seconds = [float(str(card["seconds"])) for card in cards if "seconds" in card]
        return Amount(sum(seconds) / len(seconds) if seconds else 0.0, len(cards) - len(seconds))


def _origins(arm: Arm) -> Callable[[Origin], bool]:
    """Whose work went into the arm."""
    if arm is Arm.UNTARGETED:
        return lambda origin: origin.agent is None and origin.kind is None
    if arm.agent is not None:
        # Of a survey's attention checks the kind is None: they are asked of whoever writes.
        return lambda origin: origin.agent is arm.agent
    if arm.hypothesis_kind is not None:
        return lambda origin: origin.kind is arm.hypothesis_kind
    return lambda _: False


def _attacked(store: Store, set_ids: Iterable[str]) -> tuple[float, float]:
    """(queries, seconds) over the sets."""
    rows = [row for set_id in set_ids for row in store.perturbations.rows(set_id)]
    return float(sum(row.queries for row in rows)), sum(row.seconds for row in rows)
