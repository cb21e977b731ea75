"""Frozen records to rows and back, where a plain ``Record(**row)`` does not do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa

from bsm_core.domain.tasks import Text
from bsm_core.store.connection import Row

STRING, FLOATS, MOMENT = pa.string(), pa.list_(pa.float32()), pa.timestamp("us", tz="UTC")

CHECKS = pa.schema(
    [
        ("sample_id", STRING),
        ("name", STRING),
        ("passed", pa.bool_()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("reason", STRING),
        ("created_at", MOMENT),
        ("advisory", pa.bool_()),
        ("rules", STRING),
    ]
)
OVERRULES = pa.schema(
    [
        ("sample_id", STRING),
        ("name", STRING),
        ("passes", pa.bool_()),
        ("reviewer", STRING),
        ("reason", STRING),
        ("created_at", MOMENT),
    ]
)
DECISIONS = pa.schema(
    [
        ("sample_id", STRING),
        ("kind", STRING),
        ("agent", STRING),
        ("policy", STRING),
        ("reason", STRING),
        ("created_at", MOMENT),
        ("reviewer", STRING),
        ("role", STRING),
        ("batch_id", STRING),
    ]
)
JUDGEMENTS = pa.schema(
    [("study_id", STRING), ("item_id", STRING), ("verdict", STRING), ("agent", STRING), ("created_at", MOMENT)]
)
FOIL_JUDGEMENTS = JUDGEMENTS.append(pa.field("kind", STRING))
SAMPLES = pa.schema(
    [
        ("sample_id", STRING),
        ("study_id", STRING),
        ("hypothesis_id", STRING),
        ("text", STRING),
        ("text_b", STRING),
        ("label", pa.int16()),
        ("agent", STRING),
        ("reasoning", STRING),
        ("call_id", STRING),
        ("revises_id", STRING),
        ("created_at", MOMENT),
        ("writers", pa.list_(STRING)),
    ]
)
EXAMPLES = pa.schema(
    [
        ("study_id", STRING),
        ("example_id", STRING),
        ("split", STRING),
        ("row_number", pa.int32()),
        ("text", STRING),
        ("text_b", STRING),
        ("label", pa.int16()),
    ]
)


def text_of(row: Row, column: str = "text") -> Text:
    """The one or two sides of an input, from ``column`` and ``column_b``."""
    first, second = row[column], row[column + "_b"]
    return (first,) if second is None else (first, second)


def text_columns(text: Text, column: str = "text") -> Row:
    return {column: text[0], column + "_b": text[1] if len(text) == 2 else None}


def row_of(record: Any) -> Row:
    """A record's fields by name; a field ``text`` becomes two columns, a dict JSON, a tuple a list."""
    row: Row = {}
    for item in fields(record):
        value = getattr(record, item.name)
        if item.name == "text" and isinstance(value, tuple):
            row |= text_columns(value)
        elif isinstance(value, dict):
            row[item.name] = json.dumps(value)
        else:
            row[item.name] = list(value) if isinstance(value, tuple) else value
    return row


def rows_of(records: Iterable[Any], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([row_of(record) for record in records], schema=schema)


def floats(values: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(values)
