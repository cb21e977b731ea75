"""The extended data set of an arm (E of the paper, 2.3) as files that others can read."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import AddedText
from bsm_core.domain.studies import Study
from bsm_core.ports import Store
from bsm_core.report.lineage_rows import COLUMNS, lineage_table
from bsm_core.report.markdown import escaped, rows, yaml_text
from bsm_core.report.names import ARMS
from bsm_core.report.table_files import safe_cell

FILE = "data/train-00000-of-00001.parquet"


class SetFormat(StrEnum):
    HF = "hf"
    """A folder with Parquet and a dataset card, for ``datasets.load_dataset``."""
    PARQUET = "parquet"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Addition:
    """What an arm adds, and how sure we are of it: ``basis`` is a sentence for the card."""

    arm: Arm | None
    texts: tuple[AddedText, ...]
    basis: str
    model_id: str | None = None
    seed: int | None = None


def set_writer(
    store: Store, study: Study, addition: Addition, chosen: SetFormat
) -> tuple[Callable[[Path], None], pa.Table]:
    """What fills the draft (a folder for HF, else a file), and the rows."""
    table = lineage_table(store, study, addition.texts)

    def fill(draft: Path) -> None:
        if chosen is SetFormat.HF:
            (draft / "data").mkdir()
            pq.write_table(table, draft / FILE)
            (draft / "README.md").write_text(dataset_card(study, addition, table), encoding="utf-8")
        elif chosen is SetFormat.PARQUET:
            pq.write_table(table, draft)
        else:
            write_csv(table, draft)

    return fill, table


def write_csv(table: pa.Table, target: Path) -> None:
    """Lists are joined by spaces. Cells a spreadsheet might run as a formula begin with an apostrophe; see
    ``table_files.plain_cell``."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table.column_names)
        for batch in table.to_batches(max_chunksize=5_000):
            columns = [column.to_pylist() for column in batch.columns]
            for row in zip(*columns, strict=True):
                writer.writerow([safe_cell(" ".join(cell) if isinstance(cell, list) else cell) for cell in row])


def dataset_card(study: Study, addition: Addition, table: pa.Table) -> str:
    """README.md with the YAML that ``datasets`` reads. What is not ours is escaped."""
    task = study.task
    counts = Counter(table["source"].to_pylist())
    what = ARMS[addition.arm][0] if addition.arm else "all approved samples"
    head = [
        "---",
        f"pretty_name: {yaml_text(f'{study.name}: extended training set')}",
        "task_categories:",
        "- text-classification",
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: train",
        f"    path: {FILE}",
        "---",
        "",
    ]
    body = [
        f"# Extended training set: {escaped(study.name)}",
        "",
        f"The training texts of a study of the Blind Spot Workbench, and after them what the arm *{what}* adds: texts "
        "written, or chosen, to mend a classifier's unknown unknowns (wrong answers it is confident in).",
        "",
        f"- task: {escaped(task.title)}; the classifier decides {escaped(task.phrase)}",
        f"- labels: {', '.join(f'{place} = {escaped(name)}' for place, name in enumerate(task.label_names))}",
        f"- source of the training texts: {escaped(task.source) or 'not said'}",
        f"- rows: {len(table):,} ({', '.join(f'{source}: {count:,}' for source, count in counts.items())})",
        f"- {addition.basis}",
        f"- model: {addition.model_id or 'none trained on it yet'}"
        + ("" if addition.seed is None else f", seed {addition.seed}"),
        f"- study {study.study_id}; SHA-256 of its data (ids, labels, splits): `{study.data_hash}`",
        "- validation and test texts are not in here; test stays sealed",
        "",
        "```python",
        "from datasets import load_dataset",
        'data = load_dataset("THIS-FOLDER", split="train")',
        "```",
        "",
        "## Columns",
        "",
        *rows(("column", "meaning"), ((f"`{name}`", meaning) for name, _, meaning in COLUMNS)),
        "",
        "The pair's sides are named " + ", ".join(escaped(name) for name in task.text_fields) + "."
        if task.is_pair
        else "Texts are single: `text_b` is empty.",
        "",
        "## Limits",
        "",
        "Samples are synthetic. Those by a rule or a language model may be bland or wrongly labelled; `decided_by` "
        "says whether a person looked, and a policy's name means that nobody did. Whether an arm helped is not said by "
        "its data: read the study's report. The license of the training texts is that of their source.",
        "",
    ]
    return "\n".join([*head, *body])


def hash_of_rows(table: pa.Table) -> str:
    """SHA-256 over texts and labels in order, as a model's card has it for what it was trained on."""
    digest = hashlib.sha256()
    for text, second, label in zip(
        *(table[name].to_pylist() for name in ("text", "text_b", "label")),
        strict=True,
    ):
        sides: Sequence[str] = (text,) if second is None else (text, second)
        digest.update(json.dumps([*sides, label]).encode())
    return digest.hexdigest()
