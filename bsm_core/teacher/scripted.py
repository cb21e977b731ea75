"""A teacher without a model: it says what its script says. For tests of everything that asks a teacher."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import TeacherAnswerError, TeacherError

Script = Sequence[str | TeacherError] | Callable[[Prompt], str | TeacherError]


class ScriptedTeacher:
    """Fulfils ``ports.Teacher``. ``script`` is answers in order, or a function of the prompt; an error among them is
    recorded and raised. ``calls`` and ``prompts`` remember what happened. Safe to use from several threads."""

    def __init__(
        self,
        script: Script,
        record: Callable[[TeacherCall], None] | None = None,
        *,
        embedded: bool = False,
        config: TeacherConfig | None = None,
    ) -> None:
        self.is_embedded = embedded
        self.calls: list[TeacherCall] = []
        self.is_closed = False
        self._script = script
        self._record = record
        self._config = config or TeacherConfig()
        self._lock = threading.Lock()

    @property
    def prompts(self) -> list[Prompt]:
        return [call.prompt for call in self.calls]

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        with self._lock:
            answer = self._next(prompt)
            error = answer if isinstance(answer, TeacherError) else None
            call = TeacherCall(
                call_id="c" + uuid4().hex[:12],
                study_id=study_id,
                purpose=purpose,
                endpoint=self._config.endpoint,
                model=self._config.model,
                prompt=prompt,
                answer="" if isinstance(answer, TeacherError) else answer,
                prompt_tokens=sum(len(text.split()) for _, text in prompt.messages),
                completion_tokens=None if isinstance(answer, TeacherError) else len(answer.split()),
                seconds=0.0,
                cost=None,
                error=f"{type(error).__name__}: {error}" if error else None,
                created_at=datetime.now(UTC),
            )
            self.calls.append(call)
        if self._record is not None:
            self._record(call)
        if error is not None:
            raise error
        return call

    def close(self) -> None:
        self.is_closed = True

    def _next(self, prompt: Prompt) -> str | TeacherError:
        if callable(self._script):
            return self._script(prompt)
        place = len(self.calls)
        return self._script[place] if place < len(self._script) else TeacherAnswerError("the script has ended")
