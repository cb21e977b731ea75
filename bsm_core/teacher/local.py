"""The embedded teacher: the client, speaking to a server of our own that is started on the first question."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.teacher.client import OpenAITeacher
from bsm_core.teacher.server import ALIAS, EmbeddedServer


class EmbeddedTeacher:
    """Fulfils ``ports.Teacher`` with a small local model (FACTS: fit for short sentences with a fixed label only).

    ``ask`` may be called from several threads; the server answers four at a time. Raises TeacherUnreachableError
    when the server does not start.
    """

    is_embedded = True

    def __init__(
        self,
        config: TeacherConfig,
        model: Path,
        record: Callable[[TeacherCall], None],
        threads: int | None = None,
    ) -> None:
        self._config = config
        self._record = record
        self._server = EmbeddedServer(model, threads)
        self._client: OpenAITeacher | None = None
        self._base_url = ""
        self._lock = threading.Lock()

    @property
    def server_pid(self) -> int | None:
        """The child's process id; None before the first question and after ``close``."""
        return self._server.pid

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        return self._connected().ask(prompt, purpose, study_id)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None
            self._server.close()

    def _connected(self) -> OpenAITeacher:
        with self._lock:
            base_url = self._server.address() + "/v1"
            if self._client is None or base_url != self._base_url:  # a restarted server has another port
                if self._client is not None:
                    self._client.close()
                self._base_url = base_url
                self._client = OpenAITeacher(
                    replace(self._config, endpoint=base_url, price_prompt=None, price_completion=None),
                    self._server.key,
                    self._record,
                    llama_cpp=True,
                    shown_endpoint=self._config.endpoint,
                    served_model=ALIAS,
                )
            return self._client
