"""Pairs that somebody brought: what the model says to O and P makes them a perturbation set like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.tasks import Split, Text, example_id
from bsm_core.domain.unknowns import (
    AttackOutcome,
    Perturbation,
    PerturbationRecipe,
    PerturbationSet,
    perturbation_id,
)
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Classifier, FloatArray, JobContext, JobResult
from bsm_core.workflow.discover import perturbation_table
from bsm_core.workflow.lexicon import words
from bsm_core.workflow.pairs import Pair, pairs_of
from bsm_core.workflow.tables import predictions_table

IMPORT_EVENT = "pairs-imported"
NO_ORIGINAL = "the file has no original"
"""In the note of a pair whose O is not known; its P stands for O."""


def import_pairs(spec: JobSpec, context: JobContext, *, load_classifier: Callable[[Path], Classifier]) -> JobResult:
    """Job handler of kind DISCOVER with the parameter ``imported``: the model's answers to ``pairs.parquet``.

    As in an attack, a pair is successful when the model is right on O and wrong on P, failed when it is right on both,
    skipped when it is wrong on O. Without O, right on P is failed and wrong on P successful: whether the model knew the
    original is not known, and the note says so. Nothing was searched: queries and seconds are 0.

    Raises NothingToDoError without pairs, ClassifierError for an unusable model.
    """
    params: dict[str, Any] = spec.params
    pairs = pairs_of(pq.read_table(context.inputs / "pairs.parquet"))
    if not pairs:
        raise NothingToDoError("there are no pairs to import; choose a file that has some")
    classifier = load_classifier(Path(params["model_path"]))
    context.log(f"asking the model about {len(pairs):,} pairs of {params['imported']['file']}")
    if left_out := params["imported"]["left_out"]:
        context.log(f"{left_out:,} pairs were left out: their texts stand in the sealed test split")
    answers = _answers(classifier, pairs, context)
    rows = [_perturbation(pair, params["set_id"], answers) for pair in pairs]
    asked = [row for row in rows if row.outcome is not AttackOutcome.SKIPPED]
    table = predictions_table(
        [row.perturbation_id for row in asked],
        "perturbation",
        np.array([row.perturbed_probabilities for row in asked], np.float32).reshape(-1, classifier.label_count),
    )
    perturbations = PerturbationSet(
        set_id=params["set_id"],
        study_id=spec.study_id,
        model_id=params["model_id"],
        split=Split(params["split"]),
        recipe=PerturbationRecipe.IMPORTED,
        goal=params["goal"],
        seed=spec.seed,
        size=len(rows),
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
    )
    told = {"set_id": params["set_id"], "pairs": len(rows), **params["imported"]}
    return JobResult(
        job_id=spec.job_id,
        sets=((perturbations, perturbation_table(rows)),),
        predictions=((params["model_id"], table),),
        events=((IMPORT_EVENT, told),),
    )


def _answers(classifier: Classifier, pairs: Sequence[Pair], context: JobContext) -> dict[Text, FloatArray]:
    """The model's probabilities for each distinct text, asked once."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair.texts))
    return dict(zip(texts, classifier.probabilities(texts, context), strict=True))


def _perturbation(pair: Pair, set_id: str, answers: dict[Text, FloatArray]) -> Perturbation:
    original = pair.original or pair.perturbed
    before, after = (tuple(answers[text].tolist()) for text in (original, pair.perturbed))
    right_before, right_after = (_predicted(one) == pair.label for one in (before, after))
    if right_after and (right_before or pair.original is None):
        outcome = AttackOutcome.FAILED
    else:
        outcome = AttackOutcome.SUCCESSFUL if right_before or pair.original is None else AttackOutcome.SKIPPED
    notes = [f"row {pair.row}", pair.method, NO_ORIGINAL if pair.original is None else ""]
    source = example_id(original)
    return Perturbation(
        # A file may have several perturbations of one text.
        perturbation_id=perturbation_id(set_id, f"{source} {pair.row}"),
        example_id=source,
        outcome=outcome,
        label=pair.label,
        original_text=original,
        perturbed_text=pair.perturbed,
        original_probabilities=before,
        perturbed_probabilities=after,
        queries=0,
        words_changed=sum(map(words_changed, original, pair.perturbed)),
        words_total=sum(len(words(side)) for side in original),
        seconds=0.0,
        note="; ".join(note for note in notes if note),
    )


def words_changed(before: str, after: str) -> int:
    """Words of ``before`` that are others in ``after`` or gone, and words that were added where none were."""
    old, new = words(before), words(after)
    if len(old) == len(new):
        return sum(a != b for a, b in zip(old, new, strict=True))
    changes = SequenceMatcher(None, old, new).get_opcodes()
    return sum(max(end - start, stop - begin) for tag, start, end, begin, stop in changes if tag != "equal")


def _predicted(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)
