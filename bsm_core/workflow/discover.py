"""Attack a model on a split and keep every result: how adversarial unknown unknowns are found (2.1, 3.2)."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Example, Split
from bsm_core.domain.unknowns import (
    PAPER_TAU,
    AttackGoal,
    AttackOutcome,
    PairSide,
    Perturbation,
    PerturbationRecipe,
    PerturbationSet,
    perturbation_id,
)
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Classifier, JobContext, JobResult, Perturber
from bsm_core.workflow.tables import predictions_table, texts

STREAM = "perturbations.jsonl"
"""In ``partial/``: one finished perturbation a line, so that a killed job goes on at the next example."""

ATTACKING_KINDS = (JobKind.DISCOVER, JobKind.EVALUATE)
"""Jobs that may write such a stream."""

PHASE = "attacking"
_LOG_LINES = 10

_PERTURBATION = TypeAdapter(Perturbation)
_FLOATS = pa.list_(pa.float32())


def discover(
    spec: JobSpec,
    context: JobContext,
    *,
    load_classifier: Callable[[Path], Classifier],
    perturber: Perturber,
) -> JobResult:
    """Job handler of kind DISCOVER: one attack on the texts of ``examples.parquet``.

    Natural unknown unknowns need no work here: training already predicted the whole validation split.
    Raises NothingToDoError without texts, ClassifierError for an unusable model.
    """
    params: dict[str, Any] = spec.params
    split = Split(params["split"])
    examples = read_examples(context.inputs / "examples.parquet", split)
    if not examples:
        raise NothingToDoError(f"there are no {split} texts to attack; make a study with {split} texts")
    return attack(
        spec,
        context,
        classifier=load_classifier(Path(params["model_path"])),
        perturber=perturber,
        examples=examples,
        set_id=params["set_id"],
        split=split,
    )


def read_examples(path: Path, split: Split) -> list[Example]:
    """The rows of a job's Parquet input (columns example_id, text, text_b, label), in order."""
    table = pq.read_table(path)
    columns = (table["example_id"].to_pylist(), texts(table), table["label"].to_pylist())
    return [Example(name, split, text, label) for name, text, label in zip(*columns, strict=True)]


def attack(
    spec: JobSpec,
    context: JobContext,
    *,
    classifier: Classifier,
    perturber: Perturber,
    examples: Sequence[Example],
    set_id: str,
    split: Split,
) -> JobResult:
    """Attack ``examples`` with the recipe, goal, side and seed of ``spec``. The result has the set, its table, and the
    model's answers on the perturbed texts of the attacked examples.

    Each perturbation is written to ``partial/`` as it comes; a second call with the same arguments takes those over
    and goes on at the next example, to the same result.
    """
    params: dict[str, Any] = spec.params
    recipe, goal = PerturbationRecipe(params["recipe"]), AttackGoal(params["goal"])
    tau = params.get("tau", PAPER_TAU)  # jobs of earlier versions have no tau, and are all untargeted
    side = PairSide(params.get("side", PairSide.BOTH))  # nor a side
    stream = context.partial / STREAM
    found = _take_over(stream, [perturbation_id(set_id, example.example_id) for example in examples])
    if found:
        context.log(f"{len(found):,} of {len(examples):,} {split} texts were attacked before; going on")
    else:
        context.log(f"attacking {len(examples):,} {split} texts with {recipe}, goal {goal.text(tau)}")
    attacking = _AttackContext(context, len(found), len(examples))
    attacking.tell()
    stream.parent.mkdir(parents=True, exist_ok=True)
    with stream.open("ab") as file:
        rest = examples[len(found) :]
        for perturbation in perturber.perturb(classifier, rest, recipe, spec.seed, set_id, attacking, goal, tau, side):
            file.write(_PERTURBATION.dump_json(perturbation) + b"\n")
            file.flush()
            found.append(perturbation)
            attacking.done = len(found)
            attacking.tell()
            _log_sometimes(context, found, len(examples))
    perturbations = PerturbationSet(
        set_id=set_id,
        study_id=spec.study_id,
        model_id=params["model_id"],
        split=split,
        recipe=recipe,
        goal=goal.text(tau),
        seed=spec.seed,
        size=len(examples),
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
        side=side,
    )
    return JobResult(
        job_id=spec.job_id,
        sets=((perturbations, perturbation_table(found)),),
        predictions=((params["model_id"], _answers(found, classifier.label_count)),),
    )


