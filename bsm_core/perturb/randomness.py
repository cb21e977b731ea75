"""A random state of its own for each example."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


class OwnGenerators:
    """What the global generators of ``random`` and numpy, from which TextAttack's transformations draw, look like to
    one example: seeded with a hash of (seed, example_id), and moved on by that example's draws alone.

    Torch's generator is left alone: no recipe here draws from it, and a trained classifier answers without dropout.
    """

    def __init__(self, seed: int, example_id: str) -> None:
        digest = hashlib.sha256(f"{seed}\t{example_id}".encode()).digest()
        self._python = random.Random(int.from_bytes(digest[:8])).getstate()
        self._numpy = np.random.RandomState(int.from_bytes(digest[8:12])).get_state()

    def enter(self) -> None:
        """Make this the global state."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)

    def leave(self) -> None:
        """Remember the global state for the next ``enter``."""
        self._python = random.getstate()
        self._numpy = np.random.get_state()


@contextmanager
def generators_kept() -> Iterator[None]:
    """Put the global generators back afterwards, whatever entered meanwhile."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


@contextmanager
def seeded(seed: int, example_id: str) -> Iterator[None]:
    """The global generators as (seed, example_id) has them, for as long as this lasts."""
    with generators_kept():
        OwnGenerators(seed, example_id).enter()
        yield
