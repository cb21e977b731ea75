"""A random state of its own for each example."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def seeded(seed: int, example_id: str) -> Iterator[None]:
    """Seed the global generators of ``random`` and numpy, from which TextAttack's transformations draw, with a hash of
    (seed, example_id), and put their states back afterwards.

    Torch's generator is left alone: no recipe here draws from it, and a trained classifier answers without dropout.
    """
    digest = hashlib.sha256(f"{seed}\t{example_id}".encode()).digest()
    python_state, numpy_state = random.getstate(), np.random.get_state()
    random.seed(int.from_bytes(digest[:8]))
    np.random.seed(int.from_bytes(digest[8:12]))
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
