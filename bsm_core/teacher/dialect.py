"""OpenAI-compatible endpoints differ in what they take. One that refuses a parameter is asked again without it, and
remembered."""

from __future__ import annotations

from typing import Any

import openai

from bsm_core.domain.teaching import Prompt

_PARAMETERS = ("response_format", "temperature", "seed", "max_tokens")
_SYNONYMS = {"response_format": ("response_format", "json_schema", "schema", "structured output", "grammar")}


class Dialect:
    """What one endpoint has been found not to take. Threads may learn the same thing twice; it does no harm."""

    def __init__(self) -> None:
        self.refused: frozenset[str] = frozenset()

    def request(self, prompt: Prompt, model: str, llama_cpp: bool) -> dict[str, Any]:
        """Keyword arguments for ``chat.completions.create``."""
        limit = "max_completion_tokens" if "max_tokens" in self.refused else "max_tokens"
        request: dict[str, Any] = {
            "model": model,
            "messages": [{"role": role, "content": text} for role, text in prompt.messages],
            limit: prompt.max_tokens,
            "stream": False,
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

    def learn(self, error: openai.OpenAIError) -> bool:
        """Whether the error is a refusal of a parameter that was sent, and not known before."""
        if not isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
            return False
        said = f"{error.message} {error.param or ''}".lower()
        for name in _PARAMETERS:
            if name not in self.refused and any(word in said for word in _SYNONYMS.get(name, (name,))):
                self.refused |= {name}
                return True
        return False
