"""How many requests may be under way at once: fewer after a rate limit, slowly more again while it goes well."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Pace:
    """Additive increase, multiplicative decrease, shared by all threads that ask one endpoint.

    A rate limit halves what is allowed, once for all requests that were under way together, and holds everybody back
    for as long as the endpoint asks. ``allowed`` successes in a row raise it by one, up to ``most``.
    """

    def __init__(self, most: int, say: Callable[[str], None] | None = None) -> None:
        if most < 1:
            raise ValueError(f"{most} requests at once; use at least 1")
        self.most = most
        self._say = say
        self._changed = threading.Condition()
        self._allowed = float(most)
        self._under_way = 0
        self._not_before = 0.0
        self._slowed_at = -1.0
        self._closed = False

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Waits for a place, and holds it; yields the time of the start, for ``limited``. After ``close`` there is no
        waiting."""
        with self._changed:
            while not self._closed and (wait := self._wait()) is not None:
                self._changed.wait(wait)
            self._under_way += 1
        try:
            yield time.monotonic()
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def went_well(self) -> None:
        with self._changed:
            self._allowed = min(float(self.most), self._allowed + 1 / self._allowed)
            self._changed.notify_all()

    def limited(self, started: float, seconds: float) -> None:
        """The endpoint refused a request that was ``started`` then, and wants ``seconds`` of quiet."""
        with self._changed:
            self._not_before = max(self._not_before, time.monotonic() + seconds)
            if started < self._slowed_at:
                return  # it was under way when another one was refused
            self._slowed_at = time.monotonic()
            self._allowed = max(1.0, self._allowed / 2)
            message = (
                f"the endpoint limits the rate: {self.allowed} at once from now on, after a wait of {seconds:.1f} s"
            )
        if self._say is not None:
            self._say(message)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait(self) -> float | None:
        """Seconds to wait before looking again; None when there is a place."""
        quiet = self._not_before - time.monotonic()
        if quiet > 0:
            return quiet
        return None if self._under_way < self.allowed else 60.0
