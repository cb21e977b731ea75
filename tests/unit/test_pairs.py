"""Bringing your own pairs: the layouts that are known, and the faults that are named."""

from __future__ import annotations

import io
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import AttackOutcome
from bsm_core.errors import TaskError
from bsm_core.tasks.cards import load_task
from bsm_core.workflow import textattack_csv
from bsm_core.workflow.pairs import Pair, pairs_of, pairs_table, read_pairs
from tests.records import make_example, make_perturbation, make_task

SINGLE = make_task()
QNLI = load_task("qnli")
HEADER = ",".join(textattack_csv.COLUMNS)


def log_row(original: str, perturbed: str, label: object = 1) -> str:
    return f'"{original}","{perturbed}",0.1,0.9,1,0,{label},23,"Successful"'


def log(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


@pytest.mark.parametrize(
    ("task", "header", "row", "pair"),
    [
        (SINGLE, "original_text,perturbed_text,label", "a,b,1", Pair(2, ("a",), ("b",), 1)),
        (SINGLE, "label,perturbed,original,method", "positive,b,a,by hand", Pair(2, ("a",), ("b",), 1, "by hand")),
        (SINGLE, "text,original_text,label", "b,a,1", Pair(2, ("a",), ("b",), 1)),
        (SINGLE, "sentence,label,idx", "  b  c ,0,7", Pair(2, None, ("b c",), 0)),
        (
            QNLI,
            "original_question,original_sentence,perturbed_question,perturbed_sentence,label",
            "q,s,qq,s,entailment",
            Pair(2, ("q", "s"), ("qq", "s"), 0),
        ),
        (QNLI, "question,sentence,original_sentence,label", "q,ss,s,1", Pair(2, ("q", "s"), ("q", "ss"), 1)),
        (
            QNLI,
            "original_text,original_text_b,perturbed_text,perturbed_text_b,label",
            "q,s,q,ss,1",
            Pair(2, ("q", "s"), ("q", "ss"), 1),
        ),
        (QNLI, "question,sentence,label", "q,s,1", Pair(2, None, ("q", "s"), 1)),
    ],
)
def test_known_columns_make_a_pair(task: Task, header: str, row: str, pair: Pair) -> None:
    assert read_pairs("pairs.csv", f"{header}\n{row}\n".encode(), task) == (pair,)


def test_advglue_lists_are_chosen_by_task_and_have_no_originals() -> None:
    content = json.dumps(
        {
            "sst2": [{"idx": 0, "sentence": "a bids , heartfelt family travesty .", "label": 1}],
            "qqp": [{"idx": 0, "question1": "a", "question2": "b", "label": 0}],
            "qnli": [{"idx": 0, "question": "q", "sentence": "s", "label": 1}],
            "rte": [{"idx": 0, "sentence1": "a", "sentence2": "b", "label": 0}],
            "mnli": [{"idx": 0, "premise": "p", "hypothesis": "h", "label": 2}],
        }
    ).encode()
    assert read_pairs("dev.json", content, SINGLE) == (Pair(1, None, ("a bids , heartfelt family travesty .",), 1),)
    assert read_pairs("dev.json", content, QNLI) == (Pair(1, None, ("q", "s"), 1),)
    with pytest.raises(TaskError, match="the lists sst2, qqp, qnli, rte, mnli; name the one for 'Paraphrases"):
        read_pairs("dev.json", content, load_task("mrpc"))
    with pytest.raises(TaskError, match="no list 'xnli'; it has sst2"):
        read_pairs("dev.json", content, QNLI, "xnli")
    with pytest.raises(TaskError, match="the columns hypothesis, idx, label, premise; needed are"):
        read_pairs("dev.json", content, QNLI, "mnli")


def test_annotated_advglue_has_originals_of_changed_sides_only() -> None:
    rows = [
        {"question": "q", "sentence": "ss", "original_sentence": "s", "label": 0, "method": "typo"},
        {"question": "qq", "sentence": "s", "original_question": "q", "label": 0, "method": "typo"},
    ]
    pairs = read_pairs("ann.json", json.dumps({"qnli": rows}).encode(), QNLI)
    assert [pair.original for pair in pairs] == [("q", "s"), ("q", "s")]
    assert [pair.perturbed for pair in pairs] == [("q", "ss"), ("qq", "s")]
    assert pairs[0].method == "typo"


@pytest.mark.parametrize(
    ("original", "perturbed", "wanted"),
    [
        ("a [[good]] film", "a [[gud]] film", ("a good film", "a gud film")),
        ("a good film", "a gud film", ("a good film", "a gud film")),
        ("see [[Paris]] and [[die]]", "see [[Paris]] and [[dye]]", ("see [[Paris]] and die", "see [[Paris]] and dye")),
        ("see [[Paris]] now", "see [[Paris]] nwo", ("see [[Paris]] now", "see [[Paris]] nwo")),
        (
            "a <font color = green>good</font> film",
            "a <font color = red>gud</font> film",
            ("a good film", "a gud film"),
        ),
        ("one<SPLIT>two [[x]]", "one<SPLIT>two [[y]]", ("one two x", "one two y")),
    ],
)
def test_textattack_log_is_read_without_its_marks(original: str, perturbed: str, wanted: tuple[str, str]) -> None:
    (pair,) = read_pairs("log.csv", log(log_row(original, perturbed)), SINGLE)
    assert (pair.original, pair.perturbed) == ((wanted[0],), (wanted[1],))


@pytest.mark.parametrize(
    "heads",
    [
        ("[[[[Question]]]]: ", "[[[[Sentence]]]]: "),
        ("Question: ", "Sentence: "),
        ("<font color = bold><font color = underline>Question</font></font>: ", "Sentence: "),
    ],
)
def test_textattack_log_of_pairs_is_taken_apart(heads: tuple[str, str]) -> None:
    original = f"{heads[0]}Who won: A?<SPLIT>{heads[1]}B [[won]]: at 3: 2"
    perturbed = f"{heads[0]}Who won: A?<SPLIT>{heads[1]}B [[wno]]: at 3: 2"
    (pair,) = read_pairs("log.csv", log(log_row(original, perturbed, "1.0")), QNLI)
    assert pair == Pair(2, ("Who won: A?", "B won: at 3: 2"), ("Who won: A?", "B wno: at 3: 2"), 1)


def test_textattack_log_of_single_texts_in_a_pair_study_is_refused() -> None:
    with pytest.raises(TaskError, match=r"log.csv, row 2, column 'original_text': a text pair needs two sides"):
        read_pairs("log.csv", log(log_row("a", "b")), QNLI)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("text,label\nx,1\n,0\n", "row 3, column 'text': the text is empty"),
        ("text,original_text,label\nx,y,1\nx, ,0\n", "row 3, column 'original_text': the text is empty"),
        ("text,original_text,label\nx,,1\n", "row 2, column 'original_text': the text is empty"),
        ("text,label\nx,1\ny,good\n", "row 3, column 'label': 'good' is no label; use 0 or negative, 1 or positive"),
        ("text,sentiment\nx,1\n", "the columns sentiment, text; needed are"),
        ("review,label\nx,1\n", "the columns label, review; needed are"),
    ],
)
def test_faulty_pairs_are_refused_with_row_and_column(content: str, complaint: str) -> None:
    with pytest.raises(TaskError, match=complaint):
        read_pairs("pairs.csv", content.encode(), SINGLE)


