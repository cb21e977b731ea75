"""Does a hypothesis name a weakness? Its samples against plain texts, by an exact test.

Logarithms of factorials only, so that the server can import it.
"""

from __future__ import annotations

from math import exp, lgamma

from bsm_core.domain.curation import PretestVerdict
from bsm_core.metrics.statistics import wilson_interval

ALPHA = 0.05
WORTH = 0.3
"""A hypothesis is refuted when its samples fail less often than this, and less often than twice the control, beyond
what chance would hide. Chosen so that ten samples without a failure are enough."""


def fisher_greater(failed: int, size: int, control_failed: int, control_size: int) -> float:
    """P(at least ``failed`` of the failures fall on the samples), if samples and controls fail alike (Fisher, 1935).

    Raises ValueError for a count outside [0, size].
    """
    for count, of in ((failed, size), (control_failed, control_size)):
        if not 0 <= count <= of:
            raise ValueError(f"{count} of {of} is not a count of failures; use 0 <= count <= size")
    total, failures = size + control_size, failed + control_failed
    whole = _log_choose(total, size)
    tail = sum(
        exp(_log_choose(failures, count) + _log_choose(total - failures, size - count) - whole)
        for count in range(failed, min(size, failures) + 1)
        if size - count <= total - failures
    )
    return min(1.0, tail)


def pretest_verdict(failed: int, size: int, control_failed: int, control_size: int) -> PretestVerdict:
    """SUPPORTED below ALPHA; REFUTED when the upper end of the samples' Wilson interval is below WORTH and below twice
    the control's share (whichever is more); else OPEN."""
    if size and fisher_greater(failed, size, control_failed, control_size) < ALPHA:
        return PretestVerdict.SUPPORTED
    share = control_failed / control_size if control_size else 0.0
    if size and wilson_interval(failed, size).high < max(WORTH, 2 * share):
        return PretestVerdict.REFUTED
    return PretestVerdict.OPEN


def pretest_sentence(failed: int, size: int, control_failed: int, control_size: int) -> str:
    return (
        f"This hypothesis fails the model {failed:,} of {size:,} times, plain texts with the same labels "
        f"{control_failed:,} of {control_size:,} times."
    )


def _log_choose(of: int, count: int) -> float:
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
