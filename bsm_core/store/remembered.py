"""Answers kept as long as they are true."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """The latest ``size`` answers, by question and state of the store. Safe to use from any thread."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()

    def get(self, state: int, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """What ``ask`` answered to this question in this state.

        ``state`` is ``Database.writes``, read before the transaction that ``ask`` reads in began: then no answer is
        older than its state.
        """
        key = (state, question)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = ask()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return answer
