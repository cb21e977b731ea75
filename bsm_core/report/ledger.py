"""The ledger of hypotheses as CSV, for a spreadsheet, and as Markdown, to be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bsm_core.domain.curation import LaterEffect
from bsm_core.domain.studies import Study
from bsm_core.legible import visible
from bsm_core.metrics.pretest import pretest_sentence
from bsm_core.metrics.statistics import Interval, wilson_interval
from bsm_core.report.table import Value
from bsm_core.report.table_files import safe_cell
from bsm_core.workflow.ledger import LedgerEntry

_COLUMNS = (
    "number", "kind", "agent", "hypothesis", "reasoning", "pattern", "samples", "approved", "rejected", "open",
    "pretest_size", "pretest_failed", "control_size", "control_failed", "p_value", "verdict", "verdict_by",
    "verdict_reason", "later_effect", "source_uus", "hypothesis_id", "created_at",
)  # fmt: skip
_MARKUP = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]()#+-!|<>~"})


def ledger_csv(entries: Sequence[LedgerEntry]) -> str:
    """A row a hypothesis. Texts that a spreadsheet would run as a formula begin with an apostrophe."""
    body = io.StringIO()
    writer = csv.DictWriter(body, _COLUMNS)
    writer.writeheader()
    for entry in entries:
        writer.writerow({name: safe_cell(value) for name, value in ledger_record(entry).items()})
    return body.getvalue()


def ledger_markdown(study: Study, entries: Sequence[LedgerEntry]) -> str:
    """The study's readable error report. What people and models wrote is escaped."""
    parts = [f"# Why the classifier fails: {_escaped(study.name)}", ""]
    parts += [
        f"{len(entries):,} hypotheses about unknown unknowns (wrong, at a confidence of {study.tau:g} or more). A "
        "pre-test compares the classifier's failures on a hypothesis' first samples with those on plain validation "
        "texts of the same labels; intervals are Wilson's 95 %, p is Fisher's exact test, one-sided, each test for "
        "itself.",
        "",
    ]
    for entry in entries:
        parts += _section(entry)
    return "\n".join(parts)


def effect_told(effects: Sequence[LaterEffect]) -> str:
    """``RELABEL 2 of 3; HYPOTHESIS_RULE 1 of 3``: its own natural UUs that each arm's newest model gets right."""
    return "; ".join(f"{effect.arm} {effect.right} of {effect.size}" for effect in effects)


def share_told(failed: int, size: int) -> str:
    """``70% (40% to 89%)``."""
    interval: Interval = wilson_interval(failed, size)
    return f"{failed / size:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def _section(entry: LedgerEntry) -> list[str]:
    hypothesis, samples = entry.hypothesis, entry.samples
    verdict = f" - {entry.verdict}" if entry.verdict else ""
    lines = [f"## {entry.number} {hypothesis.kind}, by {hypothesis.agent}{verdict}", "", _escaped(hypothesis.text), ""]
    if hypothesis.reasoning:
        lines += [f"Why: {_escaped(hypothesis.reasoning)}", ""]
    if hypothesis.pattern:
        lines.append(f"- pattern: {_escaped(hypothesis.pattern)}")
    lines.append(f"- rests on {len(hypothesis.source_item_ids):,} unknown unknowns")
    lines.append(f"- {samples.total:,} samples: {samples.approved:,} approved, {samples.rejected:,} rejected")
    if found := entry.pretest:
        figures = (found.failed, found.size, found.control_failed, found.control_size)
        lines.append(
            f"- pre-test: {pretest_sentence(*figures)} That is {share_told(found.failed, found.size)} against "
            f"{share_told(found.control_failed, found.control_size)}; p = {found.p_value:.3g}: {found.verdict}"
        )
    if entry.word:
        lines.append(f"- overruled by {_escaped(entry.word.reviewer)}: {_escaped(entry.word.reason)}")
    if entry.effects:
        lines.append(f"- its own natural unknown unknowns, right after retraining: {effect_told(entry.effects)}")
    return [*lines, ""]


def ledger_record(entry: LedgerEntry) -> dict[str, Value]:
    """A flat row; what was not tested is empty."""
    hypothesis, samples, found = entry.hypothesis, entry.samples, entry.pretest
    return {
        "number": entry.number,
        "kind": hypothesis.kind.value,
        "agent": hypothesis.agent.value,
        "hypothesis": hypothesis.text,
        "reasoning": hypothesis.reasoning,
        "pattern": hypothesis.pattern or "",
        "samples": samples.total,
        "approved": samples.approved,
        "rejected": samples.rejected,
        "open": samples.pending,
        "pretest_size": found.size if found else "",
        "pretest_failed": found.failed if found else "",
        "control_size": found.control_size if found else "",
        "control_failed": found.control_failed if found else "",
        "p_value": found.p_value if found else "",
        "verdict": entry.verdict.value if entry.verdict else "",
        "verdict_by": entry.word.reviewer if entry.word else "figures" if found else "",
        "verdict_reason": entry.word.reason if entry.word else "",
        "later_effect": effect_told(entry.effects),
        "source_uus": " ".join(hypothesis.source_item_ids),
        "hypothesis_id": hypothesis.hypothesis_id,
        "created_at": hypothesis.created_at.isoformat(),
    }


def _escaped(text: str) -> str:
    return " ".join(visible(text).split()).translate(_MARKUP)
