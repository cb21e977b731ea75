"""OpenAI-compatible endpoints differ in what they take. One that refuses a parameter is asked again without it, and
what worked is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import openai

from bsm_core.domain.teaching import Prompt
from bsm_core.teacher.failures import said

_WORDS = {
    "response_format": ("response_format", "json_schema", "schema", "structured output", "grammar"),
    "temperature": ("temperature",),
    "seed": ("seed",),
    "max_tokens": ("max_tokens",),
}
"""Parameter -> how a refusal names it. In the order in which they are suspected."""
_REFUSALS = (400, 422, 501)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which parameters one endpoint does not take. ``max_tokens`` refused means ``max_completion_tokens``."""

    refused: frozenset[str] = frozenset()

    def request(self, prompt: Prompt, model: str, llama_cpp: bool) -> dict[str, Any]:
        """Keyword arguments for ``chat.completions.create``. ``prompt.extra`` goes to llama.cpp alone."""
        limit = "max_completion_tokens" if "max_tokens" in self.refused else "max_tokens"
        request: dict[str, Any] = {
            "model": model,
            "messages": [{"role": role, "content": text} for role, text in prompt.messages],
            limit: prompt.max_tokens,
        }
        if "temperature" not in self.refused:
            request["temperature"] = prompt.temperature
        if prompt.seed is not None and "seed" not in self.refused:
            request["seed"] = prompt.seed
        if prompt.schema is not None and "response_format" not in self.refused:
            schema = {"name": prompt.template, "schema": prompt.schema, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        if llama_cpp and prompt.extra:
            request["extra_body"] = dict(prompt.extra)
        return request

    def after(self, error: openai.OpenAIError, request: dict[str, Any]) -> Dialect | None:
        """The dialect to try next, when ``error`` looks like the refusal of a parameter of ``request``; else None.

        A refusal that names nothing is blamed on the response format, which endpoints know least.
        """
        if not isinstance(error, openai.APIStatusError) or error.status_code not in _REFUSALS:
            return None
        sent = [name for name in _WORDS if name in request]
        where = str(error.param or "").lower()
        text = said(error).lower()
        by_name = [name for name in sent if name in where]
        by_words = [name for name in sent if any(word in text for word in _WORDS[name])]
        suspects = by_name or by_words or [name for name in sent if name == "response_format"]
        return Dialect(self.refused | {suspects[0]}) if suspects else None

    def joined(self, other: Dialect) -> Dialect:
        """What either has learned: two threads may find different refusals at once."""
        return Dialect(self.refused | other.refused)
