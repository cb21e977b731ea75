"""What the study has cost: over all, and arm by arm beside what it did."""

from __future__ import annotations

from collections.abc import Sequence

from bsm_core.domain.arms import Model
from bsm_core.domain.studies import Study
from bsm_core.ports import Store
from bsm_core.report.attack_table import attack_columns
from bsm_core.report.costs import amount_words, yields
from bsm_core.report.names import arm_name
from bsm_core.report.table import Head, Table, Value, table
from bsm_core.workflow.costs import Costs


def study_costs(store: Store, study: Study, models: Sequence[Model], tau: float) -> Table:
    """A row a kind of cost, over the whole study: what is on record."""
    calls, prompt, completion, dollars = store.calls.totals(study.study_id)
    attacks = attack_columns(store, store.perturbations.sets(study.study_id), tau)
    seconds = [value for one in models if isinstance(value := one.card.get("seconds"), (int, float))]
    figures: tuple[tuple[str, float, str], ...] = (
        ("Calls of the language model", calls, "calls"),
        ("Tokens it read", prompt, "tokens"),
        ("Tokens it wrote", completion, "tokens"),
        ("Paid for it, where prices are set", dollars, "US dollars"),
        ("Questions of attacks to models", sum(one.statistics.total_queries for one in attacks), "queries"),
        ("Attacks", sum(one.statistics.seconds for one in attacks), "seconds, each text's own time"),
        ("Training", sum(seconds), "seconds"),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = [
        (
            (what, f"{amount:,.2f}" if "dollars" in unit else f"{amount:,.0f}", unit),
            {"what": what, "amount": amount, "unit": unit},
        )
        for what, amount, unit in figures
    ]
    heads = (Head("What"), Head("Amount"), Head("Unit"))
    note = "As far as it is recorded. The embedded language model sends no bill; its time is compute."
    return table("costs", "The whole study", note, heads, rows)


def arm_costs(told: Costs) -> Table:
    """A row an arm, for one model of it."""
    heads = (
        Head("Arm"),
        Head("Texts", "added"),
        Head("Tokens", "of the language model"),
        Head("Its bill", "US dollars"),
        Head("People", "minutes"),
        Head("Attack queries"),
        Head("Compute", "seconds"),
        Head("UUs removed", "per unit of cost, 95% interval", text=True),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for one in told.arms:
        amounts = {
            "tokens": one.tokens,
            "dollars": one.dollars,
            "minutes": one.minutes,
            "attack_queries": one.queries,
            "compute_seconds": one.seconds,
        }
        decimals = {"dollars": 4, "minutes": 1}
        removed = "; ".join(f"{what} per {unit}" if unit else what for unit, what in yields(one))
        cells = (
            arm_name(one.arm),
            f"{one.samples:,}",
            *(amount_words(amount, decimals.get(name, 0)) for name, amount in amounts.items()),
            removed,
        )
        record: dict[str, Value] = {"arm": one.arm.value, "models": one.models, "texts": one.samples}
        record |= {name: amount.value for name, amount in amounts.items()}
        rows.append((cells, record | {"evaluation_queries": one.evaluation_queries, "removed": removed}))
    rate = f"{told.rate.per_hour:g} {told.rate.currency} an hour" if told.rate else "not set"
    note = (
        "For one model of each arm. Surveys are timed; work in the app is estimated from its time stamps. "
        f"Pay rate: {rate}."
    )
    return table("arm-costs", "Arm by arm", note, heads, rows)
