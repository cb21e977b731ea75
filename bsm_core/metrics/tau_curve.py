"""UU counts over tau: what a single threshold hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bsm_core.domain.comparison import Endpoint

PERCENTS = range(50, 100)
"""The thresholds of a curve, in percent: 0.50 to 0.99."""


@dataclass(frozen=True, slots=True)
class TauCurve:
    """``counts[i]`` UUs of one model at tau ``PERCENTS[i] / 100``. At 0.5 every wrong answer of a two-label task is
    one."""

    model_id: str
    endpoint: Endpoint
    counts: tuple[int, ...]


def tau_curve(model_id: str, endpoint: Endpoint, wrong: Mapping[int, int]) -> TauCurve:
    """``wrong[p]`` wrong answers have a confidence in [p, p + 1) percent."""
    return TauCurve(
        model_id, endpoint, tuple(sum(n for at, n in wrong.items() if at >= percent) for percent in PERCENTS)
    )
