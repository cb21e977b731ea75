"""A test double: answers without a process and without a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bsm_core.domain.tasks import Text
from bsm_core.ports import LiveAnswer


class ScriptedAnswers:
    """Fulfils ``ports.Answers``. ``answer`` is what it says to a text, None for a model that is still loading;
    ``asked`` the (model, references, text, wait) of every question."""

    def __init__(self, answer: Callable[[Text], LiveAnswer | None] = lambda _: None) -> None:
        self.answer = answer
        self.asked: list[tuple[Path, Path, Text, float]] = []

    def ask(self, model: Path, references: Path, text: Text, wait: float) -> LiveAnswer | None:
        self.asked.append((model, references, text, wait))
        return self.answer(text)

    def close(self) -> None:
        """Nothing is left open."""
