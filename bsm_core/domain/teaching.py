"""What is said to the teacher, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt: chat messages as (role, text), the template it came from, and the JSON schema its answer
    should follow (None for free text)."""

    template: str
    version: str
    messages: tuple[tuple[str, str], ...]
    schema: dict[str, object] | None
    max_tokens: int
    temperature: float
    seed: int | None = None
    extra: dict[str, object] = field(default_factory=dict)
    """Sampling settings outside the OpenAI parameters (min_p, repeat_penalty), for llama.cpp only."""


@dataclass(frozen=True, slots=True)
class TeacherCall:
    """One call, as stored: also the failed ones. ``cost`` is in US dollars; tokens and cost are None when the
    endpoint does not report usage or no price is set."""

    call_id: str
    study_id: str
    purpose: str
    endpoint: str
    model: str
    prompt: Prompt
    answer: str
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float
    cost: float | None
    error: str | None
    created_at: datetime
    reused_from: str | None = None
    """The earlier call whose answer this is: the same request was not asked, and not paid for, a second time."""