@pytest.mark.parametrize("pair", [False, True])
def test_exported_set_comes_back_the_same(pair: bool) -> None:
    task = make_task(pair=pair)
    texts = ["a [[wiki]] link", 'a "quoted", comma', "Note: 你好 🎬", "zero​width"]
    rows = []
    for outcome, text in zip(AttackOutcome, texts, strict=True):
        example = make_example(label=1, text=(text, f"in short: {text}") if pair else (text,))
        rows.append(make_perturbation("set-1", example, outcome, (0.25, 0.75), (0.875, 0.125)))
    body = textattack_csv.write(rows, task)
    assert body.splitlines()[0] == ",".join(f'"{column}"' for column in (*textattack_csv.COLUMNS, "marks"))
    read = read_pairs("set.csv", body.encode(), task)
    assert [(one.original, one.perturbed, one.label) for one in read] == [
        (row.original_text, row.perturbed_text, row.label) for row in rows
    ]
    assert ',0.25,0.875,1,0,1,23,"Successful","none"' in body


def test_pairs_travel_as_a_table() -> None:
    pairs = [Pair(2, ("a", "b"), ("a", "c"), 1, "typo"), Pair(3, None, ("x", "y"), 0)]
    assert pairs_of(pairs_table(pairs)) == pairs
    singles = [Pair(2, ("a",), ("c",), 1), Pair(3, None, ("x",), 0)]
    assert pairs_of(pairs_table(singles)) == singles


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.json", "a.jsonl", "a.parquet"])
def test_damaged_files_are_read_or_refused_and_nothing_else(name: str) -> None:
    """Four hundred files of each format with bytes changed, cut or doubled at random."""
    rows = [
        {"original_text": f"a fine film {n}", "perturbed_text": f"a fien film {n}", "label": n % 2} for n in range(6)
    ]
    draw = random.Random(1)
    refused: list[str] = []
    whole = _written(name, rows)
    for _ in range(400):
        body = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            at, size = draw.randrange(len(body) or 1), draw.randint(0, 6)
            body[at : at + draw.randint(0, 6)] = draw.choice(
                [b"", draw.randbytes(size), bytes(body[at : at + size]) * 2]
            )
        try:
            read_pairs(name, bytes(body), SINGLE)
        except TaskError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert all(message.startswith(name) for message in refused)


def _written(name: str, rows: list[dict[str, object]]) -> bytes:
    if name == "a.parquet":
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), stream)
        return stream.getvalue()
    if name.startswith("a.json"):
        return ("\n".join(map(json.dumps, rows)) if name == "a.jsonl" else json.dumps(rows)).encode()
    separator = "," if name == "a.csv" else "\t"
    lines = [separator.join(rows[0]), *(separator.join(map(str, row.values())) for row in rows)]
    return "\n".join(lines).encode()
