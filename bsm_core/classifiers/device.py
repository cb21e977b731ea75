"""Which device computes, and how to make it compute the same again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

from bsm_core.errors import ClassifierError

Module = TypeVar("Module", bound=torch.nn.Module)

_NAME = re.compile(r"cpu|cuda(:\d+)?")


def device(name: str | None = None) -> torch.device:
    """``name``, else ``BSM_DEVICE``, else CUDA when present, else the CPU.

    Raises ClassifierError for anything but ``cpu``, ``cuda`` or ``cuda:N``, and for a CUDA device this machine
    does not have.
    """
    wanted = (name or os.environ.get("BSM_DEVICE") or "").strip().lower()
    if not wanted:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not _NAME.fullmatch(wanted):
        raise ClassifierError(f"device {wanted!r} is unknown; set BSM_DEVICE to cpu, cuda or cuda:1, or leave it unset")
    chosen = torch.device(wanted)
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ClassifierError(
            f"device {wanted!r} is not on this machine, which has {torch.cuda.device_count()} CUDA devices; "
            "set BSM_DEVICE to cpu, or leave it unset"
        )
    return chosen


def move(model: Module, chosen: torch.device) -> Module:
    """``model``, its weights on the device; quantized ones were put there when they were read."""
    return model if getattr(model, "is_quantized", False) else model.to(chosen)


@contextmanager
def reproducible(chosen: torch.device) -> Iterator[None]:
    """Have CUDA take the algorithms that give the same sums every time; the CPU does so by itself, for a given number
    of threads. Where there is no such algorithm, torch warns and goes on."""
    if chosen.type != "cuda":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read by cuBLAS at its first call
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def describe(chosen: torch.device) -> str:
    """The device in words, for cards and logs: ``cpu``, or ``cuda:0 (name of the GPU)``."""
    return f"{chosen} ({torch.cuda.get_device_name(chosen)})" if chosen.type == "cuda" else str(chosen)
