"""What a run may spend, and a teacher that asks nothing that might go beyond it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import Spent
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import ConfigError, SpendingCapError
from bsm_core.ports import Teacher

CHARACTERS_PER_TOKEN = 4.0
"""Of English in the tokenizers of today's models, about; for estimates."""
_CAUTIOUS = 3.0
"""For what a request may cost at most."""


def estimated_tokens(characters: int) -> int:
    return max(1, round(characters / CHARACTERS_PER_TOKEN))


def characters_of(prompt: Prompt) -> int:
    """Messages and answer schema, as they are sent."""
    schema = len(str(prompt.schema)) if prompt.schema else 0
    return schema + sum(len(text) for _, text in prompt.messages)


class Purse:
    """Counts what calls cost, and sets aside the most that those under way can cost, so that a cap is not passed.

    Raises ConfigError for a cap in money without both prices. Safe to use from several threads.
    """

    def __init__(self, config: TeacherConfig, cap_usd: float | None = None, cap_tokens: int | None = None) -> None:
        if cap_usd is not None and (config.price_prompt is None or config.price_completion is None):
            raise ConfigError(
                f"a cap of ${cap_usd:g} needs the prices of {config.model!r}: set them on the Settings page, "
                "or give a cap in tokens"
            )
        self._prices = (config.price_prompt or 0.0, config.price_completion or 0.0)
        self._cap_usd = cap_usd
        self._cap_tokens = cap_tokens
        self._changed = threading.Condition()
        self._reserved_tokens, self._reserved_usd = 0, 0.0
        self._tokens, self._usd = 0, 0.0
        self._calls = self._reused = self._failed = 0

    @property
    def spent(self) -> Spent:
        with self._changed:
            return Spent(self._calls, self._reused, self._failed, self._tokens, self._usd)

    def add(self, calls: Iterable[TeacherCall]) -> None:
        """Calls that were made before: a resumed job goes on with what is left."""
        for call in calls:
            with self._changed:
                self._count(call)

    def reserve(self, prompt: Prompt) -> tuple[int, float]:
        """Sets the most aside that a call can cost; to be given back to ``settle``. While other calls are under way it
        waits for them, since they may cost less. Raises SpendingCapError when what is left does not do."""
        tokens, usd = self._most(prompt)
        with self._changed:
            while not self._fits(tokens, usd):
                if self._reserved_tokens == 0:
                    raise SpendingCapError(self._reason())
                self._changed.wait()
            self._reserved_tokens += tokens
            self._reserved_usd += usd
        return tokens, usd

    def reserved_first(self, prompts: Sequence[Prompt]) -> list[tuple[int, float]]:
        """As ``reserve`` for as many of ``prompts``, from the first on, as what is left does for; without waiting."""
        found: list[tuple[int, float]] = []
        with self._changed:
            for prompt in prompts:
                tokens, usd = self._most(prompt)
                if not self._fits(tokens, usd):
                    break
                self._reserved_tokens += tokens
                self._reserved_usd += usd
                found.append((tokens, usd))
        return found

    def settle(self, reserved: tuple[int, float]) -> None:
        """The call is over; ``note`` has been told what it cost."""
        with self._changed:
            self._reserved_tokens -= reserved[0]
            self._reserved_usd -= reserved[1]
            if self._reserved_tokens == 0:
                self._reserved_usd = 0.0  # no residue of rounding
            self._changed.notify_all()

    def note(self, call: TeacherCall) -> None:
        with self._changed:
            self._count(call)
            self._changed.notify_all()

    def _count(self, call: TeacherCall) -> None:
        if call.reused_from is not None:
            self._reused += 1
            return
        self._calls += 1
        self._failed += call.error is not None
        read, written = _usage(call)
        self._tokens += read + written
        self._usd += call.cost if call.cost is not None else self._price(read, written)

    def _most(self, prompt: Prompt) -> tuple[int, float]:
        read = round(characters_of(prompt) / _CAUTIOUS) + 1
        return read + prompt.max_tokens, self._price(read, prompt.max_tokens)

    def _price(self, read: int, written: int) -> float:
        return (read * self._prices[0] + written * self._prices[1]) / 1e6

    def _fits(self, tokens: int, usd: float) -> bool:
        fits_tokens = self._cap_tokens is None or self._tokens + self._reserved_tokens + tokens <= self._cap_tokens
        return fits_tokens and (self._cap_usd is None or self._usd + self._reserved_usd + usd <= self._cap_usd)

    def _reason(self) -> str:
        caps = [] if self._cap_usd is None else [f"${self._cap_usd:g}"]
        caps += [] if self._cap_tokens is None else [f"{self._cap_tokens:,} tokens"]
        spent = f"{self._tokens:,} tokens" + (f" (${self._usd:.4f})" if any(self._prices) else "")
        return f"cap reached: {spent} of {' and '.join(caps)} are spent, and the next call might go beyond"


class CappedTeacher:
    """Fulfils ``ports.Teacher`` within a purse. The inner teacher's ``record`` must tell the purse (``note``)."""

    def __init__(self, teacher: Teacher, purse: Purse) -> None:
        self._teacher = teacher
        self._purse = purse
        self.is_embedded = teacher.is_embedded

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        reserved = self._purse.reserve(prompt)
        try:
            return self._teacher.ask(prompt, purpose, study_id)
        finally:
            self._purse.settle(reserved)

    def close(self) -> None:
        self._teacher.close()


def _usage(call: TeacherCall) -> tuple[int, int]:
    """(read, written): as reported; estimated from an answer that came without; nothing for a call without answer."""
    if call.prompt_tokens is not None or call.completion_tokens is not None:
        return call.prompt_tokens or 0, call.completion_tokens or 0
    if call.error is not None and not call.answer:
        return 0, 0
    return estimated_tokens(characters_of(call.prompt)), estimated_tokens(len(call.answer))
