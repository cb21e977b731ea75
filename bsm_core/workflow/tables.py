"""Arrow tables that travel between the server and its workers: texts in, predictions out."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bsm_core.domain.tasks import Example, Text
from bsm_core.ports import FloatArray, LabelledText

TEXT_COLUMNS = {"text": pa.string(), "text_b": pa.string()}


def text_of(text: str, text_b: str | None) -> Text:
    return (text,) if text_b is None else (text, text_b)


def texts(table: pa.Table) -> list[Text]:
    """The ``text`` and ``text_b`` columns as tuples of one or two strings."""
    return [text_of(a, b) for a, b in zip(table["text"].to_pylist(), table["text_b"].to_pylist(), strict=True)]


def labelled_texts(table: pa.Table) -> list[LabelledText]:
    return [LabelledText(text, label) for text, label in zip(texts(table), table["label"].to_pylist(), strict=True)]


def labelled_table(rows: Sequence[LabelledText]) -> pa.Table:
    """Columns text, text_b, label."""
    return _table([row.text for row in rows], label=pa.array([row.label for row in rows], pa.int64()))


def example_table(examples: Sequence[Example]) -> pa.Table:
    """Columns text, text_b, example_id, label."""
    return _table(
        [example.text for example in examples],
        example_id=pa.array([example.example_id for example in examples], pa.string()),
        label=pa.array([example.label for example in examples], pa.int64()),
    )


def text_table(rows: Sequence[Text]) -> pa.Table:
    return _table(rows)


def _table(rows: Sequence[Text], **columns: pa.Array) -> pa.Table:
    first = pa.array([row[0] for row in rows], pa.string())
    second = pa.array([row[1] if len(row) > 1 else None for row in rows], pa.string())
    return pa.table({"text": first, "text_b": second, **columns})


def predictions_table(item_ids: Sequence[str], item_kind: str, probabilities: FloatArray) -> pa.Table:
    """Columns item_id, item_kind, probabilities: (n,), (n,), (n, K)."""
    values = pa.array(probabilities.tolist(), pa.list_(pa.float32()))
    return pa.table(
        {
            "item_id": pa.array(item_ids, pa.string()),
            "item_kind": pa.array([item_kind] * len(item_ids), pa.string()),
            "probabilities": values,
        }
    )
