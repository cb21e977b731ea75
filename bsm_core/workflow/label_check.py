"""A blind label becomes a verdict: a warning where it differs, which only a human settles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bsm_core.domain.synthesis import Check, CheckName, SyntheticSample
from bsm_core.workflow import verdicts


def label_check(
    sample: SyntheticSample, answer: int | None, judge: str, label_names: Sequence[str], now: datetime
) -> Check:
    """To be recorded with the others (``JobResult.checks``).

    ``answer`` is what ``judge`` ("lm:<model>") said of the bare text, None when it would not say. ``value`` is the
    answer, ``threshold`` the sample's label. It never rejects; while the two differ no policy approves the sample.
    """
    found = verdicts.blind_label(sample.label, answer, judge, label_names)
    return Check(
        sample_id=sample.sample_id,
        name=CheckName.LABEL,
        passed=found.passed,
        value=found.value,
        threshold=found.threshold,
        reason=found.reason,
        created_at=now,
        advisory=True,
    )
