"""A write job's folder over a real client and a loopback endpoint, and a language model that is easily pleased."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.config import GateConfig, TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.jobs.context import FolderContext
from bsm_core.ports import FloatArray, JobResult
from bsm_core.teacher.client import OpenAITeacher
from bsm_core.teacher.pace import Pace
from bsm_core.workflow.answer_cache import AnswerCache
from bsm_core.workflow.conversation import OpenBatch
from bsm_core.workflow.orders import TEMPLATES
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.tables import text_table
from bsm_core.workflow.templates import PROMPTS
from bsm_core.workflow.write import write
from tests.agents import SharedWords, Undecided, make_unknown
from tests.attacks import log_lines, open_context
from tests.endpoint import Reply, Request, ScriptedEndpoint, says
from tests.factories import START, STUDY_ID, make_task, review

_UNKNOWNS, _HYPOTHESES = TypeAdapter(list[UnknownUnknown]), TypeAdapter(list[Hypothesis])
_REQUESTS, _TASK = TypeAdapter(list[SampleRequest]), TypeAdapter(Task)
_NOUNS = ["harbor", "lantern", "orchard", "violin", "glacier", "saddle"]
_NOUNS += ["pepper", "compass", "thunder", "velvet", "marble", "falcon"]
_VERBS = ["ignores", "mistakes", "follows", "forgets", "reverses", "exaggerates", "swallows", "splits"]

UNKNOWNS = [make_unknown(f"case {n} of a film", f"caes {n} of a film", item_id=f"p{n}") for n in range(24)]


def obliges(request: Request) -> Reply:
    """A good answer to every question, different for every seed and every text."""
    asked = str(request["messages"]) + str(request.get("seed"))
    number = int(hashlib.sha256(asked.encode()).hexdigest()[:8], 16)
    if "hypothesis" in _properties(request):
        return says({"hypothesis": made_up(number), "reasoning": "The edit shows it."})
    return says({"sample": made_up_review(number), "label": "positive", "reasoning": "As it says."})


def made_up(number: int) -> str:
    """A hypothesis that shares few words with any other."""
    noun, other = _NOUNS[number % 12], _NOUNS[number // 12 % 12]
    return f"It {_VERBS[number // 144 % 8]} {noun}{number % 97} beside {other}{number % 89} at {number}."


def made_up_review(number: int) -> str:
    """A sentence that shares few word triples with any other."""
    one, two, three = (_NOUNS[number // 12**place % 12] for place in range(3))
    return f"the {one} of the {two} {review(number % 5000, 1)} while the {three} and the {one} look at the {two}"


def is_about(request: Request) -> str:
    """``abstraction``, ``extrapolation`` or ``sample``."""
    if "hypothesis" not in _properties(request):
        return "sample"
    return "extrapolation" if "Known hypothesis" in str(request["messages"]) else "abstraction"


def _properties(request: Request) -> dict[str, Any]:
    properties: dict[str, Any] = request["response_format"]["json_schema"]["schema"]["properties"]
    return properties


class WordPoints:
    """An Embedder: texts that share words lie near each other."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        rows = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int(hashlib.sha256(word.encode()).hexdigest()[:4], 16) % 256] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class WriteJob:
    """One job in ``folder``; the answers of all jobs beside each other in ``folder/../answers``."""

    def __init__(
        self,
        folder: Path,
        order: WriteOrder,
        *,
        groups: Sequence[Sequence[UnknownUnknown]] = tuple((one,) for one in UNKNOWNS),
        own: Sequence[Hypothesis] = (),
        lacking: Sequence[SampleRequest] = (),
        prices: tuple[float, float] | None = (1.0, 2.0),
        open_batch: OpenBatch | None = None,
        **teacher: Any,
    ) -> None:
        self.folder = folder
        inputs = folder / "inputs"
        inputs.mkdir(parents=True)
        references = [(made_up_review(number * 104_729 + 1),) for number in range(200)]
        pq.write_table(text_table(references), inputs / "references.parquet")
        pq.write_table(text_table([]), inputs / "existing.parquet")
        sealed = text_table([]).append_column("split", pa.array([], pa.string()))
        pq.write_table(sealed, inputs / "sealed.parquet")
        self._teacher = {"timeout": 5.0, "retries": 2, **teacher}
        self._prices = prices
        self._open_batch = open_batch
        self._params: dict[str, Any] = {
            "order": asdict(order),
            "task": _TASK.dump_python(make_task(), mode="json"),
            "templates": {name: (PROMPTS / f"{name}.toml").read_text(encoding="utf-8") for name in TEMPLATES},
            "groups": [_UNKNOWNS.dump_python(list(group), mode="json") for group in groups],
            "own": _HYPOTHESES.dump_python(list(own), mode="json"),
            "behind": [],
            "lacking": _REQUESTS.dump_python(list(lacking), mode="json"),
            "gates": GateConfig(similarity_references=50, min_similarity=0.0).to_dict(),
            "model_id": "m",
            "model_path": "model",
        }
        self.log: list[str] = []

    def run(self, endpoint: ScriptedEndpoint, on_call: Callable[[TeacherCall], None] | None = None) -> JobResult:
        read, written = self._prices or (None, None)
        config = TeacherConfig(endpoint.url, "scripted", price_prompt=read, price_completion=written, **self._teacher)
        params = {**self._params, "teacher": config.to_dict()}
        spec = JobSpec("j", STUDY_ID, JobKind.WRITE, "Write", 7, params, START)

        def open_teacher(
            config: TeacherConfig, record: Callable[[TeacherCall], None], at_once: int, say: Callable[[str], None]
        ) -> OpenAITeacher:
            def recorded(call: TeacherCall) -> None:
                record(call)
                if on_call is not None:
                    on_call(call)

            return OpenAITeacher(config, "sk-loopback-0123456789", recorded, first_pause=0.01, pace=Pace(at_once, say))

        with open_context(self.folder) as context:
            try:
                return self._written(spec, context, open_teacher)
            finally:
                self.log = log_lines(context)

    def _written(self, spec: JobSpec, context: FolderContext, open_teacher: Any) -> JobResult:
        return write(
            spec,
            context,
            open_teacher=open_teacher,
            cache=AnswerCache(self.folder.parent / "answers"),
            load_classifier=lambda path: Undecided(),  # noqa: ARG005
            similarity_for=SharedWords,
            load_embedder=WordPoints,
            open_batch=self._open_batch,
        )
