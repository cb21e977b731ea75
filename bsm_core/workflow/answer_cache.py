"""Answers by request: what was asked once is not asked, and not paid for, a second time.

The key is the request itself (endpoint, model, messages, schema, sampling parameters, seed), so a cache outlives
changes of code and of templates that leave the request as it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Container
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import UnusableAnswerError
from bsm_core.ports import Teacher

log = logging.getLogger(__name__)

_CALL = TypeAdapter(TeacherCall)
_UNUSABLE = UnusableAnswerError.__name__


def request_key(endpoint: str, model: str, prompt: Prompt) -> str:
    """64 hex digits. The template's name and version are no part of it."""
    request = {
        "endpoint": endpoint,
        "model": model,
        "messages": [list(message) for message in prompt.messages],
        "schema": prompt.schema,
        "max_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "seed": prompt.seed,
        "extra": prompt.extra,
    }
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


class AnswerCache:
    """A folder of calls, one file a request. Several processes may read and write it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> TeacherCall | None:
        """None for a request that was never answered, and for a damaged file."""
        path = self._path(key)
        try:
            return _CALL.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.warning("%s cannot be read (%s); the request is asked again", path, type(error).__name__)
            return None

    def put(self, call: TeacherCall) -> None:
        """Keeps an answer, also a refusal. A call without an answer of its own is left out."""
        if call.reused_from is not None or not (call.error is None or call.error.startswith(_UNUSABLE)):
            return
        path = self._path(request_key(call.endpoint, call.model, call.prompt))
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{uuid4().hex[:8]}.tmp")
        draft.write_bytes(_CALL.dump_json(call))
        draft.replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"


class CachedTeacher:
    """Fulfils ``ports.Teacher``: looks into the cache first. A hit is recorded as a call of its own that cost nothing;
    or not at all when the answer is one of the ``own`` calls, which a resumed job has on record already.

    ``teacher``'s own ``record`` puts what is answered into the cache, a refusal as well.
    """

    def __init__(
        self,
        teacher: Teacher,
        config: TeacherConfig,
        cache: AnswerCache,
        record: Callable[[TeacherCall], None],
        own: Container[str] = (),
    ) -> None:
        self._teacher = teacher
        self._config = config
        self._cache = cache
        self._record = record
        self._own = own
        self.is_embedded = teacher.is_embedded

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
        found = self._cache.get(request_key(self._config.endpoint, self._config.model, prompt))
        if found is None:
            return self._teacher.ask(prompt, purpose, study_id)
        call = found
        if found.call_id not in self._own:
            call = _reused(found, prompt, purpose, study_id)
            self._record(call)
        if call.error is not None:
            raise UnusableAnswerError(call.error.removeprefix(f"{_UNUSABLE}: "))
        return call

    def close(self) -> None:
        self._teacher.close()


def _reused(found: TeacherCall, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall:
    return replace(
        found,
        call_id="c" + uuid4().hex[:12],
        study_id=study_id,
        purpose=purpose,
        prompt=prompt,
        prompt_tokens=0,
        completion_tokens=0,
        seconds=0.0,
        cost=0.0,
        created_at=datetime.now(UTC),
        reused_from=found.call_id,
    )
