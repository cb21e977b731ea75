"""A job's talk with its teacher: the cache before it, the cap around it, and the record of every call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.ports import JobContext, Teacher
from bsm_core.workflow.answer_cache import AnswerCache, CachedTeacher, request_key
from bsm_core.workflow.spending import CappedTeacher, Purse
from bsm_core.workflow.streams import call_stream


class OpenTeacher(Protocol):
    def __call__(
        self,
        config: TeacherConfig,
        record: Callable[[TeacherCall], None],
        at_once: int,
        say: Callable[[str], None],
    ) -> Teacher:
        """A teacher that has at most ``at_once`` requests under way, fewer while the endpoint limits the rate."""
        ...


class Batch(Protocol):
    def ask(self, prompts: Sequence[Prompt], purpose: str, study_id: str, folder: Path, context: JobContext) -> None:
        """Have them answered together; every answer goes to the ``record`` it was made with. May leave some out."""
        ...


OpenBatch = Callable[[TeacherConfig, Callable[[TeacherCall], None]], Batch]


class Conversation:
    """A job's teacher, with everything that stands between it and the wire: the cache, the cap, the record of calls.
    Closes them at the end."""

    def __init__(
        self,
        context: JobContext,
        config: TeacherConfig,
        order: WriteOrder,
        open_teacher: OpenTeacher,
        cache: AnswerCache,
        at_once: int,
        open_batch: OpenBatch | None = None,
    ) -> None:
        self.purse = Purse(config, order.cap_usd, order.cap_tokens)
        self._cache = cache
        self._stream = call_stream(context.partial)
        before = list(self._stream.records)
        for call in before:
            cache.put(call)  # a kill may have come between the answer's record and its place in the cache
        self.purse.add(before)
        self._bare = open_teacher(config, self._record, at_once, context.log)
        self._config = config
        self._context = context
        self._batch = open_batch(config, self._record) if open_batch is not None else None
        self._own = {call.call_id for call in before}
        capped = CappedTeacher(self._bare, self.purse)
        self.teacher = CachedTeacher(capped, config, cache, self._record, self._own)

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._bare.close()

    @property
    def calls(self) -> Sequence[TeacherCall]:
        return self._stream.records

    @property
    def ahead(self) -> Callable[[Sequence[Prompt], str, str], None] | None:
        """For ``Asker``: has the batch API answer what the cache does not know, as far as the cap goes."""
        return None if self._batch is None else self._in_a_batch

    def _in_a_batch(self, prompts: Sequence[Prompt], purpose: str, study_id: str) -> None:
        where = (self._config.endpoint, self._config.model)
        unknown = [one for one in prompts if self._cache.get(request_key(*where, one)) is None]
        reserved = self.purse.reserved_first(unknown)
        try:
            if self._batch is not None and reserved:
                self._batch.ask(unknown[: len(reserved)], purpose, study_id, self._context.partial, self._context)
        finally:
            for one in reserved:
                self.purse.settle(one)

    def _record(self, call: TeacherCall) -> None:
        self._own.add(call.call_id)
        self._stream.add(call)
        self.purse.note(call)
        self._cache.put(call)
