"""Which hypotheses earned their place: as sentences, as text for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from pydantic import TypeAdapter
from tabulate import tabulate

from bsm_core.domain.arms import Arm
from bsm_core.domain.attribution import Attribution, Estimate, FullEffect, HypothesisEffect, Mirror
from bsm_core.legible import one_line
from bsm_core.workflow.ledger import LedgerEntry

_RECORD = TypeAdapter(Attribution)


class Run(Protocol):
    """A full retraining, as the workbench tells it."""

    @property
    def hypothesis_id(self) -> str: ...
    @property
    def arm(self) -> Arm: ...
    @property
    def budget(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def effects(self) -> tuple[FullEffect, FullEffect] | None: ...


def by_effect(effects: Sequence[HypothesisEffect]) -> list[HypothesisEffect]:
    """What helps its own blind spot most comes first; those without one follow, by what they do elsewhere."""

    def key(one: HypothesisEffect) -> tuple[bool, float]:
        told = one.own or one.others
        return one.own is None, -(told.points if told else 0.0)

    return sorted(effects, key=key)


def estimate_words(told: Estimate | None) -> str:
    """``+1.2 (+0.4 to +2.0)``, in percentage points."""
    return "–" if told is None else f"{told.points:+.2f} ({told.low:+.2f} to {told.high:+.2f})".replace("-", "−")


def verdict_words(one: HypothesisEffect) -> str:
    """What may be said of a hypothesis, in a few plain words."""
    told, where = (one.own, "its blind spot") if one.own else (one.others, "the unknown unknowns")
    if told is None:
        return "no texts to judge it by"
    if not told.resolved:
        return "cannot be told from nothing"
    return f"helps on {where}" if told.points > 0 else f"harms on {where}"


def mirror_words(mirror: Mirror) -> str:
    """How far the cheap head can be trusted to stand for the classifier."""
    return (
        f"The cheap head is right on {mirror.accuracy:.1%} of the validation texts, the classifier on "
        f"{mirror.baseline_accuracy:.1%}. Of the classifier's {mirror.unknowns:,} unknown unknowns {mirror.shared:,} "
        f"({mirror.shared_share:.0%}) are the head's as well; {mirror.extra:,} more are the head's alone."
    )


def full_words(run: Run) -> list[str]:
    """A sentence for its own blind spots and one for all other UUs; empty until both models are trained."""
    if run.effects is None:
        return []
    where = {"own": "In its own blind spots", "others": "Elsewhere"}
    return [
        f"{where[one.part]}, {one.texts:,} unknown unknowns of the original: {one.with_all:,} are left after training "
        f"with its samples, {one.without:,} without ({_full_verdict(one)})."
        for one in run.effects
        if one.texts
    ]


def _full_verdict(one: FullEffect) -> str:
    p = "p below 0.001" if one.p < 0.001 else f"p {one.p:.2g}"
    return f"McNemar's {p}: {'more than chance' if one.p <= 0.05 else 'chance alone could do this'}, one seed"


def attribution_text(found: Attribution, ledger: Sequence[LedgerEntry], runs: Sequence[Run] = ()) -> str:
    entries = _entries(ledger)
    rows = []
    for one in by_effect(found.effects):
        entry = entries.get(one.hypothesis_id)
        rows.append(
            [
                entry.number if entry else "?",
                one_line(entry.hypothesis.text, 44) if entry else one.hypothesis_id,
                one.samples,
                one.own_texts,
                estimate_words(one.own),
                estimate_words(one.others),
                f"{one.own_removed:+.1f} / {one.others_removed:+.1f}",
                verdict_words(one),
            ]
        )
    headers = ("", "hypothesis", "samples", "own UUs", "own spot", "elsewhere", "UUs removed", "")
    lines = [
        tabulate(rows, headers, disable_numparse=True),
        "",
        "Own spot, elsewhere: percentage points of probability in the right label that its samples bring, with 95% "
        "intervals; Holm over the hypotheses.",
        f"{found.samples:,} approved samples beside {found.train:,} training rows, which were drawn {found.resamples} "
        f"times; tau {found.tau:g}; penalty {found.penalty:g}. Validation only.",
        mirror_words(found.mirror),
    ]
    for run in runs:
        entry = entries.get(run.hypothesis_id)
        name = entry.number if entry else run.hypothesis_id
        told = full_words(run) or ["not trained yet"]
        lines += ["", f"{run.arm} retrained fully without {name}, {run.budget} texts, seed {run.seed}:"]
        lines += [f"  {sentence}" for sentence in told]
    return "\n".join(lines)


def attribution_json(found: Attribution, ledger: Sequence[LedgerEntry], runs: Sequence[Run] = ()) -> dict[str, Any]:
    entries = _entries(ledger)
    told: dict[str, Any] = _RECORD.dump_python(found, mode="json")
    for one in told["effects"]:
        entry = entries.get(one["hypothesis_id"])
        one["number"], one["text"] = (entry.number, entry.hypothesis.text) if entry else (None, None)
    told["full_retrainings"] = [
        {
            "hypothesis_id": run.hypothesis_id,
            "arm": run.arm,
            "budget": run.budget,
            "seed": run.seed,
            "effects": [asdict(one) for one in run.effects] if run.effects else None,
        }
        for run in runs
    ]
    return told


def _entries(ledger: Sequence[LedgerEntry]) -> Mapping[str, LedgerEntry]:
    return {version: entry for entry in ledger for version in entry.version_ids}
