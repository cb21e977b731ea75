"""The Arrow tables of a job's result, from records."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bsm_core.domain.unknowns import Perturbation

_FLOATS = pa.list_(pa.float32())


def answer(predicted: int, confidence: float, labels: int = 2) -> tuple[float, ...]:
    """Probabilities with ``confidence`` on ``predicted`` and the rest shared out evenly."""
    rest = (1 - confidence) / (labels - 1)
    return tuple(confidence if label == predicted else rest for label in range(labels))


def prediction_table(item_ids: Sequence[str], item_kind: str, probabilities: Sequence[Sequence[float]]) -> pa.Table:
    """Columns item_id, item_kind, probabilities, as JobResult.predictions has them."""
    return pa.table(
        {
            "item_id": pa.array(item_ids, pa.string()),
            "item_kind": pa.array([item_kind] * len(item_ids), pa.string()),
            "probabilities": pa.array([list(row) for row in probabilities], _FLOATS),
        }
    )


def perturbation_table(rows: Sequence[Perturbation]) -> pa.Table:
    """Columns as in Perturbation, texts in two columns each, as JobResult.sets has them."""

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([getattr(row, name) for row in rows], kind)

    def side(name: str, index: int) -> pa.Array:
        texts = [getattr(row, name) for row in rows]
        return pa.array([text[index] if len(text) > index else None for text in texts], pa.string())

    return pa.table(
        {
            "perturbation_id": column("perturbation_id", pa.string()),
            "example_id": column("example_id", pa.string()),
            "outcome": pa.array([row.outcome.value for row in rows], pa.string()),
            "label": column("label", pa.int64()),
            "original_text": side("original_text", 0),
            "original_text_b": side("original_text", 1),
            "perturbed_text": side("perturbed_text", 0),
            "perturbed_text_b": side("perturbed_text", 1),
            "original_probabilities": column("original_probabilities", _FLOATS),
            "perturbed_probabilities": column("perturbed_probabilities", _FLOATS),
            "queries": column("queries", pa.int64()),
            "words_changed": column("words_changed", pa.int64()),
            "words_total": column("words_total", pa.int64()),
            "seconds": column("seconds", pa.float64()),
            "note": column("note", pa.string()),
        }
    )
