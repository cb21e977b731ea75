"""The embedded teacher: the client, speaking to a server of our own that is started on the first question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.teacher.client import OpenAITeacher
from bsm_core.teacher.server import EmbeddedServer


class EmbeddedTeacher:
    """Fulfils ``ports.Teacher`` with a small local model, fit for short sentences with a fixed label only.

    ``ask`` may be called from several threads; the server answers four at a time. A server that died is started
    again, also in the middle of an ask. Raises TeacherUnreachableError when it does not start; that is recorded as
    well. ``threads`` None leaves one core to the rest of the machine.
    """

    is_embedded = True

    def __init__(
        self,
        config: TeacherConfig,
        model: Path,
        record: Callable[[TeacherCall], None],
        threads: int | None = None,
    ) -> None:
        self._server = EmbeddedServer(model, threads)
        self._client = OpenAITeacher(
            replace(config, price_prompt=None, price_completion=None),
            self._server.key,
            record,
            first_pause=0.2,  # nobody else waits at this door
            locate=lambda: self._server.address() + "/v1",
        )

    @property
    def server_pid(self) -> int | None:
        """The child's process id; None before the first question and after ``close``."""
        return self._server.pid

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        return self._client.ask(prompt, purpose, study_id)

    def close(self) -> None:
        """Stop the server; an ask that is under way ends with TeacherUnreachableError. For good."""
        self._client.close()
        self._server.close()
