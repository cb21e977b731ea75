"""What arms cost beside what they did: as sentences, as text for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from tabulate import tabulate

from bsm_core.domain.arms import Arm
from bsm_core.metrics.cost import Amount, Yield, removed_per, why_none
from bsm_core.workflow.costs import ArmCost, Costs

UNITS: tuple[tuple[str, float, str], ...] = (
    ("tokens", 1000.0, "1,000 teacher tokens"),
    ("dollars", 1.0, "dollar to the teacher"),
    ("minutes", 60.0, "hour of people's time"),
    ("queries", 1000.0, "1,000 attack queries"),
    ("seconds", 60.0, "minute of compute"),
)
"""What UUs are counted per: field of ArmCost, how many make one unit, and its name."""


def amount_words(amount: Amount, decimals: int = 0, sign: str = "") -> str:
    """``1,204``, ``about 12``, ``not known``, or ``at least 3,000``."""
    shown = f"{sign}{amount.known:,.{decimals}f}"
    if amount.unknown:
        return f"at least {shown}" if amount.known else "not known"
    return f"about {shown}" if amount.estimated and amount.known else shown


def bill_words(amount: Amount) -> str:
    """``$1.25``, ``$0.0042``, ``no bill``."""
    if amount.value == 0:
        return "no bill"
    return amount_words(amount, 2 if amount.known >= 1 else 4, "$")


def yield_words(told: Yield) -> str:
    """``2.5 (0.8 to 4.1)``."""
    return f"{told.rate:.3g} ({told.interval.low:.3g} to {told.interval.high:.3g})".replace("-", "−")


def yields(one: ArmCost) -> list[tuple[str, str]]:
    """(unit, UUs removed per unit) for every unit that was spent; a single line where there is nothing to divide."""
    if one.effect is None or not (one.effect.resolved and one.effect.fewer):
        return [("", why_none(one.effect, Amount(1.0)))]
    found = []
    for field, unit, name in UNITS:
        amount: Amount = getattr(one, field)
        told = removed_per(one.effect, amount, unit)
        if told is not None:
            found.append((name, yield_words(told)))
        elif amount.unknown:
            found.append((name, "cost not known"))
    return found


def gap_words(told: Costs, name: Callable[[Arm], str]) -> str:
    """Observation 6: people's pay against the language model's bill, a sample; empty where either is not known or the
    currencies differ."""
    if told.rate is None or told.rate.currency != "USD":
        return ""
    people = {
        one.arm: one for one in told.arms if one.arm is Arm.HYPOTHESIS_HUMAN and one.minutes.value and one.samples
    }
    models = {one.arm: one for one in told.arms if one.arm is Arm.HYPOTHESIS_LM and one.dollars.value and one.samples}
    if not people or not models:
        return ""
    human, lm = people[Arm.HYPOTHESIS_HUMAN], models[Arm.HYPOTHESIS_LM]
    pay = human.pay(told.rate)
    paid, billed = (pay.known if pay else 0.0) / human.samples, lm.dollars.known / lm.samples
    return (
        f"For each text added, {name(human.arm)} cost ${paid:,.2f} and {name(lm.arm)} ${billed:,.4f}: "
        f"{paid / billed:,.0f} times as much. The paper's gap is more than ten times."
    )


def costs_text(told: Costs | None) -> list[str]:
    """Lines for ``compare``."""
    if told is None:
        return []
    rows = [
        [
            one.arm,
            one.samples,
            amount_words(one.tokens),
            bill_words(one.dollars),
            amount_words(one.minutes, 1),
            amount_words(one.queries),
            amount_words(one.seconds),
            "; ".join(f"{what} per {unit}" if unit else what for unit, what in yields(one)),
        ]
        for one in told.arms
    ]
    headers = (
        "arm", "texts", "teacher tokens", "teacher bill", "people, min", "attack queries", "compute, s", "UUs removed",
    )  # fmt: skip
    rate = f"{told.rate.per_hour:g} {told.rate.currency} an hour" if told.rate else "not set"
    return [
        "What each arm cost, for one model:",
        tabulate(rows, headers, disable_numparse=True),
        f"People: surveys are timed, work in the app is estimated from its time stamps; pay rate {rate}. Measuring "
        f"took {_mean([one.evaluation_queries for one in told.arms]):,.0f} attack queries a model more.",
        gap_words(told, lambda arm: arm.value),
        "",
    ]


def costs_json(told: Costs | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "pay_rate": asdict(told.rate) if told.rate else None,
        "shared_teacher_tokens": _amount(told.shared),
        "arms": [
            {
                "arm": one.arm,
                "models": one.models,
                "texts": one.samples,
                "teacher_tokens": _amount(one.tokens),
                "teacher_dollars": _amount(one.dollars),
                "survey_minutes": _amount(one.survey_minutes),
                "hand_minutes": _amount(one.hand_minutes),
                "pay": _amount(pay) if (pay := one.pay(told.rate)) else None,
                "attack_queries": _amount(one.queries),
                "evaluation_queries": one.evaluation_queries,
                "compute_seconds": _amount(one.seconds),
                "removed_per": {name: _yield(one, field, unit) for field, unit, name in UNITS},
            }
            for one in told.arms
        ],
    }


def _amount(amount: Amount) -> dict[str, Any]:
    return {"value": amount.value, "known": amount.known, "unknown": amount.unknown, "estimated": amount.estimated}


def _yield(one: ArmCost, field: str, unit: float) -> dict[str, Any]:
    amount: Amount = getattr(one, field)
    told = removed_per(one.effect, amount, unit) if one.effect else None
    if told is None:
        return {"rate": None, "why": why_none(one.effect, amount)}
    return {"rate": told.rate, "interval_95": [told.interval.low, told.interval.high]}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
