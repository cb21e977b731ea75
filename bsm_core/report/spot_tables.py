"""Tables about blind spots: seen and unseen ones apart, and what each hypothesis' samples do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bsm_core.domain.attribution import Attribution, Estimate
from bsm_core.domain.comparison import PRIMARY
from bsm_core.domain.locations import Part
from bsm_core.legible import visible
from bsm_core.report.attribution import by_effect, estimate_words, mirror_words, verdict_words
from bsm_core.report.names import arm_name
from bsm_core.report.seen_unseen import cautions, claim
from bsm_core.report.table import Head, Table, Value, table
from bsm_core.report.tables import effects_table
from bsm_core.workflow.ledger import LedgerEntry
from bsm_core.workflow.seen_unseen import SeenUnseen

_TITLES = {Part.SEEN: "in blind spots seen on validation", Part.UNSEEN: "outside all blind spots seen on validation"}


def seen_unseen_tables(found: SeenUnseen) -> list[Table]:
    """One for the blind spots that were seen on validation, one for what lies outside all of them."""
    said = claim(found, arm_name)
    caution = " ".join(cautions(found))
    tables = []
    for place, part in enumerate(Part):
        effects = found.effects[part][PRIMARY]
        made = effects_table(effects, f"effects-{part}", f"Unknown unknowns {_TITLES[part]}")
        tables.append(replace(made, note=f"{said[place]} {caution}"))
    return tables


def attribution_table(found: Attribution, ledger: Sequence[LedgerEntry]) -> Table:
    """A row a hypothesis with approved samples: its effect on its own blind spots, elsewhere, and on texts as they
    stand."""
    named = {entry.hypothesis.hypothesis_id: entry for entry in ledger}
    heads = (
        Head("No."),
        Head("Hypothesis", text=True),
        Head("Samples"),
        Head("Its own blind spots", "percentage points, 95% interval"),
        Head("Other UUs", "percentage points, 95% interval"),
        Head("Texts as they stand", "percentage points, 95% interval"),
        Head("Verdict"),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for one in by_effect(found.effects):
        entry = named.get(one.hypothesis_id)
        parts = {"own": one.own, "others": one.others, "clean": one.clean}
        cells = (
            entry.number if entry else "–",
            visible(entry.hypothesis.text, 600) if entry else one.hypothesis_id,
            f"{one.samples:,}",
            *(estimate_words(told) for told in parts.values()),
            verdict_words(one),
        )
        record: dict[str, Value] = {"hypothesis_id": one.hypothesis_id, "samples": one.samples}
        for name, told in parts.items():
            record |= _record(name, told)
        rows.append((cells, record))
    note = (
        "Percentage points of probability in the right label that a hypothesis' samples bring to a cheap head on the "
        f"frozen classifier, on validation. {mirror_words(found.mirror)}"
    )
    return table("attribution", "Which hypotheses earned their place", note, heads, rows)


def _record(name: str, told: Estimate | None) -> dict[str, Value]:
    return {
        f"{name}_points": told.points if told else None,
        f"{name}_low": told.low if told else None,
        f"{name}_high": told.high if told else None,
        f"{name}_p_holm": told.adjusted if told else None,
    }