def perturbation_table(rows: Sequence[Perturbation]) -> pa.Table:
    """A column for each field of Perturbation, in the order given; the second side of a pair in ``..._b``, null for
    single texts."""
    original, perturbed = [row.original_text for row in rows], [row.perturbed_text for row in rows]
    columns: dict[str, tuple[list[Any], pa.DataType]] = {
        "perturbation_id": ([row.perturbation_id for row in rows], pa.string()),
        "example_id": ([row.example_id for row in rows], pa.string()),
        "outcome": ([row.outcome.value for row in rows], pa.string()),
        "label": ([row.label for row in rows], pa.int64()),
        "original_text": ([text[0] for text in original], pa.string()),
        "original_text_b": ([text[1] if len(text) > 1 else None for text in original], pa.string()),
        "perturbed_text": ([text[0] for text in perturbed], pa.string()),
        "perturbed_text_b": ([text[1] if len(text) > 1 else None for text in perturbed], pa.string()),
        "original_probabilities": ([row.original_probabilities for row in rows], _FLOATS),
        "perturbed_probabilities": ([row.perturbed_probabilities for row in rows], _FLOATS),
        "queries": ([row.queries for row in rows], pa.int64()),
        "words_changed": ([row.words_changed for row in rows], pa.int64()),
        "words_total": ([row.words_total for row in rows], pa.int64()),
        "seconds": ([row.seconds for row in rows], pa.float64()),
        "note": ([row.note for row in rows], pa.string()),
    }
    return pa.table({name: pa.array(values, kind) for name, (values, kind) in columns.items()})


def _answers(rows: Sequence[Perturbation], label_count: int) -> pa.Table:
    """The model's answers on P. Where P is O (skipped, error) the example itself was already predicted."""
    attacked = [row for row in rows if row.outcome in (AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED)]
    answers = np.array([row.perturbed_probabilities for row in attacked], dtype=np.float32)
    ids = [row.perturbation_id for row in attacked]
    return predictions_table(ids, "perturbation", answers.reshape(len(attacked), label_count))


def _take_over(stream: Path, expected: Sequence[str]) -> list[Perturbation]:
    """The perturbations written before, up to the first line that is torn or is not the next ``expected`` id; the
    file is cut there."""
    if not stream.exists():
        return []
    found: list[Perturbation] = []
    size = 0
    for line, name in zip(stream.read_bytes().splitlines(keepends=True), expected, strict=False):
        perturbation = parse_line(line)
        if perturbation is None or perturbation.perturbation_id != name:
            break
        found.append(perturbation)
        size += len(line)
    os.truncate(stream, size)
    return found


def parse_line(line: bytes) -> Perturbation | None:
    """One line of the stream; None when it is not whole: being written, or cut short by a kill."""
    if not line.endswith(b"\n"):
        return None
    try:
        return _PERTURBATION.validate_json(line)
    except ValidationError:
        return None


def _log_sometimes(context: JobContext, found: Sequence[Perturbation], total: int) -> None:
    """At most ``_LOG_LINES`` lines an attack, the last one at its end."""
    done = len(found)
    if done % math.ceil(total / _LOG_LINES) and done != total:
        return
    counts = Counter(perturbation.outcome for perturbation in found)
    shown = [outcome for outcome in AttackOutcome if counts[outcome] or outcome is not AttackOutcome.ERROR]
    context.log(f"{done:,} of {total:,}: " + ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in shown))


class _AttackContext:
    """The job's context during an attack. Whatever progress the perturber or the classifier tells of its own share of
    the work is passed on as a sign of life of the whole attack: ``done`` of ``total`` examples."""

    def __init__(self, context: JobContext, done: int, total: int) -> None:
        self._context = context
        self.done = done
        self._total = total

    def tell(self) -> None:
        self._context.progress(PHASE, self.done, self._total)

    @property
    def folder(self) -> Path:
        return self._context.folder

    @property
    def inputs(self) -> Path:
        return self._context.inputs

    @property
    def partial(self) -> Path:
        return self._context.partial

    @property
    def result(self) -> Path:
        return self._context.result

    def check_cancelled(self) -> None:
        self._context.check_cancelled()

    def progress(self, phase: str, done: int, total: int) -> None:  # noqa: ARG002  # the port's signature
        self.tell()

    def log(self, message: str) -> None:
        self._context.log(message)

    def metric(self, name: str, step: int, value: float) -> None:
        self._context.metric(name, step, value)
