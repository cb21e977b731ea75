"""Label preservation carried into the comparison: how many UUs are left when some perturbed texts lost their label.

Texts are judged on validation, ORIGINAL's alone: test stays sealed. That share is taken for every model's attack on
test, which is an assumption; how far it may fail before the effect is gone is said beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bsm_core.metrics.bootstrap import Range
from bsm_core.metrics.judging import CorrectedCount


@dataclass(frozen=True, slots=True)
class PreservedCount:
    """``raw`` UUs of an arm (a mean over seeds); ``estimate`` of them have kept their label, in ``interval`` by the
    95% interval of the judged share. ``break_even`` is the share of the arm's UUs without their label at which it
    would have as many left as the reference; None when no share does, and for the reference itself."""

    raw: float
    estimate: float
    interval: Range
    break_even: float | None


def preserved_count(raw: float, judged: CorrectedCount, reference: float | None = None) -> PreservedCount:
    """``reference`` is the raw count compared with, of which the judged share is taken away, too.

    Raises ValueError when nobody judged.
    """
    share = judged.invalid_share
    if share is None:
        raise ValueError("nobody has judged a text; judge some of the sample first")
    interval = Range(raw * judged.low / judged.raw, raw * judged.high / judged.raw)
    even = None
    if reference is not None and raw > 0:
        left = 1 - (1 - share) * reference / raw
        even = left if 0 <= left <= 1 else None
    return PreservedCount(raw, raw * (1 - share), interval, even)
