"""Half precision: quicker on a GPU, and no longer the same answers. So it is asked for, and says what it changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from scipy.special import softmax

from bsm_core.errors import ClassifierError
from bsm_core.ports import FloatArray, JobContext

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

SAMPLE = 64
"""Texts answered in float32 as well, to see how far the answers move."""


def precision(device: torch.device, name: str | None = None) -> torch.dtype:
    """``name``, else ``BSM_PRECISION``, else float32. Raises ClassifierError for an unknown one, and for float16 on a
    CPU."""
    wanted = (name or os.environ.get("BSM_PRECISION") or "float32").strip().lower()
    if wanted not in PRECISIONS:
        known = ", ".join(PRECISIONS)
        raise ClassifierError(
            f"precision {wanted!r} is unknown; set BSM_PRECISION to one of {known}, or leave it unset"
        )
    if wanted == "float16" and device.type == "cpu":
        raise ClassifierError("precision 'float16' is for GPUs; on a CPU set BSM_PRECISION to float32 or bfloat16")
    return PRECISIONS[wanted]


@contextmanager
def rounding(device: torch.device, dtype: torch.dtype | None) -> Iterator[None]:
    """Compute products in ``dtype``, sums and losses in float32; None changes nothing."""
    if dtype is None:
        yield
        return
    with torch.autocast(device.type, dtype=dtype):
        yield


class Shift:
    """How far probabilities are from float32's over the first ``SAMPLE`` texts that a model is asked about."""

    def __init__(self, dtype: torch.dtype) -> None:
        self._name = str(dtype).removeprefix("torch.")
        self._gaps: list[float] = []

    @property
    def missing(self) -> int:
        """Texts it has yet to see."""
        return max(SAMPLE - len(self._gaps), 0)

    def add(self, rounded: FloatArray, exact: FloatArray, context: JobContext | None) -> None:
        """Logits (n, K) of the same texts. Logged at the first call and when the sample is whole."""
        begun = bool(self._gaps)
        gaps = np.abs(softmax(rounded.astype(np.float64), axis=1) - softmax(exact.astype(np.float64), axis=1))
        self._gaps += gaps.max(axis=1).tolist()
        if context is not None and (not begun or not self.missing):
            context.log(self.text())

    def text(self) -> str:
        most, mean = max(self._gaps, default=0.0), float(np.mean(self._gaps or [0.0]))
        return (
            f"precision {self._name}: over {len(self._gaps)} of the texts asked about, probabilities differ from "
            f"float32's by up to {most:.4f}, by {mean:.4f} on average"
        )
