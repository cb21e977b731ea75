"""Of several samples that were written for one place, the one that the gates like best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from bsm_core.domain.synthesis import Check, CheckName, SyntheticSample
from bsm_core.ports import JobResult


def best_of(choices: Sequence[Sequence[SyntheticSample]], gated: JobResult) -> JobResult:
    """``gated`` with the best of each of ``choices`` as its samples, and nothing about the others: the one that fails
    the fewest gates, of these the one most like the training texts, of these the first."""
    checks: dict[str, list[Check]] = {}
    for check in gated.checks:
        checks.setdefault(check.sample_id, []).append(check)
    chosen = tuple(min(some, key=lambda one: _faults(checks.get(one.sample_id, []))) for some in choices if some)
    ids = {sample.sample_id for sample in chosen}
    return replace(
        gated,
        samples=chosen,
        checks=tuple(check for check in gated.checks if check.sample_id in ids),
        predictions=tuple((model_id, _only(table, ids)) for model_id, table in gated.predictions),
    )


def _faults(checks: Sequence[Check]) -> tuple[int, float]:
    """The less the better."""
    failed = sum(not check.passed for check in checks if not check.advisory)
    likeness = next((check.value for check in checks if check.name is CheckName.SIMILARITY), None)
    return failed, -(likeness or 0.0)


def _only(table: pa.Table, ids: set[str]) -> pa.Table:
    return table.filter(pc.is_in(table["item_id"], value_set=pa.array(sorted(ids), pa.string())))
