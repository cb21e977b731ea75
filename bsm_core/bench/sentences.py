"""What the embedded model's sentences are worth: how many can be used, and what the gates say to them."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tabulate import tabulate

from bsm_core.bench.gate_texts import sentences
from bsm_core.bench.quiet import QuietContext
from bsm_core.bootstrap import make_teacher
from bsm_core.classifiers.layers import chosen_layer
from bsm_core.classifiers.similarity import BertScoreSimilarity
from bsm_core.config import EMBEDDED_ENCODER, GateConfig, TeacherConfig
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Task, Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.errors import TeacherAnswerError, WorkbenchError
from bsm_core.ports import JobResult, Similarity
from bsm_core.tasks.assets import asset_path
from bsm_core.tasks.cards import load_task
from bsm_core.workflow.best_of import best_of
from bsm_core.workflow.gate import Compared, apply_gates
from bsm_core.workflow.patterns import known_weaknesses
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.writers import BEST_OF, RuleWriter, Slot, Written

REFERENCES = 2000
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are in [0, 1]. ``usable``: of all answers. ``filled``: places with at least one usable text.
    ``first_passes``, ``best_passes``: of the filled places, those whose first and whose best text passes every gate."""

    places: int
    answers: int
    usable: float
    filled: float
    first_passes: float
    best_passes: float
    seconds: float


def run(n: int, seed: int, json_path: Path | None) -> None:
    """Print the figures, and write them to ``json_path``. Raises WorkbenchError for an impossible size."""
    if n < 2:
        raise WorkbenchError(f"--n {n} is too few to tell a share; use 2 or more")
    task = load_task("rotten_tomatoes")
    started = time.monotonic()
    calls, choices = _written(task, n, seed)
    seconds = time.monotonic() - started
    gates = GateConfig()
    samples = [sample for some in choices for sample in some]
    references = sentences(REFERENCES, seed)
    compared = Compared(references, (), (), [() for _ in samples])
    ids, texts = [one.sample_id for one in samples], [one.text for one in samples]
    gated = apply_gates(ids, texts, compared, task, gates, seed, _similarity, QuietContext())
    failed = {check.sample_id for check in gated.checks if not check.passed and not check.advisory}
    best = best_of(choices, JobResult("", checks=gated.checks)).samples
    found = Figures(
        places=n,
        answers=calls,
        usable=len(samples) / calls,
        filled=len(choices) / n,
        first_passes=sum(some[0].sample_id not in failed for some in choices) / len(choices),
        best_passes=sum(one.sample_id not in failed for one in best) / len(best),
        seconds=seconds,
    )
    print(tabulate([[name, f"{value:.3g}"] for name, value in asdict(found).items()], tablefmt="plain"))
    for sample in random.Random(seed).sample(best, min(8, len(best))):
        print(f"  [{task.label_names[sample.label]}] {sample.text[0]}")
    if json_path is not None:
        json_path.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")


def _written(task: Task, n: int, seed: int) -> tuple[int, list[list[SyntheticSample]]]:
    """How many answers the model gave, and the usable texts of each place that has any."""
    asked: list[TeacherCall] = []
    teacher = make_teacher(TeacherConfig(), Path(), asked.append)
    writer = RuleWriter(task, teacher, "bench", seed, GateConfig(), BEST_OF)
    keys = known_weaknesses(opinions=True)
    lock = threading.Lock()
    found: dict[int, list[SyntheticSample]] = {}

    def one(place: int) -> None:
        request = SampleRequest(_hypothesis(keys[place % len(keys)]), None, (), 1)
        try:
            written = writer.write(request, Slot(place % len(keys), place, place % 2), [])
        except TeacherAnswerError:
            return
        with lock:
            found[place] = [_sample(place, number, some) for number, some in enumerate(written)]

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(one, range(n)))
    finally:
        teacher.close()
    return len(asked), [found[place] for place in sorted(found)]


def _hypothesis(key: str) -> Hypothesis:
    now = datetime.now(UTC)
    return Hypothesis(
        f"h-{key}", "bench", HypothesisKind.EXTRAPOLATION, Agent.RULE, key, "", (), "none", None, None, key, now
    )


def _sample(place: int, number: int, written: Written) -> SyntheticSample:
    return SyntheticSample(
        sample_id=f"s-{place}-{number}",
        study_id="bench",
        hypothesis_id="h",
        text=written.text,
        label=written.label,
        agent=Agent.RULE,
        reasoning=written.reasoning,
        call_id=written.call_id,
        revises_id=None,
        created_at=datetime.now(UTC),
    )


def _similarity(references: Sequence[Text], seed: int, gates: GateConfig) -> Similarity:
    return BertScoreSimilarity(
        asset_path(EMBEDDED_ENCODER),
        references,
        seed,
        chosen_layer(gates.similarity_encoder, gates.similarity_layer),
        shortlist=gates.similarity_shortlist,
        top=gates.similarity_top,
    )
