"""Files that people bring: read whole, or refused with the row and the column."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.errors import TaskError
from bsm_core.workflow import file_rows
from bsm_core.workflow.file_rows import FileRow, label_cell, read_rows, text_cell

LABELS = ("negative", "positive")
RECORDS = [{"text": 'a "quoted", two-\nlined film', "label": "1"}, {"text": "ein Film, так себе 🎬", "label": "0"}]


def as_csv(records: list[dict[str, str]]) -> bytes:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in record.values()) for record in records]
    return "\r\n".join([",".join(records[0]), *quoted]).encode()


def as_parquet(records: list[dict[str, str]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "numbers"),
    [
        ("pairs.csv", as_csv(RECORDS), [2, 3]),
        ("PAIRS.CSV", b"\xef\xbb\xbf" + as_csv(RECORDS), [2, 3]),
        ("pairs.jsonl", "\n\n".join(map(json.dumps, RECORDS)).encode(), [1, 3]),
        ("pairs.json", json.dumps(RECORDS).encode(), [1, 2]),
        ("pairs.parquet", as_parquet(RECORDS), [1, 2]),
    ],
)
def test_every_format_gives_the_same_rows(name: str, content: bytes, numbers: list[int]) -> None:
    rows = read_rows(name, content)
    assert [row.values for row in rows] == RECORDS
    assert [row.number for row in rows] == numbers


def test_tabs_leave_quotes_as_they_stand() -> None:
    content = b'text\tlabel\r\n"whom he called "the witness"\t1\r\n'
    assert read_rows("x.tsv", content) == [FileRow(2, {"text": '"whom he called "the witness"', "label": "1"})]


def test_json_with_several_lists_tells_them_apart() -> None:
    rows = read_rows("adv.json", json.dumps({"sst2": [{"a": 1}], "qnli": [{"b": 2}]}).encode())
    assert [(row.section, row.number) for row in rows] == [("sst2", 1), ("qnli", 1)]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("pairs.xlsx", b"", r"pairs\.xlsx ends in none of csv, tsv"),
        ("pairs", b"", "ends in none of"),
        ("a.csv", b"", "row 1: there is no header"),
        ("a.csv", b"text,label\n", "has no rows"),
        ("a.csv", b"text,text\nx,y\n", "row 1, column 'text': two columns"),
        ("a.csv", b"text,label\nx,1\ny\n", "row 3, column 'label': the row has 1 cells, the header 2"),
        ("a.csv", b"text,label\nx,1\ny,0,z\n", "row 3, column 'label': the row has 3 cells"),
        ("a.csv", b'text,label\nx,1\n"never closed,0\n', "after row 2: unexpected end of data"),
        ("a.csv", b"text,label\nx,1\ncaf\xe9,1\n", r"line 3: byte 18 is not UTF-8"),
        ("a.csv", b"text,label\nx\0y,1\n", "line 2: there is a zero byte"),
        ("a.csv", b"text,label\n" + b"x" * 200_000 + b",1\n", "field larger than field limit"),
        ("a.jsonl", b'{"text": "x"}\n{"text": ', "row 2: this is not JSON"),
        ("a.jsonl", b'{"text": "x"}\n[1]\n', r"row 2: \[1\] is no object"),
        ("a.json", b"[1, 2", "this is not JSON"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b'"x"', "has no list of records"),
        ("a.json", b'{"sst2": 3}', "no list of records under 'sst2'"),
        ("a.json", b'{"sst2": [[]]}', r"row 1 of 'sst2': \[\] is no object"),
        ("a.parquet", b"PAR1 not really", "cannot be read as Parquet"),
    ],
)
def test_file_with_a_fault_is_refused_by_name_and_row(name: str, content: bytes, complaint: str) -> None:
    with pytest.raises(TaskError, match=complaint):
        read_rows(name, content)


def test_file_that_is_too_big_or_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_rows, "MAX_BYTES", 20)
    with pytest.raises(TaskError, match="has 21 bytes; 20 are the most"):
        read_rows("a.csv", b"x" * 21)
    monkeypatch.setattr(file_rows, "MAX_BYTES", 10_000)
    monkeypatch.setattr(file_rows, "MAX_ROWS", 2)
    with pytest.raises(TaskError, match="more than 2 rows"):
        read_rows("a.csv", b"x\n1\n2\n3\n")
    with pytest.raises(TaskError, match="has 3 rows; 2 are the most"):
        read_rows("a.parquet", as_parquet([{"x": "1"}] * 3))


@pytest.mark.parametrize("value", ["1", 1, 1.0, "1.0", "positive", " Positive ", "POSITIVE"])
def test_label_cell_takes_names_and_numbers(value: object) -> None:
    assert label_cell("f", FileRow(2, {"label": value}), "label", LABELS) == 1


@pytest.mark.parametrize("value", ["2", -1, 1.5, "nan", "inf", "", None, True, "pos", [1], "x" * 1000])
def test_label_cell_that_is_none_names_row_column_and_labels(value: object) -> None:
    with pytest.raises(TaskError, match=r"f, row 7, column 'label': .* is no label; use 0 or negative, 1 or") as raised:
        label_cell("f", FileRow(7, {"label": value}), "label", LABELS)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("value", "complaint"),
    [(None, "there is no value"), (3, "3 is no text"), ("x" * 100_001, "100,001 characters"), ("\ud83c", "surrogate")],
)
def test_text_cell_that_is_none_says_why(value: object, complaint: str) -> None:
    with pytest.raises(TaskError, match=f"f, row 7 of 'sst2', column 'text': .*{complaint}"):
        text_cell("f", FileRow(7, {"text": value}, "sst2"), "text")
